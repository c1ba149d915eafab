"""Which month is meant, as of which day, and in which financial year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from worker.month_end.period import NoMonthError, end_of, first_day, period

NOW = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
SYDNEY = ZoneInfo("Australia/Sydney")


def test_a_month_is_over_where_the_organisation_is() -> None:
    """In the evening of the last day in Greenwich it is the next month in Sydney."""
    october = date(2026, 10, 1)
    there, here = period(october, NOW, SYDNEY), period(october, NOW, UTC)
    assert (there.as_of, there.is_over) == (date(2026, 10, 31), True)
    assert (here.as_of, here.is_over) == (date(2026, 10, 31), False)
    assert period(date(2026, 11, 1), NOW, SYDNEY).as_of == date(2026, 11, 1)
    assert end_of(date(2026, 10, 31), SYDNEY) == datetime(2026, 10, 31, 13, 0, tzinfo=UTC)


def test_a_month_that_has_begun_somewhere_may_be_asked_for() -> None:
    assert first_day("2026-11", NOW) == date(2026, 11, 1)
    with pytest.raises(NoMonthError, match="December 2026 has not begun yet"):
        first_day("2026-12", NOW)


@pytest.mark.parametrize("text", ["2026-1", "2026-13", "26-10", "2026/10", "", "٢٠٢٦-10", "2026-10-01"])
def test_what_is_no_month_is_said(text: str) -> None:
    with pytest.raises(NoMonthError, match="is no month"):
        first_day(text, NOW)


@pytest.mark.parametrize(("month", "begins"), [((2026, 6), 2025), ((2026, 7), 2026), ((2027, 1), 2026)])
def test_the_financial_year_begins_in_july(month: tuple[int, int], begins: int) -> None:
    assert period(date(*month, 1), datetime(2028, 1, 1, tzinfo=UTC), UTC).year_from == date(begins, 7, 1)
