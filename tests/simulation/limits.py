"""The call limits of both APIs as the worker keeps to them, on simulated time.

The rules are those of `worker/http/budget.py` and `worker/http/turn.lua`, told anew and not imported: those run in
Redis, on its clock. First come, first served; a place is held while its slot is awaited; a call counts from its end.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import simpy

#: What the worker does: the tries of one call, and its pause after it found no place for so long.
ATTEMPTS = 4
BUSY_RETRY_S = 30.0
LONGEST_WAIT_S = 90.0

Steps = Generator[simpy.Event, Any, None]


class TooFarError(Exception):
    """The next slot is further away than a job waits: the organisation is parked until then."""

    def __init__(self, in_s: float) -> None:
        super().__init__(in_s)
        self.in_s = in_s


class BusyError(Exception):
    """No place came free: the job comes back a little later."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


class Budget:
    """Rolling windows and so many calls at once (0: any number), shared by all who call."""

    def __init__(
        self, env: simpy.Environment, windows: Sequence[Window], at_once: int, longest_wait_s: float = LONGEST_WAIT_S
    ) -> None:
        self._env = env
        self._windows = tuple(windows)
        self._longest_wait_s = longest_wait_s
        self._most = max(window.calls for window in windows)
        self._places = simpy.Resource(env, at_once or min(window.calls for window in windows))
        self._over: deque[float] = deque(maxlen=self._most)  # newest first

    def call(self, inner: Iterable[simpy.Event]) -> Steps:
        """Wait for a turn, make the call, free the place. Raises TooFarError or BusyError, having called nothing."""
        place = yield from self._place()
        with self._given_back(place):
            wait_s = self._wait_s()
            if wait_s > self._longest_wait_s:
                raise TooFarError(wait_s)
            if wait_s > 0:
                yield self._env.timeout(wait_s)
            yield from inner
            self._over.appendleft(self._env.now)

    def _place(self) -> Generator[simpy.Event, Any, Any]:
        for attempt in range(ATTEMPTS):
            if attempt:
                yield self._env.timeout(BUSY_RETRY_S)
            place = self._places.request()
            if not place.triggered:
                yield place | self._env.timeout(self._longest_wait_s)
            if place.triggered:
                return place
            place.cancel()
        raise BusyError

    @contextmanager
    def _given_back(self, place: Any) -> Generator[None]:
        try:
            yield
        finally:
            self._places.release(place)

    def _wait_s(self) -> float:
        """Those under way take part in every window to come."""
        others = self._places.count - 1
        slots = (
            self._over[at] + window.seconds for window in self._windows if (at := self._before(window, others)) >= 0
        )
        return max([0.0, *(slot - self._env.now for slot in slots)])

    def _before(self, window: Window, others: int) -> int:
        """The place of the call that has to have left the window; -1 when there were not so many."""
        before = window.calls - 1 - others
        return before if before < len(self._over) else -1


@dataclass(slots=True)
class _Fixed:
    """A window that opens with a call and is full again at its reset."""

    window: Window
    resets: float = 0.0
    used: int = 0

    def left(self, now: float) -> int:
        if now >= self.resets:
            self.resets, self.used = now + self.window.seconds, 0
        return self.window.calls - self.used


class Reads:
    """Procore's two windows. Several calls of one job are made in one step, as far as both windows go."""

    def __init__(
        self, env: simpy.Environment, windows: Sequence[Window], longest_wait_s: float = LONGEST_WAIT_S
    ) -> None:
        self._env = env
        self._windows = [_Fixed(window) for window in windows]
        self._longest_wait_s = longest_wait_s
        self.made = 0

    def hour(self) -> tuple[int, float]:
        """Calls that are left of the longest window, and seconds until it is full again, as an answer says."""
        fixed = max(self._windows, key=lambda one: one.window.seconds)
        left = fixed.left(self._env.now)
        return left, fixed.resets - self._env.now

    def calls(self, number: int, seconds_each: float) -> Steps:
        """So many calls, one after the other. Raises TooFarError when a window is used up for longer than that."""
        while number:
            left = min([number, *(fixed.left(self._env.now) for fixed in self._windows)])
            if left:
                for fixed in self._windows:
                    fixed.used += left
                self.made += left
                number -= left
                yield self._env.timeout(left * seconds_each)
                continue
            resets = max(fixed.resets for fixed in self._windows if fixed.left(self._env.now) == 0)
            wait_s = math.ceil(resets) - self._env.now  # the header says whole seconds
            if wait_s > self._longest_wait_s:
                raise TooFarError(wait_s)
            yield self._env.timeout(wait_s)
