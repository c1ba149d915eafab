"""The month that is asked for, the day as of which it is shown, and the financial year that it lies in."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

#: As it is typed: year and month.
_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)
#: Nowhere is it later than so many hours after UTC.
_FURTHEST = timedelta(hours=14)
#: The Australian financial year begins in July.
_JULY = 7


class NoMonthError(ValueError):
    """What was typed is no month that can be shown; the message is the sentence."""


@dataclass(frozen=True, slots=True)
class Period:
    """A month, shown as of a day in it: its last one, or today while it goes on."""

    first: date
    as_of: date
    is_over: bool = True

    @property
    def last(self) -> date:
        """The month's last day."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def name(self) -> str:
        return f"{self.first:%B %Y}"

    @property
    def year_from(self) -> date:
        """The first day of the Australian financial year that the month lies in."""
        return date(self.first.year - (self.first.month < _JULY), _JULY, 1)

    def has(self, on: date) -> bool:
        """Whether a day is in the month, and not after the day as of which it is shown."""
        return self.first <= on <= self.as_of


def first_day(text: str, now: datetime) -> date:
    """Of the month that was typed. Raises NoMonthError for what is none, and for one that has begun nowhere yet."""
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        raise NoMonthError(f"{text} is no month. Type year and month, as in {now:%Y-%m}.")
    first = date(int(found[1]), int(found[2]), 1)
    if first > (now.astimezone(UTC) + _FURTHEST).date():
        raise NoMonthError(f"{first:%B %Y} has not begun yet. Name this month or one before it, as in {now:%Y-%m}.")
    return first


def period(first: date, now: datetime, zone: tzinfo) -> Period:
    """The month as of its last day, or as of today there."""
    today, last = now.astimezone(zone).date(), Period(first, first).last
    return Period(first, max(first, min(last, today)), today > last)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day is over there."""
    return datetime.combine(day + timedelta(days=1), time.min, zone)
