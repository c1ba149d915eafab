"""Times as people read them: in the time zone of the organisation, as Xero says it. Programs get UTC.

Xero calls time zones as Windows does; one that nobody knows, or that was not read yet, is UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from worker.errors import SyncError

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.references import References

#: From the largest down: seconds in it, and what it is called.
_UNITS = ((86400, "day", "days"), (3600, "hour", "hours"), (60, "min", "min"))


def local(at: datetime, zone: tzinfo) -> str:
    """ "2026-11-29 14:30 AEDT" """
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def hour(at: datetime, zone: tzinfo) -> str:
    """ "14:30 AEDT", of what is soon or was just now."""
    return f"{at.astimezone(zone):%H:%M %Z}"


def ago(then: datetime, now: datetime) -> str:
    """ "4 min ago": the same in every time zone."""
    long = _long((now - then).total_seconds())
    return f"{long} ago" if long else "just now"


def ahead(then: datetime, now: datetime) -> str:
    """ "in 48 min", "now" """
    long = _long((then - now).total_seconds())
    return f"in {long}" if long else "now"


def _long(seconds: float) -> str:
    for size, one, many in _UNITS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {one if count == 1 else many}"
    return ""


def goes_on(message: str, not_before: datetime | None, zone: tzinfo) -> str:
    """Of a job that is queued again: "goes on at 14:32 AEDT. Xero's minute is used up." """
    when = f"goes on at {hour(not_before, zone)}" if not_before else "goes on at once"
    return f"{when}. {message}"


def zone(parts: Parts) -> tzinfo:
    """Of the organisation, as its settings were last read: it costs no call. Of several at once that differ it is UTC;
    what is said of one of them alone is said in its own."""
    try:
        zones = {_of_one(one) for one in ([parts] if parts.name else parts.each())}
    except SyncError:
        return UTC
    return zones.pop() if len(zones) == 1 else UTC


def present(parts: Parts) -> datetime:
    """The present moment, as it is told there."""
    return parts.now().astimezone(zone(parts))


def today(parts: Parts) -> date:
    """The day that it is there."""
    return present(parts).date()


def zone_in(references: References) -> tzinfo | None:
    """Of one organisation, as its settings were last read; None before."""
    from worker.http import exact_json

    text = references.get("organisation")
    return zone_of(str(exact_json.loads(text)[0].get("Timezone") or "")) if text else None


def _of_one(parts: Parts) -> tzinfo:
    """Read once in a process: it stays."""
    known = (parts.whole or parts).zones
    if parts.name not in known:
        found = zone_in(parts.references()) if parts.known_organisation() is not None else None
        if found is None:
            return UTC
        known[parts.name] = found
    return known[parts.name]


@cache
def zone_of(name: str) -> tzinfo:
    """The time zone that Xero calls so; UTC where it calls it as nobody does, or this machine has no zones."""
    from tzlocal.windows_tz import win_tz

    # in capitals, and without blanks and signs (xero-api.md, Organisation)
    names = {"".join(filter(str.isalnum, windows)).upper(): iana for windows, iana in win_tz.items()}
    found = names.get("".join(filter(str.isalnum, name)).upper(), "")
    try:
        return ZoneInfo(found) if found else UTC
    except ZoneInfoNotFoundError:
        return UTC
