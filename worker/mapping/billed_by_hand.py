"""Whether a claim's or invoice's bill may be in Xero already under another number, because a person entered it there.

Pure, and of one supplier: numbers are written now so, now so, and bookkeepers give numbers of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

#: Days between the dates of two bills of one total that may be one.
MOST_DAYS = 45
_PREFIX = re.compile(r"^(tax|invoice|inv|bill|ref|number|no|nr)+(?=\d)")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Billed:
    """A bill or credit note as both sides know it. `total` is with tax, and never negative; None is not known."""

    number: str
    on: date | None
    total: Decimal | None


def folded(number: str) -> str:
    """The number without what people write now so, now so: "INV 0012", "Invoice #12" and "12" are one."""
    plain = _SIGNS.sub("", _ZEROS.sub("", number.casefold()))
    return _ZEROS.sub("", _PREFIX.sub("", plain))


def reads_alike(one: Billed, other: Billed) -> bool:
    """Whether both have a number, and it reads alike."""
    return folded(one.number) == folded(other.number) != ""


def why_alike(ours: Billed, theirs: Billed) -> str:
    """Why two bills of one supplier may be one, in words; blank where nothing says so."""
    if reads_alike(ours, theirs):
        return "its number reads alike"
    if ours.total and ours.total == theirs.total and (days := _apart(ours, theirs)) is not None:
        return "it has the same total and date" if days == 0 else f"it has the same total, {days} days apart"
    return ""


def is_one(ours: Billed, theirs: Billed, since: date | None) -> bool:
    """Whether a bill is taken for a record without asking: number, total and date agree, and it is not from before
    the time for which the record claims."""
    is_older = since is not None and theirs.on is not None and theirs.on < since
    return (
        reads_alike(ours, theirs) and ours.total == theirs.total and _apart(ours, theirs) is not None and not is_older
    )


def _apart(ours: Billed, theirs: Billed) -> int | None:
    """Days between the two; None where they are too many, or a date is not known."""
    if ours.on is None or theirs.on is None:
        return None
    days = abs((ours.on - theirs.on).days)
    return days if days <= MOST_DAYS else None
