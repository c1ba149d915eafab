"""The real worker on simulated time: a clock that goes on when all who work have let time pass, and not before.

So neither this machine's haste nor what else it does counts: what the worker computes takes no time at all, and only
what it waits for does, an answer, a slot or the next pass.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import simpy

from tests.simulation.limits import Steps
from worker.sandbox import Clock


class SimulatedClock(Clock):
    """The clock of the sandbox and the worker, which simulated time turns."""

    def __init__(self, env: simpy.Environment, at: datetime) -> None:
        super().__init__()
        self._env, self._at = env, at
        self._own = threading.local()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self._env.now)

    def advance(self, seconds: float) -> None:
        """Whoever is at work waits for so long, while others go on; with nobody at work it is so much later."""
        work: _Work | None = getattr(self._own, "work", None)
        if work is None:
            self._env.run(self._env.now + seconds)
        else:
            work.waits(seconds)

    def doing(self, work: Callable[[], None]) -> Steps:
        """This work, as a process of the simulation; its error is raised here."""
        done = _Work(work)
        yield from (self._env.timeout(seconds) for seconds in done.steps(self._own))


class _Work:
    """In a thread of its own, of which and the simulation always one stands still."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._goes_on, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._waits_s: float | None = None
        self._error: BaseException | None = None

    def steps(self, own: threading.local) -> Iterator[float]:
        """The seconds that it waits for, each time that it does."""
        threading.Thread(target=self._run, args=(own,), daemon=True).start()
        while True:
            self._waits_s = None
            self._goes_on.release()
            self._stands.acquire()
            if self._error:
                raise self._error
            if self._waits_s is None:
                return
            yield self._waits_s

    def waits(self, seconds: float) -> None:
        self._waits_s = seconds
        self._stands.release()
        self._goes_on.acquire()

    def _run(self, own: threading.local) -> None:
        self._goes_on.acquire()
        own.work = self
        try:
            self._work()
        except BaseException as error:
            self._error = error
        finally:
            self._stands.release()
