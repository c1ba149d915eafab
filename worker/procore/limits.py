"""Procore's call limits as a budget: what its answers say is left, shared by all processes.

How many calls an app may make in an hour and in ten seconds is not documented, and differs from app to app; each
answer says how many are left of whichever is nearer, and until when (procore-api.md §2). So no more calls are under
way than the last answers left, and none until the reset when they left none. Nothing is known before the first answer
and after a reset; then only the number of calls at once is bound.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import redis

from worker.http.budget import Budget, Headers, Reset, count
from worker.http.status import until_reset_s
from worker.procore.hour import Hour
from worker.settings import Settings

#: A reset that is further away than this is not one: the longer of the two windows is an hour.
_LONGEST_RESET_S = 7200.0


def budget(settings: Settings, broker: redis.Redis | None, sleep: Callable[[float], None] = time.sleep) -> Budget:
    """One for the app, since the limits count for its credentials and not for each process."""
    # The longest call waits for another process to renew the token, asks for one itself, and is made.
    lease_s = settings.longest_wait_s + 2 * settings.http_timeout_s
    return Budget(
        broker,
        f"Procore app {settings.procore_client_id}",
        (),
        settings.procore_calls_at_once,
        reset=_reset,
        hear=hour(settings, broker).hear,
        max_wait_s=settings.longest_wait_s,
        lease_s=lease_s,
        sleep=sleep,
    )


def hour(settings: Settings, broker: redis.Redis | None) -> Hour:
    """What is known of the app's hour, to plan by; nothing is heard where no limit is heeded."""
    heeds = broker if settings.procore_calls_at_once else None
    return Hour(heeds, settings.procore_client_id, settings.procore_calls_per_hour)


def _reset(headers: Headers) -> Reset | None:
    left, in_s = count(headers.get("X-Rate-Limit-Remaining", "")), until_reset_s(headers)
    return Reset(left, in_s) if left is not None and in_s is not None and 0 < in_s <= _LONGEST_RESET_S else None
