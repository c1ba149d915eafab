"""When lists are read: whatever moves is seen within the list's cap, and within a day where calls are short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.pipeline.read import rhythm
from worker.pipeline.read.rhythm import CAPS, WHOLE, ListAt, next_due, turn, usable

NOW = datetime(2026, 8, 1, tzinfo=UTC)
PASS, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
NEVER = NOW + 1000 * DAY


@pytest.mark.parametrize(
    ("name", "age", "after"),
    [
        ("claims", timedelta(), PASS),
        ("claims", 6 * HOUR, PASS),
        ("claims", 12 * HOUR, HOUR),
        ("claims", 30 * DAY, 2 * HOUR),
        ("payments", 30 * DAY, 4 * HOUR),
        ("invoices", 30 * DAY, 4 * HOUR),
        ("invoices", None, 4 * HOUR),
    ],
)
def test_what_moved_lately_is_read_more_often(name: str, age: timedelta | None, after: timedelta) -> None:
    """A twelfth of its age, at least a pass and at most its cap."""
    assert next_due(name, NOW, None if age is None else NOW - age, NEVER, PASS) == NOW + after


def test_a_claim_in_review_is_looked_at_in_every_pass_and_what_is_held_every_hour() -> None:
    """An approval is near; a person may have mended what is held. Neither puts off the comparison of everything."""
    old = NOW - 30 * DAY
    assert next_due("claims", NOW, old, NEVER, PASS, is_near=True) == NOW + PASS
    assert next_due("invoices", NOW, old, NEVER, PASS, is_held=True) == NOW + HOUR
    assert next_due("vendors", NOW, old, NEVER, PASS, is_held=True) == NOW + HOUR
    for name in (*CAPS, *WHOLE):
        assert next_due(name, NOW, old, NOW + PASS / 2, PASS, is_near=True, is_held=True) == NOW + PASS / 2


def test_a_quiet_project_is_compared_once_a_week() -> None:
    """And one in which something moved, once a day."""
    assert rhythm.compare_every(DAY, NOW - 6 * DAY, NOW) == DAY
    assert rhythm.compare_every(DAY, NOW - 7 * DAY, NOW) == rhythm.compare_every(DAY, None, NOW) == 7 * DAY


@pytest.mark.parametrize(
    ("calls", "every", "made", "left", "reset_in", "planned"),
    [
        (600, PASS, 0, None, timedelta(), 270),
        (600, PASS, 270, None, timedelta(), 270),  # the pass before
        (600, PASS, 500, None, timedelta(), 40),  # a first sync
        (600, PASS, 700, None, timedelta(), 0),
        (600, 2 * HOUR, 0, None, timedelta(), 540),  # a pass makes its calls at once
        (600, PASS, 0, 100, HOUR, 45),  # others use the same app
        (600, PASS, 0, 0, 2 * PASS, 0),
        (600, PASS, 0, 0, PASS / 2, 135),  # the hour begins anew in the middle
        (3600, PASS, 0, 3600, HOUR, 1620),
    ],
)
def test_a_pass_plans_with_what_is_left_of_the_hour(
    calls: int, every: timedelta, made: int, left: int | None, reset_in: timedelta, planned: int
) -> None:
    """A tenth stays for jobs that people start."""
    assert usable(calls, every, made, left, reset_in) == planned


def _at(project_id: int, name: str, *, read: timedelta, due: timedelta, moved: timedelta | None = None) -> ListAt:
    return ListAt(project_id, name, NOW - read, None if moved is None else NOW - moved, NOW + due)


def test_busy_projects_go_first_and_then_what_was_not_read_for_longest() -> None:
    """Before both goes what was not read for nearly a day, and a claim in review."""
    lists = [
        _at(1, "claims", read=10 * HOUR, due=-8 * HOUR),
        _at(2, "claims", read=12 * HOUR, due=-10 * HOUR),
        _at(3, "claims", read=3 * HOUR, due=-HOUR, moved=20 * DAY),
        _at(4, "claims", read=PASS, due=timedelta(), moved=40 * DAY),
        _at(5, "claims", read=24 * HOUR, due=-22 * HOUR),
        _at(6, "claims", read=24 * HOUR, due=PASS),
    ]
    order = [5, 4, 3, 2, 1]
    for calls in range(6):
        found = turn(lists, NOW, PASS, calls)
        assert (set(found.lists), found.put_off) == (set(order[:calls]), 5 - calls)


def test_half_of_the_calls_go_to_what_is_read_in_every_pass() -> None:
    """However much was not read for nearly a day: an approval is seen in half an hour at a thousand projects, too."""
    old = [_at(number, "claims", read=24 * HOUR, due=-22 * HOUR) for number in range(100)]
    near = [_at(100 + number, "claims", read=PASS, due=timedelta(), moved=DAY) for number in range(20)]
    found = turn([*old, *near], NOW, PASS, 20)
    assert [sum(id_ >= 100 for id_ in found.lists), len(found.lists)] == [10, 20]
    few = turn([*old, *near[:4]], NOW, PASS, 20)
    assert [sum(id_ >= 100 for id_ in few.lists), len(few.lists)] == [4, 20]


@pytest.mark.parametrize(("compared_in", "lists"), [(DAY, 10), (-HOUR, 3), (-5 * HOUR, 10)])
def test_a_list_costs_what_it_takes_to_see_what_changed(compared_in: timedelta, lists: int) -> None:
    """All of it, a call for each contract, when the project's comparison is due and it was not read since."""
    known = [
        one
        for id_ in range(10)
        for one in (
            ListAt(id_, "payments", NOW - 4 * HOUR, None, NOW, calls=6),
            ListAt(id_, "vendors", NOW - DAY, None, NOW + compared_in, calls=100),
        )
    ]
    assert len(turn(known, NOW, PASS, 20).lists) == lists


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4 * 24 * 60)), max_size=20),
    calls=st.integers(1, 4),
)
def test_no_change_is_seen_later_than_its_cap_or_within_a_day_where_calls_are_short(
    moves: list[tuple[int, int]], calls: int
) -> None:
    """Any pattern of changes in three lists of each of three projects: with a call for each list that may be due,
    within the cap; with as few as one call in each pass, within a day."""
    names = tuple(CAPS)
    state = {
        (project, name): ListAt(project, name, NOW, None, NOW + CAPS[name]) for project in range(3) for name in names
    }
    changes = sorted((NOW + timedelta(minutes=at), project) for project, at in moves)
    enough = calls == 4
    for number in range(1, 5 * 48 + 50):
        now = NOW + number * PASS
        found = turn(state.values(), now, PASS, 9 if enough else calls)
        for project, chosen in found.lists.items():
            for name in chosen:
                before = state[project, name]
                seen = [at for at, of in changes if of == project and before.read_at < at <= now]
                limit = CAPS[name] if enough else DAY + PASS
                assert all(now - at <= limit for at in seen)
                changed_at = seen[-1] if seen else before.changed_at
                state[project, name] = ListAt(
                    project, name, now, changed_at, next_due(name, now, changed_at, NEVER, PASS)
                )
        assert all(now - one.read_at <= (CAPS[one.name] if enough else DAY + PASS) for one in state.values())
