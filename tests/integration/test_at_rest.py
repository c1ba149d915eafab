"""A job of which no list is due costs next to nothing, and yet does whatever does not wait for a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, insert, select

from tasks import resting
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, an_invoice
from tests.integration.test_unchanged_pass import statements
from tests.integration.world import World
from worker.errors import OutcomeUnknown
from worker.ledger import at_rest
from worker.ledger.at_rest import end_at_rest
from worker.ledger.database import transaction
from worker.ledger.lists import lists_of
from worker.ledger.tables import Entry, Hold, Job, ListRow, Organisation, ProjectRow, RequestRow, Table
from worker.local_time import local, zone

#: Whether there is anything to do and what is due next, and its end.
MOST_STATEMENTS = 2
NOW = datetime(2026, 8, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
OURS, OTHER = "here", "there"


def rested(world: World) -> World:
    """A project that was synced, of which no list is due."""
    world.whole_pass()
    world.clock.advance(60)
    world.discover()
    assert world.job(JOB_NUMBER).lists == ""
    return world


@POSTGRESQL_IS_DEEP
def test_a_job_without_a_due_list_asks_the_ledger_next_to_nothing(any_world: MakeWorld) -> None:
    """A few statements and no call to anybody, on each kind of database; a thousand such jobs come with every pass."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "5.00")], invoices=[an_invoice(91)])
    world = rested(any_world(seed, read_lists="when_due"))
    since, before, waiting = world.last(), len(world.procore_calls(".")), world.job(JOB_NUMBER)
    at = zone(world.parts)  # asked for once in a process
    with statements(world) as seen, world.sql_writes() as written:
        line = resting.ended(world.parts, waiting.task_id)
    assert len(seen) <= MOST_STATEMENTS
    assert written == {"jobs": 1}
    assert (world.journal(since), len(world.procore_calls(".")) - before) == ([], 0)
    (first, *_) = lists_of(world.parts.engine, PROJECT_ID)
    next_one = f"the next, {first.name}, is due at {local(first.due_at, at)}"
    ended, said = world.job(JOB_NUMBER), f"{JOB_NUMBER}: no list is due; {next_one}"
    assert (line, ended.message, ended.state, ended.attempt) == (said, said, "done", 1)
    assert ended.started_at == ended.finished_at is not None
    assert resting.ended(world.parts, waiting.task_id) is None


def claimed(world: World) -> Job:
    job = world.parts.jobs.claim(world.job(JOB_NUMBER).task_id, "worker")
    assert job is not None
    return job


