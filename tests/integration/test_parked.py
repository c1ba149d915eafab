"""An organisation that is parked is seen, and a person may try at once whether it is over."""

from __future__ import annotations

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks import by_hand
from tests.integration.conftest import MakeWorld
from tests.integration.published import ATask, Message
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.errors import SyncError
from worker.flower import projects
from worker.flower.projects import press, wish
from worker.ledger.database import transaction
from worker.ledger.notices import Notices
from worker.ledger.tables import Job, Reference


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """One project, whose job ended parked after a long outage."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    world.clock.advance(1800)
    world.discover()
    job = world.job(JOB_NUMBER)
    world.parts.jobs.claim(job.task_id, "a worker")
    world.parts.jobs.end(job.id, "a worker", "parked", "Parked", {})
    world.parts.organisations.park(world.parts.tenant_id or tenant(world), 1800, "Xero answers 503.")
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setattr(projects, "parts", lambda: world.parts)
    monkeypatch.setattr("tasks.publishing.publish", lambda jobs, _parts: list(jobs))
    return world


def tenant(world: World) -> str:
    return str(world.parts.organisation.tenant_id)


def is_parked(world: World) -> bool:
    return world.parts.organisations.parked(tenant(world)) is not None


def test_the_page_says_what_is_parked_why_and_until_when_in_local_time(world: World) -> None:
    """And its filter of what failed finds the project, as Retry all does."""
    shown = projects.show(wish({"state": "failed"}))
    (said,) = shown.banners
    assert said.startswith("Nothing is sent to ")
    assert "AEDT: Xero answers 503." in said or "AEST: Xero answers 503." in said
    assert shown.is_parked
    assert [row.job_number for row in shown.found.rows] == [JOB_NUMBER]
    assert shown.found.failed == 1
    assert [job.job_number for job in by_hand.failed(world.parts)] == [JOB_NUMBER]


def test_trying_goes_on_at_once_when_both_answer(world: World) -> None:
    """One read of each; what was parked starts again, and nothing is said to be parked any more."""
    since = world.last()
    answer = press("unpark", "")
    assert (answer.status, is_parked(world)) == (200, False)
    assert "1 parked job started again." in answer.sentence
    (read,) = [entry for entry in world.journal(since) if entry["status"] == 200]
    assert (read["method"], read["path"].rpartition("/")[2]) == ("GET", "Organisation")
    assert world.job(JOB_NUMBER).state == "queued"
    assert projects.show(wish({})).banners == []
    assert press("unpark", "").status == 409


@pytest.mark.parametrize("system", ["xero", "procore"])
def test_who_does_not_answer_stays_parked(world: World, system: str) -> None:
    """With the sentence why, and until when; no job is started."""
    if system == "xero":
        world.fault("status", "GET", "/Organisation", status=503, times=100)
    else:
        world.procore_fault("status", "company_base_url", status=503, times=100)
    with capture_logs():
        result = CliRunner().invoke(app, ["unpark"])
    assert result.exit_code == 3
    assert "stays parked until" in " ".join(result.output.split())
    assert is_parked(world)
    assert world.job(JOB_NUMBER).state == "parked"


def test_without_anything_parked_nobody_is_asked(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and ends as wrong usage does."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    with capture_logs():
        result = CliRunner().invoke(app, ["unpark"])
    assert (result.exit_code, "Nothing is parked." in result.output) == (2, True)


def test_a_pass_that_starts_nothing_is_red_and_shown(world: World) -> None:
    """Also when it is no parking: the page says when, and why."""
    with pytest.raises(SyncError, match="The organisation is parked until"):
        world.discover()
    world.clock.advance(3600)
    category = next(row for row in world.documents("tracking_categories") if row["Name"] == "Cost Codes")
    world.xero_edit("TrackingCategories", category["TrackingCategoryID"], Status="ARCHIVED")
    with transaction(world.parts.engine) as session:
        session.execute(delete(Reference))  # as a day later
    with pytest.raises(SyncError):
        world.discover()
    (said,) = projects.show(wish({})).banners
    assert said.startswith("The last pass, at ")
    assert "started nothing. " in said


def test_a_persons_retry_tries_while_it_is_parked(world: World) -> None:
    """They may know that it is over; a job of a pass is not tried."""
    from tasks import policy, project

    def ended(job: Job) -> str:
        task = ATask(Message(job.task_id, {"job_id": str(job.id)}))
        claimed = policy.claim(world.parts, task, JOB_NUMBER, "", "test")  # type: ignore[arg-type]
        assert claimed is not None
        try:
            policy.finish(world.parts, task, claimed, "test", project.sync)  # type: ignore[arg-type]
        except policy.JobFailed as failed:
            return str(failed)
        return world.job(JOB_NUMBER).state

    retried = by_hand.retry(world.parts, world.job(JOB_NUMBER).task_id)
    assert ended(retried) == "done"
    (periodic,) = world.parts.jobs.queue([by_hand.one(world.parts, JOB_NUMBER)], "periodic")
    assert ended(periodic).startswith("Parked until ")


def test_a_pass_that_waits_for_calls_is_not_told_as_over(a_world: MakeWorld) -> None:
    """Only when a later one has gone before it: who waits for a call gets it first, so the earlier one has ended."""
    world = a_world(a_seed())
    notices = Notices(world.parts.engine, world.parts.now)
    waiting = world.parts.passes.start()
    world.clock.advance(1800)
    later = world.parts.passes.start()
    assert notices.over() == []
    world.parts.passes.end(later.id, message="1 eligible")
    assert [(one.id, one.failed) for one in notices.over()] == [(waiting.id, True), (later.id, False)]
