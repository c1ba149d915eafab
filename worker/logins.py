"""The two logins as an operator sees them: which grant, how old, until when, and what a lapsed one stops.

Tokens are never read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.assembly import SYSTEMS, Parts, System
from worker.errors import LoginLapsed
from worker.ledger.tokens import Standing

#: A login that was not renewed for so long is renewed, so that an idle installation keeps it.
IDLE = timedelta(days=7)
#: How long before a login lapses it is warned of.
WARN_BEFORE = timedelta(days=7)
#: The life of a refresh token that is not used. Procore's do not expire (procore-api.md §1; xero-api.md §1).
UNUSED_LIFE: dict[System, timedelta | None] = {"procore": None, "xero": timedelta(days=60)}
#: Seconds that the organisation is parked for a lapsed login; `connect` ends it at once.
LAPSED_PARK_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Login:
    """How one system is logged in to. `standing` is None for an app that logs in as itself, and before `connect`."""

    system: System
    by_person: bool
    standing: Standing | None

    @property
    def where(self) -> str:
        return self.system.capitalize()

    @property
    def command(self) -> str:
        return f"procore-xero connect {self.system}"

    @property
    def lapses_at(self) -> datetime | None:
        """When it lapses if it is not renewed; None when it does not."""
        life = UNUSED_LIFE[self.system]
        return self.standing.refreshed_at + life if self.standing and life else None

    @property
    def has_lapsed(self) -> bool:
        return self.standing is not None and self.standing.lapsed_at is not None

    def lapses_soon(self, now: datetime) -> bool:
        return self.lapses_at is not None and now >= self.lapses_at - WARN_BEFORE

    def is_idle(self, now: datetime) -> bool:
        return self.standing is not None and now >= self.standing.refreshed_at + IDLE


def login(parts: Parts, system: System) -> Login:
    """Raises ConfigError when a person's login is asked for and there is no key to keep it under."""
    grant = parts.settings.xero_grant if system == "xero" else parts.settings.procore_grant
    by_person = grant == "authorization_code"
    return Login(system, by_person, parts.tokens(system).standing() if by_person else None)


def logins(parts: Parts) -> Iterator[Login]:
    for system in SYSTEMS:
        yield login(parts, system)


def park(parts: Parts, lapsed: LoginLapsed) -> datetime | None:
    """Nobody starts a job before a person has connected again; None when there is no organisation to park yet.

    One login reaches all organisations, so all of them are parked.
    """
    known = [row for one in parts.each() if (row := one.known_organisation()) is not None]
    until = [parts.organisations.park(row.tenant_id, LAPSED_PARK_S, str(lapsed)) for row in known]
    standing = parts.tokens("xero" if lapsed.where == "Xero" else "procore").standing()
    if standing is not None and standing.lapsed_at is None:  # somebody connected just now, before we had parked
        for row in known:
            parts.organisations.unpark(row.tenant_id, str(lapsed))
    return max(until, default=None)
