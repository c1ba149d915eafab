"""When a change in Procore is seen, and what that costs in calls: days of passes over many projects, list by list.

Which list a pass reads, and when it is due again, is said by the worker's own functions (`worker.pipeline.read`), and
what a message starts and when by its own intake (`worker.listen`); here are only what people do in Procore, which
messages arrive, and what a reading costs.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice
from random import Random

from tasks.hints import Noted
from worker.listen.intake import AGAIN_S, APART_S, Doing, Intake
from worker.listen.server import LOOK_EVERY_S
from worker.pipeline.read import daily, lists, rhythm
from worker.pipeline.read.rhythm import CAPS, WHOLE, ListAt
from worker.procore.message import Hint

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
    share_after: timedelta = timedelta(seconds=120)
    calls: Calls = field(default_factory=Calls)
    messages: Messages | None = None


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
    #: Calls of each pass, and of the jobs that messages have started since the one before.
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
    office, came = _Office(projects, changes, setting), Came()
    told = _Listener(office, setting.messages, changes) if setting.messages else None
    for number in range(passes + 1):
        at = START + number * setting.every
        by_messages = told.until(at) if told and number else []
        found = [*by_messages, office.one_pass(at, is_first=number == 0)]
        if number > skip:
            came.calls.append(sum(one.calls for one in found))
            came.put_off += sum(one.put_off for one in found)
            came.unread = max(came.unread, *(one.unread for one in found))
            for change, late in (seen for one in found for seen in one.seen):
                came.late[change.kind or change.name].append(late)
    if told:
        told.close()
    return came


@dataclass(slots=True)
class _Pass:
    """What a pass has come to, or the jobs that messages started together."""

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
        self._by_messages: deque[tuple[datetime, int]] = deque()
        self._in_review: dict[int, list[datetime]] = defaultdict(list)
        self._coming: dict[tuple[int, str], list[Change]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: change.at):
            self._coming[change.project, change.name].append(change)

    def one_pass(self, now: datetime, *, is_first: bool) -> _Pass:
        setting, found = self._setting, _Pass(now, -(-len(self._projects) // PROJECTS_PER_PAGE))
        if is_first:
            chosen: Mapping[int, Sequence[str]] = dict.fromkeys(self._projects, LISTS)
        else:
            made = _since(self._made, now - max(timedelta(), HOUR - setting.every)) + _since(
                self._by_messages, now - HOUR
            )
            usable = rhythm.usable(setting.calls_per_hour, setting.every, made + found.calls, None, timedelta())
            turn = rhythm.turn(self._lists.values(), now, setting.every, usable)
            chosen, found.put_off = turn.lists, turn.put_off
        for project, names in chosen.items():
            self._job(project, names, now, found, may_hand_over=not is_first and project != self._projects[-1])
        self._made.append((now, found.calls))
        return found

    def make_due(self, names: Mapping[int, Collection[str]], now: datetime) -> None:
        """As messages say."""
        for key in ((project, name) for project, some in names.items() for name in some):
            if self._lists[key].due_at > now:
                self._lists[key] = replace(self._lists[key], due_at=now)

    def for_messages(self, names: Mapping[int, Collection[str]], now: datetime) -> list[int]:
        """The projects whose jobs messages may start now, of these in their order. Procore's answers say what is
        left."""
        made, by_passes = _since(self._by_messages, now - HOUR), _since(self._made, now - HOUR)
        left = self._setting.calls_per_hour - made - by_passes
        read = {id_: [one for name in some if (one := self._lists.get((id_, name)))] for id_, some in names.items()}
        waiting = {id_: rhythm.of_a_message(some, now) for id_, some in read.items()}
        return rhythm.for_messages(waiting, self._setting.calls_per_hour, made, left, 0)

    def start(self, names: Mapping[int, Collection[str]], now: datetime) -> _Pass:
        """The jobs that messages start: they go at once, each by itself."""
        found = _Pass(now, 0)
        for project, some in names.items():
            self._job(project, [*some], now, found, may_hand_over=False)
        self._by_messages.append((now, found.calls))
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


class _Listener:
    """Procore's messages about these changes, taken by the worker's own intake on simulated time."""

    def __init__(self, office: _Office, messages: Messages, changes: Sequence[Change]) -> None:
        self._coming = deque(messages.about(changes))
        self._office, self._now = office, START
        self._looks: list[datetime] = []
        self._started: list[_Pass] = []
        self._wait = messages.wait
        self._loop = asyncio.new_event_loop()
        doing = Doing(self._note, self._start, lambda _: None)
        self._intake = Intake(doing, messages.wait.total_seconds(), lambda: (self._now - START).total_seconds())

    def until(self, end: datetime) -> list[_Pass]:
        """What messages have started by then."""
        self._started = []
        while (at := self._next()) is not None and at < end:
            self._now = at
            while self._coming and self._coming[0].at <= at:
                change = self._coming.popleft()
                self._loop.run_until_complete(self._intake.take(Hint(change.name, change.project)))
                for after in (self._wait, timedelta(seconds=APART_S)):
                    heappush(self._looks, at + after + timedelta(seconds=LOOK_EVERY_S))
            while self._looks and self._looks[0] <= at:
                heappop(self._looks)
            self._loop.run_until_complete(self._intake.start_due())
        return self._started

    def close(self) -> None:
        self._loop.run_until_complete(self._intake.close())
        self._loop.close()

    def _next(self) -> datetime | None:
        return min([*self._looks[:1], *(change.at for change in islice(self._coming, 1))], default=None)

    def _note(self, hints: Collection[Hint]) -> Noted:
        lists: dict[int, frozenset[str]] = {}
        for hint in hints:
            assert hint.project_id is not None
            lists[hint.project_id] = lists.get(hint.project_id, frozenset()) | {hint.name}
        self._office.make_due(lists, self._now)
        return Noted(self._now, lists)

    def _start(self, lists: Mapping[int, Collection[str]], since: Mapping[int, datetime]) -> set[int]:
        first = {id_: lists[id_] for id_ in sorted(lists, key=lambda id_: (since[id_], id_))}
        in_turn = self._office.for_messages(first, self._now)
        if left := lists.keys() - set(in_turn):
            heappush(self._looks, self._now + timedelta(seconds=AGAIN_S + LOOK_EVERY_S))
        if in_turn:
            self._started.append(self._office.start({id_: lists[id_] for id_ in in_turn}, self._now))
        return left


def _since(made: deque[tuple[datetime, int]], since: datetime) -> int:
    """Calls since then; what was made before is forgotten."""
    while made and made[0][0] < since:
        made.popleft()
    return sum(calls for _, calls in made)
