"""The figures that Prometheus reads, from the ledger of a worker that has been at work."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine, update
from structlog.testing import capture_logs

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, everything
from tests.services import PATIENCE_S
from worker import metrics
from worker.assembly import Parts
from worker.ledger.database import transaction
from worker.ledger.figures import Figures, figures
from worker.ledger.tables import Job
from worker.metrics import NewlyEnded, Watched
from worker.settings import Settings

NOWHERE = "redis://127.0.0.1:1/0"


def _watched(parts: Parts) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Watched(parts))
    return registry


def test_what_is_away_is_said_and_the_rest_is_told(any_world: MakeWorld) -> None:
    """Without Redis the ledger's figures are there; without either the scrape still answers."""
    world = any_world(everything(), redis_url=NOWHERE)
    registry = _watched(world.parts)
    world.run(JOB_NUMBER)
    said = generate_latest(registry).decode()
    assert 'procore_xero_reachable{source="ledger"} 1.0' in said
    assert 'procore_xero_reachable{source="redis"} 0.0' in said
    assert "procore_xero_queue_messages{" not in said
    claims = world.job(JOB_NUMBER).counts["claims"]["sent"]
    assert f'procore_xero_records_total{{kind="claims",outcome="sent"}} {float(claims)}' in said
    assert 'procore_xero_job_duration_seconds_count{state="done"} 1.0' in said


def test_a_ledger_that_is_away_fails_no_scrape() -> None:
    """An alert on `reachable` needs an answer that says 0."""
    said = generate_latest(
        _watched(Parts(Settings(redis_url=NOWHERE, database_url="sqlite:////nowhere/at/all.db")))
    ).decode()
    assert 'procore_xero_reachable{source="ledger"} 0.0' in said
    assert "procore_xero_documents{" not in said


def test_a_port_that_is_taken_is_said_and_stops_nothing(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers on one machine with one METRICS_PORT: the second works, and says why it is not watched."""
    world = a_world()
    monkeypatch.setattr(metrics, "parts", lambda: world.parts)
    with socket.create_server(("127.0.0.1", 0)) as taken, capture_logs() as lines:
        port = taken.getsockname()[1]
        metrics.serve("127.0.0.1", port)
    (line,) = lines
    assert line["log_level"] == "error"
    assert f"127.0.0.1:{port}" in line["why"]
    assert "METRICS_PORT" in line["why"]


def test_each_run_counts_once(a_world: MakeWorld) -> None:
    """Whoever scrapes often counts no more than who scrapes seldom; a retried job is another run."""
    world = a_world(everything())
    world.run(JOB_NUMBER)
    ended = NewlyEnded(world.parts)
    assert ended.read() == []  # over before this worker began
    world.clock.advance(1)
    world.run(JOB_NUMBER)
    assert [run.state for run in ended.read()] == ["done"]
    assert ended.read() == []
    world.clock.advance(3600)
    assert ended.read() == []


def test_an_end_that_is_written_late_counts_all_the_same(a_world: MakeWorld) -> None:
    """Another worker's clock may be behind, and its commit may come after a later one."""
    world = a_world(everything())
    ended = NewlyEnded(world.parts)
    world.clock.advance(1000)
    world.run(JOB_NUMBER)
    assert len(ended.read()) == 1
    world.run(JOB_NUMBER)
    _move_end(world.parts, world.job(JOB_NUMBER).id, minutes=-2)
    assert len(ended.read()) == 1
    assert ended.read() == []


def _move_end(parts: Parts, job_id: int, minutes: int) -> None:
    moved: dict[str, Any] = {"finished_at": parts.now() + timedelta(minutes=minutes)}
    with transaction(parts.engine) as session:
        session.execute(update(Job).where(Job.id == job_id).values(**moved))


def test_no_process_is_forked_in_the_middle_of_a_scrape(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that replaces a killed one would inherit locks that nobody frees."""
    world = a_world(everything(), redis_url=NOWHERE)
    watched = Watched(world.parts)
    reading, go_on = Event(), Event()

    def slow(engine: Engine) -> Figures:
        reading.set()
        go_on.wait(PATIENCE_S)
        return figures(engine)

    def fork() -> None:
        if (pid := os.fork()) == 0:
            os._exit(0 if watched._one_at_a_time.acquire(timeout=1) else 1)
        ended.append(os.waitpid(pid, 0)[1])

    ended: list[int] = []
    monkeypatch.setattr(metrics, "figures", slow)
    scrape, forking = Thread(target=lambda: list(watched.collect())), Thread(target=fork)
    scrape.start()
    assert reading.wait(PATIENCE_S)
    forking.start()
    forking.join(0.3)
    go_on.set()
    for thread in (scrape, forking):
        thread.join(PATIENCE_S)
    assert ended == [0]
