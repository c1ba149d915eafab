"""Logins that persons gave, one row per system and app: tokens encrypted, and who of all processes renews them.

The row is the lock: a claim is a lease in it, so that no transaction is open while the token address is asked, and a
process that dies with a claim holds nobody up for longer than the lease.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, or_, select, update

from worker.ledger.cipher import Cipher
from worker.ledger.database import insert_or_skip, transaction
from worker.ledger.tables import TokenRow


@dataclass(frozen=True, slots=True)
class Pair:
    """The tokens in clear, in memory only."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    refreshed_at: datetime
    expires_at: datetime
    version: int
    lapsed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a login stands, without its tokens."""

    connected_at: datetime
    refreshed_at: datetime
    lapsed_at: datetime | None
    tenant_id: str


class Tokens:
    """One login. `owner_name` names who renews it, `is_dead` tells of such a name whether its process has ended."""

    def __init__(
        self,
        engine: Engine,
        system: str,
        client_id: str,
        cipher: Cipher,
        *,
        lease_s: float,
        owner_name: Callable[[], str],
        is_dead: Callable[[str], bool] = lambda _: False,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._key = (system, client_id)
        self._cipher = cipher
        self._lease = timedelta(seconds=lease_s)
        self._owner_name = owner_name
        self._is_dead = is_dead
        self._now = now

    def connect(self, access: str, refresh: str, life_s: float) -> None:
        """Store what a person's consent gave. Whatever another process is doing to an older login comes to nothing."""
        now = self._now()
        system, client_id = self._key
        tokens = self._sealed(access, refresh, life_s)
        with transaction(self._engine) as session:
            row = {"system": system, "client_id": client_id, "tenant_id": "", "version": 0, "connected_at": now}
            insert_or_skip(session, TokenRow, [row | tokens])
            free = {"refreshing_by": None, "refreshing_until": None}
            session.execute(self._update().values(**tokens, **free, connected_at=now, version=TokenRow.version + 1))

    def choose(self, tenant_id: str) -> None:
        """Note which organisation the login is used for."""
        with transaction(self._engine) as session:
            session.execute(self._update().values(tenant_id=tenant_id))

    def read(self) -> Pair | None:
        """The tokens as they are now; None when nobody has connected. Raises ConfigError under another key."""
        row = self._row()
        if row is None:
            return None
        access, refresh = self._cipher.decrypt(row.access_token), self._cipher.decrypt(row.refresh_token)
        return Pair(access, refresh, row.refreshed_at, row.expires_at, row.version, row.lapsed_at is not None)

    def claim(self, version: int) -> str | None:
        """The name under which the caller alone may renew this version, or None while another one does."""
        name, now = self._owner_name(), self._now()
        free = or_(TokenRow.refreshing_by.is_(None), TokenRow.refreshing_until < now)
        row = self._row()
        if row is not None and row.refreshing_by is not None and self._is_dead(row.refreshing_by):
            free = or_(free, TokenRow.refreshing_by == row.refreshing_by)
        mine = and_(TokenRow.version == version, TokenRow.lapsed_at.is_(None), free)
        return name if self._swap(mine, refreshing_by=name, refreshing_until=now + self._lease) else None

    def keep(self, claim: str, version: int, access: str, refresh: str, life_s: float) -> None:
        """Store what was given for this version.

        Of two who asked for one version, because the first was slower than its lease, the holder of the claim asked
        last: the API may have ended the other's tokens, so it writes over them. The slow one writes only where nobody
        has: at an API that lets a refresh token be used once, it has the only tokens there are.
        """
        newest = or_(TokenRow.refreshing_by == claim, TokenRow.version == version)
        self._swap(newest, **self._sealed(access, refresh, life_s), version=TokenRow.version + 1)

    def lapse(self, version: int) -> bool:
        """Note that this version's refresh token is over; False when there is a newer version by now."""
        return self._swap(TokenRow.version == version, lapsed_at=self._now())

    def release(self, claim: str) -> None:
        """Let others renew."""
        self._swap(TokenRow.refreshing_by == claim, refreshing_by=None, refreshing_until=None)

    def standing(self) -> Standing | None:
        row = self._row()
        return Standing(row.connected_at, row.refreshed_at, row.lapsed_at, row.tenant_id) if row else None

    def _sealed(self, access: str, refresh: str, life_s: float) -> dict[str, Any]:
        now = self._now()
        return {
            "access_token": self._cipher.encrypt(access),
            "refresh_token": self._cipher.encrypt(refresh),
            "refreshed_at": now,
            "expires_at": now + timedelta(seconds=life_s),
            "lapsed_at": None,
        }

    def _row(self) -> TokenRow | None:
        with transaction(self._engine) as session:
            return session.scalar(select(TokenRow).where(*self._mine()))

    def _swap(self, where: ColumnElement[bool], **values: Any) -> bool:
        with transaction(self._engine) as session:
            swap = self._update().where(where).values(**values).returning(TokenRow.version)
            return session.execute(swap).first() is not None

    def _update(self) -> Any:
        return update(TokenRow).where(*self._mine())

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        system, client_id = self._key
        return TokenRow.system == system, TokenRow.client_id == client_id
