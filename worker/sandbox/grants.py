"""Logins that a person gives: codes for one use, and refresh tokens that are exchanged with every use.

Knows nothing of either API's answers. Where an API lets the last refresh token be used again for a while, because an
answer may have been lost, the tokens of the lost answer end with that, and it ends for good when they were used: nobody
documents what else would happen.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from worker.sandbox.clock import Clock

#: The grants that end in a refresh token.
PERSONS = ("authorization_code", "refresh_token")


@dataclass(frozen=True)
class Granted:
    """What a code or a refresh token was good for."""

    scopes: frozenset[str]
    refresh: str


@dataclass(frozen=True)
class _Code:
    redirect_uri: str
    scopes: frozenset[str]
    expires: float
    challenge: str


@dataclass
class _Refresh:
    scopes: frozenset[str]
    expires: float
    used_at: float | None = None
    successor: str = ""


class Grants:
    """Codes and refresh tokens of one API. `unused_life_s` None: a refresh token lives until it is used."""

    def __init__(self, clock: Clock, *, code_life_s: float, unused_life_s: float | None, grace_s: float) -> None:
        self._clock = clock
        self._code_life_s = code_life_s
        self._unused_life_s = unused_life_s
        self._grace_s = grace_s
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, _Refresh] = {}

    def code(self, redirect_uri: str, scopes: Iterable[str], challenge: str = "") -> str:
        """A code as a redirect carries it; `challenge` is that of RFC 7636, method S256."""
        value = secrets.token_urlsafe(24)
        expires = self._clock.timestamp() + self._code_life_s
        self._codes[value] = _Code(redirect_uri, frozenset(scopes), expires, challenge)
        return value

    def exchange(self, form: Mapping[str, str]) -> Granted | None:
        """Use a code or a refresh token; None when it is not good, or not good any more."""
        if form.get("grant_type") == "authorization_code":
            challenge = _challenge(form.get("code_verifier", ""))
            return self._redeem(form.get("code", ""), form.get("redirect_uri", ""), challenge)
        return self._renew(form.get("refresh_token", ""))

    def _redeem(self, value: str, redirect_uri: str, challenge: str) -> Granted | None:
        code = self._codes.pop(value, None)
        if code is None or self._clock.timestamp() >= code.expires:
            return None
        if (redirect_uri, challenge) != (code.redirect_uri, code.challenge):
            return None
        return Granted(code.scopes, self._issue(code.scopes))

    def _renew(self, value: str) -> Granted | None:
        token, now = self._refresh.get(value), self._clock.timestamp()
        if token is None or (token.used_at is None and now >= token.expires):
            return None
        if token.used_at is not None:
            following = self._refresh.get(token.successor)
            if now >= token.used_at + self._grace_s or following is None or following.used_at is not None:
                return None
            del self._refresh[token.successor]
        token.used_at = now if token.used_at is None else token.used_at
        token.successor = self._issue(token.scopes)
        return Granted(token.scopes, token.successor)

    def _issue(self, scopes: frozenset[str]) -> str:
        value = secrets.token_urlsafe(32)
        life_s = float("inf") if self._unused_life_s is None else self._unused_life_s
        self._refresh[value] = _Refresh(scopes, self._clock.timestamp() + life_s)
        return value


def _challenge(verifier: str) -> str:
    digest = sha256(verifier.encode()).digest() if verifier else b""
    return urlsafe_b64encode(digest).decode().rstrip("=")
