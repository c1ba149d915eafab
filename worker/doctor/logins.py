"""How each system is logged in to, how old the login is, and what to type when it is over or about to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from worker import logins
from worker.assembly import Parts, System
from worker.doctor.finding import Finding, looked, ok, warn, wrong
from worker.ledger.tokens import Standing
from worker.local_time import local, present, zone
from worker.logins import Login

ABOUT = "Login"


def check(parts: Parts, system: System) -> Iterator[Finding]:
    """From the ledger alone."""
    return looked(ABOUT, partial(_judged, parts, system))


def _judged(parts: Parts, system: System) -> Iterator[Finding]:
    login = logins.login(parts, system)
    where, standing = login.where, login.standing
    if not login.by_person:
        yield ok(ABOUT, f"{where}: as the app itself ({_as_what(login)}); there is nothing to renew.")
    elif standing is None:
        yield wrong(ABOUT, f"{where}: nobody has logged in yet.", login.command)
    elif standing.lapsed_at is not None:
        yield wrong(ABOUT, f"{where}: the login lapsed at {local(standing.lapsed_at, zone(parts))}.", login.command)
    else:
        yield _age(login, standing, present(parts))


def _age(login: Login, standing: Standing, now: datetime) -> Finding:
    """`now` is told in the zone in which people are."""
    said = f"{login.where}: a person's, renewed {local(standing.refreshed_at, now.tzinfo or UTC)}"
    if login.lapses_at is None:
        return ok(ABOUT, f"{said}.")
    said += f"; it lapses on {login.lapses_at.astimezone(now.tzinfo):%Y-%m-%d} unless it is renewed before."
    if login.lapses_soon(now):
        return warn(ABOUT, said, f"Start worker and beat, which renew it; or {login.command}.")
    return ok(ABOUT, said)


def _as_what(login: Login) -> str:
    return "custom connection" if login.system == "xero" else "service account"
