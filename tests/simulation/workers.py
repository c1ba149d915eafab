"""Processes on simulated time, which take jobs from one queue."""

from __future__ import annotations

from dataclasses import dataclass, field

import simpy

from tests.simulation.limits import Steps
from tests.simulation.queues import Order, Queue


@dataclass(eq=False)
class Workers:
    """Processes that take jobs from one queue; how long they were busy."""

    env: simpy.Environment
    number: int
    order: Order
    busy_s: float = 0.0
    queue: Queue = field(init=False)

    def __post_init__(self) -> None:
        self.queue = Queue(self.env, self.order)
        for _ in range(self.number):
            self.env.process(self._work())

    def _work(self) -> Steps:
        while True:
            job = yield self.queue.get()
            began = self.env.now
            yield from job.run()
            self.busy_s += self.env.now - began
