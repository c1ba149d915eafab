"""When a bill is due by payment terms: as a person writes them in Procore, or as a contact has them in Xero.

Both are the same four kinds, Xero's. Only words that can be read in one way count; anything else is no terms at all,
and the next in line says when the bill is due.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

#: As Xero has them: `{"Day": 20, "Type": "OFFOLLOWINGMONTH"}`.
Terms = Mapping[str, Any]
LONGEST = 365
_END_OF_MONTH = r"(?:eom|(?:from\s+|after\s+)?(?:the\s+)?(?:end\s+of|month\s+end)(?:\s+(?:the\s+)?month)?)"
_FOLLOWING = r"(?:(?:the\s+)?(?:following|next)\s+month|(?:the\s+)?month\s+following)"
#: "30 days" and "Net 30"; "2/10 net 30", which two people read in two ways, is none of these.
_NUMBER = r"(?:net\s*)?([0-9]{1,3})(?:\s*days?)?(?:\s*net)?"
_KINDS = [
    (r"(?:(?:due\s+)?(?:up)?on\s+receipt|c\.?o\.?d\.?|cash\s+on\s+delivery)", "DAYSAFTERBILLDATE", 0),
    (rf"(?=.*(?:net|day)){_NUMBER}", "DAYSAFTERBILLDATE", None),
    (rf"{_NUMBER}\s*{_END_OF_MONTH}", "DAYSAFTERBILLMONTH", None),
    (_END_OF_MONTH, "DAYSAFTERBILLMONTH", 0),
    (rf"(?:the\s+)?([0-9]{{1,2}})(?:st|nd|rd|th)\s+(?:of\s+)?{_FOLLOWING}", "OFFOLLOWINGMONTH", None),
    (rf"(?:the\s+)?end\s+of\s+{_FOLLOWING}", "OFFOLLOWINGMONTH", 31),
]
_RULES = [(re.compile(words, re.IGNORECASE | re.ASCII), kind, day) for words, kind, day in _KINDS]


def in_words(text: str | None) -> Terms | None:
    """Terms as people write them: "Net 30", "7 days", "COD", "EOM", "30 days EOM", "20th of following month"."""
    plain = " ".join((text or "").split())
    for words, kind, day in _RULES:
        if found := words.fullmatch(plain):
            number = int(found[1]) if day is None else day
            return {"Day": number, "Type": kind} if number <= LONGEST else None
    return None


def due_on(on: date, terms: Terms | None) -> date | None:
    """The due date of a bill of this day.

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
