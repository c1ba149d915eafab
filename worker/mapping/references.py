"""What mapping may know beside the record: the rules, the project's options, and which records are in Xero already.

The pipeline fills this from the ledger before it maps; mapping only looks things up, and says clearly what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from worker.errors import MappingError, MissingReference
from worker.holds import HoldCode
from worker.mapping.rules import Rules
from worker.procore.records import TaxCode, WbsCode
from worker.xero.documents import Tracking

#: Longest name of a tracking option (xero-api.md §4.3).
LONGEST_OPTION = 100


@dataclass(frozen=True, slots=True)
class Category:
    """A tracking category of the organisation."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SentBill:
    """A claim's bill in Xero, as far as its payments need it."""

    xero_id: str
    status: str
    credit: bool = False


@dataclass
class Known:
    """The state of one project's sync that mapping looks at."""

    rules: Rules
    project_id: int
    job_number: str
    procore_web_url: str
    project_category: Category
    cost_code_category: Category
    project: Tracking | None = None
    #: Cost code (full code) to its option in Xero.
    cost_codes: dict[str, Tracking] = field(default_factory=dict)
    wbs_codes: dict[int, WbsCode] = field(default_factory=dict)
    #: Procore's tax code id to its code.
    tax_codes: dict[int, str] = field(default_factory=dict)
    #: Vendor id to ContactID.
    contacts: dict[str, str] = field(default_factory=dict)
    #: Claim id to its bill.
    bills: dict[str, SentBill] = field(default_factory=dict)
    #: (contract id, supplier's invoice number) to claim ids, for payments that name no claim.
    claims_numbered: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    #: (kind, procore id) of records that are held now.
    held: set[tuple[str, str]] = field(default_factory=set)

    def own_tracking(self) -> Tracking:
        """The project's option. Raises MissingReference when it could not be made."""
        if self.project is None:
            raise MissingReference(HoldCode.PROJECT_HELD, job_number=self.job_number)
        return self.project

    def contact(self, vendor_id: int | None, vendor_name: str | None) -> str:
        """The contact of a vendor. Raises MissingReference when the vendor is held or unknown."""
        contact = self.contacts.get(str(vendor_id))
        if contact:
            return contact
        named = f"vendor {vendor_id} ({vendor_name})" if vendor_name else f"vendor {vendor_id}"
        if vendor_id is None:
            named = "no vendor id"
        if ("vendors", str(vendor_id)) in self.held:
            raise MissingReference(HoldCode.VENDOR_HELD, vendor=named)
        raise MissingReference(HoldCode.VENDOR_MISSING, vendor=named)

    def coding(self, line: str, wbs: WbsCode | None, cost_code: str | None, cost_type: str) -> Coding:
        """Account and tracking of a line, from its WBS code's segments or its plain cost code."""
        listed = self.wbs_codes.get(wbs.id) if wbs else None
        code, kind = _segments(listed) or _segments(wbs) or (cost_code, cost_type)
        if not code:
            raise MissingReference(HoldCode.COST_CODE_MISSING, line=line)
        option = self.cost_codes.get(code)
        if option is None:
            held = ("cost_codes", code) in self.held
            raise (
                MissingReference(HoldCode.COST_CODE_HELD, cost_code=code)
                if held
                else MissingReference(HoldCode.COST_CODE_MISSING, line=line)
            )
        kind = kind or cost_type
        account = self.rules.accounts.find(code, kind)
        if account is None:
            raise MappingError(HoldCode.ACCOUNT_MISSING, cost_code=code, cost_type=kind or "none")
        return Coding(account, (self.own_tracking(), option))

    def tax_type(self, taxes: Iterable[TaxCode]) -> str:
        """The Xero tax type for a line's Procore tax codes; the default when it has none."""
        for tax in taxes:
            code = tax.tax_code_name or self.tax_codes.get(tax.tax_code_id) or str(tax.tax_code_id)
            found = self.rules.tax.codes.get(code)
            if found is None:
                raise MappingError(HoldCode.TAX_TYPE_MISSING, tax_code=code)
            return found
        return self.rules.tax.default

    def procore_url(self, path: str) -> str:
        """The record's page in Procore."""
        return f"{self.procore_web_url}/{self.project_id}/project/{path}"


@dataclass(frozen=True, slots=True)
class Coding:
    """How one line is coded."""

    account_code: str
    tracking: tuple[Tracking, Tracking]


def _segments(wbs: WbsCode | None) -> tuple[str, str] | None:
    """(cost code, cost type) of a WBS code, None when it has no cost code segment."""
    code = wbs.segment("cost_code") if wbs else None
    kind = wbs.segment("line_item_type") if wbs else None
    return (code.code, kind.code if kind else "") if code else None


def fit(text: str, longest: int) -> str:
    """The text in single spaces, at most `longest` characters; a cut name ends in a hash, so that it stays unique."""
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return f"{plain[: longest - 8].rstrip()} …{mark}"
