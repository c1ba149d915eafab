"""All projects, as the ledger knows them: which lists a pass reads, and when each is due again, is said by the worker's
own functions (`worker.pipeline.read`)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.simulation.values import BILLS, HOUR, LISTS, PROJECTS_PER_PAGE, START, Change, Setting
from worker.ledger.handed_over import UnderWay
from worker.pipeline.read import daily, lists, new_projects, rhythm
from worker.pipeline.read.rhythm import CAPS, ListAt
from worker.pipeline.settle.gathering import wait_s

#: For a job that no pass started, or that comes back: others of its pass have begun as often.
_NOBODY = UnderWay(1, 0)


@dataclass(slots=True)
class Pass:
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


class Office:
    """All projects, as the ledger knows them, and what people are going to do."""

    def __init__(self, projects: Sequence[int], changes: Sequence[Change], setting: Setting) -> None:
        self._projects, self._setting = projects, setting
        self._lists: dict[tuple[int, str], ListAt] = {}
        self._whole_at: dict[tuple[int, str], datetime] = {}
        #: When each project was read for the first time.
        self.begun: dict[int, datetime] = {}
        #: From when a list is read that is not read whole, and when a bill moved in it last.
        self._since: dict[tuple[int, str], datetime] = {}
        self._billed_at: dict[tuple[int, str], datetime] = {}
        self._made: deque[tuple[datetime, int]] = deque()
        self._by_messages: deque[tuple[datetime, int]] = deque()
        self._in_review: dict[int, list[datetime]] = defaultdict(list)
        self._coming: dict[tuple[int, str], list[Change]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: change.at):
            self._coming[change.project, change.name].append(change)

    def one_pass(self, now: datetime, *, is_first: bool) -> Pass:
        """What is there at the beginning is read as if calls did not count."""
        setting = self._setting
        away_from, back_at = setting.away
        if away_from <= now < back_at:
            return Pass(now, 0)
        there = [id_ for id_ in self._projects if setting.added.get(id_, START) <= now]
        found = Pass(now, -(-len(there) // PROJECTS_PER_PAGE))
        chosen = dict.fromkeys(there, LISTS) if is_first else self._turn(there, now, found)
        for place, project in enumerate(there, start=1):
            if names := chosen.get(project):
                self.begun.setdefault(project, now)
                others = UnderWay(place, 0 if is_first else len(there) - place)
                self._job(project, names, now + found.calls * setting.call, found, others)
        self._made.append((now, found.calls))
        return found

    def _turn(self, there: Sequence[int], now: datetime, found: Pass) -> Mapping[int, Sequence[str]]:
        """As a pass of the worker chooses (`tasks.turns`)."""
        every, calls = self._setting.every, self._setting.calls_per_hour
        made = since(self._made, now - max(timedelta(), HOUR - every)) + since(self._by_messages, now - HOUR)
        usable = rhythm.usable(calls, every, made + found.calls, None, timedelta())
        due = [self._awaited(one, now) for one in self._lists.values() if one.due_at < now + every]
        new = [id_ for id_ in there if id_ not in self.begun]
        usual = -(-sum(one.calls for one in self._lists.values()) // max(1, len(self.begun)))
        begun = new_projects.begun(new, due, usual, now, every, usable)
        others = Counter(name for _, name in self._lists) - Counter(one.name for one in due)
        turn = rhythm.turn(due, now, every, usable.less(begun.calls), others)
        found.put_off = turn.put_off
        return {**turn.lists, **dict.fromkeys(begun.project_ids, LISTS)}

    def _awaited(self, one: ListAt, now: datetime) -> ListAt:
        """Payments, where a claim of the project moved lately."""
        claimed_at = self._lists[one.project_id, "claims"].changed_at if one.name == "payments" else None
        return replace(one, is_awaited=True) if claimed_at and claimed_at >= now - rhythm.BUSY else one

    def make_due(self, names: Mapping[int, Collection[str]], now: datetime) -> None:
        """As messages say."""
        for key in ((project, name) for project, some in names.items() for name in some):
            if self._lists[key].due_at > now:
                self._lists[key] = replace(self._lists[key], due_at=now)

    def for_messages(self, names: Mapping[int, Collection[str]], now: datetime) -> list[int]:
        """The projects whose jobs messages may start now, of these in their order. Procore's answers say what is
        left."""
        made, by_passes = since(self._by_messages, now - HOUR), since(self._made, now - HOUR)
        left = self._setting.calls_per_hour - made - by_passes
        read = {id_: [one for name in some if (one := self._lists.get((id_, name)))] for id_, some in names.items()}
        waiting = {id_: rhythm.of_a_message(some, now) for id_, some in read.items()}
        return rhythm.for_messages(waiting, self._setting.calls_per_hour, made, left, 0)

    def start(self, names: Mapping[int, Collection[str]], now: datetime) -> Pass:
        """The jobs that messages start: they go at once, each by itself."""
        found = Pass(now, 0)
        for project, some in names.items():
            self._job(project, [*some], now, found, _NOBODY)
        self._by_messages.append((now, found.calls))
        return found

    def _job(self, project: int, names: Sequence[str], now: datetime, found: Pass, others: UnderWay) -> None:
        """Its lists, in order. A job that hands new bills over to others of its pass comes back, and reads all of them
        again."""
        has_contracts, handed = False, set[str]()
        for name in (name for name in LISTS if name in names):
            if name == "payments" and "claims" in handed:
                continue  # they wait for their bills
            reading = self._read(project, name, now, has_contracts=has_contracts)
            has_contracts = has_contracts or reading.needs_contracts
            found.calls += reading.calls
            if others.to_begin and reading.has_new_bills:
                handed.add(name)
            else:
                self._note(project, name, now, reading, found)
        if handed:
            longest_s, elapsed_s = self._setting.share_after.total_seconds(), (now - found.at).total_seconds()
            back_at = now + timedelta(seconds=wait_s(longest_s, elapsed_s, others))
            self._job(project, names, back_at, found, _NOBODY)

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

    def _note(self, project: int, name: str, now: datetime, reading: _Reading, found: Pass) -> None:
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


def since(made: deque[tuple[datetime, int]], first: datetime) -> int:
    """Calls since then; what was made before is forgotten."""
    while made and made[0][0] < first:
        made.popleft()
    return sum(calls for _, calls in made)
