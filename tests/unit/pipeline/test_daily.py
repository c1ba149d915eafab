"""Full comparisons: one for each project in each interval, and never all projects' together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from worker.pipeline.read.daily import counts_as, is_due

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def due(before: datetime | None, read_at: datetime, project_id: int) -> datetime:
    return counts_as(before, read_at, DAY, project_id) + DAY


def test_ten_thousand_first_readings_come_back_all_over_the_day() -> None:
    """Numbers follow one another, as Procore gives them; no hour gets more than a fair share and a tenth."""
    hours = Counter((due(None, START, 310_000 + number) - START) // HOUR for number in range(10_000))
    assert set(hours) == set(range(24))
    assert max(hours.values()) < 10_000 / 24 * 1.1


def test_a_first_reading_is_never_later_than_an_interval() -> None:
    """The spread brings a comparison forward; it never puts one off."""
    assert all(START <= due(None, START, number) <= START + DAY for number in range(1_000))


def test_a_project_keeps_its_time() -> None:
    """However late a pass was, the next comparison is due a whole number of intervals after the one before."""
    first = counts_as(None, START, DAY, 310)
    late = first + DAY + 7 * HOUR
    assert due(first, late, 310) == first + 2 * DAY
    assert due(first, first + 5 * DAY + HOUR, 310) == first + 6 * DAY


def test_after_an_outage_the_projects_are_spread_as_before() -> None:
    """All of them are read in the first pass after it, and none of them loses its place in the day."""
    first = {number: counts_as(None, START, DAY, number) for number in range(1_000)}
    back = START + 10 * DAY
    again = {number: due(before, back, number) for number, before in first.items()}
    assert {number: (then - first[number]) % DAY for number, then in again.items()} == dict.fromkeys(first, 0 * DAY)
    assert all(back <= then <= back + DAY for then in again.values())


def test_a_reading_of_the_future_is_over() -> None:
    """A clock that was wrong for a day does not put the next comparison off for as long."""
    assert [is_due(START - ago, START, DAY) for ago in (0 * HOUR, HOUR, DAY - HOUR)] == [False, False, False]
    assert [is_due(at, START, DAY) for at in (None, START - DAY, START + HOUR)] == [True, True, True]
    first = counts_as(None, START, DAY, 310)
    assert START - DAY < counts_as(first + 20 * DAY, START, DAY, 310) <= START
