"""How Procore's fields are read: money as Decimal, blanks as None, dates that mean "none" as None.

Procore sends money as strings and sometimes as numbers, percentages with a sign, "" for null, and 0001-01-01 or
1970-01-01 for "no date" (procore-api.md §7.7, §7.8).
"""

from __future__ import annotations

import re
import reprlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator

#: Larger than any sum of money here; a number beyond it is a mistake, not an amount.
LARGEST = Decimal(10) ** 12
#: Decimals that a rate or a quantity may have; written out, 1E-400000 would fill a page.
MOST_DECIMALS = 30
#: Characters of a number that can neither be too large nor have too many decimals.
_NEVER_TOO_LONG = 12
#: The ledger's columns are 64 bits wide, and nobody counts from below nothing.
LARGEST_ID = 2**63 - 1
#: How an amount is written; a comma is refused, since it may mean thousands or decimals.
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?|[+-]?\.[0-9]{1,40}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_NO_DATES = ("0001-01-01", "1970-01-01")
#: A date outside of these years is a slip of the keyboard ("0026"), and a day after the last one has no name.
_FIRST_YEAR, _LAST_YEAR = "1900", "2199"
_ZERO = Decimal(0)
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60


def quoted(value: object) -> str:
    """A value as a sentence shows it: never longer than a line, however large it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value}"[:60] if isinstance(value, Decimal) else _SHORT.repr(value)[:60]


def _money(value: object) -> Decimal | None:
    """A Decimal from "12.50" or 12.5; None from blank. Raises ValueError for anything else ("9.28%", NaN, 1e400)."""
    if isinstance(value, str):
        return _written(value)
    if value is None:
        return None
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return _in_bounds(Decimal(value) if is_number else None, value)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def _written(value: str) -> Decimal | None:
    """Most columns are the same few zeros."""
    text = value.strip()
    if not text:
        return None
    is_number = _NUMBER.fullmatch(text) is not None
    if is_number and len(text) <= _NEVER_TOO_LONG:
        return Decimal(text)
    return _in_bounds(Decimal(text) if is_number else None, text)


def _in_bounds(amount: Decimal | None, value: object) -> Decimal:
    if amount is None or not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError(f"{quoted(value)} is not an amount")
    if int(amount.as_tuple().exponent) < -MOST_DECIMALS:
        raise ValueError(f"{quoted(value)} has more than {MOST_DECIMALS} decimals")
    return amount


def _blank(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _id(value: object) -> object:
    """A whole number that the ledger can hold, also as text; True and 7.0 are none."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if value is None or (type(value) is int and 0 <= value <= LARGEST_ID):
        return value
    raise ValueError(f"{quoted(value)} is not an id")


def _one_line(value: object) -> object:
    """A name or a number as people read it: without the spaces and ends of lines that nobody sees."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _text(value: object) -> object:
    return (" ".join(value.split()) if isinstance(value, str) else value) or None


def _day(value: object) -> object:
    """The calendar date of "2026-07-15" or "2026-07-15T00:00:00Z"; None from blank or a sentinel date."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is not a date")
    text = value.strip()[:10]
    if not text or text in _NO_DATES:
        return None
    if not _FIRST_YEAR <= text[:4] <= _LAST_YEAR:
        raise ValueError(f"{quoted(value)} is not a date of our time")
    return text


def _moment(value: object) -> object:
    """None from blank or a sentinel date."""
    return _blank(value) if _day(value) else None


def _aware(value: datetime | None) -> datetime | None:
    """Procore's times are UTC (procore-api.md §1), also one that does not say so."""
    return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def _rows(value: object) -> object:
    """JSON null for a list is a list with nothing in it."""
    return () if value is None else value


def _object(value: object) -> object:
    """Procore leaves "" or [] where others write null for an object."""
    return None if value in ("", []) else value


def _column(value: object) -> Decimal:
    amount = _written(value) if isinstance(value, str) else _money(value)
    return _ZERO if amount is None else amount


T = TypeVar("T")

#: A list of objects; null is none of them.
Rows = Annotated[tuple[T, ...], BeforeValidator(_rows)]
#: An object that may be missing.
Maybe = Annotated[T | None, BeforeValidator(_object)]
Id = Annotated[int, BeforeValidator(_id)]
#: An id that may be missing; Procore leaves "" where others write null.
MaybeId = Annotated[int | None, BeforeValidator(lambda value: _id(_blank(value)))]
Money = Annotated[Decimal, BeforeValidator(_money)]
MaybeMoney = Annotated[Decimal | None, PlainValidator(_money)]
#: An amount column: a blank one is zero, as Procore's own form shows it.
Column = Annotated[Decimal, PlainValidator(_column)]
#: A name that must be there.
Name = Annotated[str, BeforeValidator(_one_line)]
#: A name, number or status on one line.
Text = Annotated[str | None, BeforeValidator(_text)]
#: Another program's own mark: never a reason why a record could not be read.
Mark = Annotated[str, BeforeValidator(lambda value: _one_line(value) if isinstance(value, str | int) else "")]
#: A description: its lines stay lines.
Prose = Annotated[str | None, BeforeValidator(_blank)]
Day = Annotated[date | None, BeforeValidator(_day)]
Moment = Annotated[datetime | None, AfterValidator(_aware), BeforeValidator(_moment)]


class Fields(BaseModel):
    """What all of Procore's objects have in common here: read-only, unknown fields are left aside.

    A text may come as a number (an invoice number, a line number), and a number is its own text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)
