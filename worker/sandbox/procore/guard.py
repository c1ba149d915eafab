"""Procore's door: token, company header and the two call limits.

Both limits are windows that open with the first call and are full again at their reset, as the headers describe
them. They count for all tokens of the app together: older documents say per token, and who keeps to one limit for
all keeps to both. A refused call is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from worker.sandbox.clock import Clock
from worker.sandbox.faults import Fault
from worker.sandbox.limits import Limits, LimitsInForce
from worker.sandbox.procore import refusals, storage
from worker.sandbox.tokens import Tokens

TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
AUTHORIZE_PATH = "/oauth/authorize"
#: Addresses of the login, which need no token.
_LOGIN = (TOKEN_PATH, AUTHORIZE_PATH)


@dataclass
class _Window:
    """One limit's present window."""

    resets: float = 0.0
    used: int = 0

    def turn(self, now: float, length_s: float) -> None:
        if now >= self.resets:
            self.resets, self.used = now + length_s, 0


@dataclass(frozen=True)
class _Limit:
    """How one of the two limits stands now."""

    allowed: int
    window: _Window

    @property
    def left(self) -> int:
        return max(0, self.allowed - self.window.used)


class ProcoreGuard:
    """The shell's guard for this API."""

    def __init__(
        self, clock: Clock, limits: LimitsInForce, tokens: Tokens, knows_company: Callable[[int], bool]
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._tokens = tokens
        self._knows_company = knows_company
        self._hour, self._spike = _Window(), _Window()

    def check(self, request: Request) -> Response | None:
        """Refuse a request without a good token, over a limit, or without a company it may see."""
        if request.path in _LOGIN or storage.wants_nothing(request.path):
            return None
        token = self._tokens.find(request)
        if token is None:
            return refusals.token_invalid() if "Authorization" in request.headers else refusals.of_status(401)
        if self._tokens.expired(token):
            return refusals.token_invalid()
        if storage.wants_token_only(request.path):
            return None
        return self._over_limit() or self._wrong_company(request)

    def finish(self, request: Request, response: Response) -> Response:
        """The rate headers of the nearer limit; what no limit counts has none."""
        if self._tokens.find(request) is None or not _is_counted(request.path):
            return response
        standing = self._standing()
        if standing:
            nearer = min(standing, key=lambda limit: limit.left)
            response.headers["X-Rate-Limit-Limit"] = str(nearer.allowed)
            response.headers["X-Rate-Limit-Remaining"] = str(nearer.left)
            response.headers["X-Rate-Limit-Reset"] = str(math.ceil(nearer.window.resets))
        return response

    def refusal(self, request: Request, fault: Fault) -> Response:
        """The documented answer for a scripted status, or the script's own body and headers."""
        if fault.kind == "expired_token":
            return refusals.token_invalid()
        response = refusals.of_status(fault.status)
        if fault.body is not None:
            response.set_data(fault.body)
        response.headers.update(fault.headers)
        return response

    def _over_limit(self) -> Response | None:
        standing = self._standing()
        if any(limit.left == 0 for limit in standing):
            return refusals.of_status(429)
        for limit in standing:
            limit.window.used += 1
        return None

    def _wrong_company(self, request: Request) -> Response | None:
        given = request.headers.get("Procore-Company-Id", "")
        if not given.isdecimal():
            return refusals.header_missing()
        return None if self._knows_company(int(given)) else refusals.not_connected().response

    def _standing(self) -> list[_Limit]:
        """The enforced limits, their windows turned to the present."""
        limits: Limits = self._limits.now
        now = self._clock.timestamp()
        self._hour.turn(now, limits.procore_hour_s)
        self._spike.turn(now, limits.procore_spike_s)
        both = (_Limit(limits.procore_per_hour, self._hour), _Limit(limits.procore_spike, self._spike))
        return [limit for limit in both if limit.allowed]


def _is_counted(path: str) -> bool:
    return path != TOKEN_PATH and not storage.wants_token_only(path) and not storage.wants_nothing(path)
