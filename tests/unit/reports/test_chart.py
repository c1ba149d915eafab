"""The chart of calls: every day has its place, and nothing stands out of the drawing."""

from __future__ import annotations

from datetime import date, timedelta

from worker.reports.chart import DAYS, HEIGHT, WIDTH, chart

TODAY = date(2026, 7, 31)


def test_every_day_has_its_place_and_the_busiest_is_the_top() -> None:
    """Days without calls are gaps; days before the chart are left out."""
    found = chart({TODAY: 50, TODAY - timedelta(days=1): 100, TODAY - timedelta(days=DAYS): 999}, TODAY, 0)
    assert [bar.day for bar in found.bars] == [TODAY - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    assert (found.bars[-1].height, found.bars[-2].height) == (HEIGHT / 2, HEIGHT)
    assert (found.total, found.most, found.limit_y) == (150, 100, None)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in found.bars)


def test_the_limit_is_drawn_where_it_says_something() -> None:
    """Near the bars it is a line; far above them it would make them invisible."""
    assert chart({TODAY: 500}, TODAY, 1000).limit_y == 0
    assert chart({TODAY: 2000}, TODAY, 1000).limit_y == HEIGHT / 2
    assert chart({TODAY: 20}, TODAY, 5000).limit_y is None


def test_a_month_without_calls_is_empty() -> None:
    assert chart({}, TODAY, 1000).total == 0