def test_it_finds_out_what_became_of_an_earlier_request(a_world: MakeWorld) -> None:
    """A person's job sent a bill, and failed before it heard what became of that."""
    world = a_world(a_seed(claims=[a_claim(11)]), read_lists="when_due")
    world.whole_pass()
    world.enter("requisitions", a_claim(12))
    world.fault("lost_answer", "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.parts.jobs.end(claimed(world).id, "worker", "failed", "", {})
    world.discover()
    assert world.job(JOB_NUMBER).lists == ""
    world.run(JOB_NUMBER)
    with transaction(world.parts.engine) as session:
        assert not session.scalars(select(RequestRow.id).where(RequestRow.state == "planned")).all()
    assert world.bill("INV-12")


def test_what_is_held_stays_said(a_world: MakeWorld) -> None:
    """A pass that asks for no list has mended nothing."""
    world = a_world(a_seed(claims=[a_claim(11, vendor_id=7)]), read_lists="when_due")
    world.whole_pass()
    world.clock.advance(60)
    world.discover()
    assert world.job(JOB_NUMBER).lists == ""
    report = world.run(JOB_NUMBER)
    assert (report.held, world.job(JOB_NUMBER).state) == (1, "held")
    said = (
        rf"{JOB_NUMBER}: done, 1 record held: .+ \(claim 11\) \w+; no list is due; the next, \w+, is due at .* AE[DS]T"
    )
    assert re.fullmatch(said, report.line)


def a_project(**values: Any) -> Mapping[str, Any]:
    row = {"procore_id": 1, "job_number": "24-017", "name": "", "state": "eligible", "organisation": "Ours"}
    return {**row, "routed_by": "rules", "seen_at": NOW, **values}


def a_job(**values: Any) -> Mapping[str, Any]:
    row = {"job_number": "24-017", "trigger": "periodic", "state": "queued", "task_id": "task", "queued_at": NOW}
    return {**row, "lists": "", **values}


def next_of(engine: Engine, organisation: str = "Ours", rules: str = "rules") -> str | None:
    """The line with which the job has ended, here the name of the next list."""
    rested = end_at_rest(engine, "task", OURS, organisation, rules, NOW, lambda number, following: following.name)
    return rested.line if rested else None


def a_request(**values: Any) -> Mapping[str, Any]:
    told = {"key": "k", "method": "PUT", "path": "/Invoices", "body": "{}", "planned_at": NOW, "job_id": 1}
    return {"tenant_id": OURS, "project_id": 1, "kind": "claims", "state": "planned", **told, **values}


def a_hold(**values: Any) -> Mapping[str, Any]:
    said = {"title": "", "code": "", "sentence": "", "remedy": "", "procore_url": "", "xero_url": "", "opened_at": NOW}
    who = {"tenant_id": OURS, "project_id": 1, "kind": "claims", "procore_id": "7", "outcome": "held"}
    return {**who, **said, **values}


def an_entry(**values: Any) -> Mapping[str, Any]:
    return {"tenant_id": OTHER, "project_id": 1, "kind": "claims", "procore_id": "7", "state": "live", **values}


@pytest.mark.parametrize(
    ("table", "row", "is_nothing"),
    [
        (RequestRow, a_request(), False),
        (RequestRow, a_request(project_id=2), True),
        (RequestRow, a_request(project_id=2, kind="vendors"), False),
        (RequestRow, a_request(project_id=2, kind="cost_codes"), False),
        (RequestRow, a_request(state="answered"), True),
        (RequestRow, a_request(tenant_id=OTHER), True),
        (Hold, a_hold(), False),
        (Hold, a_hold(kind="left_out"), False),
        (Hold, a_hold(project_id=2), True),
        (Hold, a_hold(outcome="waiting"), True),
        (Hold, a_hold(closed_at=NOW), True),
        (Hold, a_hold(tenant_id=OTHER, outcome="waiting"), False),
        (Entry, an_entry(), False),
        (Entry, an_entry(state="planned"), False),
        (Entry, an_entry(state="free"), True),
        (Entry, an_entry(kind="vendors"), True),
        (Entry, an_entry(tenant_id=OURS), True),
        (Entry, an_entry(project_id=2), True),
        (ProjectRow, a_project(procore_id=2), False),
        (ProjectRow, a_project(procore_id=2, state="paused"), True),
        (ListRow, {"project_id": 1, "name": "claims", "read_at": NOW, "due_at": NOW, "rules": "", "calls": 1}, True),
        (Organisation, {"tenant_id": OURS, "xero_client_id": "", "parked_until": NOW + HOUR}, False),
        (Organisation, {"tenant_id": OURS, "xero_client_id": "", "parked_until": NOW}, True),
        (Organisation, {"tenant_id": OTHER, "xero_client_id": "", "parked_until": NOW + HOUR}, True),
    ],
)
@POSTGRESQL_IS_DEEP
def test_a_project_is_at_rest_when_nothing_is_under_way_held_or_elsewhere(
    engine: Engine, table: type[Table], row: Mapping[str, Any], is_nothing: bool
) -> None:
    """A shared vendor or cost code under way counts for every project: whoever comes next finds out about it."""
    with transaction(engine) as session:
        session.execute(insert(ProjectRow), [a_project()])
        session.execute(insert(Job), [a_job()])
        session.execute(insert(table), [row])
    assert next_of(engine) == (("claims" if table is ListRow else "") if is_nothing else None)
    with transaction(engine) as session:
        assert session.scalars(select(Job.state)).all() == ["done" if is_nothing else "queued"]


@POSTGRESQL_IS_DEEP
def test_a_job_that_would_not_begin_is_not_at_rest(engine: Engine) -> None:
    """It has to say why: its project goes elsewhere, by other rules, or is none; or the tables are of another day."""
    with transaction(engine) as session:
        session.execute(insert(ProjectRow), [a_project()])
        session.execute(insert(Job), [a_job()])
    assert next_of(engine, organisation="") is None
    assert next_of(engine, rules="") is None
    with patch.object(at_rest, "newest_revision", lambda: "another"):
        assert next_of(engine) is None
    assert next_of(engine) == ""


@pytest.mark.parametrize(
    "job",
    [
        a_job(lists="claims"),
        a_job(lists=None),
        a_job(attempt=1),
        a_job(state="running"),
        a_job(task_id="another"),
        a_job(job_number="24-018"),
    ],
)
@POSTGRESQL_IS_DEEP
def test_a_job_that_has_a_list_or_has_begun_does_not_end_so(engine: Engine, job: Mapping[str, Any]) -> None:
    """Nor does one that a later message is for, or whose project was never seen."""
    with transaction(engine) as session:
        session.execute(insert(ProjectRow), [a_project()])
        session.execute(insert(Job), [job])
    assert next_of(engine) is None
