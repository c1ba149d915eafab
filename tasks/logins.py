"""Once a day: logins that persons gave are kept alive, and said to be in danger while there is time.

A login that nothing used for a week is used, which renews it: its access token is over by then. A login that would
lapse within a week, because that did not work for weeks, fails the task; so does one that has lapsed.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from tasks.policy import JobFailed, ends_red
from worker import logins
from worker.assembly import Parts, System, parts
from worker.celery import app
from worker.errors import LoginLapsed, SyncError
from worker.local_time import local, present, zone
from worker.logins import Login

log = structlog.get_logger(__name__)


def look_after(parts: Parts) -> tuple[str, bool]:
    """A line about both logins, and whether a person should act on it."""
    looked = [_look_after(parts, login) for login in logins.logins(parts) if login.by_person]
    if not looked:
        return "Both systems are logged in to as the app itself: nothing to renew.", False
    return " ".join(line for line, _ in looked), any(alarming for _, alarming in looked)


def _look_after(parts: Parts, login: Login) -> tuple[str, bool]:
    if login.standing is None:
        return f"{login.where}: nobody has logged in yet; run `{login.command}`.", True
    if login.standing.lapsed_at is None and not login.is_idle(parts.now()):
        return f"{login.where}: renewed {local(login.standing.refreshed_at, zone(parts))}.", False
    trouble = _used(parts, login.system)
    return _outcome(logins.login(parts, login.system), trouble, present(parts))


def _outcome(login: Login, trouble: str, now: datetime) -> tuple[str, bool]:
    """What became of a login after it was used; `now` is told in the zone in which people are."""
    if not trouble:
        return f"{login.where}: was idle, and is renewed.", False
    log.warning("login not renewed", system=login.where, why=trouble)
    if login.lapses_at is None or not login.lapses_soon(now):
        return f"{login.where}: {trouble}", login.has_lapsed
    on = login.lapses_at.astimezone(now.tzinfo).date()
    lapses = f"{login.where}'s login lapses on {on}, because renewing it does not work"
    return f"{lapses}: {trouble} If that stays so, run `{login.command}`.", True


def _used(parts: Parts, system: System) -> str:
    """Make a call, which renews the login; returns what went wrong, or nothing."""
    try:
        if system == "xero":
            parts.each()[0].xero.organisation()  # whichever it is: they have one login
        else:
            next(parts.procore.companies(), None)
    except LoginLapsed as lapsed:
        logins.park(parts, lapsed)
        return str(lapsed)
    except SyncError as error:
        return str(error)
    return ""


@app.task(name="keep_logins", max_retries=0, throws=(JobFailed,))
def keep_logins() -> str:
    """Started by beat once a day. What does not work today is tried again tomorrow."""
    with ends_red(log, "logins not looked after"):
        line, alarming = look_after(parts())
    log.info("logins", line=line)
    if alarming:
        raise JobFailed(line)
    return line
