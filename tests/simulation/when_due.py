"""Which projects of an organisation a pass begins, and which lists it reads of the others, by the worker's own rhythm.

For runs in which Procore's hour is what binds. Nothing moves in a project after its first reading.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from tests.simulation.office import since
from tests.simulation.values import DAY, HOUR, LISTS, START, Calls
from worker.pipeline.read import daily, new_projects, rhythm
from worker.pipeline.read.rhythm import ListAt

_OF_ALL = Calls()


class WhenDue:
    """The projects of one organisation by their numbers. Times are seconds of the simulation."""

    def __init__(self, projects: int, every_s: float, calls_per_hour: int) -> None:
        self._every, self._calls_per_hour = timedelta(seconds=every_s), calls_per_hour
        self._new = range(projects)
        #: Those whose first job has not come to its end.
        self._begun: set[int] = set()
        self._lists: dict[tuple[int, str], ListAt] = {}
        self._made: deque[tuple[datetime, int]] = deque()

    def made(self, calls: int, now_s: float) -> None:
        """So many calls to Procore are made now."""
        self._made.append((_at(now_s), calls))

    def plan(self, now_s: float, left: int, reset_in_s: float) -> Mapping[int, Collection[str]]:
        """Each project that reads something in this pass, with its lists; `left` are the hour's calls until its reset,
        as Procore's answers say."""
        now, every = _at(now_s), self._every
        made = since(self._made, now - max(timedelta(), HOUR - every))
        usable = rhythm.usable(self._calls_per_hour, every, made, left, timedelta(seconds=reset_in_s))
        due = [one for one in self._lists.values() if one.due_at < now + every]
        begun = new_projects.begun(self._new, due, 0, now, every, usable)
        self._new = self._new[len(begun.project_ids) :]
        self._begun.update(begun.project_ids)
        others = Counter(name for _, name in self._lists) - Counter(one.name for one in due)
        turn = rhythm.turn(due, now, every, usable.less(begun.calls), others)
        return {**turn.lists, **dict.fromkeys(self._begun, LISTS)}

    def calls(self, project: int, names: Collection[str], now_s: float) -> int:
        """What a reading of these lists takes; of a project that is read for the first time, nobody knows."""
        return sum(rhythm.cost(self._lists[project, name], _at(now_s)) for name in names)

    def note(self, project: int, names: Collection[str], now_s: float) -> None:
        """They were read."""
        now = _at(now_s)
        self._begun.discard(project)
        for name in names:
            compare_at = self._compare_at(project, name, now)
            due_at = rhythm.next_due(name, now, None, compare_at, self._every)
            self._lists[project, name] = ListAt(project, name, now, None, due_at, compare_at, _OF_ALL.whole[name])

    def _compare_at(self, project: int, name: str, now: datetime) -> datetime:
        before = self._lists.get((project, name))
        known = before.compare_at if before else None
        if known is not None and known > now:
            return known
        seldom = rhythm.compare_every(DAY, None, now)
        return daily.counts_as(known and known - seldom, now, seldom, project) + seldom


def _at(now_s: float) -> datetime:
    return START + timedelta(seconds=now_s)
