"""Xero's call limits as budgets: the organisation's minute, day and calls at once, and the minute of the whole app.

Xero's windows are fixed by its newest page and rolling by older ones (xero-api.md §2); who keeps to rolling ones
keeps to both.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import redis

from worker.http.budget import Budget, Budgets, Headers, Window
from worker.settings import Settings

#: Xero's windows and a little, since Redis' clock need not run exactly as Xero's does.
MINUTE_S, DAY_S = 60.25, 86_410.0


def budgets(settings: Settings, broker: redis.Redis | None, sleep: Callable[[float], None] = time.sleep) -> Budgets:
    """The organisation's budget and the app's, shared by all processes."""
    app_minute = Window(settings.xero_app_calls_per_minute, MINUTE_S, "X-AppMinLimit-Remaining", "minute")
    app = Budget(
        broker,
        f"Xero app {settings.xero_client_id}",
        [window for window in (app_minute,) if window.calls],
        0,
        is_meant=_is_apps,
        max_wait_s=settings.longest_wait_s,
        lease_s=_lease_s(settings),
        sleep=sleep,
    )
    return Budgets(organisation(settings, broker, sleep), app)


def organisation(settings: Settings, broker: redis.Redis | None, sleep: Callable[[float], None] = time.sleep) -> Budget:
    """The budget of the organisation that these settings name."""
    minute = Window(settings.xero_calls_per_minute, MINUTE_S, "X-MinLimit-Remaining", "minute")
    day = Window(settings.xero_calls_per_day, DAY_S, "X-DayLimit-Remaining", "day")
    return Budget(
        broker,
        f"Xero organisation {settings.xero_tenant_id or settings.xero_client_id}",
        [window for window in (minute, day) if window.calls],
        settings.xero_calls_at_once,
        is_meant=lambda headers: not _is_apps(headers),
        max_wait_s=settings.longest_wait_s,
        lease_s=_lease_s(settings),
        sleep=sleep,
    )


def _lease_s(settings: Settings) -> float:
    """The longest call waits for another process to renew the token, asks for one itself, and is made."""
    return settings.longest_wait_s + 2 * settings.http_timeout_s


def _is_apps(headers: Headers) -> bool:
    """Whether a 429 is about the whole app; one that names no limit we know is the organisation's."""
    return headers.get("X-Rate-Limit-Problem", "").lower() == "appminute"
