"""A small bar chart as numbers to be drawn: calls of each day, its limit, and where every bar stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

#: Days shown, and the drawing's own units.
DAYS, WIDTH, HEIGHT, GAP = 30, 600, 120, 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day."""

    day: date
    calls: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The days up to today, the oldest first."""

    bars: tuple[Bar, ...]
    #: The day with the most calls: the top of the chart, unless the limit lies near above it.
    most: int
    #: Where the line of the day's limit lies; None when it is far above all bars, or there is none.
    limit_y: float | None

    @property
    def total(self) -> int:
        return sum(bar.calls for bar in self.bars)


def chart(by_day: Mapping[date, int], today: date, limit: int) -> Chart:
    """`limit` is 0 where there is none."""
    days = [today - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    calls = [by_day.get(day, 0) for day in days]
    most = max(calls)
    shows_limit = bool(limit) and most >= limit / 4
    top = max(most, limit if shows_limit else 0, 1)
    step = WIDTH / DAYS
    bars = tuple(
        Bar(day, count, n * step + GAP / 2, HEIGHT - HEIGHT * count / top, step - GAP, HEIGHT * count / top)
        for n, (day, count) in enumerate(zip(days, calls, strict=True))
    )
    return Chart(bars, most, HEIGHT - HEIGHT * limit / top if shows_limit else None)
