"""When lists are read: whatever moves is seen within the list's cap, and within a day where calls are short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from worker.pipeline.read import lists, rhythm
from worker.pipeline.read.rhythm import CAPS, WHOLE, ListAt, Usable, next_due, turn, usable

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
        (600, PASS / 900, 0, None, timedelta(), 1),  # a pass every two seconds
        (600, PASS / 900, 540, None, timedelta(), 0),
    ],
)
def test_a_pass_plans_with_what_is_left_of_the_hour(
    calls: int, every: timedelta, made: int, left: int | None, reset_in: timedelta, planned: int
) -> None:
    """A tenth stays for jobs that people start."""
    found = usable(calls, every, made, left, reset_in)
    assert (found.calls, found.saved) == (planned, int(0.45 * calls))
    assert found.left >= planned


def of(calls: int) -> Usable:
    """What is left of the hour is what the pass may use."""
    return Usable(calls, calls, 270)


def _at(project_id: int, name: str, *, read: timedelta, due: timedelta, moved: timedelta | None = None) -> ListAt:
    return ListAt(project_id, name, NOW - read, None if moved is None else NOW - moved, NOW + due)


def test_what_has_been_due_for_longest_goes_first() -> None:
    """Of two that were read together that is the one in which something moved. Before all goes what was not read for
    nearly a day, and a claim in review."""
    known = [
        _at(1, "claims", read=10 * HOUR, due=-6 * HOUR),
        _at(2, "claims", read=10 * HOUR, due=-8 * HOUR, moved=DAY),
        _at(3, "claims", read=12 * HOUR, due=-10 * HOUR),
        _at(4, "claims", read=PASS, due=timedelta(), moved=40 * DAY),
        _at(5, "claims", read=24 * HOUR, due=-22 * HOUR),
        _at(6, "claims", read=24 * HOUR, due=PASS),
    ]
    order = [5, 4, 3, 2, 1]
    for calls in range(6):
        found = turn(known, NOW, PASS, of(calls))
        assert (set(found.lists), found.put_off) == (set(order[:calls]), 5 - calls)


@pytest.mark.parametrize(("read", "counts"), [(23 * HOUR, [10, 4, 3]), (DAY, [16, 4, 0])])
def test_payments_that_are_waited_for_go_before_what_was_not_read_for_longest(
    read: timedelta, counts: list[int]
) -> None:
    """With what is left of the half for what is read in every pass; unless something was not read for a day."""
    old = [_at(number, "claims", read=read, due=-22 * HOUR) for number in range(100)]
    near = [_at(100 + number, "claims", read=PASS, due=timedelta(), moved=DAY) for number in range(4)]
    paid = [replace(_at(200 + number, "payments", read=5 * HOUR, due=-HOUR), is_awaited=True) for number in range(20)]
    found = turn([*old, *near, *paid], NOW, PASS, of(20)).lists
    assert [sum(low <= id_ < low + 100 for id_ in found) for low in (0, 100, 200)] == counts
    few = turn([*old, *paid], NOW, PASS, of(2)).lists  # too few for both: what is late goes
    assert [*few] == [0, 1]


def test_of_lists_that_are_not_due_their_number_is_enough() -> None:
    """What a pass reads is the same as if it were shown all of them: what is late depends on how many there are."""
    due = [_at(number, "claims", read=HOUR + number * PASS / 2, due=-(40 - number) * PASS / 9) for number in range(40)]
    later = [_at(100 + number, "payments", read=PASS, due=DAY) for number in range(300)]
    for calls in range(0, 40, 3):
        assert turn(due, NOW, PASS, of(calls), {"payments": 300}) == turn([*due, *later], NOW, PASS, of(calls))
    assert turn(due, NOW, PASS, of(9), {"payments": 300}) != turn(due, NOW, PASS, of(9))


def test_half_of_the_calls_go_to_what_is_read_in_every_pass() -> None:
    """However much was not read for nearly a day: an approval is seen in half an hour at a thousand projects, too."""
    old = [_at(number, "claims", read=24 * HOUR, due=-22 * HOUR) for number in range(100)]
    near = [_at(100 + number, "claims", read=PASS, due=timedelta(), moved=DAY) for number in range(20)]
    found = turn([*old, *near], NOW, PASS, of(20))
    assert [sum(id_ >= 100 for id_ in found.lists), len(found.lists)] == [10, 20]
    few = turn([*old, *near[:4]], NOW, PASS, of(20))
    assert [sum(id_ >= 100 for id_ in few.lists), len(few.lists)] == [4, 20]


@pytest.mark.parametrize(
    ("name", "moved", "compare_in", "takes"),
    [
        ("claims", None, DAY, 1),
        ("claims", 2 * HOUR, DAY, 1),
        ("claims", HOUR, DAY, 3),  # it shows what it showed, and so the contracts are read
        ("payments", None, DAY, 2),
        ("payments", HOUR, DAY, 2),
        ("payments", None, timedelta(), 6),
        ("payments", None, None, 6),  # a ledger of before
        ("invoices", None, DAY, 1),
        ("vendors", None, DAY, 6),
    ],
)
def test_a_list_costs_what_it_takes_to_see_what_changed(
    name: str, moved: timedelta | None, compare_in: timedelta | None, takes: int
) -> None:
    """Or all of it, a call for each contract, when everything is compared."""
    compare_at = None if compare_in is None else NOW + compare_in
    changed_at = None if moved is None else NOW - moved
    assert rhythm.cost(ListAt(1, name, NOW - DAY, changed_at, NOW, compare_at, calls=6), NOW) == takes


def test_a_list_of_claims_shows_as_long_as_it_is_read_again() -> None:
    """Else a pass would reckon with less than it takes."""
    assert rhythm.SHOWN == lists.SKEW + lists.OVERLAP


def test_lists_that_come_whole_are_read_when_all_is_compared_and_not_just_before() -> None:
    """They would be read again then. One that is held is judged anew with the pass that is nearest."""
    known = [
        ListAt(1, "vendors", NOW - DAY, None, NOW + PASS / 2),
        ListAt(2, "vendors", NOW - DAY, None, NOW),
        ListAt(3, "vendors", NOW - PASS, None, NOW + PASS / 2),
    ]
    assert set(turn(known, NOW, PASS, of(20)).lists) == {2, 3}


def test_what_costs_more_than_a_pass_has_is_read_when_it_is_its_turn() -> None:
    """It may use what is left of the hour. Else it would never be read, where passes are a minute apart or others use
    up the hour; where the hour has too little, nothing else is read, so that the next pass has more."""
    dear = ListAt(1, "vendors", NOW - 2 * DAY, None, NOW - DAY, calls=30)
    others = [_at(2 + number, "claims", read=23 * HOUR, due=-21 * HOUR) for number in range(9)]
    found = turn([*others, dear], NOW, PASS, Usable(9, 30, 270))
    assert (found.lists, found.put_off) == ({1: ("vendors",)}, 9)
    for left in (9, 29):
        assert turn([*others, dear], NOW, PASS, Usable(9, left, 270)).put_off == 10
    near = _at(20, "claims", read=PASS, due=timedelta(), moved=DAY)
    assert turn([*others, dear, near], NOW, PASS, Usable(9, 9, 270)).lists == {20: ("claims",)}
    assert turn([dear], NOW, PASS, of(0)).put_off == 1


def test_for_what_takes_more_than_half_an_hour_has_no_more_is_saved() -> None:
    """More is never left, since the other half goes to what is read in every pass."""
    dear = ListAt(1, "payments", NOW - 2 * DAY, None, NOW - DAY, calls=900)
    assert turn([dear], NOW, PASS, Usable(270, 540, 270)).lists == {1: ("payments",)}
    assert turn([dear], NOW, PASS, Usable(200, 269, 270)).put_off == 1


class Company:
    """Projects as passes see them: what a reading takes is counted against the next ones, as Procore does."""

    def __init__(self, costs: list[int], every: timedelta) -> None:
        self.every, self.now = every, NOW
        #: Calls of each pass, and those that people's jobs made.
        self.made: list[tuple[datetime, int]] = []
        self.by_hand: list[tuple[datetime, int]] = []
        of = [(project, name) for project in range(len(costs)) for name in (*CAPS, *WHOLE)]
        self.compared = {key: NOW - DAY * (key[0] / len(costs)) for key in of}  # each project at a time of its own
        self.lists = {
            key: ListAt(
                *key,
                NOW,
                None,
                min(NOW + CAPS.get(key[1], DAY), compared + DAY),
                compared + DAY,
                costs[key[0]],
                is_awaited=key[1] == "payments" and key[0] % 2 == 0,
            )
            for key, compared in self.compared.items()
        }

    def run(self, calls_an_hour: int, reviewed: set[int], moved: set[tuple[int, str]]) -> None:
        """One pass, in which these projects have a claim in review, and something new is found in these lists."""
        self.now += self.every
        since = self.now - max(timedelta(), HOUR - self.every)
        made = sum(calls for at, calls in self.made if at >= since) + self.of_people()
        found = turn(self.lists.values(), self.now, self.every, usable(calls_an_hour, self.every, made, None, DAY * 0))
        spent = 0
        for project, names in found.lists.items():
            for name in names:
                before, compared = self.lists[project, name], self.compared[project, name]
                is_whole = self.now - compared >= DAY
                compared = self.compared[project, name] = compared + (self.now - compared) // DAY * DAY
                changed = rhythm.CHANGED.get(name, before.calls)
                spent += max(before.calls, changed) if is_whole else changed
                changed_at = self.now - self.every / 2 if (project, name) in moved else before.changed_at
                near = name == "claims" and project in reviewed
                due_at = next_due(name, self.now, changed_at, compared + DAY, self.every, is_near=near)
                self.lists[project, name] = replace(
                    before, read_at=self.now, changed_at=changed_at, due_at=due_at, compare_at=compared + DAY
                )
        self.made.append((self.now, spent))

    def of_people(self) -> int:
        """Calls that people's jobs made within the last hour."""
        return sum(calls for at, calls in self.by_hand if at > self.now - HOUR)

    def unread_for(self, name: str) -> timedelta:
        """The longest time for which one of these lists was not read."""
        return max(self.now - one.read_at for one in self.lists.values() if one.name == name)


