"""OAuth 2 client credentials as an httpx auth flow: a token when there is none, a new one shortly before it expires.

Both APIs answer the grant without a refresh token, so an expired token is simply asked for anew
(procore-api.md §1, xero-api.md §1). The token lives in this process's memory only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import httpx

from worker.errors import ApiUnavailable, AuthRejected, ContractBroken, RateLimited, Retriable, SyncError
from worker.http import exact_json
from worker.http.status import error_for, reason

#: A token is renewed this many seconds before it would expire.
EARLY_S = 60.0


class ClientCredentials(httpx.Auth):
    """Puts `Authorization: Bearer …` on each request; a 401 gets one new token and one more try."""

    requires_response_body = True

    def __init__(self, where: str, token_url: str, client_id: str, client_secret: str, scope: str = "") -> None:
        self._where = where
        self._token_url = token_url
        self._client = (client_id, client_secret)
        self._scope = scope
        self._token = ""
        self._renew_at = 0.0
        self._lock = threading.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._renew_at:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        with self._lock:
            response = yield self._token_request()
            response.read()
            if not response.is_success:
                raise self._refusal(response)
            self._keep(response)

    def _refusal(self, response: httpx.Response) -> SyncError:
        """Why there is no token. The call itself was not sent, so its outcome is known and none of it was refused."""
        if response.status_code in (400, 401, 403):
            return AuthRejected(
                f"{self._where} gives no token ({response.status_code}: {reason(response)}). "
                "Check client id, client secret and scopes."
            )
        error = error_for(self._where, response)
        if isinstance(error, Retriable):
            kind = RateLimited if isinstance(error, RateLimited) else ApiUnavailable
            return kind(f"{self._where} gives no token now: {error}", error.retry_in_s)
        return ContractBroken(f"{self._where}'s token address answers {response.status_code}. Check the address.")

    def _token_request(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client[0],
            "client_secret": self._client[1],
        }
        if self._scope:
            form["scope"] = self._scope
        return httpx.Request("POST", self._token_url, data=form, headers={"Accept": "application/json"})

    def _keep(self, response: httpx.Response) -> None:
        try:
            answer = exact_json.loads(response.content)
            token, life_s = str(answer["access_token"] or ""), float(answer.get("expires_in") or 0)
        except (ValueError, TypeError, KeyError, AttributeError):
            token, life_s = "", 0.0
        if not token:
            raise ContractBroken(
                f"{self._where}'s token address answered without an access_token and a readable expires_in."
            )
        self._token = token
        self._renew_at = time.monotonic() + max(life_s - EARLY_S, life_s / 2)
