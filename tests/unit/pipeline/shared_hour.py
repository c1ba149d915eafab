"""Projects whose lists are read as passes, messages and Procore's answers go, on simulated time.

Procore's hour is a window that opens with a call and is full again at its reset. Others may use it, too; its limit may
change; and it may want no call at all for a while. What is read and when is asked of the worker's own rhythm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from worker.pipeline.read import rhythm
from worker.pipeline.read.rhythm import CAPS, WHOLE, ListAt

NOW = datetime(2026, 8, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Key = tuple[int, str]


@dataclass
class Procore:
    """What its app may do."""

    limit: int
    resets: datetime = NOW
    used: int = 0
    away_until: datetime = NOW
    #: Calls that it refused, those in which it wants none at all left out.
    refused: int = 0

    def left(self, now: datetime) -> int:
        if now >= self.resets:
            self.resets, self.used = now + HOUR, 0
        return max(0, self.limit - self.used)

    def use(self, calls: int, now: datetime) -> bool:
        """Make so many calls; False when one of them is refused."""
        if now < self.away_until:
            return False
        granted = min(calls, self.left(now))
        self.used += granted
        self.refused += granted < calls
        return granted == calls


@dataclass
class Company:
    """Each project with the calls that its lists take, and the organisation that it goes to."""

    costs: list[int]
    every: timedelta
    procore: Procore
    organisations: int = 1
    now: datetime = NOW
    lists: dict[Key, ListAt] = field(default_factory=dict)
    #: Until when an organisation is parked: no job of its projects starts.
    parked: dict[int, datetime] = field(default_factory=dict)
    #: Calls of passes; and those of messages and people, which go at once.
    made: list[tuple[datetime, int]] = field(default_factory=list)
    at_once: list[tuple[datetime, int]] = field(default_factory=list)
    #: What Procore's last answer said: its limit, what it left, and until when. 600 are assumed before the first.
    said: tuple[int, int, datetime] = (600, 600, NOW)

    def __post_init__(self) -> None:
        for project, calls in enumerate(self.costs):
            compare_at = NOW + DAY * (1 - project / len(self.costs))  # each at a time of its own
            for name in (*CAPS, *WHOLE):
                due_at = min(NOW + CAPS.get(name, DAY), compare_at)
                is_awaited = name == "payments" and project % 2 == 0
                self.lists[project, name] = ListAt(project, name, NOW, None, due_at, compare_at, calls, is_awaited)

    def one_pass(self, reviewed: Collection[int], moved: Collection[Key]) -> bool:
        """Read what is due, unless every organisation is parked; whether everything that was planned was read."""
        is_open = [one.project_id for one in self.lists.values() if not self._is_parked(one.project_id)]
        if not is_open:
            return False
        since = self.now - max(timedelta(), HOUR - self.every)
        made = sum(calls for at, calls in self.made if at >= since)
        made += sum(calls for at, calls in self.at_once if at >= self.now - HOUR)
        limit, left, resets = self.said
        known = (left, resets - self.now) if resets > self.now else (None, timedelta())
        usable = rhythm.usable(limit, self.every, made, *known)
        lists = [one for one in self.lists.values() if one.project_id in is_open]
        found = rhythm.turn(lists, self.now, self.every, usable)
        self.made.append((self.now, 0))
        return all(
            self._read((project, name), reviewed, moved) for project, names in found.lists.items() for name in names
        )

    def at_hand(self, keys: Iterable[Key]) -> None:
        """A person or a message has these lists read at once."""
        for key in keys:
            if not self._is_parked(key[0]):
                self.made.append((self.now, 0))
                self._read(key, (), (key,))
                self.at_once.append((self.now, self.made.pop()[1]))

    def unread_for(self, name: str, projects: Collection[int]) -> timedelta:
        """The longest time for which one of these lists was not read."""
        return max(
            self.now - one.read_at for one in self.lists.values() if one.name == name and one.project_id in projects
        )

    def of_organisation(self, number: int) -> list[int]:
        return [project for project in range(len(self.costs)) if project % self.organisations == number]

    def parked_now(self) -> bool:
        """Whether an organisation is parked."""
        return any(until > self.now for until in self.parked.values())

    def _is_parked(self, project: int) -> bool:
        return self.parked.get(project % self.organisations, NOW) > self.now

    def _read(self, key: Key, reviewed: Collection[int], moved: Collection[Key]) -> bool:
        """One list; False when Procore refused it, which parks the organisation until calls are free again."""
        (project, name), before = key, self.lists[key]
        if self._is_parked(project):
            return False
        calls = rhythm.cost(before, self.now)
        is_made = self.procore.use(calls, self.now)
        left = self.procore.left(self.now)
        self.made[-1] = (self.made[-1][0], self.made[-1][1] + calls)
        if not is_made:
            self.parked[project % self.organisations] = max(self.procore.resets, self.procore.away_until)
            return False
        self.said = (self.procore.limit, left, self.procore.resets)
        compare_at = before.compare_at or self.now
        while compare_at <= self.now:
            compare_at += DAY
        changed_at = self.now - self.every / 2 if key in moved else before.changed_at
        near = name == "claims" and project in reviewed
        due_at = rhythm.next_due(name, self.now, changed_at, compare_at, self.every, is_near=near)
        self.lists[key] = replace(before, read_at=self.now, changed_at=changed_at, due_at=due_at, compare_at=compare_at)
        return True
