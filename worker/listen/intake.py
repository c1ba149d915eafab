"""Hints between their message and their jobs: noted before the message is answered, and gathered until a job starts.

Whatever comes within a few seconds is one transaction's and one job's, so a thousand messages cost about what one does.
A project's first message starts the wait, not its last one, lest a project in which something moves always waits for
ever. What is gathered is in this process alone, and lost with it: its lists are due in the ledger all the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog

from tasks.hints import Noted
from worker.errors import ApiUnavailable, SyncError
from worker.procore.message import Hint

#: Seconds that a message waits for its hint to be noted; Procore gives up after five (procore-api.md §5).
ANSWER_S = 4.0
#: Seconds between two jobs of one project, and between two times that projects are judged, however many messages come.
APART_S, JUDGED_APART_S = 60.0, 300.0
#: Hints that wait to be noted at the same time.
MOST = 10_000
#: Seconds until jobs that could not be started are tried again, and until the jobs of those that run are looked at.
AGAIN_S = 5.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Busy(Exception):
    """The hint is not noted: its message has to come again."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What is done with hints, on a thread of its own (`tasks.hints`)."""

    note: Callable[[Collection[Hint]], Noted]
    start: Callable[[Mapping[int, Collection[str]], Mapping[int, datetime]], set[int]]
    judge: Callable[[Collection[int]], None]


@dataclass(slots=True)
class _Gathered:
    """Of one project: which lists may have moved, since when, and when its job is to start by this machine's clock."""

    since: datetime
    at: float
    names: set[str] = field(default_factory=set)


class Intake:
    """Belongs to one event loop. `wait_s` is how long a project's messages are gathered."""

    def __init__(self, doing: Doing, wait_s: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._doing = doing
        self._wait_s = wait_s
        self._seconds = seconds
        self._new: set[Hint] = set()
        self._noting: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        # one for notes, one for what may wait for a broker that is away: a message is answered meanwhile
        self._notes, self._starts = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._gathered: dict[int, _Gathered] = {}
        self._started: dict[int, float] = {}
        self._changed: set[int] = set()
        self._judge_at = 0.0
        self._judged = -JUDGED_APART_S

    async def take(self, hint: Hint) -> None:
        """Return when the hint is noted. Raises Busy when it is not, or not in time."""
        if hint not in self._new and len(self._new) >= MOST:
            raise Busy(f"{MOST:,} hints wait already")
        self._new.add(hint)
        if self._noting is None:
            self._noting = asyncio.create_task(self._note())
        try:
            await asyncio.wait_for(asyncio.shield(self._noting), ANSWER_S)
        except TimeoutError:
            raise Busy(f"the ledger did not answer in {ANSWER_S:.0f} s") from None
        except SyncError as error:
            raise Busy(str(error)) from None

    async def _note(self) -> None:
        async with self._one_at_a_time:
            hints, self._new, self._noting = self._new, set(), None
            self._gather(await _on(self._notes, self._doing.note, hints))

    def _gather(self, noted: Noted) -> None:
        seconds = self._seconds()
        for id_, names in noted.lists.items():
            at = max(seconds + self._wait_s, self._started.get(id_, -APART_S) + APART_S)
            self._gathered.setdefault(id_, _Gathered(noted.at, at)).names.update(names)
        if noted.changed and not self._changed:
            self._judge_at = max(seconds + self._wait_s, self._judged + JUDGED_APART_S)
        self._changed |= noted.changed

    async def start_due(self, *, all_of_them: bool = False) -> None:
        """Start what has waited for long enough."""
        seconds = self._seconds()
        due = {id_: one for id_, one in self._gathered.items() if all_of_them or one.at <= seconds}
        for id_ in due:
            del self._gathered[id_]
        if due:
            await self._start(due)
        if self._changed and (all_of_them or self._judge_at <= seconds):
            changed, self._changed = self._changed, set()
            await self._judge(changed)

    async def _start(self, due: Mapping[int, _Gathered]) -> None:
        names = {id_: frozenset(one.names) for id_, one in due.items()}
        try:
            since = {id_: one.since for id_, one in due.items()}
            left = await _on(self._starts, self._doing.start, names, since)
        except SyncError as error:
            log.warning("no jobs started now", projects=len(due), why=str(error))
            left = set(due)
        seconds = self._seconds()
        self._started |= dict.fromkeys(due.keys() - left, seconds)
        for id_ in left:
            again = self._gathered.setdefault(id_, _Gathered(due[id_].since, seconds + AGAIN_S))
            again.names.update(due[id_].names)
            again.at = min(again.at, seconds + AGAIN_S)

    async def _judge(self, changed: set[int]) -> None:
        try:
            await _on(self._starts, self._doing.judge, changed)
        except ApiUnavailable as error:
            log.warning("projects are not judged now", why=str(error))
            self._changed |= changed
            self._judge_at = self._seconds() + AGAIN_S
        else:
            self._judged = self._seconds()

    async def close(self) -> None:
        """Start everything that was gathered, once."""
        await self.start_due(all_of_them=True)
        self._notes.shutdown(wait=False)
        self._starts.shutdown(wait=False)


async def _on(thread: ThreadPoolExecutor, do: Callable[..., T], *arguments: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, do, *arguments)
