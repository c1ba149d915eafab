"""A login that a person gave (authorization code) as an httpx auth flow, shared by all processes through a store.

Each refresh token is good once (procore-api.md §1, xero-api.md §1), so of all processes one renews it at a time, and
what it was given is stored before anything is done with it: an access token is only ever used as read from the store.
Which store that is, and that it encrypts, is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Protocol

import httpx
import structlog

from worker.errors import ApiUnavailable, ConfigError, LoginLapsed
from worker.http.auth import EARLY_S
from worker.http.token_address import Issued, TokenAddress, is_over

#: A token refused so soon after it was given is not the one at fault: a scope is missing, or the app was disconnected.
FRESH = timedelta(seconds=60)
#: Seconds between two looks at the store while another process renews the login.
LOOK_EVERY_S = 0.2

Flow = Generator[httpx.Request, httpx.Response, None]
log = structlog.get_logger(__name__)


class Pair(Protocol):
    """An access token and the refresh token that came with it, as stored."""

    @property
    def access(self) -> str: ...
    @property
    def refresh(self) -> str: ...
    @property
    def refreshed_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def version(self) -> int: ...
    @property
    def lapsed(self) -> bool: ...


class Store(Protocol):
    """Keeps one login for all processes. Each method is one short transaction, over before anything is sent."""

    def read(self) -> Pair | None:
        """The pair as it is now; None when nobody has connected yet."""

    def claim(self, version: int) -> str | None:
        """The name under which the caller alone may renew this version, or None while another one does."""

    def keep(self, claim: str, version: int, access: str, refresh: str, life_s: float) -> None:
        """Store what was given for this version."""

    def lapse(self, version: int) -> bool:
        """Note that this version's refresh token is over; False when there is a newer version by now."""

    def release(self, claim: str) -> None:
        """Let others renew."""


class SharedLogin(httpx.Auth):
    """Puts `Authorization: Bearer …` on each request. Raises LoginLapsed when a person has to log in anew.

    A process that waits for another one's renewal gives up with ApiUnavailable after `patience_s`.
    """

    def __init__(
        self,
        address: TokenAddress,
        store: Store,
        *,
        now: Callable[[], datetime],
        patience_s: float = 90.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address
        self._store = store
        self._now = now
        self._patience_s = patience_s
        self._sleep = sleep
        self._pair: Pair | None = None

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        pair = self._pair
        if pair is None or self._is_due(pair):
            pair = yield from self._current(refused=None)
        request.headers["Authorization"] = f"Bearer {pair.access}"
        response = yield request
        if response.status_code == 401:
            newer = yield from self._current(refused=pair.version)
            if newer.version != pair.version:
                request.headers["Authorization"] = f"Bearer {newer.access}"
                yield request

    def _current(self, refused: int | None) -> Generator[httpx.Request, httpx.Response, Pair]:
        """The pair to use now, renewed by us or by another process if need be. `refused` is of no use any more."""
        waited_s = 0.0
        pair = self._stored()
        while self._is_due(pair) or (pair.version == refused and not self._is_fresh(pair)):
            claim = self._store.claim(pair.version)
            if claim is not None:
                yield from self._renew(pair, claim)
                pair = self._stored()
                break
            if waited_s >= self._patience_s:
                where = self._address.where
                raise ApiUnavailable(f"Another process has been renewing {where}'s login for {waited_s:.0f} s.", 10.0)
            self._sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
            pair = self._stored()
        self._pair = pair
        return pair

    def _renew(self, pair: Pair, claim: str) -> Flow:
        """Ask for new tokens and store them. Whatever ends this early frees the claim, and the next one may try."""
        try:
            response = yield self._address.request("refresh_token", refresh_token=pair.refresh)
            response.read()
            if response.is_success:
                self._keep(pair, claim, self._address.read(response))
            elif not is_over(response):
                raise self._address.refusal(response)
            elif self._store.lapse(pair.version):
                log.warning("login lapsed", system=self._address.where, status=response.status_code)
                raise LoginLapsed(self._address.where)
        finally:
            self._store.release(claim)

    def _keep(self, pair: Pair, claim: str, issued: Issued) -> None:
        self._store.keep(claim, pair.version, issued.access, issued.refresh or pair.refresh, issued.life_s)
        log.info("login renewed", system=self._address.where)

    def _stored(self) -> Pair:
        where = self._address.where
        pair = self._store.read()
        if pair is None:
            raise ConfigError(f"Nobody has logged in to {where} yet; run `procore-xero connect {where.lower()}`.")
        if pair.lapsed:
            raise LoginLapsed(where)
        return pair

    def _is_due(self, pair: Pair) -> bool:
        early = min(timedelta(seconds=EARLY_S), (pair.expires_at - pair.refreshed_at) / 2)
        return self._now() >= pair.expires_at - early

    def _is_fresh(self, pair: Pair) -> bool:
        return self._now() < pair.refreshed_at + FRESH
