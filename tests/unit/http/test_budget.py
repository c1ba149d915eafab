"""The call budget, on a frozen clock: exact, in order, and never stuck."""

from __future__ import annotations

import time
from contextlib import ExitStack

import fakeredis
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.http.frozen import Clock
from worker.errors import ApiUnavailable, ConfigError, RateLimited
from worker.http.budget import Budget, Reset, Window

MINUTE = Window(60, 61.0, name="minute")
DAY = Window(5000, 86460.0)


def _call(budget: Budget) -> None:
    with budget.call():
        pass


def _calls(budget: Budget, clock: Clock, number: int) -> list[float]:
    """When each of so many calls, made one after another, went."""
    times = []
    for _ in range(number):
        with budget.call():
            times.append(clock.passed)
    return times


def test_a_full_window_makes_the_next_call_wait_for_the_oldest(server: redis.Redis, clock: Clock) -> None:
    """The minute's calls go at once; the one after them goes when the first leaves the window."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    assert _calls(budget, clock, 60) == [0.0] * 60
    clock.now += 10
    assert _calls(budget, clock, 1) == [61.0]
    assert clock.slept == [51.0]


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(
        st.tuples(st.floats(0, 3), st.floats(0, 4), st.floats(0, 1)),
        min_size=1,
        max_size=40,
    )
)
def test_no_rolling_window_at_the_api_ever_holds_more_than_its_calls(calls: list[tuple[float, float, float]]) -> None:
    """Whenever calls come, however long they take and whenever the API counts them meanwhile, both limits are kept."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", clock.time)
        windows = [Window(3, 2.0), Window(8, 15.0)]
        budget = Budget(fakeredis.FakeRedis(), "xero", windows, 5, sleep=clock.sleep)
        counted = []
        for pause, takes, arrives in calls:
            clock.now += pause
            with budget.call():
                counted.append(clock.now + takes * arrives)
                clock.now += takes
    for window in windows:
        for first, beyond in zip(counted, counted[window.calls :], strict=False):
            assert beyond - first >= window.seconds - 0.0021  # Redis' clock is cut to milliseconds


def test_a_call_counts_from_its_end(server: redis.Redis, clock: Clock) -> None:
    """The API may have counted a slow call only when it answered, so the next window begins there."""
    budget = Budget(server, "xero", [Window(1, 60.0)], 5, sleep=clock.sleep)
    with budget.call():
        clock.now += 20
    assert _calls(budget, clock, 1) == [80.0]


def test_a_call_under_way_counts_in_every_window(server: redis.Redis, clock: Clock) -> None:
    """The API may count it at any moment until it answers."""
    budget = Budget(server, "xero", [Window(2, 60.0)], 5, sleep=clock.sleep)
    with budget.call():
        assert _calls(budget, clock, 2) == [0.0, 60.0]


def test_a_call_that_was_not_made_costs_nothing(server: redis.Redis, clock: Clock) -> None:
    """A limit met further in (another budget's, or the token address's) gives the slot back."""
    budget = Budget(server, "xero", [Window(1, 60.0)], 5, sleep=clock.sleep)
    for _ in range(3):
        with pytest.raises(RateLimited), budget.call():
            raise RateLimited("the app's limit", 5)
    assert _calls(budget, clock, 1) == [0.0]


def test_a_wait_that_is_too_long_is_refused_and_costs_nothing(server: redis.Redis, clock: Clock) -> None:
    """When the day's calls are used up the caller learns for how long, and no slot and no place is taken."""
    budget = Budget(server, "xero", [MINUTE, Window(3, 86460.0, name="day")], 5, sleep=clock.sleep)
    _calls(budget, clock, 3)
    clock.now += 60
    before = budget.left()
    for _ in range(10):
        with pytest.raises(RateLimited, match=r"^xero's day is used up\.$") as caught:
            _call(budget)
        assert caught.value.retry_in_s == 86400.0
    assert budget.left() == before
    assert clock.slept == []
    clock.now += 86400
    _call(budget)


