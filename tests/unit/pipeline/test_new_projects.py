"""How many new projects a pass begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.pipeline.read.new_projects import FIRST, begun
from worker.pipeline.read.rhythm import ListAt, Usable

NOW, PASS = datetime(2026, 8, 3, tzinfo=UTC), timedelta(minutes=30)
LATER = NOW + timedelta(days=1)
NEW = range(1000, 1200)


@pytest.mark.parametrize(
    ("due", "usual", "calls", "left", "number"),
    [
        (0, 0, 270, 540, 270 // FIRST),
        (100, 0, 270, 540, 170 // FIRST),  # what is due goes on
        (1000, 0, 270, 540, 135 // FIRST),  # half the calls, however much is due
        (0, 30, 270, 540, 9),  # projects here are larger
        (1000, 30, 40, 540, 1),
        (1000, 30, 40, 29, 0),  # the hour has not so many left
        (0, 900, 270, 270, 1),  # more than an hour ever has: when nothing else was read
        (0, 0, 0, 0, 0),
    ],
)
def test_as_many_are_begun_as_calls_are_enough_for(due: int, usual: int, calls: int, left: int, number: int) -> None:
    """The first ones, each reckoned with what those that are known take."""
    lists = [ListAt(id_, "claims", NOW - PASS, None, NOW, LATER) for id_ in range(due)]
    found = begun(NEW, lists, usual, NOW, PASS, Usable(calls, left, 270))
    assert [*found.project_ids] == [*NEW[:number]]
    assert found.calls == number * max(FIRST, usual)
