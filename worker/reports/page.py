"""Both sides on one page for the bookkeeper: a file of its own that needs nothing else to be shown.

What is compared was read by the audit; what is held and waits comes from the ledger. It adds nothing up by itself but
the projects' totals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from worker.audit.result import CLAIMS, INVOICES, PAYMENTS, RETENTION, Difference, Result, Sum, open_ones
from worker.called import Called
from worker.counting import counted
from worker.holds import Outcome
from worker.ledger.tables import Hold
from worker.reports import rendering
from worker.reports.causes import Cause, shared
from worker.reports.chart import DAYS, HEIGHT, WIDTH, Chart

_LABELS = {CLAIMS: "Claims", RETENTION: "Retention held", PAYMENTS: "Payments", INVOICES: "Direct invoices"}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Total:
    """One line of a project: what Procore says in one currency, and what Xero holds."""

    label: str
    #: Blank where there is nothing.
    currency: str
    procore: Decimal
    xero: Decimal

    @property
    def difference(self) -> Decimal:
        return self.xero - self.procore


@dataclass(frozen=True, slots=True)
class Gone:
    """A document that was taken out of Xero: whose it was, what it was called, and when."""

    title: str
    called: Called
    what: str
    at: datetime | None
    procore_url: str
    xero_url: str


@dataclass(frozen=True)
class Project:
    """One project with everything that is to be read of it."""

    job_number: str
    name: str
    totals: Sequence[Total]
    #: Those that do not go by themselves come first.
    differences: Sequence[Difference] = ()
    #: Those that a person has accepted.
    accepted: Sequence[Difference] = ()
    held: Sequence[Hold] = ()
    waiting: Sequence[Hold] = ()
    #: Taken out of Xero lately.
    gone: Sequence[Gone] = ()
    #: Why it is not synced any more, with what is still open; blank where nobody needs to know.
    paused: str = ""
    #: Its page in Flower; blank where its address is not set.
    page_url: str = ""

    @property
    def agrees(self) -> bool:
        return not self.differences and (bool(self.accepted) or not any(total.difference for total in self.totals))

    @property
    def only_waits(self) -> bool:
        """Whether what differs goes by itself."""
        return bool(self.differences) and all(one.outcome == Outcome.WAITING for one in self.differences)

    @property
    def is_explained(self) -> bool:
        """Whether all that differs is held or waits: what to do stands with it, and the books are not wrong."""
        return all(one.hold for one in self.differences) and bool(self.differences)

    @property
    def count(self) -> str:
        """ "2 differences, 1 by what is held or waits": what has a hold of its own is not counted twice."""
        own = sum(not one.hold for one in self.differences)
        by_holds = f"{len(self.differences) - own} by what is held or waits" if own < len(self.differences) else ""
        said = counted(own, "difference") if own or not by_holds else ""
        return ", ".join(filter(None, (said, by_holds)))

    @property
    def anchor(self) -> str:
        """What its section is called in an address; job numbers may hold anything."""
        return "job-" + "".join(char if char.isalnum() else f"_{ord(char):x}_" for char in self.job_number)


@dataclass(frozen=True)
class Page:
    """The whole page."""

    organisation: str
    made_at: datetime
    projects: Sequence[Project]
    calls: Chart
    #: What Xero allows in a day; 0: no limit.
    calls_a_day: int

    @property
    def totals(self) -> Sequence[Total]:
        """Of all projects together."""
        sums: dict[Sum, tuple[Decimal, Decimal]] = {}
        for one in (one for project in self.projects for one in project.totals):
            before = sums.get((one.label, one.currency), (ZERO, ZERO))
            sums[one.label, one.currency] = (before[0] + one.procore, before[1] + one.xero)
        return _by_label(sums)

    @property
    def held(self) -> int:
        return sum(len(project.held) for project in self.projects)

    @property
    def causes(self) -> Sequence[Cause[Hold]]:
        """What holds more than one record, in all projects."""
        return shared([hold for project in self.projects for hold in project.held])

    @property
    def waiting(self) -> int:
        return sum(len(project.waiting) for project in self.projects)

    @property
    def different(self) -> int:
        """Projects in which something differs."""
        return sum(not project.agrees and not project.is_explained for project in self.projects)


def project(
    result: Result, name: str, holds: Mapping[str, Sequence[Hold]], gone: Sequence[Gone] = (), page_url: str = ""
) -> Project:
    """`holds` are the project's open ones, by outcome."""
    totals = _by_label({(_LABELS[kind], currency): sums for (kind, currency), sums in result.totals.items()})
    differences = sorted(open_ones(result.differences), key=lambda one: one.outcome == Outcome.WAITING)
    accepted = [one for one in result.differences if one.accepted is not None]
    held, waiting = holds.get(Outcome.HELD, ()), holds.get(Outcome.WAITING, ())
    return Project(result.job_number, name, totals, differences, accepted, held, waiting, gone, result.pause, page_url)


def _by_label(sums: Mapping[Sum, tuple[Decimal, Decimal]]) -> list[Total]:
    """A line for each label and currency, in their order; of what there is nothing of, one without a currency."""
    found: list[Total] = []
    for label in _LABELS.values():
        own = sorted((currency, both) for (name, currency), both in sums.items() if name == label and any(both))
        found += [Total(label, currency, *both) for currency, both in own] or [Total(label, "", ZERO, ZERO)]
    return found


def html(page: Page) -> str:
    """The file's content."""
    return rendering.render("books.html", page=page, days=DAYS, width=WIDTH, height=HEIGHT)
