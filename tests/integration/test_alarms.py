"""Alarms by the clock: each goes on once and off once, through the same channels as the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import fakeredis
import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import a_claim, a_seed
from tests.integration.told import Told, told
from worker.cli.doctor import examine
from worker.ledger.notices import Notices

WEEK_S = 7 * 86400
MakeTold = Callable[..., Told]


@pytest.fixture
def a_told(a_world: MakeWorld) -> Iterator[MakeTold]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(
            contextmanager(told)(a_world, a_seed(claims=[a_claim(11)]), report_when="never", **settings)
        )


def test_passes_that_do_not_finish_are_told_once_and_when_they_do_again(a_told: MakeTold) -> None:
    """Four intervals after the last one that did; the doctor shows it as long as it is so."""
    people = a_told()
    people.whole_pass()
    people.world.clock.advance(4 * 1800 - 60)
    people.look()
    assert people.mailbox.subjects == []
    for _ in range(3):
        people.world.clock.advance(1800)
        people.look()
    (subject,) = people.mailbox.subjects
    assert subject.startswith("Procore to Xero: ALARM: no pass has finished since ")
    assert "one is due every 30 minutes" in people.last_mail
    assert [one for one in examine(people.world.parts) if one.about == "Alarms"] != []
    people.whole_pass()
    people.look()
    assert people.mailbox.subjects[1:] == ["Procore to Xero: recovered: passes finish again"]
    assert [(body["alarm"], body["on"]) for body in people.web.bodies] == [("late", True), ("late", False)]


def test_passes_that_start_nothing_have_not_finished(a_told: MakeTold) -> None:
    """While the organisation is parked passes come and go; people hear why."""
    people = a_told()
    people.whole_pass()
    world = people.world
    world.parts.organisations.park(world.parts.organisation.tenant_id, 86400, "Xero's day limit is used up.")
    for _ in range(6):
        people.whole_pass()
    (subject,) = people.mailbox.subjects
    assert "no pass has finished" in subject
    assert "Xero's day limit is used up." in people.last_mail


def test_when_it_is_late_is_a_setting(a_told: MakeTold) -> None:
    people = a_told(alarm_after_intervals=1.5)
    people.whole_pass()
    people.world.clock.advance(1.6 * 1800)
    people.look()
    assert len(people.mailbox.subjects) == 1


def test_before_the_first_pass_nobody_is_late(a_told: MakeTold) -> None:
    """An installation that was only just set up."""
    people = a_told()
    people.world.clock.advance(86400)
    people.look()
    assert people.mailbox.subjects == []


def busy_weeks(people: Told, weeks: int, first: int = 12) -> None:
    """One pass a week, each with a new claim."""
    for number in range(first, first + weeks):
        people.world.enter("requisitions", a_claim(number))
        people.whole_pass(WEEK_S - 1)


def test_a_pass_that_moves_nothing_where_it_always_did_is_told(a_told: MakeTold) -> None:
    """After four such weeks; it is over when something moves again, and not before."""
    people = a_told(alarm_after_intervals=1e6)
    busy_weeks(people, 4)
    people.whole_pass(WEEK_S)
    people.whole_pass()
    (subject,) = people.mailbox.subjects
    assert subject == "Procore to Xero: ALARM: a pass moved nothing that usually does"
    people.world.enter("requisitions", a_claim(99))
    people.whole_pass(86400)
    assert people.mailbox.subjects[1:] == ["Procore to Xero: recovered: a pass has sent something again"]


def test_three_weeks_are_no_habit(a_told: MakeTold) -> None:
    """Too little is known to say what is usual."""
    people = a_told(alarm_after_intervals=1e6)
    busy_weeks(people, 3)
    people.whole_pass(WEEK_S)
    assert people.mailbox.subjects == []


def test_a_time_of_the_week_at_which_passes_were_empty_before_is_no_alarm(a_told: MakeTold) -> None:
    """A second pass within the hour that moved nothing, in one of the weeks, is enough."""
    people = a_told(alarm_after_intervals=1e6)
    busy_weeks(people, 2)
    people.whole_pass(600)
    busy_weeks(people, 2, first=20)
    people.world.clock.advance(-600)
    people.whole_pass(WEEK_S)
    assert people.mailbox.subjects == []


def test_most_of_the_days_calls_are_told_once(a_told: MakeTold) -> None:
    """At four fifths; over when enough have come free again."""
    people = a_told()
    settings = people.world.settings.model_copy(update={"xero_calls_per_day": 10})
    people.world.parts.settings = settings
    with fakeredis.FakeRedis() as server:
        people.world.parts.broker = server
        for used in range(9):
            people.look()
            assert len(people.mailbox.subjects) == (used >= 8)
            with people.world.parts.xero_budget.call():
                pass
        people.look()
        people.look()
        assert people.mailbox.subjects == ["Procore to Xero: ALARM: 80% of the day's calls to Xero are used"]
        server.flushall()
        people.look()
    assert people.mailbox.subjects[1:] == ["Procore to Xero: recovered: calls to Xero are free again"]


def test_a_budget_that_cannot_be_asked_changes_no_alarm(a_told: MakeTold) -> None:
    """Redis is away: what is on stays on, and the other alarms are judged."""
    people = a_told()
    world = people.world
    world.parts.settings = world.settings.model_copy(update={"xero_calls_per_day": 10})
    server = fakeredis.FakeServer()
    server.connected = False
    world.parts.broker = fakeredis.FakeRedis(server=server)
    people.whole_pass()
    world.clock.advance(86400)
    people.look()
    assert set(Notices(world.parts.engine, world.parts.now).alarms()) == {"late"}