def test_block_holds_everybody_until_it_ends(server: redis.Redis, clock: Clock) -> None:
    """After the API's Retry-After nobody calls before it, and a shorter one does not shorten it."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    other = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    budget.block(26)
    budget.block(3)
    assert _calls(other, clock, 2) == pytest.approx([26.0, 26.0], abs=0.01)


def test_a_long_block_is_told_not_waited_for(server: redis.Redis, clock: Clock) -> None:
    """A day limit that the API reports is the caller's to park on."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    budget.block(73451)
    with pytest.raises(RateLimited) as caught:
        _call(budget)
    assert caught.value.retry_in_s == pytest.approx(73451.0, abs=0.01)


def test_a_call_that_waits_for_its_slot_obeys_a_block_that_comes_meanwhile(server: redis.Redis, clock: Clock) -> None:
    """A slot that was promised before the 429 is not used inside the block."""
    budget = Budget(server, "xero", [Window(1, 10.0)], 5, sleep=clock.sleep)
    _call(budget)

    def told_to_wait() -> None:
        clock.while_asleep = lambda: None
        budget.block(45)

    clock.while_asleep = told_to_wait
    assert _calls(budget, clock, 1) == pytest.approx([45.0], abs=0.01)


def test_only_so_many_calls_are_under_way(server: redis.Redis, clock: Clock) -> None:
    """With all places taken a call waits, and after the longest wait says so; a freed place is used."""
    budget = Budget(server, "xero", [MINUTE], 2, max_wait_s=30, lease_s=600, sleep=clock.sleep)
    with ExitStack() as under_way:
        under_way.enter_context(budget.call())
        with budget.call(), pytest.raises(RateLimited, match="busy with other calls") as caught:
            _call(budget)
        assert 0 < caught.value.retry_in_s <= 60
        assert clock.passed >= 30
        clock.now += 5
        _call(budget)


def test_a_failed_call_frees_its_place(server: redis.Redis, clock: Clock) -> None:
    """An exception inside the call does not cost a place."""
    budget = Budget(server, "xero", [], 1, sleep=clock.sleep)
    for _ in range(3):
        with pytest.raises(RuntimeError), budget.call():
            raise RuntimeError
    assert clock.slept == []


def test_the_place_of_a_dead_holder_comes_free(server: redis.Redis, clock: Clock) -> None:
    """A process killed in the middle of a call blocks its place for the lease and no longer."""
    budget = Budget(server, "xero", [MINUTE], 1, max_wait_s=500, lease_s=120, sleep=clock.sleep)
    died = budget.call()
    died.__enter__()
    (waited_until,) = _calls(budget, clock, 1)
    assert 120 <= waited_until < 122
    # what it did meanwhile is not known, so it counts
    assert budget.left() == {61.0: 58}


def test_the_lease_begins_with_the_slot(server: redis.Redis, clock: Clock) -> None:
    """Time spent waiting for the slot does not eat the lease, so two calls never share a place."""
    budget = Budget(server, "xero", [Window(1, 80.0)], 1, max_wait_s=90, lease_s=100, sleep=clock.sleep)
    _call(budget)
    with budget.call():
        assert clock.passed == 80.0
        clock.now += 99
        with pytest.raises(RateLimited):
            _call(Budget(server, "xero", [Window(1, 80.0)], 1, max_wait_s=0, sleep=clock.sleep))


def test_places_go_to_those_who_came_first(server: redis.Redis, clock: Clock) -> None:
    """A newcomer does not overtake a call that already waits, however often it asks."""
    patient = Budget(server, "xero", [], 1, sleep=clock.sleep)
    hasty = Budget(server, "xero", [], 1, max_wait_s=0, sleep=clock.sleep)
    holder = ExitStack()
    holder.enter_context(patient.call())
    refused = []

    def newcomer() -> None:
        holder.close()
        clock.now += 0.01
        with pytest.raises(RateLimited) as caught:
            _call(hasty)
        refused.append(caught.value)

    clock.while_asleep = newcomer
    _call(patient)
    assert len(refused) == 1


