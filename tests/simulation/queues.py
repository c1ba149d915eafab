"""In which order waiting jobs are taken: what a broker's queues can be set to, and no more.

Each is a way to set Celery up: one queue; a queue for each organisation, taken in turn (`queue_order_strategy`
round_robin); two queues of which the one for small jobs goes first (`priority`, as `manual` before `periodic` does).
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

import simpy

#: A job of more calls to Xero than this is a large one.
SMALL = 5


class Queued(Protocol):
    """What an order looks at."""

    @property
    def organisation_name(self) -> str: ...

    @property
    def expected_calls(self) -> int: ...


class Order(Protocol):
    def add(self, job: Queued) -> None: ...

    def take(self) -> Queued | None: ...


class FirstCome:
    """One queue."""

    def __init__(self) -> None:
        self._jobs: deque[Queued] = deque()

    def add(self, job: Queued) -> None:
        self._jobs.append(job)

    def take(self) -> Queued | None:
        return self._jobs.popleft() if self._jobs else None


class InTurn:
    """A queue for each organisation; who was served goes to the end."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Queued]] = {}

    def add(self, job: Queued) -> None:
        self._queues.setdefault(job.organisation_name, deque()).append(job)

    def take(self) -> Queued | None:
        for name in self._queues:
            queue = self._queues.pop(name)
            job = queue.popleft()
            if queue:
                self._queues[name] = queue
            return job
        return None


class SmallFirst:
    """Two queues: large jobs go when no small one waits."""

    def __init__(self) -> None:
        self._small: deque[Queued] = deque()
        self._large: deque[Queued] = deque()

    def add(self, job: Queued) -> None:
        (self._small if job.expected_calls <= SMALL else self._large).append(job)

    def take(self) -> Queued | None:
        queue = self._small or self._large
        return queue.popleft() if queue else None


class Queue:
    """Jobs that wait for a process, and processes that wait for a job."""

    def __init__(self, env: simpy.Environment, order: Order) -> None:
        self._env = env
        self._order = order
        self._idle: deque[simpy.Event] = deque()

    def put(self, job: Queued) -> None:
        if self._idle:
            self._idle.popleft().succeed(job)
        else:
            self._order.add(job)

    def get(self) -> simpy.Event:
        """Succeeds with the next job."""
        event = self._env.event()
        job = self._order.take()
        if job is None:
            self._idle.append(event)
        else:
            event.succeed(job)
        return event
