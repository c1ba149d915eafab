"""When a change in Procore is seen, and what that costs in calls: days of passes over many projects, list by list.

Which list a pass reads, and when it is due again, is said by the worker's own functions (`worker.pipeline.read`); here
are only what people do in Procore and what a reading costs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from worker.pipeline.read import daily, lists, rhythm
from worker.pipeline.read.rhythm import CAPS, WHOLE, ListAt

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
class Setting:
    """How the worker is set, and what Procore allows."""

    every: timedelta = timedelta(minutes=30)
    calls_per_hour: int = 600
    compare_every: timedelta = DAY
    share_after: timedelta = timedelta(seconds=120)
    calls: Calls = field(default_factory=Calls)


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

    #: By kind of change: how long each waited until a pass read its list.
    late: dict[str, list[timedelta]] = field(default_factory=lambda: defaultdict(list))
    #: Calls of each pass.
    calls: list[int] = field(default_factory=list)
    #: The longest that a list of claims, contracts or direct costs was not read.
    unread: timedelta = timedelta()
    put_off: int = 0

    def half_and_most(self, kind: str) -> tuple[timedelta, timedelta]:
        """By when half of these changes were seen, and 95 % of them."""
        late = sorted(self.late[kind])
        return late[len(late) // 2], late[int(0.95 * len(late))]


def run(projects: Sequence[int], changes: Sequence[Change], passes: int, setting: Setting, skip: int = 0) -> Came:
    """Everything is read once at the beginning, then so many passes follow; the first `skip` are not counted.

    Projects are given by their ids, by which the times at which everything is compared are spread.
    """
    office = _Office(projects, changes, setting)
    came = Came()
    for number in range(passes + 1):
        found = office.one_pass(START + number * setting.every, is_first=number == 0)
        if number > skip:
            came.calls.append(found.calls)
            came.put_off += found.put_off
            came.unread = max(came.unread, found.unread)
            for change, late in found.seen:
                came.late[change.kind or change.name].append(late)
    return came


@dataclass(slots=True)
class _Pass:
    at: datetime
    calls: int
    put_off: int = 0
    unread: timedelta = timedelta()
    seen: list[tuple[Change, timedelta]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Of one list: what has moved in it since it was read, and what this reading costs."""

    seen: Sequence[Change]
    calls: int
    is_whole: bool
    needs_contracts: bool
    #: When the newest of its bills that may go moved; None: there is none that we know of.
    billed_at: datetime | None
    #: Whether some of these go to Xero for the first time, and not with the project's first reading.
    has_new_bills: bool


