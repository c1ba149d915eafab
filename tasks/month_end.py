"""The month-end pack, from one reading of both systems: the audit's own, and no call beside it but for tax rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from itertools import chain

from tasks.audit import Auditing, Compared, compared
from tasks.retention import from_compared
from worker.assembly import Parts
from worker.audit.books import Books
from worker.ledger.history import held_at
from worker.ledger.tables import Hold
from worker.local_time import zone_of
from worker.month_end import aged, contractors, cost, held
from worker.month_end.pack import Organisation, Pack
from worker.month_end.period import Period, end_of, period
from worker.waiting import Tell, untold


def month_end(parts: Parts, first: date, version: str, tell: Tell = untold) -> Pack:
    """Of the month that begins on this day, of all projects that an audit compares."""
    found = compared(parts, tell=tell)
    one = next(found, None)
    zone = zone_of(one.books.side.time_zone) if one else UTC
    month = period(first, parts.now(), zone)
    gathering = _Gathering(month, zone, list(held_at(parts.engine, end_of(month.as_of, zone))))
    retention = from_compared(gathering.each(chain([one] if one else [], found)), month.as_of, whole=True)
    audited = gathering.auditing.whole(parts)
    gathering.rest(parts)
    return Pack(
        month,
        [_organisation(name, books) for name, books in gathering.auditing.books.items()],
        audited.projects,
        [one for one in audited.shown if one.accepted is None],
        audited.accepted,
        audited.count,
        audited.paused,
        gathering.costs,
        retention,
        list(gathering.bills()),
        gathering.held,
        list(gathering.contractors()),
        parts.now().astimezone(zone),
        version,
        _notes(month, parts.settings.history_days, gathering.gaps),
    )


@dataclass
class _Gathering:
    """What is kept of each project as it is compared."""

    month: Period
    zone: tzinfo
    #: Those of projects that were not read yet.
    holds: list[Hold]
    auditing: Auditing = field(default_factory=Auditing)
    costs: list[cost.ProjectCost] = field(default_factory=list)
    held: list[held.Held] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    _tracked: dict[str, cost.Tracked] = field(default_factory=dict)
    #: By organisation: ids of records' documents, and Procore's tax numbers by contact.
    _ours: dict[str, set[str]] = field(default_factory=dict)
    _numbers: dict[str, dict[str, str]] = field(default_factory=dict)

    def each(self, found: Iterable[Compared]) -> Iterator[Compared]:
        """The same, each of them gathered."""
        for one in found:
            self.auditing.add(one)
            self._add(one)
            yield one

    def _add(self, one: Compared) -> None:
        side, books, name = one.procore, one.books, one.organisation
        if name not in self._tracked:
            self._tracked[name] = cost.Tracked(books)
        its = (side, books, self._tracked[name], one.result.matched, self.month, name, one.project.name)
        self.costs.append(cost.of_project(*its))
        mine = [hold for hold in self.holds if hold.project_id == one.project.id]
        self.held += held.held(mine, name, side.job_number, self.zone)
        self.holds = [hold for hold in self.holds if hold.project_id != one.project.id]
        self._ours.setdefault(name, set()).update(one.result.matched)
        for supplier in side.suppliers:
            contact = books.contact(supplier) if supplier.tax_number else None
            if contact is not None:
                self._numbers.setdefault(name, {})[contact.id] = supplier.tax_number
        self.gaps += [f"{side.job_number}: Procore does not show its {kind}." for kind in sorted(side.unseen)]

    def rest(self, parts: Parts) -> None:
        """What is held of projects that were not read, as of one that Procore does not show any more."""
        numbers = {row.procore_id: row.job_number for row in parts.projects.all()}
        for id_ in dict.fromkeys(hold.project_id for hold in self.holds):
            mine = [hold for hold in self.holds if hold.project_id == id_]
            self.held += held.held(mine, "", numbers.get(id_, ""), self.zone)

    def bills(self) -> Iterator[aged.Open]:
        for name, books in self.auditing.books.items():
            yield from aged.open_bills(books, self.month.as_of, name, self._ours.get(name, ()))

    def contractors(self) -> Iterator[contractors.Contractor]:
        for name, books in self.auditing.books.items():
            ours, numbers = self._ours.get(name, set()), self._numbers.get(name, {})
            yield from contractors.contractors(books, self.month, name, ours, numbers)


def _organisation(name: str, books: Books) -> Organisation:
    side = books.side
    return Organisation(
        name, side.name or name, side.currency, str(zone_of(side.time_zone)), contractors.why_not(books)
    )


def _notes(month: Period, history_days: int, gaps: Iterable[str]) -> list[str]:
    to_date = [] if month.is_over else [f"{month.name} is not over: its figures are to date."]
    return [
        *to_date,
        f"Bills, credit notes, claims, direct costs and payments that are dated after {month.as_of} do not count.",
        "What differs is as it stood in both systems when this was made. What was edited, voided or deleted in Xero, "
        f"or approved, changed or deleted in Procore after {month.as_of}, shows everywhere as it is now: nobody keeps "
        "what it was.",
        f"What is held is what was held at the end of {month.as_of}; of what was solved more than {history_days} days "
        "before this was made nothing is known any more.",
        *gaps,
    ]
