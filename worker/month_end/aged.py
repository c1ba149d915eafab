"""What is owed to suppliers as of a day, by how long it is past due: every bill and credit note in the books.

What is due now is Xero's own figure; what was paid or set against it after the day is put back. So it does not matter
when it is asked, as long as nobody edits or voids what stood there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from worker.audit.books import Books
from worker.audit.xero_side import Posted

ZERO = Decimal(0)
#: How long past due, in days up to and with the last; the last one has no end.
BUCKETS = ("not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "over 90 days")
_LAST_DAYS = (0, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Open:
    """A bill that is not paid in full, or a credit note of which something is left."""

    organisation: str
    supplier: str
    title: str
    currency: str
    on: date
    #: A credit note has no day on which it is due.
    due_on: date | None
    days_past_due: int
    #: Negative for a credit.
    amount: Decimal
    #: Whether it is a record's of a project that was read.
    is_of_procore: bool

    @property
    def bucket(self) -> int | None:
        """Its place in BUCKETS; none for a credit, which makes up for whichever bill it is set against."""
        if self.amount < 0:
            return None
        return next((place for place, last in enumerate(_LAST_DAYS) if self.days_past_due <= last), len(_LAST_DAYS))


@dataclass(frozen=True, slots=True)
class Aged:
    """What is owed to one supplier, or to all, in one currency."""

    organisation: str
    supplier: str
    currency: str
    #: As BUCKETS.
    amounts: Sequence[Decimal]
    #: Not set against any bill; zero or below.
    credits: Decimal
    of_procore: Decimal

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, self.credits)


def open_bills(books: Books, as_of: date, organisation: str, of_procore: Iterable[str] = ()) -> list[Open]:
    """By supplier and due date. Drafts are nothing that is owed yet. `of_procore` are ids of records' documents."""
    later, ours = _later(books, as_of), set(of_procore)
    found = []
    for document in books.side.documents:
        amount = document.sign * (document.owed + later.get(document.id, ZERO))
        if document.is_posted and document.on is not None and document.on <= as_of and amount:
            place = (organisation, document.id in ours)
            found.append(_open(books, document, document.on, amount, as_of, *place))
    return sorted(found, key=lambda one: (one.supplier.casefold(), one.currency, one.due_on or one.on, one.title))


def _open(
    books: Books, document: Posted, on: date, amount: Decimal, as_of: date, organisation: str, is_ours: bool
) -> Open:
    contact = books.contact_on(document)
    supplier = contact.name if contact else "a supplier that Xero does not show"
    currency = document.currency or books.side.currency
    due_on = None if document.credit else document.due_on or on
    days = max(0, (as_of - due_on).days) if due_on else 0
    return Open(organisation, supplier, document.title, currency, on, due_on, days, amount, is_ours)


def _later(books: Books, as_of: date) -> Mapping[str, Decimal]:
    """What was paid on a document, or set against it, after the day."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for paid in books.side.payments:
        if paid.is_live and paid.on is not None and paid.on > as_of:
            sums[paid.document_id] += abs(paid.amount)  # a refund is negative, and leaves less of its credit note
    for document in books.side.documents:
        for one in document.applied:
            bill = books.document(one.document_id)
            on = one.on or max((day for day in (document.on, bill.on if bill else None) if day), default=None)
            if document.is_live and on is not None and on > as_of:
                sums[one.document_id] += one.amount
                if document.credit:
                    sums[document.id] += one.amount
    return sums


def by_supplier(bills: Iterable[Open]) -> list[Aged]:
    """One for each supplier and currency, in the bills' order."""
    groups: dict[tuple[str, str, str], list[Open]] = defaultdict(list)
    for one in bills:
        groups[one.organisation, one.supplier, one.currency].append(one)
    return [_aged(place, its) for place, its in groups.items()]


def totals(bills: Iterable[Open]) -> list[Aged]:
    """One for each organisation and currency."""
    groups: dict[tuple[str, str], list[Open]] = defaultdict(list)
    for one in bills:
        groups[one.organisation, one.currency].append(one)
    return [_aged((organisation, "", currency), its) for (organisation, currency), its in groups.items()]


def _aged(place: tuple[str, str, str], bills: Sequence[Open]) -> Aged:
    amounts = [sum((one.amount for one in bills if one.bucket == place), ZERO) for place in range(len(BUCKETS))]
    credits = sum((one.amount for one in bills if one.bucket is None), ZERO)
    return Aged(*place, amounts, credits, sum((one.amount for one in bills if one.is_of_procore), ZERO))
