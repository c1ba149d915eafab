"""One project being compared: both sides, what people said, and what was found so far."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from worker.audit.books import Books, Key, fits
from worker.audit.remedies import Found
from worker.audit.result import Accepted, Difference, Result, Said
from worker.audit.sides import Due, Posted, ProcoreSide


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
        about: str = "",
        members: Iterable[str] = (),
    ) -> None:
        """Something differs; of `records` the first is the record itself, the others are what it depends on. `members`
        are the records that it is said of at once, and `about` is how people call it."""
        all_ = [found] if isinstance(found, Found) else list(found)
        sentence, whats = " ".join(one.sentence for one in all_), tuple(dict.fromkeys(one.what for one in all_))
        place = (self.procore.job_number, kind, title, sentence, procore, xero, tuple(records), whats)
        self.result.differences.append(Difference(*place, accepted=accepted, about=about, members=tuple(members)))

    def about(self, due: Due) -> str:
        """ "INV-12 of Ridgeline Concrete, 2026-07-31", as far as Procore says it."""
        said = due.retained.supplier if due.retained else ""
        number, name = due.numbers[0] if due.numbers else "", self._names.get(due.vendor_id, said)
        whose = " of ".join(filter(None, (number, name)))
        return ", ".join(filter(None, (whose, str(due.on or ""))))
