"""The model's rules: everything is sent once, limits park, and one process does not hold another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.demand import DAY_S, HOUR_S
from tests.simulation.limits import Window
from tests.simulation.model import PROCORE_HOUR, PROCORE_SPIKE, Allowed, Costs
from tests.simulation.queues import FirstCome, InTurn, Order, SmallFirst
from tests.simulation.runs import COST_CODES, PROJECT, Firm, run
from worker.pipeline.look.settings import GOOD_FOR

COSTS = Costs(xero_s=1.0, procore_s=0.5, record_s=0.001, job_s=0.1, unchanged_reads=5)
WIDE = Allowed(hour=Window(10**9, 1.0), spike=Window(10**9, 1.0))


def most_within(at: list[float], seconds: float) -> int:
    """The most calls in any window of this length."""
    return max(sum(1 for other in at if first <= other < first + seconds) for first in at)


@pytest.mark.parametrize("order", [FirstCome, InTurn, SmallFirst])
@pytest.mark.parametrize("processes", [1, 3])
def test_everything_is_sent_once(order: type[Order], processes: int) -> None:
    """Whatever the order of the jobs, each record of a first sync gets into the books, and none twice."""
    came = run([Firm(8, new=8), Firm(3, new=3)], COSTS, processes, order=order)
    assert [seen.first_sent for seen in came.seen] == [n * PROJECT.records + COST_CODES for n in (8, 3)]


def test_everything_is_sent_once_across_day_limits() -> None:
    """A job that is parked in its middle goes on where it was."""
    allowed = replace(WIDE, per_day=100)
    came = run([Firm(20, new=20, allowed=allowed)], COSTS, 4)
    (seen,) = came.seen
    assert seen.first_sent == 20 * PROJECT.records + COST_CODES
    assert seen.first_done_at > 3 * DAY_S
    assert seen.parked_s > 2 * DAY_S


def test_xeros_limits_are_never_exceeded() -> None:
    """Neither in any minute nor in any day, with more processes than may call."""
    allowed = replace(WIDE, per_day=150)
    came = run([Firm(20, new=20, allowed=allowed)], COSTS, 10)
    at = list(came.seen[0].xero_at)
    assert most_within(at, 60) <= 60
    assert most_within(at, DAY_S) <= 150


def test_a_parked_organisation_is_left_alone() -> None:
    """Between the day's last call and the next slot there is no call to either side, and no job."""
    allowed = replace(WIDE, per_day=100)
    came = run([Firm(20, new=20, allowed=allowed)], COSTS, 4, until_s=0.9 * DAY_S)
    (seen,) = came.seen
    assert len(seen.xero_at) == 100
    assert max(seen.xero_at) < HOUR_S
    assert seen.jobs < 40


def test_organisations_do_not_share_their_limits() -> None:
    """Two first syncs with processes of their own take as long as one."""
    one = run([Firm(30, new=30)], COSTS, 4, each_its_own=True)
    two = run([Firm(30, new=30), Firm(30, new=30)], COSTS, 4, each_its_own=True)
    assert two.lasted_s == pytest.approx(one.lasted_s, rel=0.01)


def test_settings_are_read_once_for_all_jobs() -> None:
    """However many of them send something: twenty projects cost twenty times the same, six calls, and the lock dates
    once more after five minutes."""
    few, many = (run([Firm(n, new=n, allowed=WIDE)], COSTS, 4) for n in (1, 20))
    shared, minutes = 6, GOOD_FOR["organisation"].total_seconds()
    own = [came.xero_calls - shared - COST_CODES - came.lasted_s // minutes for came in (few, many)]
    assert many.lasted_s > minutes
    assert own[1] == 20 * own[0]


def test_a_pass_in_which_nothing_changes_asks_xero_nothing() -> None:
    """It costs Procore its calls and Xero none."""
    came = run([Firm(10)], COSTS, 4, until_s=HOUR_S)
    assert came.xero_calls == 0
    assert came.procore_calls >= 2 * (1 + 10 * COSTS.unchanged_reads)


def test_lists_are_read_every_so_often() -> None:
    """A project's vendors and cost codes cost their pages once in two hours, and not all projects' in one pass."""
    passes, projects, lists = 8, 40, 3
    every_pass, rarely = (
        run([Firm(projects, allowed=WIDE)], replace(COSTS, lists_every_s=every_s), 4, until_s=4 * HOUR_S).procore_calls
        for every_s in (0.0, 2 * HOUR_S)
    )
    unchanged = passes * (1 + projects * COSTS.unchanged_reads)
    assert every_pass - unchanged >= passes * projects * lists
    assert rarely - unchanged <= 0.4 * passes * projects * lists  # a quarter, and the full compare of some


def test_changes_are_late_by_no_more_than_a_pass() -> None:
    """Where limits do not bind, a change waits for the next pass and no longer."""
    came = run([Firm(10, per_day=3, allowed=WIDE)], COSTS, 4, until_s=2 * DAY_S)
    middle, late = came.late_s()
    assert 0 < middle < late < 1800 * 1.1


def test_procores_hour_parks_too() -> None:
    """More projects than Procore's hour carries stand still until its reset."""
    came = run([Firm(400, allowed=Allowed(hour=PROCORE_HOUR))], COSTS, 4, until_s=6 * HOUR_S)
    assert came.seen[0].parked_s > 0
    assert came.procore_calls <= 7 * PROCORE_HOUR.calls


def test_small_jobs_overtake_only_where_they_may() -> None:
    """In one queue the changes of others stand behind a first sync; with small jobs first they do not."""
    firms = [Firm(100, new=100, begins_s=9 * HOUR_S, allowed=WIDE)]
    firms += [Firm(10, per_day=20, begins_s=8 * HOUR_S + 60 * n, allowed=WIDE) for n in range(1, 4)]
    late = {
        order: run(firms, COSTS, 4, order=order, until_s=9.5 * HOUR_S).late_s([1, 2, 3])[1]
        for order in (FirstCome, SmallFirst)
    }
    assert late[SmallFirst] < late[FirstCome]


def test_the_same_seed_is_the_same_run() -> None:
    """Figures in documents can be made again."""
    firm = Firm(5, per_day=10)
    one, other, third = (run([firm], COSTS, 2, until_s=DAY_S, seed=seed) for seed in (1, 1, 2))
    assert list(one.seen[0].late_s) == list(other.seen[0].late_s) != list(third.seen[0].late_s)


@pytest.mark.parametrize("projects", [1, 60, 100])
def test_a_first_sync_ends_within_what_procores_hour_allows(projects: int) -> None:
    """What is new is begun as the hour's calls allow, beside what is due of the others; nothing is ever parked."""
    allowed = Allowed(hour=PROCORE_HOUR, spike=PROCORE_SPIKE)
    came = run([Firm(projects, new=projects, allowed=allowed, reads_when_due=True)], COSTS, 4)
    (seen,) = came.seen
    assert seen.first_sent == projects * PROJECT.records + COST_CODES
    assert seen.parked_s == 0
    assert seen.reads <= PROCORE_HOUR.calls * (1 + seen.first_done_at / HOUR_S)
    assert seen.first_done_at <= HOUR_S * (0.6 + 1.2 * 18 * projects / PROCORE_HOUR.calls)
