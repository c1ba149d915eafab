"""What an organisation's changes cost in calls to Xero while projects share requests, and when they are in the books.

The worker's own rules and figures: a job of a pass hands over what is new, comes back after SHARE_REQUESTS_AFTER_S, and
whoever comes first sends for all; settings are read when they are too old. `python -m tests.simulation.sharing` prints
the table of docs/scale.md.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random

from tests.simulation.demand import CLAIMS_SHARE, WORKDAY_H
from tests.simulation.tables import Table, count, lasting, markdown
from tests.simulation.work import PER_LOOK, PER_REQUEST, SETTINGS, SUPPLIERS_PER_LOOK, good_for
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
    share_after: timedelta = timedelta(seconds=120)
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


@dataclass(frozen=True, slots=True)
class Back:
    """A job that comes back, after so many attempts, with payments that it has read and not handed over."""

    at: datetime
    project: int
    attempt: int
    payments: Sequence[Change]


@dataclass
class Organisation:
    setting: Setting
    came: Came = field(default_factory=Came)
    #: By kind what waits, the oldest first.
    handed: dict[str, deque[Change]] = field(default_factory=lambda: defaultdict(deque))
    #: Those of this pass, in the order in which they come back; and how many have not read yet.
    back: deque[Back] = field(default_factory=deque)
    reads_left: int = 0
    _read_at: dict[str, datetime] = field(default_factory=dict)

    def one_pass(self, at: datetime, projects: Sequence[int], pending: dict[int, list[Change]]) -> None:
        """Every project's job reads in its turn, and comes back where it has handed something over."""
        self.came.calls.append(self.setting.watching)
        self.reads_left = len(projects)
        back = self.back
        for place, project in enumerate(projects):
            now = at + self.setting.reading * place / len(projects)
            while back and back[0].at <= now:
                self._come_back(back.popleft())
            self.reads_left -= 1
            seen = [change for change in pending[project] if change.at < now]
            pending[project] = [change for change in pending[project] if change.at >= now]
            if not seen:
                continue
            claims, payments = _of(CLAIMS, seen), _of(PAYMENTS, seen)
            self._read_settings(CLAIMS if claims else PAYMENTS, at, now)
            if not self.reads_left:  # the last one waits for nobody
                self._send(PAYMENTS, payments, self._send(CLAIMS, claims, now))
            elif claims:
                self._hand_over(CLAIMS, claims, Back(now, project, 1, payments))
            else:
                self._hand_over(PAYMENTS, payments, Back(now, project, 1, []))
        while back:
            self._come_back(back.popleft())

    def _hand_over(self, kind: str, changes: Sequence[Change], job: Back) -> None:
        self.handed[kind] += changes
        self.back.append(replace(job, at=job.at + self.setting.share_after))

    def _come_back(self, job: Back) -> None:
        """Payments come after their project's claims, and may wait for those of others in their turn."""
        now = self._send(CLAIMS, self._taken_back(CLAIMS, job.project), job.at)
        others = self.reads_left or any(other.attempt < 2 for other in self.back)
        if job.payments and others:
            self._hand_over(PAYMENTS, job.payments, Back(now, job.project, 2, []))
        else:
            self._send(PAYMENTS, [*self._taken_back(PAYMENTS, job.project), *job.payments], now)

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

    def _read_settings(self, kind: str, pass_at: datetime, now: datetime) -> None:
        for name in SETTINGS[kind]:
            age = good_for(kind, name)
            not_before = pass_at if age is None else now - age
            if name not in self._read_at or self._read_at[name] < not_before:
                self._read_at[name] = now
                self.came.calls[-1] += 1


def run(projects: Sequence[int], changes: Iterable[Change], passes: int, setting: Setting) -> Came:
    """So many passes, the first one an interval after the start."""
    ours = Organisation(setting)
    pending: dict[int, list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.at):
        pending[change.project].append(change)
    for number in range(1, passes + 1):
        ours.one_pass(START + number * setting.every, projects, pending)
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
        for minutes, after_s in ((1, 120), (30, 120), (30, 600)):
            chance = Random(number)  # noqa: S311 - the same in each run
            setting = Setting(reading=timedelta(minutes=minutes), share_after=timedelta(seconds=after_s))
            changes = [change for day in range(DAYS) for change in a_day(100, number, day, chance)]
            came = run(range(100), changes, DAYS * 48, setting)
            a_days = max(sum(came.calls[48 * day : 48 * (day + 1)]) for day in range(DAYS))
            late = [lasting(came.by(share).total_seconds()) for share in (0.5, 0.95, 1)]
            rows.append((count(number), f"{minutes} min", f"{after_s} s", count(a_days), *late))
    heads = ("changes a day", "a pass reads in", "shared after", "calls to Xero a day", "half", "95 %", "the last")
    return Table("Changes of a hundred projects", heads, rows, _SOURCE)


def _of(kind: str, changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if change.kind == kind]


if __name__ == "__main__":
    print(markdown(table()))
