"""A worker that starts takes up what died before it, at once and once."""

from __future__ import annotations

import httpx
import pytest

from tasks import publishing
from tasks.resuming import resume_jobs
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, everything
from tests.integration.wire import Crash, crash
from worker.errors import ApiUnavailable
from worker.ledger.tables import Job


def test_a_job_that_died_with_its_worker_is_published_again(any_world: MakeWorld, published: list[Job]) -> None:
    """Under a new task id, in its own queue, and only by the first worker that looks."""
    world = any_world(everything())
    world.discover()
    world.wire.after("PUT", "/Invoices", crash)
    with pytest.raises(Crash):
        world.run(JOB_NUMBER)
    died = published.pop()
    world.parts.jobs._is_dead = lambda owner: True
    assert resume_jobs(world.parts) == f"Taken up again: {JOB_NUMBER}"
    assert [(job.id, job.trigger) for job in published] == [(died.id, "periodic")]
    assert published[0].task_id != died.task_id
    assert resume_jobs(world.parts) == "Nothing was left behind"
    world.run(JOB_NUMBER)
    assert len(world.documents("invoices")) == 3
    assert world.holds() == {}


def test_who_lives_keeps_its_job(a_world: MakeWorld, published: list[Job]) -> None:
    """A second worker starts beside one that works: nothing is taken from it."""
    world = a_world(everything())
    world.discover()
    published.clear()
    other = world.more_parts()

    def another_worker_starts(_: httpx.Request) -> None:
        assert resume_jobs(other) == "Nothing was left behind"

    world.wire.before("PUT", "/Invoices", another_worker_starts)
    world.run(JOB_NUMBER)
    assert published == []
    assert world.job(JOB_NUMBER).attempt == 1


def test_what_cannot_be_published_now_waits_for_the_next_pass(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a broker the rows are as they were for whoever looks next: queued, and found when they are late."""
    world = a_world(everything())
    world.discover()

    def away(jobs: list[Job], settings: object) -> None:
        raise ApiUnavailable("The broker cannot be reached.")

    monkeypatch.setattr(publishing, "publish", away)
    world.clock.advance(3600)
    with pytest.raises(ApiUnavailable):
        resume_jobs(world.parts)
    assert world.job(JOB_NUMBER).state == "queued"
    monkeypatch.undo()
    world.clock.advance(3600)
    assert [job.job_number for job in world.parts.jobs.strand(publishing.expiry_s(world.settings))] == [JOB_NUMBER]
