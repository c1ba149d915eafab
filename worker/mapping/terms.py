"""When a bill is due by payment terms: as a person writes them in Procore, or as a contact has them in Xero.

Only what can be read in one way counts; anything else is no terms at all, and the next in line says when it is due.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

#: "Net 30", "net 30 days", "30 days". Not "30 EOM" nor "2/10 net 30", which two people read in two ways.
_DAYS = re.compile(r"(?:net\s*([0-9]{1,3})(?:\s*days?)?|([0-9]{1,3})\s*days?(?:\s*net)?)", re.IGNORECASE)
_AT_ONCE = re.compile(r"(?:due\s+)?(?:up)?on\s+receipt", re.IGNORECASE)
LONGEST = 365


def days(text: str | None) -> int | None:
    """Days from a bill's date by terms in words; None where they do not mean one number of days."""
    plain = (text or "").strip()
    if _AT_ONCE.fullmatch(plain):
        return 0
    found = _DAYS.fullmatch(plain)
    number = int(found[1] or found[2]) if found else LONGEST + 1
    return number if number <= LONGEST else None


def due_on(on: date, terms: Mapping[str, Any] | None) -> date | None:
    """The due date by the terms that a contact has for bills in Xero, `{"Day": 20, "Type": "OFFOLLOWINGMONTH"}`.

    A day that the month does not have is its last one. None for a day of the current month that is over already, and
    where there are no terms.
    """
    kind, day = (terms or {}).get("Type"), (terms or {}).get("Day")
    if not isinstance(day, int) or not 0 <= day <= LONGEST:
        return None
    if kind == "DAYSAFTERBILLDATE":
        return on + timedelta(days=day)
    if kind == "DAYSAFTERBILLMONTH":
        return _day_of(on, 31) + timedelta(days=day)
    if kind == "OFFOLLOWINGMONTH" and day:
        return _day_of(_day_of(on, 31) + timedelta(days=1), day)
    if kind == "OFCURRENTMONTH" and day and (found := _day_of(on, day)) >= on:
        return found
    return None


def _day_of(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
