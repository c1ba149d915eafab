"""The organisation's books, read anew and as a whole, a thousand documents a call: a bill is found by the address that
it carries, for which Xero has no filter. Beside them accounts, for their tax types, and tax rates where they are asked
for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

from worker.audit.codings import Coded, Coding
from worker.audit.from_procore import tax_number
from worker.audit.mapping_file import MappingFile
from worker.audit.options import NOTHING_TIED, Category, Tied
from worker.audit.terms import Terms
from worker.audit.xero_side import NO_ADDRESS, Address, Applied, Contact, Credit, Moved, Paid, Posted, XeroSide
from worker.xero.answers import Element, amount, currency_code, day
from worker.xero.client import Xero
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS
from worker.xero.rounding import rounding

ZERO = Decimal(0)
#: A line's amount has the tax in it.
_INCLUSIVE = "Inclusive"
#: What the first line of a document says that went with another day.
_MOVED = re.compile(r"\(dated (\d{4}-\d{2}-\d{2}) in Procore\)", re.ASCII)
#: What a bill says of the credits that are set against it: list, id, and what they are called.
_CREDITS = (
    ("CreditNotes", "CreditNoteID", "credit note"),
    ("Prepayments", "PrepaymentID", "prepayment"),
    ("Overpayments", "OverpaymentID", "overpayment"),
)


def xero_side(xero: Xero, file: MappingFile, tied: Tied = NOTHING_TIED) -> XeroSide:
    """Options, contacts, accounts, and everything that is to be paid or was. `tied` says what a person renamed was."""
    organisation = xero.organisation()
    country = str(organisation.get("CountryCode") or "")
    rows = [row for row in xero.tracking_categories(archived=True) if row.get("Status", "ACTIVE") == "ACTIVE"]
    is_tracked = file.target == "tracking"
    project = Category.of(rows, file.project_category, tied)
    cost_code = Category.of(rows, file.cost_code_category if is_tracked else "", tied)
    accounts = cache(xero.accounts)  # asked for by a payment that names its account by id alone, or by a line
    codes = cache(lambda: {str(row["AccountID"]): str(row.get("Code") or "") for row in accounts()})
    reader = Lines(project, cost_code, file.all_retention_accounts)
    locks = [day(organisation, field) for field in ("PeriodLockDate", "EndOfYearLockDate")]
    return XeroSide(
        project.options("ACTIVE"),
        [_contact(row, country) for row in xero.contacts()],
        [
            *(bill(row, reader) for row in xero.of_suppliers(BILLS)),
            *(credit_note(row, reader) for row in xero.of_suppliers(CREDIT_NOTES)),
        ],
        [paid(row, codes) for row in xero.of_suppliers(PAYMENTS)],
        country,
        str(organisation.get("BaseCurrency") or ""),
        str(organisation.get("Name") or ""),
        str(organisation.get("Timezone") or ""),
        cost_code.options("ACTIVE", "ARCHIVED") if is_tracked else None,
        cache(lambda: _tax_types(accounts())),
        max((found for found in locks if found is not None), default=None),
        cache(lambda: _rates(xero.tax_rates())),
    )


def bill(row: Element, reader: Lines) -> Posted:
    return _posted(row, str(row["InvoiceID"]), str(row.get("InvoiceNumber") or ""), reader, credit=False)


def credit_note(row: Element, reader: Lines) -> Posted:
    return _posted(row, str(row["CreditNoteID"]), str(row.get("CreditNoteNumber") or ""), reader, credit=True)


def paid(row: Element, codes: Callable[[], Mapping[str, str]]) -> Paid:
    """`codes` are those of the accounts by their ids, asked for where a payment does not name the code: whether it does
    is not documented."""
    on_bill, on_credit, account = row.get("Invoice") or {}, row.get("CreditNote") or {}, row.get("Account") or {}
    document_id = on_bill.get("InvoiceID") or on_credit.get("CreditNoteID") or ""
    moved = -amount(row, "Amount") if on_credit else amount(row, "Amount")  # a refund comes back, as Procore counts it
    return Paid(
        str(row["PaymentID"]),
        str(document_id),
        str(row.get("Reference") or ""),
        moved,
        row.get("Status") != "DELETED",
        day(row, "Date"),
        str(account.get("Code") or "") or codes().get(str(account.get("AccountID")), ""),
    )


class Lines:
    """Reads lines by what they are coded to. Equal codings are kept once, however many documents have them."""

    def __init__(self, project: Category, cost_code: Category, retention_accounts: Collection[str] = ()) -> None:
        self._project, self._cost_code, self._retention_accounts = project, cost_code, retention_accounts
        self._known: dict[Coding, Coding] = {}

    def coded(self, lines: Iterable[Element], amounts: str) -> tuple[Coded, Coded]:
        """Their amounts before tax, added up by coding, and the tax that is in them."""
        sums: dict[Coding, Decimal] = {}
        taxes: dict[Coding, Decimal] = {}
        for line in lines:
            account, tax_type, item = (str(line.get(field) or "") for field in ("AccountCode", "TaxType", "ItemCode"))
            coding = Coding(account, tax_type, self._project.on(line), self._cost_code.on(line), item)
            coding = self._known.setdefault(coding, coding)
            tax = amount(line, "TaxAmount") if amounts == _INCLUSIVE else ZERO
            sums[coding] = sums.get(coding, ZERO) + amount(line, "LineAmount") - tax
            if tax:
                taxes[coding] = taxes.get(coding, ZERO) + tax
        return sums, taxes

    def on_retention_accounts(self, lines: Iterable[Element], amounts: str) -> Sequence[Moved]:
        """Each of them that moves retention, before tax."""
        found = (line for line in lines if str(line.get("AccountCode") or "") in self._retention_accounts)
        return tuple(self._moved(line, amounts) for line in found)

    def _moved(self, line: Element, amounts: str) -> Moved:
        tax = amount(line, "TaxAmount")
        before_tax = amount(line, "LineAmount") - (tax if amounts == _INCLUSIVE else ZERO)
        return Moved(str(line["AccountCode"]), self._project.on(line), before_tax, tax)


def _posted(row: Element, id_: str, number: str, reader: Lines, *, credit: bool) -> Posted:
    lines = row.get("LineItems") or ()
    kind = str(row.get("LineAmountTypes"))
    amounts, taxes = reader.coded(lines, kind)
    return Posted(
        id_,
        number,
        str((row.get("Contact") or {}).get("ContactID", "")),
        str(row.get("Status")),
        amount(row, "SubTotal"),
        amount(row, "TotalTax"),
        str(row.get("Url") or ""),
        credit,
        amounts,
        currency_code(row),
        rounding(row),
        taxes,
        day(row, "Date"),
        day(row, "DueDate"),
        len(lines),
        found[1] if lines and (found := _MOVED.search(str(lines[0].get("Description") or ""))) else "",
        reader.on_retention_accounts(lines, kind),
        () if credit or not amount(row, "AmountCredited") else tuple(_credits(row)),
        amount(row, "RemainingCredit" if credit else "AmountDue"),
        tuple(_allocated(row) if credit else _prepaid(row, id_)),
    )


def _credits(row: Element) -> Iterator[Credit]:
    """What is set against a bill; what of AmountCredited no list names is one without id."""
    unnamed = amount(row, "AmountCredited")
    for field, id_field, name in _CREDITS:
        for one in row.get(field) or ():
            applied = amount(one, "AppliedAmount")
            unnamed -= applied
            yield Credit(str(one[id_field]), " ".join(filter(None, (name, one.get("CreditNoteNumber")))), applied)
    if unnamed > 0:
        yield Credit("credit", "credit", unnamed)


def _allocated(note: Element) -> Iterator[Applied]:
    for one in note.get("Allocations") or ():
        if not one.get("IsDeleted"):
            yield Applied(str((one.get("Invoice") or {}).get("InvoiceID")), amount(one, "Amount"), day(one, "Date"))


def _prepaid(bill: Element, id_: str) -> Iterator[Applied]:
    """Neither is among the payments; credit notes say themselves what they were set against."""
    for name in ("Prepayments", "Overpayments"):
        for one in bill.get(name) or ():
            if applied := amount(one, "AppliedAmount"):
                yield Applied(id_, applied, day(one, "Date"))


def _contact(row: Element, country: str) -> Contact:
    terms = ((row.get("PaymentTerms") or {}).get("Bills")) or {}
    is_whole = isinstance(terms.get("Day"), int) and bool(terms.get("Type"))
    return Contact(
        str(row["ContactID"]),
        str(row.get("Name") or ""),
        str(row.get("ContactNumber") or ""),
        tax_number(row.get("TaxNumber"), country, row.get("TaxNumberType")),
        row.get("ContactStatus") == "ACTIVE",
        Terms(str(terms["Type"]), terms["Day"]) if is_whole else None,
        str(row.get("AccountsPayableTaxType") or ""),
        str(row.get("MergedToContactID") or ""),
        _address(row),
    )


def _address(contact: Element) -> Address:
    """Where its post goes; else where it is."""
    kinds = {str(one.get("AddressType")): _read_address(one) for one in contact.get("Addresses") or ()}
    found = (kinds[kind] for kind in ("POBOX", "STREET") if any(kinds.get(kind, ())))
    return next(found, NO_ADDRESS)


def _read_address(row: Element) -> Address:
    lines = [str(row.get(f"AddressLine{number}") or "").strip() for number in range(1, 5)]
    rest = (str(row.get(field) or "").strip() for field in ("City", "Region", "PostalCode", "Country"))
    return Address(", ".join(filter(None, lines)), *rest)


def _tax_types(rows: Iterable[Element]) -> Mapping[str, str]:
    return {str(row["Code"]): str(row["TaxType"]) for row in rows if row.get("Code") and row.get("TaxType")}


def _rates(rows: Iterable[Element]) -> Mapping[str, Decimal]:
    rates = {str(row["TaxType"]): amount(row, "EffectiveRate") for row in rows if row.get("EffectiveRate") is not None}
    return {"NONE": ZERO, **rates}