@settings(max_examples=40, deadline=None)
@given(
    costs=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    every=st.sampled_from([PASS, 2 * HOUR]),
    enough=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_nothing_is_seen_later_than_it_may_be_whatever_moves(
    costs: list[int], every: timedelta, enough: bool, seed: int
) -> None:
    """Projects of any size, reviews and changes in any pattern, passes near or far. Where the hour is enough for all of
    them at once: claims in review in every pass, each list within its cap. Where it is enough for a day's work only:
    what changed within a day, and what comes whole, and is due once a day, a day later."""
    company, random = Company(costs, every), Random(seed)  # noqa: S311 - a pattern that can be repeated
    whole = sum(one.calls for one in company.lists.values())
    calls = 4 * whole * max(1, int(HOUR / every)) if enough else max(1, whole // 3 + len(costs))
    for _ in range(100):
        reviewed = {project for project in range(len(costs)) if random.random() < 0.2}
        company.run(calls, reviewed, {key for key in company.lists if random.random() < 0.1})
        for name in (*CAPS, *WHOLE):
            own, short = (max(CAPS[name], every), DAY) if name in CAPS else (DAY + every, 2 * DAY)
            assert company.unread_for(name) <= (own if enough else short + 2 * every), name


@settings(max_examples=examples(40), deadline=None)
@given(
    costs=st.lists(st.integers(1, 30), min_size=1, max_size=8),
    every=st.sampled_from([timedelta(minutes=10), PASS, HOUR, 2 * HOUR]),
    calls=st.sampled_from([70, 100, 600]),
    seed=st.integers(0, 2**32),
)
def test_passes_never_plan_more_than_the_hour_has(costs: list[int], every: timedelta, calls: int, seed: int) -> None:
    """In any hour, whatever moves and whatever people's jobs use, which always go: a tenth stays free for what is
    found and for them."""
    company, random = Company(costs, every), Random(seed)  # noqa: S311 - a pattern that can be repeated
    for _ in range(100):
        if random.random() < 0.1:
            company.by_hand.append((company.now + every * random.random(), random.randrange(calls)))
        reviewed = {project for project in range(len(costs)) if random.random() < 0.2}
        company.run(calls, reviewed, {key for key in company.lists if random.random() < 0.1})
        planned = sum(made for at, made in company.made if at > company.now - HOUR)
        assert planned <= 0.9 * calls
        assert company.made[-1][1] == 0 or planned + company.of_people() <= 0.9 * calls


@settings(max_examples=examples(600), deadline=None)
@example(moves=[(0, 210), (0, 600), (1, 1050)], calls=2)  # what is read in every pass left one call of the two
@given(
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4 * 24 * 60)), max_size=20),
    calls=st.integers(2, 4),
)
def test_no_change_is_seen_later_than_its_cap_or_within_a_day_where_calls_are_short(
    moves: list[tuple[int, int]], calls: int
) -> None:
    """Any pattern of changes in three lists of each of three projects: with the calls of all that may be due, within
    the cap; with as few as two calls in each pass, within a day."""
    names = tuple(CAPS)
    all_of_them = 3 * (sum(rhythm.CHANGED.values()) + rhythm.CONTRACTS)
    state = {
        (project, name): ListAt(project, name, NOW, None, NOW + CAPS[name], NEVER, is_awaited=name == "payments")
        for project in range(3)
        for name in names
    }
    changes = sorted((NOW + timedelta(minutes=at), project) for project, at in moves)
    enough = calls == 4
    for number in range(1, 5 * 48 + 50):
        now = NOW + number * PASS
        found = turn(state.values(), now, PASS, of(all_of_them if enough else calls))
        for project, chosen in found.lists.items():
            for name in chosen:
                before = state[project, name]
                seen = [at for at, of in changes if of == project and before.read_at < at <= now]
                limit = CAPS[name] if enough else DAY + PASS
                assert all(now - at <= limit for at in seen)
                changed_at = seen[-1] if seen else before.changed_at
                due_at = next_due(name, now, changed_at, NEVER, PASS)
                state[project, name] = replace(before, read_at=now, changed_at=changed_at, due_at=due_at)
        assert all(now - one.read_at <= (CAPS[one.name] if enough else DAY + PASS) for one in state.values())
