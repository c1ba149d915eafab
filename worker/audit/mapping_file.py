"""What the mapping file says of one project, read apart from the code that maps.

The file is loaded and checked as everywhere; which of its sections counts, and which rule of a section fits, is found
here anew: a project's own section goes before its organisation's, and that one before the general one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel

from worker.mapping.payees import folded
from worker.mapping.rules import Rules


class MappingFile:
    """The file, as one project of one organisation has it."""

    def __init__(self, rules: Rules, organisation: str = "", job_number: str = "") -> None:
        own = rules.projects.get(job_number)
        there = next((one for one in rules.organisations if one.name == organisation), None)
        self._layers: list[BaseModel] = [layer for layer in (own, there, rules) if layer is not None]
        self._projects = rules.projects.values()

    def _said(self, section: str, name: str) -> Any:
        """What the narrowest section says that names it, else what goes without saying."""
        sections = [getattr(layer, section) for layer in self._layers if hasattr(layer, section)]
        named = (one for one in sections if name in one.model_fields_set)
        return getattr(next(named, sections[-1]), name)

    def _tables(self, section: str, name: str = "") -> Iterator[Mapping[str, str]]:
        """A table of the file, the narrowest first."""
        for layer in self._layers:
            table = getattr(layer, section, None)
            if table is not None:
                yield getattr(table, name) if name else table

    def account(self, cost_code: str, cost_type: str) -> str:
        """By cost code, else by cost type, else the default; blank where the file names none."""
        for table in self._tables("accounts", "cost_codes"):
            for pattern, code in table.items():
                if any(fnmatchcase(text, pattern) for text in (cost_code, f"{cost_code} {cost_type}")):
                    return code
        for table in self._tables("accounts", "cost_types"):
            if cost_type in table:
                return table[cost_type]
        defaults = [layer.accounts.default for layer in self._layers if hasattr(layer, "accounts")]
        return next(filter(None, defaults), "")

    def tax_type(self, tax_code: str) -> str:
        """Of Procore's tax code, or of a line without one; blank where the file names none."""
        if not tax_code:
            return self._said("tax", "default") or ""
        return next((table[tax_code] for table in self._tables("tax", "codes") if tax_code in table), "")

    def own_tax_type(self, vendor_id: str, tax_number: str, *names: str) -> str:
        """A vendor's own tax type: by its number in Procore, its valid tax number or its name; blank for none."""
        called = {folded(name) for name in names if name}
        for found in (
            lambda key: key.strip() == vendor_id,
            lambda key: tax_number != "" and _digits(key) == tax_number.rpartition(" ")[2],
            lambda key: folded(key) in called,
        ):
            for table in self._tables("tax", "vendors"):
                if types := [tax_type for key, tax_type in table.items() if found(key)]:
                    return types[0]
        return ""

    def zero_counts(self, kind: str, is_taxed: bool) -> bool:
        """Whether a stated tax of 0.00 without any tax code is Procore's figure; not where the tax is in the lines.

        `is_taxed` says whether Procore is seen to compute tax on this kind, where the file does not say it.
        """
        if kind == "invoices" and self.is_inclusive:
            return False
        said = self._said("tax", kind)
        return is_taxed if said is None else bool(said == "procore")

    @property
    def is_inclusive(self) -> bool:
        """Whether the tax is in the lines of invoices."""
        return bool(self._said("invoices", "amounts") == "inclusive")

    @property
    def employees(self) -> str:
        """What becomes of an invoice that names an employee: hold, contact or ignore."""
        return str(self._said("invoices", "employees"))

    @property
    def employee_contact(self) -> str:
        """Who is paid for what an employee laid out; blank where that is held."""
        return str(self._said("invoices", "employee_contact") or "") if self.employees == "contact" else ""

    @property
    def pays_invoices(self) -> bool:
        """Whether an invoice that is paid in Procore is paid in Xero."""
        return bool(self._said("invoices", "paid") == "pay")

    @property
    def invoice_account(self) -> str:
        """From where invoices are paid; blank where the file names nothing."""
        return self._said("invoices", "bank_account") or self.bank_account("default")

    def bank_account(self, method: str) -> str:
        """From where payments of this method are made; blank where the file names none."""
        for name in (method, "default"):
            for table in self._tables("bank_accounts"):
                if name in table:
                    return table[name]
        return ""

    @property
    def pays_before_tax(self) -> bool:
        """Whether Procore's payments are entered without the claim's tax."""
        return bool(self._said("payments", "amounts") == "before_tax")

    @property
    def means_due(self) -> str:
        """Whether what claims state as due has the tax in it; blank where the file does not say it."""
        return self._said("claims", "due") or ""

    @property
    def withheld_account(self) -> str:
        return self._said("retention", "withheld_account") or self._said("retention", "account") or ""

    @property
    def released_account(self) -> str:
        return self._said("retention", "released_account") or self._said("retention", "account") or ""

    @property
    def retention_accounts(self) -> set[str]:
        named = ("account", "withheld_account", "released_account")
        return {code for name in named if (code := self._said("retention", name))}

    @property
    def all_retention_accounts(self) -> set[str]:
        """Those of the organisation and of all projects."""
        own = [one.retention for one in self._projects]
        codes = (code for one in own for code in (one.account, one.withheld_account, one.released_account))
        return self.retention_accounts | {code for code in codes if code}

    @property
    def untaxed_type(self) -> str:
        """Of retention whose tax fell due on the invoice; blank: it is taxed like the work."""
        is_taxed = self._said("retention", "tax") == "on_release"
        return "" if is_taxed else str(self._said("retention", "untaxed_type"))

    def status(self, kind: str) -> str:
        return str(self._said("documents", f"{kind}_status") or self._said("documents", "status"))

    @property
    def not_before(self) -> date | None:
        found: date | None = self._said("documents", "not_before")
        return found

    @property
    def due_days(self) -> int:
        return int(self._said("documents", "due_days"))

    @property
    def moves_dates(self) -> bool:
        return bool(self._said("documents", "locked_period") == "move")

    @property
    def types(self) -> tuple[str, ...]:
        """Types of direct cost that are carried."""
        found: tuple[str, ...] = self._said("invoices", "types")
        return found

    def leaves_out(self, kind: str) -> bool:
        """Whether a kind is not carried; a payment is nothing without its claim."""
        left_out = self._said("records", "leave_out")
        return kind in left_out or (kind == "payments" and "claims" in left_out)

    @property
    def target(self) -> str:
        """What cost codes become: tracking, item or account."""
        return str(self._said("cost_codes", "target"))

    @property
    def tolerance(self) -> Decimal:
        return Decimal(self._said("tax", "tolerance"))

    @property
    def project_category(self) -> str:
        return str(self._said("tracking", "project"))

    @property
    def cost_code_category(self) -> str:
        return str(self._said("tracking", "cost_code"))


def _digits(number: str) -> str:
    """A tax number without its kind and without signs."""
    return "".join(char for char in number.upper() if char.isalnum()).removeprefix("ABN")
