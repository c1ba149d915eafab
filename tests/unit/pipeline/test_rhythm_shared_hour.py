"""No list is read later than its cap, whatever else goes on in Procore's hour: others who share it, a limit that
changes, answers that it is used up, passes that do not begin, messages that come or are lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.pipeline.shared_hour import DAY, HOUR, NOW, Company, Procore
from worker.pipeline.read.rhythm import ListAt, cost, for_messages, of_a_message

PASS = timedelta(minutes=30)
#: As docs/scale.md states them.
STATED = {"claims": 2 * HOUR, "payments": 4 * HOUR, "invoices": 4 * HOUR}
PASSES = 144


@dataclass(frozen=True)
class Hour:
    """What goes on beside the passes."""

    #: Of every list's calls, so many go into an hour.
    enough_for: float = 8.0
    organisations: int = 1
    has_messages: bool = False
    limit_changes: bool = False
    others_call: bool = False
    is_refused: bool = False
    passes_fail: bool = False


def play(costs: list[int], hour: Hour, seed: int) -> tuple[Company, dict[str, timedelta], timedelta]:
    """Three days; returns the company, how long each kind of list was not read at most, and the longest time in which
    no pass could read."""
    chance = Random(seed)  # noqa: S311 - a pattern that can be repeated
    calls = max(1, int(hour.enough_for * 5 * sum(costs)))
    company = Company(costs, PASS, Procore(calls), hour.organisations)
    company.said = (calls, calls, NOW)
    everyone = range(len(costs))
    longest = dict.fromkeys(STATED, timedelta())
    lost = lost_now = timedelta()
    for number in range(PASSES):
        company.now += PASS
        procore = company.procore
        if hour.limit_changes and number % 24 == 11:
            procore.limit = chance.choice([calls, calls // 2, 6 * calls])
        if hour.others_call:
            procore.use(chance.randrange(1 + procore.limit // 8), company.now)
        if hour.is_refused and chance.random() < 0.1:
            procore.away_until = company.now + timedelta(minutes=chance.choice([1, 20, 50]))
        if hour.has_messages:
            company.at_hand({(chance.choice(everyone), chance.choice([*STATED]))})
        reviewed = {project for project in everyone if chance.random() < 0.2}
        moved = {key for key in company.lists if chance.random() < 0.1}
        is_skipped = hour.passes_fail and chance.random() < 0.2
        is_whole = not is_skipped and company.one_pass(reviewed, moved) and not company.parked_now()
        lost_now = timedelta() if is_whole else lost_now + PASS
        lost = max(lost, lost_now)
        for name in STATED:
            longest[name] = max(longest[name], company.unread_for(name, everyone))
    return company, longest, lost


def hours(*enough_for: float) -> st.SearchStrategy[Hour]:
    flags = ("has_messages", "limit_changes", "others_call", "is_refused", "passes_fail")
    more = {flag: st.booleans() for flag in flags}
    return st.builds(Hour, enough_for=st.sampled_from(enough_for), organisations=st.integers(1, 3), **more)


def takes_calls(hour: Hour) -> bool:
    """Whether calls may go that a pass has planned with already; else none that it plans is ever refused."""
    return hour.others_call or hour.limit_changes


COSTS = st.lists(st.integers(3, 30), min_size=2, max_size=6)
SEEDS = st.integers(0, 2**32)


@settings(max_examples=examples(240), deadline=None)
@given(costs=COSTS, hour=hours(8.0, 2.0), seed=SEEDS)
def test_no_list_is_read_later_than_its_cap_but_for_passes_that_could_not_read(
    costs: list[int], hour: Hour, seed: int
) -> None:
    """Where the hour's calls are enough for all lists together, also while its limit is halved."""
    company, longest, lost = play(costs, hour, seed)
    for name, cap in STATED.items():
        assert longest[name] <= cap + lost, name
    assert company.procore.refused == 0 or takes_calls(hour)


@settings(max_examples=examples(240), deadline=None)
@given(costs=COSTS, hour=hours(0.5), seed=SEEDS)
def test_where_the_hour_is_too_short_everything_is_read_within_a_day(costs: list[int], hour: Hour, seed: int) -> None:
    """Half of the lists' calls in an hour, a quarter while its limit is halved: none waits for ever."""
    company, longest, lost = play(costs, hour, seed)
    for name in STATED:
        assert longest[name] <= DAY + PASS + lost, name
    assert company.procore.refused == 0 or takes_calls(hour)


@pytest.mark.parametrize(
    ("made", "left", "under_way", "jobs"),
    [
        (0, None, 0, 67),  # half of 540 calls, four for each
        (0, None, 240, 7),
        (200, None, 0, 17),
        (270, None, 0, 0),
        (0, 40, 0, 9),  # others use the same app
        (0, 0, 0, 0),
        (0, 600, 320, 0),
    ],
)
def test_messages_have_half_of_the_hour(made: int, left: int | None, under_way: int, jobs: int) -> None:
    """The other half is for passes, whatever comes."""
    waiting = dict.fromkeys(range(100), 4)
    assert for_messages(waiting, 600, made, left, under_way) == [*range(jobs)]


def test_a_message_is_reckoned_with_what_its_lists_take() -> None:
    """Where everything in a list is to be compared it is many calls; what there are none for waits, cheap ones go."""
    whole = ListAt(1, "payments", NOW - DAY, None, NOW, NOW, calls=200)
    changed = replace(whole, compare_at=NOW + DAY)
    takes = [of_a_message([one], NOW) for one in (whole, whole, changed)]
    assert takes == [200, 200, 4]
    assert for_messages(dict(enumerate(takes)), 600, 0, None, 0) == [0, 2]


def test_payments_cost_their_contracts_however_few_they_are() -> None:
    """Their last comparison took a call only where the claims had read the contracts already; alone it takes two."""
    for compare_at in (NOW, NOW + DAY):
        assert cost(ListAt(1, "payments", NOW - DAY, None, NOW, compare_at, calls=1), NOW) == 2
