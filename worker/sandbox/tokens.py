"""Access tokens: issued, checked, and expired; and who may have one.

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
    #: Given by a person, and not to the app for itself.
    by_person: bool = False

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

    def issue(self, scopes: Iterable[str] = (), *, by_person: bool = False) -> tuple[Token, int]:
        """A new token and its life in seconds."""
        life_s = self._life_s()
        token = Token(secrets.token_urlsafe(32), self._clock.timestamp() + life_s, frozenset(scopes), by_person)
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
    return _client_error(_by_basic(request) or _by_form(request), credentials)


def persons_grant_error(request: Request, credentials: Mapping[str, str], *, basic: bool) -> str | None:
    """The same for a code or a refresh token: only by Basic, or only by form, as the API documents it."""
    form = request.form
    needed = ("refresh_token",) if form.get("grant_type") == "refresh_token" else ("code", "redirect_uri")
    if not all(form.get(name) for name in needed):
        return "invalid_request"
    return _client_error(_by_basic(request) if basic else _by_form(request), credentials)


def _by_basic(request: Request) -> tuple[str, str] | None:
    given = request.authorization
    return (given.username or "", given.password or "") if given is not None and given.type == "basic" else None


def _by_form(request: Request) -> tuple[str, str]:
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _client_error(given: tuple[str, str] | None, credentials: Mapping[str, str]) -> str | None:
    if given is None or not given[0]:
        return "invalid_request" if given else "invalid_client"
    same = secrets.compare_digest("\n".join(given), f"{credentials['client_id']}\n{credentials['client_secret']}")
    return None if same else "invalid_client"
