"""The simulated limits: never exceeded, first come, first served, and given up where the worker gives up."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import simpy

from tests.simulation.limits import ATTEMPTS, BUSY_RETRY_S, Budget, BusyError, Reads, Steps, TooFarError, Window


def timed(env: simpy.Environment, seconds: float, begun: list[float]) -> Iterator[simpy.Event]:
    begun.append(env.now)
    yield env.timeout(seconds)


@pytest.mark.parametrize("seed", range(5))
def test_no_window_ever_holds_too_many_calls(seed: int) -> None:
    """Whenever callers come and however long calls take, any minute and any day of begun calls keeps the limits."""
    env, chance, begun = simpy.Environment(), Random(seed), list[float]()  # noqa: S311
    windows = [Window(10, 60.0), Window(50, 400.0)]
    budget = Budget(env, windows, 3, longest_wait_s=10_000)

    def caller() -> Steps:
        for _ in range(20):
            yield env.timeout(chance.expovariate(0.2))
            yield from budget.call(timed(env, chance.uniform(0.1, 20), begun))

    for _ in range(6):
        env.process(caller())
    env.run()
    assert len(begun) == 120
    for window in windows:
        assert all(later - first >= window.seconds for first, later in zip(begun, begun[window.calls :], strict=False))


def test_no_more_are_under_way_than_allowed() -> None:
    """Xero's five at once are five at once."""
    env, begun = simpy.Environment(), list[float]()
    budget = Budget(env, [Window(100, 60.0)], 5)
    for _ in range(20):
        env.process(budget.call(timed(env, 2.0, begun)))
    env.run()
    assert [begun.count(at) for at in (0.0, 2.0, 4.0, 6.0)] == [5, 5, 5, 5]


def test_who_waits_longest_goes_next() -> None:
    """A small job gets its turn among large ones: first come, first served."""
    env, served = simpy.Environment(), list[int]()
    budget = Budget(env, [Window(2, 10.0)], 2)

    def caller(number: int) -> Steps:
        yield env.timeout(number / 100)
        yield from budget.call(timed(env, 0.1, []))
        served.append(number)

    for number in reversed(range(10)):
        env.process(caller(number))
    env.run()
    assert served == list(range(10))


def test_a_slot_too_far_away_is_refused_and_costs_nothing() -> None:
    """At the day limit the job is told how long it would be, and nothing is reserved."""
    env, begun, told = simpy.Environment(), list[float](), list[float]()
    budget = Budget(env, [Window(1, 1000.0)], 5, longest_wait_s=90)

    def caller() -> Steps:
        yield from budget.call(timed(env, 1.0, begun))
        for _ in range(3):
            try:
                yield from budget.call(timed(env, 1.0, begun))
            except TooFarError as far:
                told.append(far.in_s)
        yield env.timeout(950)
        yield from budget.call(timed(env, 1.0, begun))

    env.run(env.process(caller()))
    assert told == [1000.0] * 3
    assert begun == [0.0, 1001.0]


def test_who_finds_no_place_gives_up_after_all_tries() -> None:
    """The job comes back then, and its process is free for another one."""
    env = simpy.Environment()
    budget = Budget(env, [Window(10, 60.0)], 1, longest_wait_s=90)
    env.process(budget.call(timed(env, 10_000.0, [])))

    def caller() -> Steps:
        yield env.timeout(1)
        with pytest.raises(BusyError):
            yield from budget.call(timed(env, 1.0, []))

    env.run(env.process(caller()))
    assert env.now == 1 + ATTEMPTS * 90 + (ATTEMPTS - 1) * BUSY_RETRY_S


def test_procores_windows_are_kept_and_waited_out() -> None:
    """A short window is waited out; the reset is said in whole seconds."""
    env = simpy.Environment()
    reads = Reads(env, [Window(1000, 3600.0), Window(10, 10.0)])
    env.run(env.process(reads.calls(25, 0.1)))
    assert reads.made == 25
    assert env.now == pytest.approx(20 + 5 * 0.1)


def test_procores_hour_is_not_waited_for() -> None:
    """A job does not stand still for an hour: its organisation is parked."""
    env = simpy.Environment()
    reads = Reads(env, [Window(10, 3600.0)])

    def caller() -> Steps:
        with pytest.raises(TooFarError) as refused:
            yield from reads.calls(11, 1.0)
        assert refused.value.in_s == 3600 - 10

    env.run(env.process(caller()))
    assert reads.made == 10
