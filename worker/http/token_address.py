"""An API's token address: how a token is asked for there, and what its answers mean.

Which grant is used, and where tokens are kept, is the caller's to know. Nothing secret stands in an error.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field

import httpx

from worker.errors import ApiUnavailable, AuthRejected, ContractBroken, RateLimited, Retriable, SyncError
from worker.http import exact_json
from worker.http.redacted import text_of
from worker.http.status import error_for, reason

#: What may stand in a header (RFC 6750 §2.1 allows less).
_HEADER_VALUE = re.compile(r"[!-~]+", re.ASCII)
#: A refresh token that is over, in Xero's word and in Procore's words (xero-api.md §1, procore-api.md §6).
_OVER = ("invalid_grant", "refresh token is invalid")


@dataclass(frozen=True, slots=True)
class Issued:
    """What the token address gave. `refresh` is blank where the grant has none."""

    access: str = field(repr=False)
    life_s: float
    refresh: str = field(default="", repr=False)


class TokenAddress:
    """Asks with the app's own credentials: as HTTP Basic where the API documents that, else in the form."""

    def __init__(
        self, where: str, url: str, client_id: str, client_secret: str, *, basic: bool = False, timeout_s: float = 60.0
    ) -> None:
        self.where = where
        self._url = url
        self._client = (client_id, client_secret)
        self._basic = basic
        #: Seconds that its answer may take, where it is asked by itself.
        self.timeout_s = timeout_s

    def request(self, grant_type: str, **form: str) -> httpx.Request:
        """The request for a token."""
        data = {"grant_type": grant_type, **{name: value for name, value in form.items() if value}}
        headers = {"Accept": "application/json"}
        if self._basic:
            headers["Authorization"] = _basic(*self._client)
        else:
            data |= {"client_id": self._client[0], "client_secret": self._client[1]}
        return httpx.Request("POST", self._url, data=data, headers=headers)

    def read(self, response: httpx.Response) -> Issued:
        """The tokens of a successful answer. Raises ContractBroken when there is none in it."""
        try:
            answer = exact_json.loads(response.content, exact_json.MOST_MEMORY)
            access, life_s = str(answer["access_token"] or ""), float(answer.get("expires_in") or 0)
            refresh = str(answer.get("refresh_token") or "")
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            access, life_s, refresh = "", 0.0, ""
        if not _HEADER_VALUE.fullmatch(access):  # the HTTP library would quote it in its refusal
            access = ""
        if not access:
            raise ContractBroken(
                f"{self.where}'s token address answered without an access_token and a readable expires_in."
            )
        return Issued(access, life_s, refresh)

    def refusal(self, response: httpx.Response) -> SyncError:
        """Why there is no token. The call itself was not sent, so its outcome is known and none of it was refused."""
        if response.status_code in (400, 401, 403):
            return AuthRejected(
                f"{self.where} gives no token ({response.status_code}: {reason(response)}). "
                "Check client id, client secret and scopes."
            )
        error = error_for(self.where, response)
        if isinstance(error, Retriable):
            kind = RateLimited if isinstance(error, RateLimited) else ApiUnavailable
            return kind(f"{self.where} gives no token now: {error}", error.retry_in_s)
        return ContractBroken(f"{self.where}'s token address answers {response.status_code}. Check the address.")


def is_over(response: httpx.Response) -> bool:
    """Whether the refresh token (or code) that was sent is refused, and not the app or its request."""
    return response.status_code in (400, 401) and any(word in text_of(response).lower() for word in _OVER)


def _basic(client_id: str, client_secret: str) -> str:
    return f"Basic {b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"
