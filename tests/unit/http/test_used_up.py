"""Which limit keeps calls back, and for how long, as people are told."""

from __future__ import annotations

import pytest
import redis

from tests.unit.http.frozen import Clock
from worker.errors import RateLimited
from worker.http import limit_waits
from worker.http.budget import Budget, Reset, Window

MINUTE, DAY = Window(2, 60.0, name="minute"), Window(5, 86_400.0, name="day")


def call(budget: Budget, limited_s: float = 0.0) -> None:
    with budget.call() as answered:
        answered({"Left": "0"}, limited_s)


def xero(server: redis.Redis, clock: Clock) -> Budget:
    return Budget(server, "Xero organisation 1", [MINUTE, DAY], 5, sleep=clock.sleep)


def test_the_window_that_is_waited_for_is_named(server: redis.Redis, clock: Clock) -> None:
    """Nothing as long as calls may go; then the one that is free again last."""
    budget = xero(server, clock)
    call(budget)
    assert budget.used_up() is None
    call(budget)
    clock.now += 12
    assert (said := budget.used_up()) is not None
    assert said.said == "Xero's minute is used up; free in 48 s"
    clock.now += 48
    assert budget.used_up() is None
    for _ in range(3):
        call(budget)
    assert (said := budget.used_up()) is not None
    assert said.said.startswith("Xero's day is used up; free in 23 h 5")


def test_a_pause_that_the_api_asks_for_is_told(server: redis.Redis, clock: Clock) -> None:
    """Of a 429, and of an API that says itself what is left."""
    budget = xero(server, clock)
    call(budget, 26.0)
    assert (said := budget.used_up()) is not None
    assert said.what == "Xero asked for no calls"
    told = Budget(server, "Procore app 1", (), 5, reset=lambda _: Reset(0, 40.0), sleep=clock.sleep)
    call(told)
    assert (said := told.used_up()) is not None
    assert said.said == "Procore's calls are used up; free in 40 s"


def test_who_listens_hears_of_a_wait_and_of_its_end(server: redis.Redis, clock: Clock) -> None:
    """The call goes all the same; nobody is told of less than a second."""
    budget, heard = xero(server, clock), list[tuple[str, float]]()
    with limit_waits.heard(lambda what, seconds: heard.append((what, seconds))):
        for _ in range(3):
            call(budget)
    assert heard == [("Xero's minute is used up", 60.0), ("", 0.0)]


def test_a_refusal_says_it_twice(server: redis.Redis, clock: Clock) -> None:
    """For now with how long it lasts, for later without."""
    budget = xero(server, clock)
    for _ in range(5):
        call(budget)
    with pytest.raises(RateLimited) as caught:
        call(budget)
    assert str(caught.value) == "Xero's day is used up."
    assert caught.value.now.startswith("Xero's day is used up; free in 23 h 5")
