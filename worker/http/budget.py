"""The call budgets that all processes share through Redis: an API's limits without a 429.

Exact and first come, first served: a call gets a *place* (so many at once) and a *slot* (so many per rolling
window, over several windows together) in one atomic step, `turn.lua`. The place comes with the slot and is held
while the slot is awaited: with the slot first, calls that queue for a place would use their slots late and bunch up
in a later window. A place is a lease, so one whose holder died comes free by itself.

A call counts in every window while it is under way, and from its end on for as long as the window is (`over.lua`).
The API counted it before it answered, so however long a call was on its way, no window at the API holds more calls
than ours. What an answer says about the calls left goes before our own count: calls that an emptied Redis forgot,
and those of others who share a limit, show there.

It does not retry calls and does not park anybody: it says how long the wait would be and the caller decides.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from importlib.resources import files

import redis

from worker.errors import ApiUnavailable, ConfigError, RateLimited
from worker.http import limit_waits
from worker.http.used_up import Spent, UsedUp, used_up

_TURN = files(__package__).joinpath("turn.lua").read_text("utf-8")
_OVER = files(__package__).joinpath("over.lua").read_text("utf-8")
# A second, shorter Retry-After must not shorten the first.
_BLOCK = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
"""
_GRANTED, _TOO_FAR = 0, 1  # the third answer is: no place is free
_POLL_S = 0.05
_LONGEST_POLL_S = 1.0
_PATIENCE_S = 4.0  # a waiter not seen for so long has died and loses its turn
_BUSY_RETRY_S = 30.0
_AWAY_RETRY_S = 10.0  # the message itself comes back when Redis does
_UNSAID = -1
_WORTH_TELLING_S = 1.0
_LONGEST_COUNT = 10

Headers = Mapping[str, str]
#: Takes an answer's headers, and the seconds it asks us to stay away: above 0 for a 429 only.
Answered = Callable[[Headers, float], None]


@dataclass(frozen=True, slots=True)
class Window:
    """At most `calls` in any `seconds`, which people call so; `header` of an answer says how many are left."""

    calls: int
    seconds: float
    header: str = ""
    name: str = "window"

    def left(self, headers: Headers) -> int | None:
        return count(headers.get(self.header, ""))


@dataclass(frozen=True, slots=True)
class Reset:
    """What an API says that does not tell its windows: so many calls are left until they begin anew."""

    left: int
    in_s: float


@dataclass(slots=True)
class _Turn:
    """One call under way: what there is to write down when it is over."""

    token: str
    headers: Headers = field(default_factory=dict)
    block_s: float = 0.0

    def answered(self, headers: Headers, limited_s: float) -> None:
        self.headers, self.block_s = headers, limited_s


