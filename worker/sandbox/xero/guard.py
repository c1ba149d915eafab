"""Xero's door: tokens and tenant, the four rate limits, and the idempotency store, in that order.

A replay counts against the limits, because Xero checks limits before keys. Windows roll, although Xero's newest
page calls them fixed: whoever keeps to a rolling window keeps to both. Minute, day and calls at once are each
organisation's own; the app's minute and the idempotency keys belong to the app, whichever organisation it calls.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response

from worker.sandbox.clock import Clock
from worker.sandbox.faults import Fault
from worker.sandbox.limits import Limits, LimitsInForce, Window
from worker.sandbox.switches import InForce, XeroSwitches
from worker.sandbox.tokens import Tokens
from worker.sandbox.xero import scopes
from worker.sandbox.xero.idempotency import KeyStore
from worker.sandbox.xero.refusals import problem, scope_missing, token_expired
from worker.sandbox.xero.values import new_guid

TOKEN_PATH = "/connect/token"  # noqa: S105  # an address
AUTHORIZE_PATH = "/identity/connect/authorize"
CONNECTIONS_PATH = "/connections"
#: Addresses of the login, which need no token.
_LOGIN = (TOKEN_PATH, AUTHORIZE_PATH)
_COUNTED = "xero.counted"
#: developer.xero.com/pricing, since 2026-03-02: calls a day for each organisation, and organisations that people may
#: connect a web app to.
_STARTER_PER_DAY, STARTER_CONNECTIONS = 1000, 5
_OFFLINE = "The Xero API is temporarily unavailable"
_XML = b'<Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Status>OK</Status></Response>'


@dataclass
class _Calls:
    """What one organisation has been asked."""

    minute: Window = field(default_factory=Window)
    day: Window = field(default_factory=Window)
    in_flight: int = 0


class XeroGuard:
    """The doorkeeper of one app and the organisations it is connected to, by tenant id; the first is its own.

    The app's own token is a custom connection's, which reaches that one only; a person's reaches the first `by_people`.
    """

    def __init__(
        self,
        clock: Clock,
        limits: LimitsInForce,
        tokens: Tokens,
        tenant_ids: Sequence[str],
        by_people: int,
        switches: InForce[XeroSwitches],
        tier: str,
    ) -> None:
        self._switches = switches
        self._is_starter = tier == "starter"
        self._clock = clock
        self._limits = limits
        self._tokens = tokens
        self._own = tenant_ids[0].lower()
        self._connected = {tenant_id.lower() for tenant_id in tenant_ids[:by_people]}
        self._calls = {tenant_id.lower(): _Calls() for tenant_id in tenant_ids}
        self._app_minute = Window()
        self._keys = KeyStore(clock)

    def check(self, request: Request) -> Response | None:
        """Refuse for token, tenant or limit, or replay the answer stored under the request's key."""
        if request.path in _LOGIN:
            return None
        refused = self._authorize(request) or self._limit(request)
        return refused or self._keys.check(request, self._limits.now.idempotency_s)

    def finish(self, request: Request, response: Response) -> Response:
        """Free the slot, keep the answer under its key, and add the rate headers."""
        self._keys.keep(request, response)
        if request.environ.pop(_COUNTED, False):
            self._of(request).in_flight -= 1
        if request.path not in _LOGIN and response.status_code not in (401, 403):
            self._add_rate_headers(request, response)
        response.headers["Xero-Correlation-Id"] = new_guid()
        return _as_accepted(request, response)

    def refusal(self, request: Request, fault: Fault) -> Response:
        """A scripted status in Xero's own words."""
        if fault.kind == "expired_token":
            return token_expired(self._clock.now())
        response = _worded(fault.status, self._clock)
        if fault.body is not None:
            response.set_data(fault.body)
        if fault.status == 429:
            response.headers.update({"X-Rate-Limit-Problem": "minute", "Retry-After": "1"})
        response.headers.update(fault.headers)
        return response

    def _authorize(self, request: Request) -> Response | None:
        token = self._tokens.find(request)
        if token is None:
            return problem(401, "Unauthorized", "AuthenticationUnsuccessful")
        if self._tokens.expired(token):
            return token_expired(token.expires_at)
        tenant = request.headers.get("xero-tenant-id", "").lower()
        named = bool(tenant) or token.by_person  # a person's login reaches several, so it must say which
        reached = tenant in self._connected if token.by_person else tenant == self._own
        if request.path != CONNECTIONS_PATH and named and not reached:
            return problem(403, "Forbidden", "AuthenticationUnsuccessful")
        address = request.path.removeprefix("/api.xro/2.0/")
        open_ = scopes.still_valid(token.scopes, self._clock.now().date())
        if request.path != CONNECTIONS_PATH and not scopes.allows(open_, request.method, address):
            return scope_missing(self._switches.now.missing_scope)
        return None

    def _per_day(self, request: Request) -> int:
        """A web app of the starter tier has less; a custom connection is outside the tiers."""
        token, limit = self._tokens.find(request), self._limits.now.xero_per_day
        if not self._is_starter or token is None or not token.by_person:
            return limit
        return min(limit or _STARTER_PER_DAY, _STARTER_PER_DAY)

    def _of(self, request: Request) -> _Calls:
        """Of the organisation that the request names; of the app's own when it names none."""
        return self._calls.get(request.headers.get("xero-tenant-id", "").lower(), self._calls[self._own])

    def _limit(self, request: Request) -> Response | None:
        now, limits, calls = self._clock.timestamp(), self._limits.now, self._of(request)
        if _full(self._app_minute, now, limits.xero_minute_s, limits.xero_app_per_minute):
            return _too_many("appminute")
        if request.path == CONNECTIONS_PATH:
            self._app_minute.hit(now)
            return None
        if limits.xero_concurrent and calls.in_flight >= limits.xero_concurrent:
            return _too_many("concurrent")
        if _full(calls.day, now, limits.xero_day_s, self._per_day(request)):
            return _too_many("day", calls.day.free_in_s(now, limits.xero_day_s))
        if _full(calls.minute, now, limits.xero_minute_s, limits.xero_per_minute):
            return _too_many("minute", calls.minute.free_in_s(now, limits.xero_minute_s))
        for window in (calls.minute, calls.day, self._app_minute):
            window.hit(now)
        calls.in_flight += 1
        request.environ[_COUNTED] = True
        return None

    def _add_rate_headers(self, request: Request, response: Response) -> None:
        now, limits = self._clock.timestamp(), self._limits.now
        usual = Limits()
        app = _left(self._app_minute, now, limits.xero_minute_s, limits.xero_app_per_minute)
        response.headers["X-AppMinLimit-Remaining"] = str(usual.xero_app_per_minute if app is None else app)
        if request.path == CONNECTIONS_PATH:
            return
        calls = self._of(request)
        day = _left(calls.day, now, limits.xero_day_s, self._per_day(request))
        minute = _left(calls.minute, now, limits.xero_minute_s, limits.xero_per_minute)
        response.headers["X-DayLimit-Remaining"] = str(usual.xero_per_day if day is None else day)
        response.headers["X-MinLimit-Remaining"] = str(usual.xero_per_minute if minute is None else minute)