class _Office:
    """All projects, as the ledger knows them, and what people are going to do."""

    def __init__(self, projects: Sequence[int], changes: Sequence[Change], setting: Setting) -> None:
        self._projects, self._setting = projects, setting
        self._lists: dict[tuple[int, str], ListAt] = {}
        self._whole_at: dict[tuple[int, str], datetime] = {}
        #: From when a list is read that is not read whole, and when a bill moved in it last.
        self._since: dict[tuple[int, str], datetime] = {}
        self._billed_at: dict[tuple[int, str], datetime] = {}
        self._made: deque[tuple[datetime, int]] = deque()
        self._in_review: dict[int, list[datetime]] = defaultdict(list)
        self._coming: dict[tuple[int, str], list[Change]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: change.at):
            self._coming[change.project, change.name].append(change)

    def one_pass(self, now: datetime, *, is_first: bool) -> _Pass:
        setting, found = self._setting, _Pass(now, -(-len(self._projects) // PROJECTS_PER_PAGE))
        if is_first:
            chosen: Mapping[int, Sequence[str]] = dict.fromkeys(self._projects, LISTS)
        else:
            while self._made and self._made[0][0] < now - max(timedelta(), HOUR - setting.every):
                self._made.popleft()
            made = sum(calls for _, calls in self._made)
            usable = rhythm.usable(setting.calls_per_hour, setting.every, made + found.calls, None, timedelta())
            turn = rhythm.turn(self._lists.values(), now, setting.every, usable)
            chosen, found.put_off = turn.lists, turn.put_off
        for project, names in chosen.items():
            self._job(project, names, now, found, may_hand_over=not is_first and project != self._projects[-1])
        self._made.append((now, found.calls))
        return found

    def _job(self, project: int, names: Sequence[str], now: datetime, found: _Pass, *, may_hand_over: bool) -> None:
        """Its lists, in order. A job that hands new bills over comes back, and reads all of them again."""
        has_contracts, handed = False, set[str]()
        for name in (name for name in LISTS if name in names):
            if name == "payments" and "claims" in handed:
                continue  # they wait for their bills
            reading = self._read(project, name, now, has_contracts=has_contracts)
            has_contracts = has_contracts or reading.needs_contracts
            found.calls += reading.calls
            if may_hand_over and reading.has_new_bills:
                handed.add(name)
            else:
                self._note(project, name, now, reading, found)
        if handed:
            self._job(project, names, now + self._setting.share_after, found, may_hand_over=False)

    def _read(self, project: int, name: str, now: datetime, *, has_contracts: bool) -> _Reading:
        """One list: what it shows, and what that costs beside the contracts that the job may have already."""
        setting, key = self._setting, (project, name)
        is_whole = daily.is_due(self._whole_at.get(key), now, self._compare_every(project, name, now))
        coming = self._coming[key]
        seen = coming[: bisect_right(coming, now, key=lambda change: change.at)]
        bills = [change.at for change in seen if change.until is None and name in BILLS]
        billed_at = max([*bills, *([self._billed_at[key]] if key in self._billed_at else [])], default=None)
        # of claims only those that may go need their contract; what was shown lately is shown once more
        goes = is_whole or (billed_at is not None and billed_at >= self._since[key])
        needs = name == "payments" or (name == "claims" and goes)
        calls = (setting.calls.whole if is_whole else setting.calls.changed)[name]
        calls += setting.calls.contracts if needs and not has_contracts else 0
        calls += len(seen) if name == "payments" and not is_whole else 0
        return _Reading(seen, calls, is_whole, needs, billed_at, bool(bills) and key in self._lists)

    def _note(self, project: int, name: str, now: datetime, reading: _Reading, found: _Pass) -> None:
        """That the list was read: how far, what is known from it, and when it is due again."""
        key, seen = (project, name), reading.seen
        before, whole_at = self._lists.get(key), self._whole_at.get(key)
        if reading.is_whole:
            self._whole_at[key] = daily.counts_as(whole_at, now, self._compare_every(project, name, now), project)
        self._coming[key] = self._coming[key][len(seen) :]
        self._in_review[project] += [change.until for change in seen if change.until is not None]
        if reading.billed_at is not None:
            self._billed_at[key] = reading.billed_at
        moved = [*(change.at for change in seen), *([before.changed_at] if before and before.changed_at else [])]
        changed_at = max(moved, default=None)
        is_shown = changed_at is not None and (reading.is_whole or changed_at >= self._since[key])
        newest = changed_at if is_shown else None
        if (at := lists.reached(newest, now, was_told=True, was_full=reading.is_whole)) is not None:
            self._since[key] = at
        in_review = name == "claims" and self._is_in_review(project, now)
        is_busy = changed_at is not None and now - changed_at < rhythm.BUSY
        compare_at = self._whole_at[key] + self._compare_every(project, name, now, changed_at)
        every = self._setting.every
        due_at = rhythm.next_due(name, now, changed_at, compare_at, every, is_near=in_review and is_busy)
        whole = reading.calls if reading.is_whole or before is None else before.calls
        self._lists[key] = ListAt(project, name, now, changed_at, due_at, compare_at, whole)
        found.seen += [(change, max(timedelta(), found.at - change.at)) for change in seen]
        if before is not None and name in CAPS:
            found.unread = max(found.unread, now - before.read_at)

    def _compare_every(self, project: int, name: str, now: datetime, newest: datetime | None = None) -> timedelta:
        """The time between two readings of everything in a list: as something moved in it, or in any of the project's
        where Procore gives it only whole."""
        names = (name,) if name in CAPS else LISTS
        moved = [at for each in names if (one := self._lists.get((project, each))) and (at := one.changed_at)]
        return rhythm.compare_every(self._setting.compare_every, newest or max(moved, default=None), now)

    def _is_in_review(self, project: int, now: datetime) -> bool:
        """Whether a claim of it was seen that is not approved yet."""
        self._in_review[project] = [until for until in self._in_review[project] if now < until]
        return bool(self._in_review[project])
