"""How Procore's fields are read: money as Decimal, blanks as None, dates that mean "none" as None.

Procore sends money as strings and sometimes as numbers, percentages with a sign, "" for null, and 0001-01-01 or
1970-01-01 for "no date" (procore-api.md §7.7, §7.8).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

#: Larger than any sum of money here; a number beyond it is a mistake, not an amount.
LARGEST = Decimal(10) ** 12
#: How an amount is written; a comma is refused, since it may mean thousands or decimals.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?|[+-]?\.[0-9]+", re.ASCII)
_NO_DATES = ("0001-01-01", "1970-01-01")


def _money(value: object) -> object:
    """A Decimal from "12.50" or 12.5; None from blank. Raises ValueError for anything else ("9.28%", NaN, 1e400)."""
    value = _blank(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{value!r} is not an amount")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError(f"{value!r} is not an amount")
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError(f"{value!r} is not an amount")
    return amount


def _blank(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _day(value: object) -> object:
    """The calendar date of "2026-07-15" or "2026-07-15T00:00:00Z"; None from blank or a sentinel date."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a date")
    text = value.strip()[:10]
    return text if text and text not in _NO_DATES else None


def _moment(value: object) -> object:
    """None from blank or a sentinel date."""
    return _blank(value) if _day(value) else None


def _aware(value: datetime | None) -> datetime | None:
    """Procore's times are UTC (procore-api.md §1), also one that does not say so."""
    return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


Money = Annotated[Decimal, BeforeValidator(_money)]
MaybeMoney = Annotated[Decimal | None, BeforeValidator(_money)]
#: An amount column: a blank one is zero, as Procore's own form shows it.
Column = Annotated[Decimal, BeforeValidator(lambda value: Decimal(0) if _money(value) is None else _money(value))]
#: A name that must be there; outer spaces are nobody's intention.
Trimmed = Annotated[str, BeforeValidator(lambda value: value.strip() if isinstance(value, str) else value)]
Text = Annotated[str | None, BeforeValidator(_blank)]
Day = Annotated[date | None, BeforeValidator(_day)]
#: An id that may be missing; Procore leaves "" where others write null.
MaybeId = Annotated[int | None, BeforeValidator(_blank)]
Moment = Annotated[datetime | None, AfterValidator(_aware), BeforeValidator(_moment)]


class Fields(BaseModel):
    """What all of Procore's objects have in common here: read-only, unknown fields are left aside.

    A text may come as a number (an invoice number, a line number), and a number is its own text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)
