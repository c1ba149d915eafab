"""OAuth 2 client credentials as an httpx auth flow: a token when there is none, a new one shortly before it expires.

Both APIs answer the grant without a refresh token, so an expired token is simply asked for anew
(procore-api.md §1, xero-api.md §1). The token lives in this process's memory only.
"""

from __future__ import annotations

import threading
from collections.abc import Generator

import httpx

from worker.clock import MACHINE
from worker.http.token_address import TokenAddress

#: A token is renewed this many seconds before it would expire, or at half of a shorter life.
EARLY_S = 60.0


class ClientCredentials(httpx.Auth):
    """Puts `Authorization: Bearer …` on each request; a 401 gets one new token and one more try."""

    requires_response_body = True

    def __init__(self, address: TokenAddress, scope: str = "") -> None:
        self._address = address
        self._scope = scope
        self._token = ""
        self._renew_at = 0.0
        self._lock = threading.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if MACHINE.seconds() >= self._renew_at:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        with self._lock:
            response = yield self._address.request("client_credentials", scope=self._scope)
            response.read()
            if not response.is_success:
                raise self._address.refusal(response)
            issued = self._address.read(response)
            self._token = issued.access
            self._renew_at = MACHINE.seconds() + max(issued.life_s - EARLY_S, issued.life_s / 2)
