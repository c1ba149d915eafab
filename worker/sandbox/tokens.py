"""Access tokens of the client_credentials grant: issued, checked, and expired.

Knows nothing of either API's answers: each words its own refusals.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from werkzeug.wrappers import Request

from worker.sandbox.clock import Clock


@dataclass(frozen=True)
class Token:
    """One access token and the moment it stops to work, as seconds since the epoch."""

    value: str
    expires: float
    scopes: frozenset[str] = frozenset()

    @property
    def expires_at(self) -> datetime:
        """The same moment, aware UTC."""
        return datetime.fromtimestamp(self.expires, UTC)


class Tokens:
    """The tokens of one API. `life_s` is asked at each issue, because a test may change it."""

    def __init__(self, clock: Clock, life_s: Callable[[], int]) -> None:
        self._clock = clock
        self._life_s = life_s
        self._tokens: dict[str, Token] = {}

    def issue(self, scopes: Iterable[str] = ()) -> tuple[Token, int]:
        """A new token and its life in seconds."""
        life_s = self._life_s()
        token = Token(secrets.token_urlsafe(32), self._clock.timestamp() + life_s, frozenset(scopes))
        self._tokens[token.value] = token
        return token, life_s

    def find(self, request: Request) -> Token | None:
        """The token a request carries as Bearer, if we ever issued it; it may have expired."""
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        return self._tokens.get(value.strip()) if kind.lower() == "bearer" else None

    def expired(self, token: Token) -> bool:
        """Whether the token's life is over."""
        return self._clock.timestamp() >= token.expires


def grant_error(request: Request, credentials: Mapping[str, str]) -> str | None:
    """The OAuth error code of a token request by Basic or form, or None when it may have a token."""
    form = request.form
    if form.get("grant_type") != "client_credentials":
        return "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        given = (basic.username or "", basic.password or "")
    else:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
    if not given[0]:
        return "invalid_request"
    same = secrets.compare_digest("\n".join(given), f"{credentials['client_id']}\n{credentials['client_secret']}")
    return None if same else "invalid_client"
