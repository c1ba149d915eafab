"""Procore's messages on simulated time: what one starts and when is said by the worker's own intake."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import islice

from tasks.hints import Noted
from tests.simulation.office import Office, Pass
from tests.simulation.values import START, Change, Messages
from worker.listen.intake import AGAIN_S, APART_S, Doing, Intake
from worker.listen.server import LOOK_EVERY_S
from worker.procore.message import Hint


class Listener:
    """Procore's messages about these changes, taken by the worker's own intake on simulated time."""

    def __init__(self, office: Office, messages: Messages, changes: Sequence[Change]) -> None:
        self._coming = deque(messages.about(changes))
        self._office, self._now = office, START
        self._looks: list[datetime] = []
        self._started: list[Pass] = []
        self._wait = messages.wait
        self._loop = asyncio.new_event_loop()
        doing = Doing(self._note, self._start, lambda _: None)
        self._intake = Intake(doing, messages.wait.total_seconds(), lambda: (self._now - START).total_seconds())

    def until(self, end: datetime) -> list[Pass]:
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
