"""What mapping may know beside the record: the rules, the project's options, and which records are in Xero already.

The pipeline fills this from the ledger before it maps; mapping only looks things up, and says clearly what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from worker.errors import MappingError, MissingReference
from worker.holds import HoldCode
from worker.mapping import own_tax
from worker.mapping.payees import Shown
from worker.mapping.rules import Rules
from worker.procore.records import TaxCode, TaxCodeRow, WbsCode, item_key
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
    #: Whether Xero stored it otherwise than it was sent.
    in_doubt: bool = False
    #: With tax, where it is to be paid as a whole.
    total: Decimal | None = None


@dataclass
class Known:
    """The state of one project's sync that mapping looks at."""

    rules: Rules
    project_id: int
    job_number: str
    #: Where Procore's pages are, as bills name them: by it they are found again.
    procore_web_url: str
    project_category: Category
    #: Blank where cost codes do not go to a tracking category.
    cost_code_category: Category
    #: Of the organisation in Xero, as two letters; blank as long as no vendor needed it.
    country: str = ""
    #: Where the company's pages are, for links that people follow; blank: as in bills.
    procore_pages: str = ""
    project: Tracking | None = None
    #: Cost code (full code) to its option in Xero, where cost codes are options.
    cost_codes: dict[str, Tracking] = field(default_factory=dict)
    #: Key of a cost code with its cost type, or alone, to the code of its item, where cost codes are items.
    items: dict[str, str] = field(default_factory=dict)
    #: Code of an item to those that it had before a person gave it this one, the one that it was made with first.
    recoded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Options that a person has archived in Xero, by their id.
    archived: set[str] = field(default_factory=set)
    wbs_codes: dict[int, WbsCode] = field(default_factory=dict)
    #: Number of a commitment by its id.
    commitments: dict[int, str] = field(default_factory=dict)
    #: The company's tax codes by id, read where a line gives the id alone.
    tax_codes: dict[int, TaxCodeRow] = field(default_factory=dict)
    #: Vendor id to ContactID.
    contacts: dict[str, str] = field(default_factory=dict)
    #: Vendor id to the contacts that it had before, or has without being trusted; what stands on them stays.
    had: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Vendor id to what its entry says of it and its contact (`mapping.payees.payee`).
    payees: dict[str, Shown] = field(default_factory=dict)
    #: Claim id to its bill.
    bills: dict[str, SentBill] = field(default_factory=dict)
    #: The same of direct costs that are paid.
    invoice_bills: dict[str, SentBill] = field(default_factory=dict)
    #: The contact for costs of employees; blank where Xero has none of that name.
    employee_contact: str = ""
    #: (contract id, supplier's invoice number) to claim ids, for payments that name no claim.
    claims_numbered: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    #: By invoice number, claims that are not in Xero yet: held, waiting or left out.
    claims_not_sent: dict[str, set[str]] = field(default_factory=dict)
    #: Lists of Procore that are not shown in this job, by the API's name (worker/procore/shown.py).
    unseen: Collection[str] = ()
    #: (kind, procore id) of records that are held now.
    held: set[tuple[str, str]] = field(default_factory=set)

    def own_tracking(self) -> Tracking:
        """The project's option. Raises MissingReference when it could not be made, or may not be used."""
        if self.project is None:
            raise MissingReference(HoldCode.PROJECT_HELD, job_number=self.job_number)
        return self._open(self.project)

    def _open(self, option: Tracking) -> Tracking:
        if option.option_id in self.archived:
            raise MissingReference(HoldCode.OPTION_ARCHIVED, option=option.option, category=option.category)
        return option

    def contact(self, vendor_id: int | None, vendor_name: str | None) -> str:
        """The contact of a vendor. Raises MissingReference when the vendor is held or unknown."""
        contact = self.contacts.get(str(vendor_id))
        if contact:
            return contact
        named = f"vendor {vendor_id} ({vendor_name})" if vendor_name else f"vendor {vendor_id}"
        if ("vendors", str(vendor_id)) in self.held:
            raise MissingReference(HoldCode.VENDOR_HELD, vendor=named.removeprefix("vendor "))
        if vendor_id is not None and "vendors" in self.unseen:
            raise MissingReference(HoldCode.REFERENCE_UNSEEN, what=named)
        unknown = "no vendor" if vendor_id is None else f"{named}, which Procore's directory does not have"
        raise MissingReference(HoldCode.VENDOR_MISSING, vendor=unknown)

    def contact_name(self, contact_id: str) -> str:
        """What the contact of one of these vendors is called in Xero; blank where that is not known."""
        vendors = (vendor_id for vendor_id, contact in self.contacts.items() if contact == contact_id)
        return str(self.payees.get(next(vendors, ""), {}).get("contact") or "")

    def coding(self, line: str, wbs: WbsCode | None, cost_code: str | None, cost_type: str) -> Coding:
        """Account and tracking of a line, from its WBS code's segments or its plain cost code."""
        code, kind = self.cost_code(wbs, cost_code, cost_type)
        if not code and wbs is not None and "wbs_codes" in self.unseen:
            raise MissingReference(HoldCode.REFERENCE_UNSEEN, what=f"the cost code of line {line} by its number alone")
        if not code:
            raise MissingReference(HoldCode.COST_CODE_MISSING, line=line)
        options, item = self._target(line, code, kind)
        account = self.rules.accounts.find(code, kind)
        if account is None:
            raise MappingError(HoldCode.ACCOUNT_MISSING, cost_code=code, cost_type=kind or "none")
        former = self.recoded.get(item or "")
        return Coding(account, (self.own_tracking(), *options), item, former[0] if former else None)

    def cost_code(self, wbs: WbsCode | None, cost_code: str | None, cost_type: str) -> tuple[str, str]:
        """Cost code and cost type of a line, blank where it names none."""
        listed = self.wbs_codes.get(wbs.id) if wbs else None
        code, kind = _segments(listed) or _segments(wbs) or (cost_code, cost_type)
        return code or "", kind or cost_type

    def item(self, code: str, kind: str) -> str | None:
        """The code of the item that stands for a cost code with its cost type, or for the code alone."""
        return self.items.get(item_key(code, kind)) or self.items.get(item_key(code, ""))

    def _target(self, line: str, code: str, kind: str) -> tuple[tuple[Tracking, ...], str | None]:
        """What the cost code became in Xero: an option, an item, or nothing where only the account counts."""
        target = self.rules.cost_codes.target
        if target == "account":
            return (), None
        if target == "item":
            keys = [item_key(code, kind), item_key(code, "")]
            if item := self.item(code, kind):
                return (), item
        else:
            keys = [code]
            if option := self.cost_codes.get(code):
                return (self._open(option),), None
        if any(("cost_codes", key) in self.held for key in keys):
            raise MissingReference(HoldCode.COST_CODE_HELD, cost_code=code)
        if "cost_codes" in self.unseen:
            raise MissingReference(HoldCode.REFERENCE_UNSEEN, what=f"cost code {code}")
        raise MissingReference(HoldCode.COST_CODE_MISSING, line=line)

    def own_tax(self, vendor_id: int | None, vendor_name: str | None) -> str | None:
        """The tax type that the mapping file gives a vendor of its own."""
        shown = self.payees.get(str(vendor_id), {})
        name, number = shown.get("vendor") or vendor_name or "", shown.get("proved") or ""
        return own_tax.find(self.rules.tax.vendors, str(vendor_id), number, name)

    def tax(self, taxes: Sequence[tuple[TaxCode, Decimal | None]], own: str | None = None) -> Tax:
        """How a line is taxed, from its Procore tax codes and their rates in percent, and its vendor's own tax type.

        Without a tax code it is the vendor's own, else the mapping file's default; a line in Xero has one tax type, so
        that two codes together must stand in the mapping file as "GST + PST".
        """
        if not taxes:
            return Tax(own or self.rules.tax.default, is_open=own is None)
        names, rates = list[str](), list[Decimal]()
        for tax, rate in taxes:
            row = self.tax_codes.get(tax.tax_code_id)
            names.append(tax.tax_code_name or (row.code if row else str(tax.tax_code_id)))
            if (percent := row.rate1 if rate is None and row else rate) is not None:
                rates.append(percent)
        code = " + ".join(names)
        found = self.rules.tax.codes.get(code)
        if found is None and "tax_codes" in self.unseen and not all(tax.tax_code_name for tax, _ in taxes):
            raise MissingReference(HoldCode.REFERENCE_UNSEEN, what=f"tax code {code} by its number alone")
        if found is None:
            raise MappingError(HoldCode.TAX_TYPE_MISSING, tax_code=code)
        return Tax(found, (code, sum(rates, Decimal(0))) if len(rates) == len(names) else None, own)

    def bill_url(self, path: str) -> str:
        """The record's page as its bill names it."""
        return f"{self.procore_web_url}/{self.project_id}/project/{path}"

    def procore_url(self, path: str) -> str:
        """The record's page in Procore, for people."""
        return f"{self.procore_pages or self.procore_web_url}/{self.project_id}/project/{path}"


class Coding(NamedTuple):
    """How one line is coded."""

    account_code: str
    tracking: tuple[Tracking, ...]
    item_code: str | None = None
    #: The code that the item was made with, where a person gave it another one.
    item_first: str | None = None


class Tax(NamedTuple):
    """How one line is taxed."""

    #: None: by its account's own default.
    type: str | None
    #: Procore's tax code and its rate in percent, where Procore says one.
    stated: tuple[str, Decimal] | None = None
    #: Beside a tax code, the vendor's own tax type: the two must not differ in whether there is tax at all.
    own: str | None = None
    #: Whether neither Procore nor the mapping file's vendors say it, so that the contact's own counts.
    is_open: bool = False


def _segments(wbs: WbsCode | None) -> tuple[str, str] | None:
    """(cost code, cost type) of a WBS code, None when it has no cost code segment."""
    code = wbs.segment("cost_code") if wbs else None
    if wbs is None or code is None:
        return None
    kind = wbs.segment("line_item_type")
    return code.code, kind.code if kind else ""


def fit(text: str, longest: int) -> str:
    """The text in single spaces, at most `longest` characters; a cut name ends in a hash, so that it stays unique."""
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return f"{plain[: longest - 8].rstrip()} …{mark}"
