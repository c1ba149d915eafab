"""The calls that Procore gives this app in an hour, as its own answers say, shared by all processes through Redis.

An answer's headers describe whichever of two windows is nearer, the hour or ten seconds (procore-api.md §2); of which
it speaks shows in how far away its reset is. Until one speaks of the hour, the number of the settings is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import redis

from worker.http.budget import Headers, count
from worker.http.status import until_reset_s

HOUR_S = 3600.0
#: A reset that is further away than this is the hour's, not that of the ten seconds.
_NOT_SPIKE_S = 30.0
#: Nothing resets later; clocks that differ by a minute are forgiven.
_LATEST_S = HOUR_S + 60.0
#: What an app may do seldom changes; after so long without a word the settings count again.
_KEPT_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of the hour: calls that it allows; and calls left until its reset, where that is known."""

    calls: int
    left: int | None = None
    reset_in_s: float = 0.0
    #: Whether an answer said so; else it is assumed.
    is_heard: bool = False


class Hour:
    """Listens to the answers of this app and says what they said. Without Redis it hears nothing, and assumes."""

    def __init__(self, broker: redis.Redis | None, client_id: str, assumed: int) -> None:
        self._broker = broker
        self._name = client_id
        self._assumed = assumed

    def hear(self, headers: Headers) -> None:
        """Keep what this answer says of the hour, if it speaks of it."""
        calls, left = (count(headers.get(f"X-Rate-Limit-{name}", "")) for name in ("Limit", "Remaining"))
        in_s = until_reset_s(headers)
        if not calls or left is None or in_s is None or not _NOT_SPIKE_S < in_s <= _LATEST_S:
            return
        if self._broker is not None:
            pipeline = self._broker.pipeline(transaction=False)
            pipeline.set(self._key("calls"), calls, ex=_KEPT_S)
            pipeline.set(self._key("left"), min(left, calls), px=round(in_s * 1000))
            pipeline.execute()

    def said(self) -> Said:
        """What is known now; what is assumed where Redis is away."""
        if self._broker is None:
            return Said(self._assumed)
        pipeline = self._broker.pipeline(transaction=False)
        pipeline.get(self._key("calls"))
        pipeline.get(self._key("left"))
        pipeline.pttl(self._key("left"))
        try:
            calls, left, in_ms = pipeline.execute()
        except redis.RedisError:
            return Said(self._assumed)
        if calls is None:
            return Said(self._assumed)
        if left is None or in_ms <= 0:
            return Said(int(calls), is_heard=True)
        return Said(int(calls), int(left), in_ms / 1000, is_heard=True)

    def _key(self, what: str) -> str:
        return f"budget:{{Procore app {self._name}}}:hour {what}"