def _left(window: Window, now: float, length_s: float, limit: int) -> int | None:
    """Calls left, or None where the limit is not enforced; Xero then pins the header."""
    used = window.used(now, length_s)
    return max(0, limit - used) if limit else None


def _full(window: Window, now: float, length_s: float, limit: int) -> bool:
    return _left(window, now, length_s, limit) == 0


def _too_many(which: str, retry_in_s: float | None = None) -> Response:
    """The real 429: no body, no content type. Only minute and day say when to come back."""
    headers = {"X-Rate-Limit-Problem": which}
    if retry_in_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(retry_in_s)))
    return _empty(429, headers)


def _empty(status: int, headers: Mapping[str, str]) -> Response:
    response = Response(b"", status=status, headers=dict(headers))
    response.headers.pop("Content-Type", None)
    return response


def _worded(status: int, clock: Clock) -> Response:
    if status == 429:
        return _empty(429, {})
    if status == 401:
        return problem(401, "Unauthorized", "AuthorizationUnsuccessful")
    if status == 403:
        return problem(403, "Forbidden", "AuthenticationUnsuccessful")
    if status == 404:
        return Response(b"", status=404, content_type="text/html; charset=utf-8")
    if status == 503:
        return Response(_OFFLINE, status=503, content_type="text/plain; charset=utf-8")
    return problem(status, "An error occurred", f"An error occurred in Xero at {clock.now():%H:%M:%S}")


def _as_accepted(request: Request, response: Response) -> Response:
    """Xero's default is XML: a client that does not ask for JSON gets what it cannot read, but for files."""
    wants_json = "application/json" in request.headers.get("Accept", "").lower()
    if wants_json or not response.is_json or request.path in _LOGIN or response.status_code != 200:
        return response
    return Response(_XML, status=200, headers=_kept(response), content_type="text/xml; charset=utf-8")


def _kept(response: Response) -> dict[str, str]:
    return {key: value for key, value in response.headers.items() if not key.lower().startswith("content-")}
