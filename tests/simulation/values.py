"""What is given to the simulation of readings: what people do in Procore, which messages arrive, what a reading costs.

And what it gives back: when each change was seen, and the calls of each pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from worker.pipeline.read.rhythm import CAPS, WHOLE

START = datetime(2026, 8, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LISTS = (*CAPS, *WHOLE)
#: Lists whose records become bills.
BILLS = ("claims", "invoices")
PROJECTS_PER_PAGE = 300


@dataclass(frozen=True, slots=True)
class Calls:
    """What a reading of each list costs: what changed, and all of it, of a project with ten contracts.

    The contracts themselves are two lists, read once in a job for claims and for payments; of those whose payments
    moved each is a call more.
    """

    changed: Mapping[str, int] = field(
        default_factory=lambda: {"claims": 1, "payments": 0, "invoices": 1, "vendors": 2, "cost_codes": 2}
    )
    whole: Mapping[str, int] = field(
        default_factory=lambda: {"claims": 1, "payments": 10, "invoices": 2, "vendors": 2, "cost_codes": 2}
    )
    contracts: int = 2


@dataclass(frozen=True, slots=True)
class Messages:
    """Procore's, which come at once but for those that never do."""

    #: The lists that they are about.
    names: Collection[str]
    lost: float = 0.0
    wait: timedelta = timedelta(seconds=20)

    def about(self, changes: Sequence[Change]) -> list[Change]:
        """The changes of which one arrives, the first one first."""
        chance = Random(1)  # noqa: S311 - the same in each run
        told = [one for one in changes if one.name in self.names and chance.random() >= self.lost]
        return sorted(told, key=lambda change: change.at)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the worker is set, and what Procore allows."""

    every: timedelta = timedelta(minutes=30)
    calls_per_hour: int = 600
    compare_every: timedelta = DAY
    #: SHARE_REQUESTS_AFTER_S.
    share_after: timedelta = timedelta(seconds=600)
    #: In which Procore answers, one call after the other.
    call: timedelta = timedelta(seconds=0.5)
    calls: Calls = field(default_factory=Calls)
    messages: Messages | None = None
    #: From when until when no pass reads anything, whatever the reason.
    away: tuple[datetime, datetime] = (START, START)
    #: Projects that are there from a later moment on only.
    added: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """Something moves in a list of a project. A claim that is entered for review is in review until it is approved."""

    at: datetime
    project: int
    name: str
    #: Of a claim that is entered: when it is approved; that is a change of its own.
    until: datetime | None = None
    #: What the table counts it as.
    kind: str = ""


@dataclass(slots=True)
class Came:
    """What came of it."""

    #: Each change, and how long it waited until a pass read its list.
    seen: list[tuple[Change, timedelta]] = field(default_factory=list)
    #: Calls of each pass, and of the jobs that messages have started since the one before.
    calls: list[int] = field(default_factory=list)
    #: The longest that a list of claims, contracts or direct costs was not read.
    unread: timedelta = timedelta()
    put_off: int = 0
    #: When each project was read for the first time.
    begun: dict[int, datetime] = field(default_factory=dict)

    @property
    def late(self) -> Mapping[str, list[timedelta]]:
        """By kind of change."""
        found = defaultdict[str, list[timedelta]](list)
        for change, late in self.seen:
            found[change.kind or change.name].append(late)
        return found

    def half_and_most(self, kind: str) -> tuple[timedelta, timedelta]:
        """By when half of these changes were seen, and 95 % of them."""
        late = sorted(self.late[kind])
        return late[len(late) // 2], late[int(0.95 * len(late))]
