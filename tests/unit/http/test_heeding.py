"""What an API's answers say about its limits goes before our own count; several budgets for one call."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import redis

from tests.unit.http.frozen import Clock
from worker.errors import RateLimited
from worker.http.budget import Budget, Budgets, Headers, Reset, Window, count

MINUTE = Window(60, 60.0, "X-Left")


def said(headers: Headers) -> Reset | None:
    left = count(headers.get("X-Until-Reset", ""))
    return None if left is None else Reset(left, float(headers["X-Reset-In"]))


def call(budget: Budget | Budgets, limited_s: float = 0.0, **headers: str) -> None:
    with budget.call() as answered:
        answered({f"X-{name.replace('_', '-')}": value for name, value in headers.items()}, limited_s)


# --- an API that tells its windows: how many calls are left in each --------------------------------------------------


def test_calls_that_we_do_not_know_of_count(server: redis.Redis, clock: Clock) -> None:
    """Others used the limit, or Redis was emptied: what the API says is left is what is left."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    call(budget, Left="10")
    assert budget.left() == {60.0: 10}
    for left in range(9, -1, -1):
        call(budget, Left=str(left))
    assert clock.slept == []
    call(budget)
    assert clock.passed == 60


def test_a_limit_lower_than_the_setting_is_learned(server: redis.Redis, clock: Clock) -> None:
    """An organisation with 1,000 calls a day, set up as one with 5,000, has 1,000 from the first answer on."""
    budget = Budget(server, "xero", [Window(5000, 86_400.0, "X-Left")], 5, sleep=clock.sleep)
    call(budget, Left="999")
    assert budget.left() == {86_400.0: 999}


def test_answers_that_know_what_we_know_cost_nothing(server: redis.Redis, clock: Clock) -> None:
    """Of a limit that we alone use nothing is lost when calls leave the window while an answer is on its way."""
    budget = Budget(server, "xero", [Window(4, 60.0, "X-Left")], 5, sleep=clock.sleep)
    for left in (3, 2, 1):
        call(budget, Left=str(left))
    clock.now += 59
    with budget.call() as answered:
        clock.now += 3
        answered({"X-Left": "0"}, 0)
    assert budget.left() == {60.0: 3}


def test_calls_under_way_may_be_counted_already(server: redis.Redis, clock: Clock) -> None:
    """What the API says is left has ours under way in it, or not: they are not taken for somebody else's."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    with ExitStack() as under_way:
        for _ in range(3):
            under_way.enter_context(budget.call())
        call(budget, Left="56")
        assert budget.left() == {60.0: 56}
        call(budget, Left="55")
        assert budget.left() == {60.0: 55}


@pytest.mark.parametrize("left", ["61", "", "-3", "many", "9" * 5000, "1e3"])
def test_a_number_that_makes_no_sense_changes_nothing(server: redis.Redis, clock: Clock, left: str) -> None:
    """More than the limit, or no number at all."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    call(budget, Left=left)
    assert budget.left() == {60.0: 59}


def test_a_429_counts_by_its_time_alone(server: redis.Redis, clock: Clock) -> None:
    """It says when to come back; what it says is left would keep us away for a whole window from now."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    call(budget, limited_s=26, Left="0")
    call(budget)
    assert clock.passed == pytest.approx(26, abs=0.01)


# --- an API that tells how many calls are left until it begins to count anew -----------------------------------------


def test_nothing_goes_before_the_reset_when_nothing_is_left(server: redis.Redis, clock: Clock) -> None:
    """The first call after it goes with the reset, and nobody meets a 429."""
    budget = Budget(server, "procore", [], 20, reset=said, sleep=clock.sleep)
    call(budget, Until_Reset="0", Reset_In="7")
    call(budget)
    assert clock.passed == pytest.approx(7, abs=0.01)


def test_a_reset_in_an_hour_is_told_not_waited_for(server: redis.Redis, clock: Clock) -> None:
    """The hourly limit is the caller's to park on."""
    budget = Budget(server, "procore", [], 20, reset=said, sleep=clock.sleep)
    call(budget, Until_Reset="0", Reset_In="3000")
    with pytest.raises(RateLimited) as limited:
        call(budget)
    assert limited.value.retry_in_s == pytest.approx(3000, abs=0.01)
    assert clock.slept == []


def test_no_more_calls_are_under_way_than_are_left(server: redis.Redis, clock: Clock) -> None:
    """Those under way may all be counted after the answer that said so."""
    budget = Budget(server, "procore", [], 20, reset=said, max_wait_s=1, sleep=clock.sleep)
    call(budget, Until_Reset="2", Reset_In="60")
    with budget.call(), budget.call(), pytest.raises(RateLimited, match="busy"):
        call(budget)
    call(budget)


def test_an_answer_that_was_overtaken_says_more_than_is_left(server: redis.Redis, clock: Clock) -> None:
    """The fewest count until the reset, after which nothing is known."""
    budget = Budget(server, "procore", [], 20, reset=said, sleep=clock.sleep)
    call(budget, Until_Reset="1", Reset_In="10")
    call(budget, Until_Reset="3", Reset_In="10")
    with budget.call(), pytest.raises(RateLimited):
        call(Budget(server, "procore", [], 20, max_wait_s=0, sleep=clock.sleep))
    clock.now += 10
    with budget.call():
        call(budget)


# --- several budgets -------------------------------------------------------------------------------------------------


def _two(server: redis.Redis, clock: Clock, inner: Window) -> tuple[Budgets, Budget, Budget]:
    organisation = Budget(server, "organisation", [MINUTE], 5, is_meant=lambda said: "X-App" not in said)
    app = Budget(server, "app", [inner], 0, is_meant=lambda said: "X-App" in said)
    for budget in (organisation, app):
        budget._sleep = clock.sleep
    return Budgets(organisation, app), organisation, app


def test_the_tightest_budget_counts(server: redis.Redis, clock: Clock) -> None:
    """A call waits for every one of its budgets."""
    both, organisation, _ = _two(server, clock, Window(2, 45.0))
    for _ in range(5):
        call(both)
    assert clock.passed == pytest.approx(90, abs=0.01)
    assert organisation.left() == {60.0: 57}  # two of the five have left its window


def test_what_one_budget_refuses_costs_the_other_nothing(server: redis.Redis, clock: Clock) -> None:
    """A wait that is too long for the app's limit leaves the organisation's as it was."""
    both, organisation, _ = _two(server, clock, Window(1, 3600.0))
    call(both)
    for _ in range(3):
        with pytest.raises(RateLimited, match=r"^app's window is used up\.$"):
            call(both)
    assert organisation.left() == {60.0: 59}


@pytest.mark.parametrize(("headers", "blocked"), [({}, "organisation"), ({"App": "1"}, "app")])
def test_a_429_blocks_the_budget_that_it_is_about(
    server: redis.Redis, clock: Clock, headers: dict[str, str], blocked: str
) -> None:
    """The other one's calls go on."""
    both, *budgets = _two(server, clock, MINUTE)
    call(both, limited_s=3600, **headers)
    for budget, name in zip(budgets, ("organisation", "app"), strict=True):
        if name == blocked:
            with pytest.raises(RateLimited):
                call(budget)
        else:
            call(budget)
