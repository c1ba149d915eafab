"""Workers take up what died with another one, and what lost its message, soon and once."""

from __future__ import annotations

import fakeredis
import httpx
import pytest

from tasks import publishing
from tasks.resuming import resume_jobs
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, everything
from tests.integration.wire import Crash, crash
from worker.broker.waiting import MOST
from worker.errors import ApiUnavailable
from worker.http import exact_json
from worker.ledger.lost_jobs import SENT_S
from worker.ledger.tables import Job


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> fakeredis.FakeRedis:
    """What lies in Redis; nothing, unless a test puts it there."""
    found = fakeredis.FakeRedis()
    monkeypatch.setattr("worker.assembly.Parts.broker", found)
    return found


def _message(task_id: str) -> str:
    return exact_json.dumps({"body": "", "headers": {"id": task_id, "task": "sync_project"}})


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


def test_what_could_not_be_published_goes_when_the_broker_is_back(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, published: list[Job]
) -> None:
    """Without a broker the rows stay queued; with one they go within seconds, and not again."""
    world = a_world(everything())

    def away(jobs: list[Job], settings: object) -> None:
        raise ApiUnavailable("The broker cannot be reached.")

    with monkeypatch.context() as without_broker:
        without_broker.setattr(publishing, "publish", away)
        with pytest.raises(ApiUnavailable):
            world.discover()
    noted = world.job(JOB_NUMBER)
    assert (noted.state, published) == ("queued", [])
    world.clock.advance(SENT_S + 1)
    assert resume_jobs(world.parts) == f"Taken up again: {JOB_NUMBER}"
    assert [job.id for job in published] == [noted.id]
    assert resume_jobs(world.parts) == "Nothing was left behind"


@pytest.mark.parametrize("where", ["queue", "hand", "long queue"])
def test_who_has_a_message_is_left_alone(
    a_world: MakeWorld, broker: fakeredis.FakeRedis, published: list[Job], where: str
) -> None:
    """However long it waits in its queue or in a worker's hands; and where the queue is too long to look through."""
    world = a_world(everything())
    world.discover()
    message, prefix = _message(published.pop().task_id), world.settings.key_prefix
    if where == "hand":
        broker.hset(f"{prefix}unacked", "tag", f'[{message}, "", "periodic"]')
    else:
        entries = [message] if where == "queue" else ["hello"] * (MOST + 1)
        broker.rpush(f"{prefix}periodic", *entries)
    world.clock.advance(600)
    assert resume_jobs(world.parts) == "Nothing was left behind"
    broker.flushall()
    assert resume_jobs(world.parts) == f"Taken up again: {JOB_NUMBER}"


def test_a_broker_that_is_away_is_said(a_world: MakeWorld) -> None:
    """Then nobody is called lost."""
    world = a_world(everything())
    world.discover()
    world.clock.advance(3600)
    away = fakeredis.FakeServer()
    away.connected = False
    world.parts.broker = fakeredis.FakeRedis(server=away)
    with pytest.raises(ApiUnavailable, match="cannot be reached"):
        resume_jobs(world.parts)
    assert world.job(JOB_NUMBER).state == "queued"
