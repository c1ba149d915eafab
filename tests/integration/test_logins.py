"""Logins that persons gave, in the whole of the worker: they last, and one that is over says what to type."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import pytest

from beat_schedule import SCHEDULE
from tasks import logins as task
from tasks import planning, policy, project
from tasks.policy import JobFailed
from tests.integration.conftest import MakeWorld
from tests.integration.persons import let_in, log_in, process
from tests.integration.published import ATask, Message
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from tests.integration.world import World
from worker.assembly import SYSTEMS, Parts
from worker.celery import app as celery_app
from worker.cli import connect
from worker.doctor import logins as doctor
from worker.doctor.finding import Finding, State
from worker.errors import ConfigError, LoginLapsed, SyncError
from worker.ledger.tables import Job

DAY_S = 86_400
XERO_LAPSED = "Xero's login has lapsed; run `procore-xero connect xero`."


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    """A project with one claim, and both systems logged in to by a person."""
    return log_in(a_world(a_seed(claims=[a_claim(11)])))


def renewals(world: World, system: str = "xero") -> int:
    """Calls to the token address since the consent, which is one itself."""
    client, path = (world._xero, "/connect/token") if system == "xero" else (world._procore, "/oauth/token")
    entries = client.get("/_sandbox/journal").json()["entries"]
    return len([entry for entry in entries if entry["path"] == path]) - 1


def run_job(world: World) -> Job:
    """The job of the project, as its message would run it; returns how it ended."""
    job = world.parts.jobs.hurry(JOB_NUMBER, "")
    assert job is not None
    message = cast("Any", ATask(Message(job.task_id, {"job_id": str(job.id)})))
    claimed = policy.claim(world.parts, message, JOB_NUMBER, "", "test")
    assert claimed is not None
    with suppress(JobFailed):
        policy.finish(world.parts, message, claimed, "test", project.sync)
    return world.job(JOB_NUMBER)


def forget(world: World, system: str) -> None:
    """The system refuses the refresh token from now on: it was used elsewhere, or revoked."""
    tokens = world.parts.tokens("xero" if system == "xero" else "procore")
    found = tokens.read()
    assert found is not None
    tokens.keep("", found.version, "of no use", "of no use", 0)
    world.clock.advance(61)
    world.parts = process(world)


def test_a_sync_runs_on_persons_logins(world: World) -> None:
    """From consent to bill, over days of access tokens that expire; each is renewed once, by the first who needs it."""
    for day in range(3):
        world.enter("requisitions", a_claim(20 + day))
        world.whole_pass()
        world.clock.advance(DAY_S)
    assert len(world.documents("invoices")) == 4
    assert renewals(world) == renewals(world, "procore") == 2


@pytest.mark.parametrize("system", ["xero", "procore"])
def test_a_lapsed_login_parks_and_a_new_one_goes_on_at_once(world: World, system: str) -> None:
    """Jobs end cleanly with the sentence, nothing is called meanwhile, and `connect` ends it."""
    world.whole_pass()
    world.enter("requisitions", a_claim(12))
    forget(world, system)
    ended = run_job(world)
    where = system.capitalize()
    assert ended.state == "parked"
    assert f"{where}'s login has lapsed; run `procore-xero connect {system}`." in ended.message
    asked = renewals(world, system)
    with pytest.raises(SyncError, match="The organisation is parked"):
        world.discover()
    assert run_job(world).state == "parked"
    assert renewals(world, system) == asked

    let_in(world, "xero" if system == "xero" else "procore")
    connect._go_on(world.parts, connect.System(system))
    assert run_job(world).state == "done"


def test_connecting_does_not_end_another_parking(world: World) -> None:
    """A day limit stays one, whoever logs in meanwhile."""
    tenant_id = world.parts.organisation.tenant_id
    world.parts.organisations.park(tenant_id, DAY_S, "The day limit is used up.")
    connect._go_on(world.parts, connect.System.XERO)
    assert world.parts.organisations.parked(tenant_id)


def test_a_pass_that_meets_a_lapsed_login_parks_too(world: World) -> None:
    """Discovery says it once, in red; the passes after it start nothing."""
    world.whole_pass()
    forget(world, "procore")
    with pytest.raises(LoginLapsed):
        world.discover()
    with pytest.raises(SyncError, match="Procore's login has lapsed"):
        world.discover()


def test_an_answer_lost_on_the_way_costs_nothing_at_xero(world: World) -> None:
    """The same refresh token is taken again within the half hour, and what it brings lasts."""
    world.fault("lost_answer", path="/connect/token")
    for _ in range(2):
        world.clock.advance(DAY_S)
        assert world.parts.xero.organisation()
    assert renewals(world) == 3  # the first day's was made twice


def test_an_answer_lost_on_the_way_needs_a_person_at_procore(world: World) -> None:
    """Its refresh token is good once: the job parks with the sentence, instead of failing for ever."""
    world.whole_pass()
    world.clock.advance(DAY_S)
    world.procore_fault("lost_answer", path="/oauth/token")
    ended = run_job(world)
    assert (ended.state, "Procore's login has lapsed" in ended.message) == ("parked", True)


def test_an_idle_login_is_renewed_after_a_week(world: World) -> None:
    """Not before, and once: the task runs every day."""
    for day in range(1, 9):
        world.clock.advance(DAY_S)
        line, alarming = task.look_after(world.parts)
        assert not alarming, line
        assert renewals(world) == renewals(world, "procore") == (1 if day >= 7 else 0)


def test_a_login_in_danger_is_red_a_week_before(world: World) -> None:
    """When renewing did not work for 53 days a person is told while there is time; before that it is only said."""
    world.fault("status", path="/connect/token", status=503, times=10_000)
    world.clock.advance(52 * DAY_S)
    line, alarming = task.look_after(world.parts)
    assert ("gives no token now" in line, alarming) == (True, False)
    world.clock.advance(1.5 * DAY_S)
    line, alarming = task.look_after(world.parts)
    assert alarming
    assert "Xero's login lapses on " in line
    assert "procore-xero connect xero" in line
    assert said(world.parts, State.WARN)[0].sentence.startswith("Xero: a person's, renewed ")


def test_a_login_that_lapsed_makes_the_task_red_every_day(world: World) -> None:
    """And keeps the organisation parked."""
    world.parts.organisation  # noqa: B018 - known from here on
    world.clock.advance(61 * DAY_S)
    for _ in range(2):
        line, alarming = task.look_after(world.parts)
        assert (XERO_LAPSED in line, alarming) == (True, True)
        assert world.parts.organisations.parked(world.parts.tenant_id)
        world.clock.advance(DAY_S)


def test_an_app_that_logs_in_as_itself_has_nothing_to_renew(a_world: MakeWorld) -> None:
    """The task says so and makes no call."""
    world = a_world(a_seed())
    assert task.look_after(world.parts) == (
        "Both systems are logged in to as the app itself: nothing to renew.",
        False,
    )
    assert len(said(world.parts, State.OK)) == 2


def test_beat_starts_the_task_that_there_is() -> None:
    """Its name in the schedule is a string."""
    assert celery_app.tasks[str(SCHEDULE["logins"]["task"])].name == task.keep_logins.name


def test_a_plan_needs_no_login_in_its_copy(world: World) -> None:
    """It rehearses on a copy of the ledger, where logins are not."""
    (found,) = planning.plan(world.parts)
    assert not found.stopped
    assert found.writes > 0


def said(parts: Parts, state: State) -> list[Finding]:
    return [finding for system in SYSTEMS for finding in doctor.check(parts, system) if finding.state is state]


def test_the_doctor_says_how_each_login_stands(world: World) -> None:
    """Renewed when, lapsing when; and for what is over, the command."""
    procore, xero = said(world.parts, State.OK)
    assert procore.sentence.startswith("Procore: a person's, renewed ")
    assert "it lapses on" in xero.sentence
    assert "it lapses on" not in procore.sentence
    forget(world, "xero")
    with pytest.raises(LoginLapsed):
        world.parts.xero.organisation()
    (wrong,) = said(world.parts, State.WRONG)
    assert wrong.sentence.startswith("Xero: the login lapsed at ")
    assert wrong.remedy == "procore-xero connect xero"


def test_before_a_person_has_connected_nothing_is_guessed(a_world: MakeWorld) -> None:
    """No organisation is known, so no client is made, and the sentence names the command."""
    world = a_world(a_seed(), xero_grant="authorization_code")
    world.settings = log_in(a_world(a_seed())).settings.model_copy(update={"database_url": world.settings.database_url})
    parts = type(world.parts)(world.settings, clock=world.clock.now, machine=world.machine)
    with pytest.raises(ConfigError, match="Nobody has logged in to Xero yet; run `procore-xero connect xero`"):
        parts.xero  # noqa: B018
    assert len(said(parts, State.WRONG)) == 2
    parts.engine.dispose()
