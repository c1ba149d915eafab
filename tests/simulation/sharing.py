"""What an organisation's changes cost in calls to Xero while projects share requests, and when they are in the books.

The worker's own rules and figures: a job of a pass hands over what is new, comes back when the pass will have read its
projects, and whoever comes first sends for all; settings are read when they are too old. `python -m
tests.simulation.sharing` prints the table of docs/scale.md.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import ceil
from random import Random

from tests.simulation.demand import CLAIMS_SHARE, WORKDAY_H
from tests.simulation.tables import Table, count, lasting, markdown
from tests.simulation.work import PER_LOOK, PER_REQUEST, SETTINGS, SUPPLIERS_PER_LOOK, good_for
from worker.ledger.handed_over import UnderWay
from worker.pipeline.settle.gathering import wait_s
from worker.pipeline.settle.shared_requests import MOST

DAYS = 3
START = datetime(2026, 11, 2, tzinfo=UTC)
CLAIMS, PAYMENTS = "claims", "payments"
_SOURCE = (
    "Simulated, three days, the dearest counted: changes in ten working hours, two claims to a payment, of 300 "
    "suppliers; a pass every 30 minutes, Xero 1 s a call (assumed) and 3 of them a pass to see what people changed "
    "there. From the change in Procore until it is in Xero's books."
)


@dataclass(frozen=True, slots=True)
class Change:
    """A claim that is approved, or a payment that is made."""

    at: datetime
    project: int
    kind: str


@dataclass(frozen=True, slots=True)
class Setting:
    every: timedelta = timedelta(minutes=30)
    #: SHARE_REQUESTS_AFTER_S.
    longest: timedelta = timedelta(seconds=600)
    #: In which the jobs of a pass have read Procore, one after the other.
    reading: timedelta = timedelta(minutes=1)
    call: timedelta = timedelta(seconds=1)
    suppliers: int = 300
    #: Calls of a pass that ask what people changed in Xero.
    watching: int = 3


@dataclass
class Came:
    """What came of it."""

    #: By pass.
    calls: list[int] = field(default_factory=list)
    late: list[timedelta] = field(default_factory=list)

    def by(self, share: float) -> timedelta:
        """Within which this share of the changes is in the books."""
        return sorted(self.late)[ceil(len(self.late) * share) - 1]


@dataclass(frozen=True, slots=True, order=True)
class Back:
    """A job that comes back, after so many attempts; whether it has read its payments and handed them over."""

    at: datetime
    project: int
    attempt: int
    has_paid: bool


@dataclass
class Organisation:
    setting: Setting
    #: What every project will bring.
    coming: dict[int, deque[Change]]
    came: Came = field(default_factory=Came)
    #: By kind what waits, the oldest first.
    handed: dict[str, deque[Change]] = field(default_factory=lambda: defaultdict(deque))
    #: Of this pass: those that come back, how many have begun, and how many have not.
    back: list[Back] = field(default_factory=list)
    began: datetime = START
    begun: int = 0
    to_begin: int = 0
    _read_at: dict[str, datetime] = field(default_factory=dict)

    def one_pass(self, at: datetime, projects: Sequence[int]) -> None:
        """Every project's job reads in its turn, and comes back where it has handed something over."""
        self.came.calls.append(self.setting.watching)
        self.began, self.begun, self.to_begin = at, 0, len(projects)
        for place, project in enumerate(projects):
            now = at + self.setting.reading * place / len(projects)
            while self.back and self.back[0].at <= now:
                self._come_back(heappop(self.back))
            self.begun, self.to_begin = self.begun + 1, self.to_begin - 1
            self._begin(project, now)
        while self.back:
            self._come_back(heappop(self.back))

    def _begin(self, project: int, now: datetime) -> None:
        claims, payments = self._seen(project, CLAIMS, now), self._seen(project, PAYMENTS, now)
        if claims or payments:
            self._read_settings(CLAIMS if claims else PAYMENTS, now)
        if not self.to_begin:  # the last one waits for nobody
            self._send(PAYMENTS, self._read(payments), self._send(CLAIMS, self._read(claims), now))
        elif claims:
            self._hand_over(CLAIMS, self._read(claims), Back(now, project, 1, has_paid=False))
        elif payments:
            self._hand_over(PAYMENTS, self._read(payments), Back(now, project, 1, has_paid=True))

    def _hand_over(self, kind: str, changes: Sequence[Change], job: Back) -> None:
        self.handed[kind] += changes
        others = [(other.at - job.at).total_seconds() for other in self._others(job.attempt)]
        way = UnderWay(self.begun, self.to_begin, max(others, default=0.0))
        in_s = wait_s(self.setting.longest.total_seconds(), (job.at - self.began).total_seconds(), way)
        heappush(self.back, Back(job.at + timedelta(seconds=in_s), job.project, job.attempt, job.has_paid))

    def _others(self, attempt: int) -> list[Back]:
        return [other for other in self.back if other.attempt < attempt]

    def _come_back(self, job: Back) -> None:
        """What others did not take along it sends, with what came since; what came since alone is the next pass's as
        long as others come. Payments come after their project's claims, and may wait for those of others in turn."""
        attempt = job.attempt + 1
        come = bool(self.to_begin or self._others(attempt))
        now = self._go(CLAIMS, job, job.at, leaves_new=come)
        payments = self._seen(job.project, PAYMENTS, now)
        if payments and come and not job.has_paid:
            self._hand_over(PAYMENTS, self._read(payments), Back(now, job.project, attempt, has_paid=True))
        else:
            self._go(PAYMENTS, job, now, leaves_new=come)

    def _go(self, kind: str, job: Back, now: datetime, *, leaves_new: bool) -> datetime:
        own = self._taken_back(kind, job.project)
        if own or not leaves_new:
            own += self._read(self._seen(job.project, kind, now))
        return self._send(kind, own, now)

    def _seen(self, project: int, kind: str, now: datetime) -> list[Change]:
        return [change for change in self.coming[project] if change.at < now and change.kind == kind]

    def _read(self, changes: Sequence[Change]) -> list[Change]:
        for change in changes:
            self.coming[change.project].remove(change)
        return list(changes)

    def _taken_back(self, kind: str, project: int) -> list[Change]:
        own = [change for change in self.handed[kind] if change.project == project]
        self.handed[kind] = deque(change for change in self.handed[kind] if change.project != project)
        return own

    def _send(self, kind: str, own: Sequence[Change], now: datetime) -> datetime:
        """A job sends its own with what waits; returns when it is done."""
        if not own:
            return now
        waiting = self.handed[kind]
        going = [*own, *(waiting.popleft() for _ in range(min(len(waiting), MOST - len(own))))]
        looks = -(-len(going) // PER_LOOK[kind])
        if kind == CLAIMS:
            looks += -(-min(len(going), self.setting.suppliers) // SUPPLIERS_PER_LOOK)
        calls = looks + -(-len(going) // PER_REQUEST)
        self.came.calls[-1] += calls
        done = now + calls * self.setting.call
        self.came.late += [done - change.at for change in going]
        return done

    def _read_settings(self, kind: str, now: datetime) -> None:
        for name in SETTINGS[kind]:
            age = good_for(kind, name)
            not_before = self.began if age is None else now - age
            if name not in self._read_at or self._read_at[name] < not_before:
                self._read_at[name] = now
                self.came.calls[-1] += 1


def run(projects: Sequence[int], changes: Iterable[Change], passes: int, setting: Setting) -> Came:
    """So many passes, the first one an interval after the start."""
    ours = Organisation(setting, defaultdict(deque))
    for change in sorted(changes, key=lambda change: change.at):
        ours.coming[change.project].append(change)
    for number in range(1, passes + 1):
        ours.one_pass(START + number * setting.every, projects)
    return ours.came


def a_day(projects: int, number: int, day: int, chance: Random) -> Iterator[Change]:
    """So many changes in working hours, two claims to a payment."""
    first, last = (START + timedelta(days=day, hours=hour) for hour in WORKDAY_H)
    for _ in range(number):
        kind = CLAIMS if chance.random() < CLAIMS_SHARE else PAYMENTS
        yield Change(first + (last - first) * chance.random(), chance.randrange(projects), kind)


def table() -> Table:
    """A hundred projects of one organisation."""
    rows = []
    for number in (100, 1_000, 5_000, 10_000):
        for minutes in (1, 10, 30):
            chance = Random(number)  # noqa: S311 - the same in each run
            changes = [change for day in range(DAYS) for change in a_day(100, number, day, chance)]
            came = run(range(100), changes, DAYS * 48, Setting(reading=timedelta(minutes=minutes)))
            a_days = max(sum(came.calls[48 * day : 48 * (day + 1)]) for day in range(DAYS))
            late = [lasting(came.by(share).total_seconds()) for share in (0.5, 0.95, 1)]
            rows.append((count(number), f"{minutes} min", count(a_days), *late))
    heads = ("changes a day", "a pass reads in", "calls to Xero a day", "half", "95 %", "the last")
    return Table("Changes of a hundred projects", heads, rows, _SOURCE)


if __name__ == "__main__":
    print(markdown(table()))
