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


def local(at: datetime, zone: tzinfo) -> str:
    """ "2026-11-29 14:30 AEDT" """
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def zone(parts: Parts) -> tzinfo:
    """Of the organisation, as its settings were last read: it costs no call. Of several that differ it is UTC."""
    try:
        zones = {_of_one(one) for one in parts.each()}
    except SyncError:
        return UTC
    return zones.pop() if len(zones) == 1 else UTC


def today(parts: Parts) -> date:
    """The day that it is there."""
    return parts.now().astimezone(zone(parts)).date()


def _of_one(parts: Parts) -> tzinfo:
    from worker.http import exact_json

    known = parts.known_organisation()
    text = parts.references().get("organisation") if known is not None else None
    return zone_of(str(exact_json.loads(text)[0].get("Timezone") or "")) if text else UTC


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
