"""One call budget per organisation, shared by all processes through Redis: the API's limits without a 429.

Exact and first come, first served: a call gets a *place* (so many at once) and a *slot* (so many per rolling
window, over several windows together) in one atomic step of `budget.lua`. The place comes with the slot and
is held while the slot is awaited: with the slot first, calls that queue for a place would use their slots
late and bunch up in a later window. A place is a lease, so one whose holder died comes free by itself.

It does not retry calls and does not park anybody: it says how long the wait would be and the caller decides.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files

import redis

from worker.errors import ApiUnavailable, ConfigError, RateLimited

_TURN = files(__package__).joinpath("budget.lua").read_text("utf-8")
# A second, shorter Retry-After must not shorten the first.
_BLOCK = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
"""
_GRANTED, _TOO_FAR = 0, 1  # the third answer is: no place is free
_POLL_S = 0.05
_LONGEST_POLL_S = 1.0
_PATIENCE_S = 4.0  # a waiter not seen for so long has died and loses its turn
_BUSY_RETRY_S = 30.0


@dataclass(frozen=True, slots=True)
class Window:
    """At most `calls` in any `seconds`; a second more than the API's window makes up for network jitter."""

    calls: int
    seconds: float


class Budget:
    """The calls that all processes together may make to one organisation.

    `name` is the organisation's. No windows and no `at_once` (0) means no limit: then Redis may be None.
    `lease_s` must be longer than the longest call; it counts from the slot.
    """

    def __init__(
        self,
        redis: redis.Redis | None,
        name: str,
        windows: Sequence[Window],
        at_once: int,
        *,
        max_wait_s: float = 90.0,
        lease_s: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._redis = redis
        self._name = name
        self._windows = tuple(windows)
        self._at_once = at_once
        self._max_wait_s = max_wait_s
        self._lease_s = lease_s
        self._sleep = sleep

    @property
    def _unlimited(self) -> bool:
        return not self._windows and not self._at_once

    @contextmanager
    def call(self) -> Iterator[None]:
        """Wait for this call's turn, make the call inside the block, and free its place.

        Waits at most `max_wait_s` for a place and as long again for the slot. Raises RateLimited, with the
        time until the slot, when that is further away, reserving nothing then; ApiUnavailable without Redis.
        """
        if self._unlimited:
            yield
            return
        token = uuid.uuid4().hex
        try:
            self._wait_for_turn(token)
            yield
        finally:
            self._give_back(token)

    def block(self, seconds: float) -> None:
        """Give nobody a slot for so long: the API itself has answered 429 with Retry-After.

        Calls that wait for an earlier slot give it up and queue again behind the block.
        """
        if self._unlimited or seconds <= 0:
            return
        with _redis_errors(self._name):
            self._client.register_script(_BLOCK)(keys=[self._key("blocked")], args=[_ms(seconds)])

    def left(self) -> dict[float, int]:
        """Calls still free in each window now, by the window's seconds; promised slots count as used."""
        if not self._windows:
            return {}
        with _redis_errors(self._name):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.time()
            pipeline.lrange(self._key("slots"), 0, -1)
            (seconds, microseconds), slots = pipeline.execute()
        now = seconds * 1000 + microseconds // 1000
        return {
            window.seconds: max(0, window.calls - sum(int(slot) > now - _ms(window.seconds) for slot in slots))
            for window in self._windows
        }

    @property
    def _client(self) -> redis.Redis:
        if self._redis is None:
            raise ConfigError(f"The call budget of {self._name} is shared through Redis: set REDIS_URL.")
        return self._redis

    def _key(self, part: str) -> str:
        # The braces keep one budget's keys on one node of a Redis Cluster, which a script needs.
        return f"budget:{{{self._name}}}:{part}"

    def _wait_for_turn(self, token: str) -> None:
        while wait_s := self._reserve(token):
            self._sleep(wait_s)
            if not self._is_blocked():
                return

    def _reserve(self, token: str) -> float:
        """Queue until there is a place; returns the seconds until the slot that came with it."""
        waited_s = 0.0
        while True:
            answer, number = self._ask(token)
            if answer == _GRANTED:
                return number / 1000
            if answer == _TOO_FAR:
                raise RateLimited(
                    f"The call limit of {self._name} is used up for {number / 1000:.0f} s;"
                    " the job comes back after that.",
                    retry_in_s=number / 1000,
                )
            if waited_s >= self._max_wait_s:
                raise RateLimited(
                    f"{self._name} was busy with {self._at_once} calls at once for {waited_s:.0f} s;"
                    " the job comes back by itself.",
                    retry_in_s=_BUSY_RETRY_S,
                )
            pause_s = min(_POLL_S * number, _LONGEST_POLL_S)  # the first in the queue asks most often
            self._sleep(pause_s)
            waited_s += pause_s

    def _ask(self, token: str) -> tuple[int, int]:
        parts = ("slots", "places", "queue", "seen", "blocked")
        windows = [number for window in self._windows for number in (window.calls, _ms(window.seconds))]
        times = [_ms(seconds) for seconds in (self._max_wait_s, self._lease_s, _PATIENCE_S)]
        with _redis_errors(self._name):
            answer, number = self._client.register_script(_TURN)(
                keys=[self._key(part) for part in parts], args=[token, self._at_once, *times, *windows]
            )
        return int(answer), int(number)

    def _is_blocked(self) -> bool:
        with _redis_errors(self._name):
            return bool(self._client.exists(self._key("blocked")))

    def _give_back(self, token: str) -> None:
        # The call is over and its result must not be lost with a Redis that went away: the lease ends anyway.
        if self._at_once:
            with suppress(redis.RedisError):
                self._client.zrem(self._key("places"), token)


def _ms(seconds: float) -> int:
    return math.ceil(seconds * 1000)


@contextmanager
def _redis_errors(name: str) -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise ApiUnavailable(
            f"The call budget of {name} is out of reach because Redis does not answer ({error})."
            " Check that Redis runs and that REDIS_URL is right; the job comes back by itself."
        ) from error
