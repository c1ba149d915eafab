"""What was paid to each contractor in the Australian financial year and in the month, for the taxable payments annual
report: ABN, name, address, gross with GST, the GST in it, and what is missing for it.

A business of building and construction reports payments to contractors by the 28th of August, each with ABN, name,
address, the total paid with GST, and the GST (Australian Taxation Office, taxable payments reporting). It goes by the
day of payment; what is owed, and what a credit note settled, is not reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from worker.audit.books import Books
from worker.audit.xero_side import Address, Contact, Paid, Posted
from worker.counting import money
from worker.month_end.period import Period

ZERO, CENT = Decimal(0), Decimal("0.01")
COUNTRY, CURRENCY = "AU", "AUD"
NO_ABN = (
    "It has no valid ABN, neither in Xero nor in Procore. Whoever pays a supplier that quotes none must withhold tax, "
    "unless an exception applies; what was withheld is not known here."
)
NO_ADDRESS = "Its contact in Xero has no address."


@dataclass(frozen=True, slots=True)
class Sum:
    """What was paid."""

    #: With GST.
    gross: Decimal = ZERO
    gst: Decimal = ZERO

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.gross + other.gross, self.gst + other.gst)


@dataclass(frozen=True, slots=True)
class Contractor:
    """One that was paid in the financial year."""

    organisation: str
    name: str
    #: Digits; blank where there is none that is valid.
    abn: str
    address: Address
    year: Sum
    month: Sum
    #: Of the year's gross what was paid on bills that did not come from Procore.
    by_hand: Decimal = ZERO
    #: What is missing for the report or is to be looked at, a sentence each.
    missing: tuple[str, ...] = ()


def why_not(books: Books) -> str:
    """Why there is no such report, in a sentence; blank where there is one."""
    country = books.side.country
    if country == COUNTRY:
        return ""
    where = f"is in {country}" if country else "names no country in Xero"
    return f"{books.side.name or 'The organisation'} {where}: the taxable payments annual report is Australia's."


def contractors(
    books: Books, period: Period, organisation: str, of_procore: Collection[str], numbers: Mapping[str, str]
) -> list[Contractor]:
    """Those who are paid on at least one document of Procore's, with all that they were paid, by name.

    `of_procore` are ids of records' documents, `numbers` Procore's valid tax numbers by the contact in Xero.
    """
    if why_not(books):
        return []
    theirs: dict[str, list[Posted]] = defaultdict(list)
    ours: set[str] = set()
    for document in books.side.documents:
        if contact := books.contact_on(document):
            theirs[contact.id].append(document)
            if document.id in of_procore:
                ours.add(contact.id)
    contacts = {contact.id: contact for contact in books.side.contacts}
    rows = [_row(books, contacts[id_], theirs[id_], period, organisation, of_procore, numbers) for id_ in ours]
    return sorted((row for row in rows if row is not None), key=lambda row: (row.name.casefold(), row.abn))


def _row(
    books: Books,
    contact: Contact,
    documents: Iterable[Posted],
    period: Period,
    organisation: str,
    of_procore: Collection[str],
    numbers: Mapping[str, str],
) -> Contractor | None:
    year, month, by_hand, notes = Sum(), Sum(), ZERO, list[str]()
    abroad: dict[str, Decimal] = defaultdict(Decimal)
    for document in documents:
        paid = [one for one in books.payments_on([document.id]) if one.on is not None]
        currency = document.currency or books.side.currency
        if currency != CURRENCY:
            abroad[currency] += sum((one.amount for one in paid if _is_in(one, period.year_from, period.as_of)), ZERO)
            continue
        in_year = _between(document, paid, period.year_from, period.as_of)
        year += in_year
        month += _between(document, paid, period.first, period.as_of)
        by_hand += ZERO if document.id in of_procore else in_year.gross
        notes += _prepaid(document, period)
    notes += [f"{money(amount, code)} paid to it is not in these amounts." for code, amount in abroad.items() if amount]
    if year == Sum() and not notes:
        return None
    abn = (contact.tax_number or numbers.get(contact.id, "")).removeprefix("ABN ")
    missing = [*([] if abn else [NO_ABN]), *([] if any(contact.address) else [NO_ADDRESS]), *notes]
    return Contractor(organisation, contact.name, abn, contact.address, year, month, by_hand, tuple(missing))


def _is_in(paid: Paid, first: date, last: date) -> bool:
    return paid.on is not None and first <= paid.on <= last


def _between(document: Posted, paid: Iterable[Paid], first: date, last: date) -> Sum:
    """The GST is the document's own in the share that was paid by then, less what was paid before: so a bill that is
    paid in full has its GST to the cent, however many payments there were, and months add up to their year."""
    rows = list(paid)
    until, before = _until(document, rows, last), _until(document, rows, first - timedelta(days=1))
    return Sum(until.gross - before.gross, until.gst - before.gst)


def _until(document: Posted, paid: Iterable[Paid], last: date) -> Sum:
    gross = sum((one.amount for one in paid if one.on is not None and one.on <= last), ZERO)
    gst = (gross * document.tax / document.total).quantize(CENT, ROUND_HALF_UP) if document.total else ZERO
    return Sum(gross, gst)


def _prepaid(document: Posted, period: Period) -> Iterator[str]:
    for one in () if document.credit else document.applied:
        if one.on is not None and period.year_from <= one.on <= period.as_of:
            yield (
                f"{money(one.amount, CURRENCY)} of {document.title} was settled by a prepayment or overpayment: when "
                "that was paid is not read, and it is not in these amounts."
            )


def total(rows: Iterable[Contractor]) -> tuple[Sum, Sum]:
    """Year and month."""
    year, month = Sum(), Sum()
    for row in rows:
        year, month = year + row.year, month + row.month
    return year, month
