"""Forgetting: what is old and over goes, what a job may still read stays, and nobody waits for it, on each database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text

from tasks import history as task
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from worker import stopping
from worker.clock import MACHINE
from worker.errors import WorkerStopped
from worker.ledger.database import transaction
from worker.ledger.forgetting import prune
from worker.ledger.jobs import Jobs, Wanted
from worker.ledger.size import size
from worker.ledger.tables import Entry, Hold, Job, Pass, RequestRow, Table

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
LIMIT = NOW - timedelta(days=30)
OLD, NEW = NOW - timedelta(days=40), NOW - timedelta(days=1)


def put(engine: Engine, table: type[Table], **values: Any) -> int:
    with transaction(engine) as session:
        row = session.execute(insert(table).values(**values).returning(table.__table__.c.id))
        return int(row.scalar_one())


def a_pass(engine: Engine, at: datetime) -> int:
    return put(engine, Pass, started_at=at)


def a_job(engine: Engine, number: str, state: str, at: datetime, pass_id: int | None = None) -> int:
    ended = None if state in ("queued", "running") else at
    task_id = f"{number} {state} {at}"
    times = {"queued_at": at, "finished_at": ended}
    return put(
        engine, Job, job_number=number, state=state, trigger="periodic", task_id=task_id, pass_id=pass_id, **times
    )


def a_hold(engine: Engine, procore_id: str, closed_at: datetime | None) -> int:
    said = {"title": "", "outcome": "held", "code": "", "sentence": "", "remedy": "", "opened_at": OLD}
    record = {"tenant_id": "T", "project_id": 310, "kind": "claims", "procore_id": procore_id}
    return put(engine, Hold, **record, **said, closed_at=closed_at)


def a_request(engine: Engine, state: str, at: datetime) -> int:
    about = {"tenant_id": "T", "project_id": 310, "job_id": 1, "kind": "claims", "method": "PUT", "path": "/Invoices"}
    with transaction(engine) as session:
        number = session.scalar(select(func.count()).select_from(RequestRow))
    return put(engine, RequestRow, **about, key=f"{number}", body="{}", state=state, planned_at=at)


def an_entry(engine: Engine, procore_id: str, **requests: int) -> None:
    record = {"tenant_id": "T", "project_id": 310, "kind": "claims", "procore_id": procore_id, "state": "live"}
    put(engine, Entry, **record, **requests)


def forget(engine: Engine, part: int = 500) -> Counter[str]:
    gone: Counter[str] = Counter()
    for table, rows in prune(engine, LIMIT, part):
        gone[table] += rows
    return +gone


def ids(engine: Engine, table: type[Table]) -> set[int]:
    with transaction(engine) as session:
        return set(session.scalars(select(table.__table__.c.id)))


def test_the_last_result_of_every_job_number_stays(engine: Engine) -> None:
    """Ended jobs go when they are old; the newest of a number stays however old, and so does one that has not ended."""
    first = a_pass(engine, OLD)
    for at in (OLD, OLD + timedelta(days=1)):
        a_job(engine, "24-017", "done", at, first)
    recent = a_job(engine, "24-017", "done", NEW, a_pass(engine, NEW))
    a_job(engine, "24-018", "failed", OLD)
    last = a_job(engine, "24-018", "parked", OLD + timedelta(days=1))
    waiting = a_job(engine, "24-019", "queued", OLD, first)
    a_job(engine, "24-020", "done", OLD)
    running = a_job(engine, "24-020", "running", NEW)
    assert forget(engine) == {"jobs": 4}
    assert ids(engine, Job) == {recent, last, waiting, running}


def test_a_pass_goes_with_its_last_job(engine: Engine) -> None:
    """One that a job is left of stays, and so does the newest one."""
    old, kept = a_pass(engine, OLD), a_pass(engine, OLD)
    a_job(engine, "24-017", "done", OLD, old)
    a_job(engine, "24-017", "done", OLD + timedelta(days=1), kept)
    newest = a_pass(engine, OLD)
    assert forget(engine) == {"jobs": 1, "passes": 1}
    assert ids(engine, Pass) == {kept, newest}


def test_closed_holds_go_and_open_ones_stay(engine: Engine) -> None:
    """What needs a person is never forgotten, however long it has been open."""
    a_hold(engine, "1", OLD)
    kept = {a_hold(engine, "1", NEW), a_hold(engine, "1", None)}
    assert forget(engine) == {"holds": 1}
    assert ids(engine, Hold) == kept


def test_requests_that_say_what_we_wrote_stay(engine: Engine) -> None:
    """Of a document the last request that wrote it, and the last that was tried; one without an answer in any case."""
    written, tried, unknown = (a_request(engine, state, OLD) for state in ("answered", "answered", "planned"))
    a_request(engine, "answered", OLD)
    recent = a_request(engine, "answered", NEW)
    an_entry(engine, "1", written_request_id=written, request_id=tried)
    assert forget(engine) == {"requests": 1}
    assert ids(engine, RequestRow) == {written, tried, unknown, recent}


def many(engine: Engine) -> None:
    for day in range(7):
        a_job(engine, "24-017", "done", OLD + timedelta(days=day % 3, seconds=day))
        a_hold(engine, str(day), OLD)
        a_request(engine, "answered", OLD)
        a_pass(engine, OLD)


@pytest.mark.parametrize("part", [1, 2, 3, 7, 500])
def test_parts_of_any_size_come_to_the_same(engine: Engine, part: int) -> None:
    """Also where many rows ended at one moment, and where what stays is the first of a part."""
    many(engine)
    assert forget(engine, part) == {"jobs": 6, "holds": 7, "requests": 7, "passes": 6}


def test_others_write_between_two_parts_and_it_may_die_after_any(engine: Engine) -> None:
    """No part holds a lock when it is done, and what a dead one left goes with the next."""
    many(engine)
    jobs = Jobs(engine, 300, MACHINE.now)
    gone = 0
    for number, (_, rows) in enumerate(prune(engine, LIMIT, 2)):
        assert jobs.queue([Wanted(f"25-{number}", "Tower")], "periodic")
        gone += rows
        if number == 2:
            break
    assert gone + sum(forget(engine).values()) == 6 + 7 + 7 + 6


def test_a_bill_of_long_ago_still_follows_its_claim(any_world: MakeWorld) -> None:
    """After forgetting, a change of a claim that was sent long ago updates its bill, as we know what we left it as."""
    world = any_world(a_seed(claims=[a_claim(11)]))
    world.run(JOB_NUMBER)
    world.clock.advance(60 * 86_400)
    assert task.forget(world.parts).endswith("nothing")
    world.procore_edit("requisitions", 11, 310, billing_date="2026-08-31")
    report = world.run(JOB_NUMBER)
    assert report.counts["claims"] == {"sent": 1}
    assert world.holds() == {}


def test_it_is_left_when_the_worker_stops(engine: Engine, a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the part that it was at; the rest goes another day."""
    world = a_world(a_seed())
    for at in (OLD, OLD + timedelta(days=1)):
        a_job(world.parts.engine, "24-017", "done", at)
    monkeypatch.setattr(world.parts, "now", lambda: NOW)
    monkeypatch.setattr(stopping, "_asked", b"\1")
    with pytest.raises(WorkerStopped):
        task.forget(world.parts)
    monkeypatch.undo()
    assert len(world.parts.jobs.latest()) == 1


def test_the_size_is_said(engine: Engine) -> None:
    """Rows by table, the largest first, and the bytes of all."""
    for number in range(3):
        a_hold(engine, str(number), None)
    a_pass(engine, NEW)
    if engine.dialect.name == "postgresql":  # which estimates, and may have looked when the tables were empty
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    found = size(engine)
    assert (found.rows["holds"], found.rows["passes"], found.rows["jobs"]) == (3, 1, 0)
    assert next(iter(found.rows)) == "holds"
    assert found.bytes > 0
