"""When a bill is due by payment terms, reckoned apart from the code that sends bills.

Words are taken as what everybody understands by them, or not at all.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple


class Terms(NamedTuple):
    """Payment terms as Xero has them: the kind, and its day or days."""

    kind: str
    days: int


AFTER_BILL, AFTER_MONTH, FOLLOWING, CURRENT = (
    "DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFFOLLOWINGMONTH", "OFCURRENTMONTH",
)  # fmt: skip
LONGEST = 365
_AT_ONCE = ("on receipt", "upon receipt", "due on receipt", "due upon receipt", "cod", "cash on delivery")
#: What people call the end of the month: the words are taken out, so that a number may be left.
_MONTH_END = re.compile(
    r"(eom|(from |after )?(the )?(end of( the)? month|end of|month end( (the )?month)?))$", re.ASCII
)
_NEXT_MONTH = re.compile(r" (of )?((the )?(following|next) month|(the )?month following)$", re.ASCII)
_DAYS = re.compile(r"(net ?)?(\d{1,3})( ?days?)?( ?net)?", re.ASCII)
_ORDINAL = re.compile(r"(the )?(\d{1,2})(st|nd|rd|th)", re.ASCII)


def read(text: str | None) -> Terms | None:
    """Terms in words: "Net 30", "7 days", "COD", "EOM", "30 days EOM", "20th of following month"; None for others."""
    plain = " ".join((text or "").casefold().split())
    if plain.replace(".", "") in _AT_ONCE:
        return Terms(AFTER_BILL, 0)
    if found := _NEXT_MONTH.search(plain):
        day = plain[: found.start()].strip()
        if day in ("end", "the end", "end of", "the end of"):
            return Terms(FOLLOWING, 31)
        named = _ORDINAL.fullmatch(day)
        return Terms(FOLLOWING, int(named[2])) if named else None
    if found := _MONTH_END.search(plain):
        return _days(plain[: found.start()].strip(), AFTER_MONTH)
    return _days(plain, AFTER_BILL) if "net" in plain or "day" in plain else None


def _days(text: str, kind: str) -> Terms | None:
    if not text and kind == AFTER_MONTH:
        return Terms(kind, 0)
    found = _DAYS.fullmatch(text)
    return Terms(kind, int(found[2])) if found and int(found[2]) <= LONGEST else None


def due_on(on: date, terms: Terms | None) -> date | None:
    """The day by these terms; None where there are none, or for a day of the current month that is over."""
    if terms is None or not 0 <= terms.days <= LONGEST:
        return None
    ends = on.replace(day=monthrange(on.year, on.month)[1])
    if terms.kind == AFTER_BILL:
        return on + timedelta(days=terms.days)
    if terms.kind == AFTER_MONTH:
        return ends + timedelta(days=terms.days)
    if terms.kind == FOLLOWING and terms.days:
        return _within(ends + timedelta(days=1), terms.days)
    if terms.kind == CURRENT and terms.days:
        day = _within(on, terms.days)
        return day if day >= on else None
    return None


def _within(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