class Budget:
    """The calls that all processes together may make against one set of limits.

    `name` says whose limits they are. No windows and no `at_once` (0) means no limit: then Redis may be None.
    `lease_s` must be longer than the longest call; it counts from the slot. `reset` reads an answer's headers, and
    so does `is_meant`: whether a 429 is about this budget, and not about another that the call counted against. `hear`
    is shown the headers of every answer, to keep what else they say.
    """

    def __init__(
        self,
        redis: redis.Redis | None,
        name: str,
        windows: Sequence[Window],
        at_once: int,
        *,
        reset: Callable[[Headers], Reset | None] = lambda _: None,
        is_meant: Callable[[Headers], bool] = lambda _: True,
        hear: Callable[[Headers], None] = lambda _: None,
        max_wait_s: float = 90.0,
        lease_s: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._redis = redis
        self._name = name
        self._windows = tuple(windows)
        self._at_once = at_once
        self._reset = reset
        self._is_meant = is_meant
        self._hear = hear
        self._max_wait_s = max_wait_s
        self._lease_s = lease_s
        self._sleep = sleep

    @property
    def _unlimited(self) -> bool:
        return not self._windows and not self._at_once

    @contextmanager
    def call(self) -> Iterator[Answered]:
        """Wait for this call's turn, make the call inside the block, hand on its answer's headers, and free its place.

        Waits at most `max_wait_s` for a place and as long again for the slot. Raises RateLimited, with the
        time until the slot, when that is further away, reserving nothing then; ApiUnavailable without Redis.
        RateLimited inside the block means that the call was not made.
        """
        turn = _Turn(uuid.uuid4().hex)
        if self._unlimited:
            yield turn.answered
            return
        made = False
        try:
            self._wait_for_turn(turn.token)
            made = True
            yield turn.answered
        except RateLimited:
            made = False
            raise
        finally:
            self._end(turn, made)

    def block(self, seconds: float) -> None:
        """Give nobody a slot for so long: the API itself has answered 429 with Retry-After.

        Calls that wait for an earlier slot give it up and queue again behind the block.
        """
        if self._unlimited or seconds <= 0:
            return
        with _redis_errors(self._name):
            self._client.register_script(_BLOCK)(keys=[self._key("blocked")], args=[_ms(seconds)])

    def left(self) -> dict[float, int]:
        """Calls still free in each window now, by the window's seconds; those under way count as made."""
        if not self._windows:
            return {}
        with _redis_errors(self._name):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.time()
            pipeline.zcard(self._key("places"))
            pipeline.lrange(self._key("over"), 0, -1)
            (seconds, microseconds), under_way, over = pipeline.execute()
        now = seconds * 1000 + microseconds // 1000
        made = {window: sum(int(at) > now - _ms(window.seconds) for at in over) for window in self._windows}
        return {window.seconds: max(0, window.calls - under_way - count) for window, count in made.items()}

    def used_up(self) -> UsedUp | None:
        """What lets no call go now; None: nothing."""
        if self._unlimited:
            return None
        with _redis_errors(self._name):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.time()
            pipeline.zcard(self._key("places"))
            pipeline.lrange(self._key("over"), 0, -1)
            pipeline.pttl(self._key("blocked"))
            pipeline.get(self._key("left"))
            pipeline.pttl(self._key("left"))
            (seconds, microseconds), under_way, over, blocked, told, reset = pipeline.execute()
        now, told = seconds * 1000 + microseconds // 1000, None if told is None else int(told)
        spent = Spent(self._api, now, under_way, list(map(int, over)), blocked, told, reset)
        return used_up(spent, ((window.name, window.calls, _ms(window.seconds)) for window in self._windows))

    def blocked_s(self) -> float:
        """For how long the API wants no call at all, as its last 429 said; 0.0: calls may be made."""
        if self._unlimited:
            return 0.0
        with _redis_errors(self._name):
            return max(0, self._client.pttl(self._key("blocked"))) / 1000

    @property
    def _api(self) -> str:
        """As people call it."""
        return self._name.split()[0]

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
            with self._told(wait_s):
                self._sleep(wait_s)
            if not self._is_blocked():
                return

    @contextmanager
    def _told(self, wait_s: float) -> Iterator[None]:
        """Whoever listens is told what is waited for, where it lasts."""
        why = self.used_up() if wait_s >= _WORTH_TELLING_S else None
        with limit_waits.waiting(why.what, wait_s) if why else nullcontext():
            yield

    def _reserve(self, token: str) -> float:
        """Queue until there is a place; returns the seconds until the slot that came with it."""
        waited_s = 0.0
        while True:
            answer, number = self._ask(token)
            if answer == _GRANTED:
                return number / 1000
            if answer == _TOO_FAR:
                why = self.used_up()
                raise RateLimited(f"{why.what if why else f'{self._api} is used up'}.", retry_in_s=number / 1000)
            if waited_s >= self._max_wait_s:
                raise RateLimited(
                    f"{self._api} was busy with other calls for {waited_s:.0f} s.",
                    retry_in_s=_BUSY_RETRY_S,
                )
            pause_s = min(_POLL_S * number, _LONGEST_POLL_S)  # the first in the queue asks most often
            self._sleep(pause_s)
            waited_s += pause_s

    def _ask(self, token: str) -> tuple[int, int]:
        keys = [self._key(part) for part in ("over", "places", "queue", "seen", "blocked", "left")]
        windows = [number for window in self._windows for number in (window.calls, _ms(window.seconds))]
        times = [_ms(seconds) for seconds in (self._max_wait_s, self._lease_s, _PATIENCE_S)]
        with _redis_errors(self._name):
            answer, number = self._client.register_script(_TURN)(
                keys=keys, args=[token, self._at_once, *times, *windows]
            )
        return int(answer), int(number)

    def _is_blocked(self) -> bool:
        with _redis_errors(self._name):
            return bool(self._client.exists(self._key("blocked")))

    def _end(self, turn: _Turn, made: bool) -> None:
        keys = [self._key(part) for part in ("over", "places", "left")]
        said: list[str | int] = [turn.token, int(made), _ms(self._lease_s), *self._said(turn)]
        # The call is over and its result must not be lost with a Redis that went away: the lease ends anyway.
        with suppress(redis.RedisError, ApiUnavailable):
            if turn.block_s and self._is_meant(turn.headers):
                self.block(turn.block_s)
            self._client.register_script(_OVER)(keys=keys, args=said)
            if turn.headers:
                self._hear(turn.headers)

    def _said(self, turn: _Turn) -> Iterator[int]:
        """What the answer says is left. A 429 says how long to stay away, and that is all there is to heed in it."""
        headers: Headers = {} if turn.block_s else turn.headers
        reset = self._reset(headers)
        yield from (reset.left, _ms(reset.in_s)) if reset else (_UNSAID, _UNSAID)
        for window in self._windows:
            left = window.left(headers)
            yield from (window.calls, _ms(window.seconds), _UNSAID if left is None else left)


class Budgets:
    """Several budgets that each call counts against, the one that is waited for longest first.

    One step each and not one for all: on a Redis Cluster one script cannot reach the keys of two budgets. Who has a
    turn in the first and waits for the second holds a place of the first meanwhile: that delays, and never overdraws.
    """

    def __init__(self, *budgets: Budget) -> None:
        self._budgets = budgets

    @contextmanager
    def call(self) -> Iterator[Answered]:
        """A turn in every one of them. Raises what `Budget.call` raises; nothing is used up then."""
        with ExitStack() as turns:
            all_answered = [turns.enter_context(budget.call()) for budget in self._budgets]

            def answered(headers: Headers, limited_s: float) -> None:
                for one in all_answered:
                    one(headers, limited_s)

            yield answered


def count(said: str) -> int | None:
    """A header's number of calls; None when it is not one."""
    return int(said) if said.isdecimal() and len(said) < _LONGEST_COUNT else None


def _ms(seconds: float) -> int:
    return math.ceil(seconds * 1000)


@contextmanager
def _redis_errors(name: str) -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise ApiUnavailable(
            f"The call budget of {name} is out of reach because Redis does not answer ({error})."
            " `procore-xero start` brings one; or check that one runs at REDIS_URL.",
            retry_in_s=_AWAY_RETRY_S,
        ) from error
