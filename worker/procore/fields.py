"""How Procore's fields are read: money as Decimal, blanks as None, dates that mean "none" as None.

Procore sends money as strings and sometimes as numbers, percentages with a sign, "" for null, and 0001-01-01 or
1970-01-01 for "no date" (procore-api.md §7.7, §7.8).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

#: Larger than any sum of money here; a number beyond it is a mistake, not an amount.
LARGEST = Decimal(10) ** 12


def _money(value: object) -> object:
    """A Decimal from "12.50" or 12.5; None from blank. Raises ValueError for anything else ("9.28%", NaN, 1e400)."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{value!r} is not an amount")
    try:
        amount = Decimal(value.strip().replace(",", "") if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount") from None
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError(f"{value!r} is not an amount")
    return amount


def _blank(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _day(value: object) -> object:
    """The calendar date of "2026-07-15" or "2026-07-15T00:00:00Z"; None from blank or a sentinel date."""
    if not isinstance(value, str):
        return value
    text = value.strip()[:10]
    return None if text in ("", "0001-01-01", "1970-01-01") else text


Money = Annotated[Decimal, BeforeValidator(_money)]
MaybeMoney = Annotated[Decimal | None, BeforeValidator(_money)]
#: An amount column: a blank one is zero, as Procore's own form shows it.
Column = Annotated[Decimal, BeforeValidator(lambda value: Decimal(0) if _money(value) is None else _money(value))]
Text = Annotated[str | None, BeforeValidator(_blank)]
Day = Annotated[date | None, BeforeValidator(_day)]
Moment = Annotated[datetime | None, BeforeValidator(_blank)]


class Fields(BaseModel):
    """What all of Procore's objects have in common here: read-only, unknown fields are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")
