"""What stands in Xero and is not from Procore, though it bears on a project: tracked to it, on its retention account,
or of the same supplier and total as a bill of a claim.

A bill of a claim carries the claim's address, so a copy of it that a person made does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from worker.audit.books import Books, is_near, is_tracked, on_accounts
from worker.audit.procore_side import Due, ProcoreSide
from worker.audit.remedies import What
from worker.audit.result import BILLS, CREDITS
from worker.audit.xero_side import Contact, Posted
from worker.counting import money

#: Live documents by id, with the claim or invoice that each is of.
Matched = Mapping[str, tuple[Posted, Due]]


@dataclass(frozen=True, slots=True)
class Stray:
    """A document, and why it is named."""

    document: Posted
    sentence: str
    what: What = What.STRAY

    @property
    def kind(self) -> str:
        return CREDITS if self.document.credit else BILLS


def of_project(books: Books, procore: ProcoreSide, matched: Matched, known: Collection[str]) -> Iterator[Stray]:
    """Those of one project. `known` are the ids of documents of which something is said already."""
    job_number, twins = procore.job_number, _Twins(books, matched)
    near = [*books.tracked_to(job_number), *twins.candidates()]
    for document in _open_ones(near, {*known, *matched}, procore.not_before):
        why, what = [], What.STRAY
        if is_tracked(document, job_number):
            retained = _retention(document, procore.retention_accounts)
            why, what = [f"it is tracked to {job_number}", *retained], What.RETENTION_BY_HAND if retained else what
        if twin := twins.of(document):
            (bill, due), what = twin, What.DOUBLE
            why.append(f"it may be a double of {bill.title}, {due.title}, dated {bill.on}: same supplier and total")
        if why:
            yield _stray(books, document, why, what)


def of_no_project(
    books: Books, accounts: Collection[str], not_before: date | None, known: Collection[str]
) -> list[Stray]:
    """What moves retention and is tracked to no project at all."""
    documents = _open_ones(books.tracked_to(""), known, not_before)
    found = ((one, _retention(one, accounts)) for one in documents)
    return [_stray(books, one, why, What.RETENTION_BY_HAND) for one, why in found if why]


def may_be(books: Books, due: Due, contact: Contact) -> Posted | None:
    """What a record may be whose address no bill has: of its supplier and number, else of its supplier and amount."""
    live = [one for one in books.unaddressed(contact) if one.is_live and not one.credit]
    numbered = [one for one in live if due.is_numbered(one.number)]
    alike = [one for one in live if one.before_tax in due.readings and is_near(one.on, due.on)]
    return next(iter([*numbered, *alike]), None)


class _Twins:
    """The bills of records, to be found by supplier and total."""

    def __init__(self, books: Books, matched: Matched) -> None:
        self._books = books
        self._payees: dict[str, Contact] = {}
        self._by_total: dict[tuple[str, bool, Decimal], list[tuple[Posted, Due]]] = defaultdict(list)
        for bill, due in matched.values():
            if payee := books.contact_on(bill):
                self._payees[payee.id] = payee
                self._by_total[payee.id, bill.credit, bill.total].append((bill, due))

    def candidates(self) -> Iterator[Posted]:
        """All of these suppliers."""
        for payee in self._payees.values():
            yield from self._books.unaddressed(payee)

    def of(self, document: Posted) -> tuple[Posted, Due] | None:
        """The record's bill of the same supplier and total, not many days apart."""
        payee = self._books.contact_on(document)
        same = self._by_total.get((payee.id, document.credit, document.total), []) if payee else []
        return next((pair for pair in same if is_near(pair[0].on, document.on)), None)


def _open_ones(documents: Iterable[Posted], known: Collection[str], start: date | None) -> Iterator[Posted]:
    for document in {one.id: one for one in documents}.values():
        is_earlier = start is not None and document.on is not None and document.on < start
        if document.is_live and document.id not in known and not is_earlier:
            yield document


def _retention(document: Posted, accounts: Collection[str]) -> list[str]:
    codes = sorted({coding.account for coding in document.lines} & set(accounts))
    moved = on_accounts(document, accounts)
    return [f"{money(moved, document.currency)} of it is on retention account {', '.join(codes)}"] if codes else []


def _stray(books: Books, document: Posted, why: list[str], what: What) -> Stray:
    return Stray(document, f"In Xero, not from Procore: {books.in_words(document)}; {'; '.join(why)}.", what)
