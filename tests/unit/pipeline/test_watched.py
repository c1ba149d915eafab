"""From when is asked what moved in Xero, by Xero's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.pipeline.look.watched import OVERLAP, SKEW, next_mark

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MARK = NOON - timedelta(hours=5)


@pytest.mark.parametrize(
    ("newest", "began", "unjudged", "expected"),
    [
        (None, None, (), MARK),
        (None, NOON, (), NOON - SKEW - OVERLAP),
        (NOON - 10 * MINUTE, NOON, (), NOON - 10 * MINUTE - OVERLAP),
        (NOON - timedelta(hours=3), NOON, (), NOON - SKEW - OVERLAP),
        (NOON + timedelta(days=900), NOON, (), NOON - OVERLAP),  # what moves while it is read may have missed its page
        (NOON, None, (), NOON - SKEW - OVERLAP),
        (NOON, NOON, (NOON - 20 * MINUTE, NOON - 2 * MINUTE), NOON - 20 * MINUTE - OVERLAP),
        (NOON, NOON, (MARK - 9 * MINUTE,), MARK),
        (MARK + MINUTE, None, (), MARK),
    ],
)
def test_the_mark_stands_behind_what_was_told(
    newest: datetime | None, began: datetime | None, unjudged: tuple[datetime, ...], expected: datetime
) -> None:
    """Behind the newest change or an hour behind the answers, behind what could not be judged, and never back."""
    assert next_mark(MARK, newest, began, unjudged) == expected