def test_a_waiter_that_died_loses_its_turn(server: redis.Redis, clock: Clock) -> None:
    """One who was first in the queue and is gone holds the others up for seconds only."""
    gone = Budget(server, "xero", [], 1, max_wait_s=0, sleep=clock.sleep)
    with gone.call(), pytest.raises(RateLimited):
        _call(gone)
    clock.now += 0.01
    (waited_until,) = _calls(Budget(server, "xero", [], 1, sleep=clock.sleep), clock, 1)
    assert 1 < waited_until < 5


def test_without_limits_redis_is_not_needed() -> None:
    """No windows and no places: unlimited, and Redis is never asked."""
    budget = Budget(None, "procore", (), 0)
    _call(budget)
    budget.block(60)
    assert budget.left() == {}


def test_limits_without_redis_are_a_wrong_setting() -> None:
    """A limit that nothing could share is refused, not ignored."""
    with pytest.raises(ConfigError, match="REDIS_URL"):
        _call(Budget(None, "xero", [MINUTE], 5))


def test_redis_out_of_reach_is_said_in_a_sentence(clock: Clock) -> None:
    """Without Redis no call is made; the job comes back, and the sentence says what to check."""
    server = fakeredis.FakeServer()
    server.connected = False
    budget = Budget(fakeredis.FakeRedis(server=server), "xero", [MINUTE], 5, sleep=clock.sleep)
    for attempt in (lambda: _call(budget), lambda: budget.block(1), budget.left):
        with pytest.raises(ApiUnavailable, match="REDIS_URL"):
            attempt()


def test_a_result_is_not_lost_with_redis(clock: Clock) -> None:
    """Redis going away during a call does not turn the call's success into a failure."""
    server = fakeredis.FakeServer()
    with Budget(fakeredis.FakeRedis(server=server), "xero", [MINUTE], 5, sleep=clock.sleep).call():
        server.connected = False


def test_it_survives_a_restart_of_redis(server: redis.Redis, clock: Clock) -> None:
    """A Redis that has forgotten our scripts gets them again."""
    budget = Budget(server, "xero", [MINUTE], 5, sleep=clock.sleep)
    _call(budget)
    server.script_flush()
    _call(budget)
    server.script_flush()
    budget.block(1)


def test_left_counts_what_each_window_still_allows(server: redis.Redis, clock: Clock) -> None:
    """Reports show the calls left in the minute and in the day."""
    budget = Budget(server, "xero", [MINUTE, DAY], 5, sleep=clock.sleep)
    assert budget.left() == {61.0: 60, 86460.0: 5000}
    _calls(budget, clock, 10)
    clock.now += 61
    _calls(budget, clock, 3)
    assert budget.left() == {61.0: 57, 86460.0: 4987}


def test_organisations_do_not_share_a_budget(server: redis.Redis, clock: Clock) -> None:
    """One organisation's calls cost another nothing."""
    one, other = (Budget(server, name, [Window(1, 60.0)], 1, sleep=clock.sleep) for name in ("one", "other"))
    with one.call():
        _call(other)
    assert clock.slept == []


def test_nothing_stays_in_redis(server: redis.Redis, clock: Clock) -> None:
    """Every key has an end, so a forgotten organisation leaves nothing behind."""
    budget = Budget(
        server, "xero", [MINUTE], 1, max_wait_s=1, lease_s=120, sleep=clock.sleep, reset=lambda _: Reset(3, 20.0)
    )
    died = budget.call()
    died.__enter__()
    with pytest.raises(RateLimited):
        _call(budget)
    budget.block(30)
    assert _parts(server) == {"places", "queue", "seen", "blocked", "left"}
    clock.now += 121
    _call(budget)
    assert _parts(server) == {"over", "left"}
    clock.now += 200
    assert _parts(server) == set()


def _parts(server: redis.Redis) -> set[str]:
    return {str(key).rstrip("'").rpartition(":")[2] for key in server.scan_iter()}
