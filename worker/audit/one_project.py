"""One project being compared: both sides, what people said, and what was found so far."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from worker.audit.books import Books, Key
from worker.audit.options import fits
from worker.audit.procore_side import Due, ProcoreSide
from worker.audit.remedies import Found
from worker.audit.result import Accepted, Difference, Result, Said
from worker.audit.xero_side import Posted
from worker.called import UNNAMED, Called


class OneProject:
    """What each part of the comparison looks at, and where it says what differs."""

    def __init__(self, procore: ProcoreSide, books: Books, said: Said) -> None:
        self.procore, self.books, self.said = procore, books, said
        self.result = Result(procore.job_number)
        self._names = {one.id: one.name for one in procore.suppliers}
        self.contacts = {one.id: books.contact(one) for one in procore.suppliers}
        #: Tracking options that fit the job number.
        self.options = [one for one in books.side.project_options if fits(one, procore.job_number)]
        #: Live documents by id, with the claim or invoice that each is of.
        self.matched: dict[str, tuple[Posted, Due]] = {}
        #: Document to the retention accounts of an earlier mapping file that it stands on.
        self.earlier_retention: dict[str, set[str]] = {}
        #: Documents and payments of which something is said already, or that a person said to be a record.
        self.known = {id_ for ids, _ in said.same.values() for id_ in ids}

    def differs(
        self,
        kind: str,
        title: str,
        found: Found | Iterable[Found],
        procore: Decimal | None = None,
        xero: Decimal | None = None,
        records: Iterable[Key] = (),
        accepted: Accepted | None = None,
        called: Called = UNNAMED,
        members: Iterable[str] = (),
    ) -> None:
        """Something differs; of `records` the first is the record itself, the others are what it depends on. `members`
        are the records that it is said of at once, and `called` is how people call it."""
        all_ = [found] if isinstance(found, Found) else list(found)
        sentence, whats = " ".join(one.sentence for one in all_), tuple(dict.fromkeys(one.what for one in all_))
        place = (self.procore.job_number, kind, title, sentence, procore, xero, tuple(records), whats)
        currency = called.currency or self.books.side.currency
        more = Difference(*place, accepted=accepted, called=called, currency=currency, members=tuple(members))
        self.result.differences.append(more)

    def called(self, due: Due) -> Called:
        """As far as Procore says it."""
        who, number = self._names.get(due.vendor_id, ""), due.numbers[0] if due.numbers else ""
        document = ""
        if retained := due.retained:
            who = who or retained.supplier
            document = self.procore.commitments.get(due.commitment_id, "")
            document += f" claim {retained.number}" if retained.number else ""
        return Called(who, document.strip(), number, due.on, due.with_tax, self.currency(due))

    def currency(self, due: Due | None) -> str:
        """In which a record's amounts are; of none the organisation's own."""
        return (due.currency if due else "") or self.books.side.currency

    def commitment(self, commitment_id: str) -> Called:
        """Whose it is, its number and its currency."""
        claim = next((one for one in self.procore.due if one.commitment_id == commitment_id), None)
        who = self.called(claim).supplier if claim else ""
        return Called(who, self.procore.commitments.get(commitment_id, ""), currency=self.currency(claim))
