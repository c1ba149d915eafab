"""With how many others a document goes whose requests came to nothing, and when it is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.pipeline.decide.came_to_nothing import AGAIN_AFTER, is_left, most, noted

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
MARK = "fingerprint"


def after(*together: int, mark: str = MARK) -> dict[str, Any]:
    """The facts of a record after requests of so many documents came to nothing, the last one now."""
    facts: dict[str, Any] = {}
    for number in together:
        facts |= noted(facts, mark, number, NOW)
    return facts


@pytest.mark.parametrize(
    ("together", "expected"), [((), None), ((50,), 10), ((50, 10), 2), ((4,), 1), ((50, 10, 2), 1), ((2, 1, 1, 1), 1)]
)
def test_fewer_go_with_it_each_time(together: tuple[int, ...], expected: int | None) -> None:
    assert most(after(*together), MARK) == expected


@pytest.mark.parametrize(
    ("together", "expected"), [((), False), ((2,), False), ((2, 1), False), ((1,), False), ((2, 1, 1), True)]
)
def test_it_is_left_when_it_came_to_nothing_twice_alone(together: tuple[int, ...], expected: bool) -> None:
    """Once may have been its worker's end, or a minute in which Xero was away."""
    assert is_left(after(*together), MARK, NOW, NOW, by_hand=False) == expected


@pytest.mark.parametrize(
    ("later", "by_hand", "expected"),
    [
        (timedelta(0), False, True),
        (AGAIN_AFTER - timedelta(seconds=1), False, True),
        (AGAIN_AFTER, False, False),
        (timedelta(minutes=1), True, False),
    ],
    ids=str,
)
def test_it_is_left_for_an_hour_or_until_a_person_says_so(later: timedelta, by_hand: bool, expected: bool) -> None:
    """In the very pass, or job by hand, in which it came to nothing it does not go again."""
    facts = after(1, 1)
    assert is_left(facts, MARK, NOW + later, NOW + later, by_hand=by_hand) == expected
    assert is_left(facts, MARK, NOW, NOW + later, by_hand=by_hand)


def test_another_document_begins_anew() -> None:
    """The record has changed, or the mapping file."""
    facts = after(2, 1, 1)
    assert (most(facts, "another"), is_left(facts, "another", NOW, NOW, by_hand=False)) == (None, False)
    assert most(after(2, 1, mark="another") | noted(after(2, 1), "another", 1, NOW), "another") == 1
