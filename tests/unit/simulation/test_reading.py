"""The simulation of readings: what is known without it comes out of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.simulation.company import APPROVED, COST, ENTERED, PAID, changes
from tests.simulation.reading import run
from tests.simulation.values import DAY, HOUR, START, Came, Change, Messages, Setting
from worker.pipeline.read.rhythm import CAPS

PASS = timedelta(minutes=30)


def test_a_quiet_project_is_read_as_often_as_its_caps_say() -> None:
    """Claims every two hours, contracts (two lists) and direct costs every four: 30 calls a day, and discovery's 48."""
    came = run([1], [], passes=48, setting=Setting())
    assert came.unread == CAPS["payments"]
    assert abs(sum(came.calls) - 48 - 30) <= 10  # everything is compared once in a week, and it may be this day


def test_a_change_is_seen_by_the_pass_that_reads_its_list() -> None:
    """Not before it happened, and within the list's cap where calls suffice."""
    change = Change(START + 3 * DAY + timedelta(minutes=1), 1, "payments")
    (late,) = run([1], [change], passes=5 * 48, setting=Setting()).late["payments"]
    assert timedelta() < late <= CAPS["payments"]


def test_an_approval_is_seen_by_the_next_pass_once_the_claim_was_seen_in_review() -> None:
    """However long that lasts."""
    entered, approved = START + 3 * DAY, START + 6 * DAY + timedelta(minutes=10)
    found = [
        Change(entered, 1, "claims", until=approved, kind="claim entered"),
        Change(approved, 1, "claims", kind=APPROVED),
    ]
    assert run([1], found, passes=8 * 48, setting=Setting()).late[APPROVED] == [timedelta(minutes=20)]


def test_nothing_is_read_for_calls_that_the_hour_does_not_give() -> None:
    """What does not fit waits; a tenth of the hour is left over."""
    came = run(range(50), [], passes=96, setting=Setting(calls_per_hour=60), skip=48)
    assert came.put_off > 0
    assert sum(came.calls) <= 24 * 60


def test_a_company_is_the_same_each_time() -> None:
    """And has everything that the tables tell of."""
    first, again = (list(changes(projects=30, busy=10, days=28)) for _ in range(2))
    assert first == again
    assert {APPROVED, ENTERED, PAID, COST} <= {change.kind for change in first}
    assert all(change.until is None or change.until > change.at for change in first)


def test_a_change_is_seen_with_its_message_and_else_within_the_lists_cap() -> None:
    """The job starts when messages were gathered for 20 seconds; a message that is lost changes nothing."""
    changes = [Change(START + 3 * DAY + timedelta(minutes=1), 1, "payments")]
    for lost, after in ((0.0, timedelta(seconds=21)), (1.0, CAPS["payments"])):
        came = run([1], changes, passes=5 * 48, setting=Setting(messages=Messages(("payments",), lost)))
        (late,) = came.late["payments"]
        assert (late == after) if not lost else (timedelta(minutes=1) < late <= after)


@pytest.mark.parametrize("projects", [50, pytest.param(300, marks=pytest.mark.deep)])
def test_however_much_moves_at_once_messages_leave_passes_half_of_the_hour(projects: int) -> None:
    """Every contract of a company is changed in one minute: passes go on, and no hour has more than it allows."""
    at = START + 3 * DAY
    changes = [Change(at + timedelta(seconds=5 * place // projects), place, "payments") for place in range(projects)]
    setting = Setting(calls_per_hour=2 * projects, messages=Messages(("payments",)))
    came = run(range(projects), changes, passes=3 * 48 + 16, setting=setting, skip=3 * 48 - 1)
    assert busiest(came) <= 2 * projects
    assert max(came.late["payments"]) <= CAPS["payments"] + setting.every


def busiest(came: Came) -> int:
    """Calls of two passes that follow each other: of any hour."""
    return max(before + after for before, after in pairwise(came.calls))


@pytest.mark.parametrize("moved", [0, 4])
def test_after_two_days_in_which_nothing_was_read_all_is_seen_within_a_day(moved: int) -> None:
    """Whoever was away: everything is due then, as many calls as a day has. No more is planned than the hour gives."""
    away, back = START + 2 * DAY, START + 4 * DAY
    changes = [Change(away + number * 12 * HOUR, number, name) for number in range(moved) for name in CAPS]
    came = run(range(50), changes, 5 * 48, Setting(calls_per_hour=45, away=(away, back)), skip=1)
    assert len(came.seen) == len(changes)
    assert all(change.at + late <= back + DAY for change, late in came.seen)
    assert moved or busiest(came) <= 45


def test_many_projects_that_are_added_at_once_are_begun_in_turn_and_the_others_go_on() -> None:
    """What is busy is seen as before, and no hour is exceeded."""
    added = dict.fromkeys(range(30, 60), START + 3 * DAY)
    approvals = [
        Change(START + 3 * DAY + 20 * number * PASS, 1, "claims", until=START + 4 * DAY + number * PASS)
        for number in range(1, 4)
    ]
    changes = [*approvals, *(Change(one.until, 1, "claims", kind=APPROVED) for one in approvals if one.until)]
    came = run(range(60), changes, 5 * 48, Setting(calls_per_hour=100, added=added), skip=1)
    assert set(came.begun) == set(range(60))
    assert max(came.begun.values()) <= START + 3 * DAY + 30 * HOUR
    assert max(came.late[APPROVED]) <= PASS
    assert busiest(came) <= 100


@pytest.mark.parametrize(("call_s", "back_s"), [(0, 60), (60, 600), (600, 1200)])
def test_a_job_with_new_bills_comes_back_when_the_others_will_have_read(call_s: int, back_s: int) -> None:
    """As the worker waits: a minute at least, ten at most, and between them as the pass goes on. What came until then
    is seen by the same pass, what comes after it by the next one."""
    at = START + 3 * DAY
    own, soon, later = (
        Change(at + timedelta(seconds=s), 1, "invoices", kind=f"{s:+}") for s in (-60, back_s - 1, back_s + 1)
    )
    setting = Setting(call=timedelta(seconds=call_s))
    came = run([1, *range(2, 11)], [own, soon, later], 4 * 48, setting)
    assert came.late[soon.kind] == [timedelta()]
    assert came.late[later.kind] == [PASS - timedelta(seconds=back_s + 1)]
