"""No statement that a job, a pass or a page makes reads through a large table: PostgreSQL is asked how it would go.

The statements are those of real runs, in a ledger with enough rows for PostgreSQL to mind; nothing is forbidden to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tasks import hints as message_hints
from tasks import publishing
from tasks.planning import plan
from tests.benchmarks import growth
from tests.databases import empty_database
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
)
from tests.integration.world import World
from tests.services import missing
from worker.ledger import forgetting
from worker.ledger.copy import Copy
from worker.ledger.figures import figures
from worker.ledger.hints import jobs_of_messages
from worker.ledger.listing import Wish, listing
from worker.ledger.standing import standings
from worker.ledger.tying import tied
from worker.procore.message import Hint
from worker.sandbox.clock import Clock

LARGE = {"entries", "requests", "jobs", "holds"}
#: Each with its parameters, the first of many where there are many.
Statements = dict[str, Any]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Statements]]:
    """A ledger with fifty thousand entries, and every statement of what was done in it."""
    server = os.environ.get("TEST_DATABASE_URL") or missing("PostgreSQL (TEST_DATABASE_URL)")
    with empty_database(server) as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "publish", lambda jobs, settings: None)
        growth.fill(url, entries=50_000, projects=1_000, passes=20, holds=40)
        world = World(_seed(), url, tmp_path_factory.mktemp("large"), clock=Clock())  # by which the ledger was filled
        yield world, _all_statements(world)
        world.close()


def _seed() -> dict[str, Any]:
    claims = [a_claim(n) for n in range(1, 61)]
    return a_seed(
        vendors=[a_vendor(1), a_vendor(2)],
        claims=[*claims, a_claim(61, "-20.00"), a_claim(62, vendor_id=99)],
        payments=[a_payment(n, n, "10.00") for n in range(1, 61)],
        invoices=[an_invoice(n) for n in range(1, 4)],
    )


def _all_statements(world: World) -> Statements:
    """A first sync, a change on each side, a lost answer, an unchanged pass, a whole reading, pages, and forgetting."""
    seen: Statements = {}

    def note(_c: object, _cu: object, statement: str, parameters: Any, *_: object) -> None:
        seen.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    event.listen(world.parts.engine, "before_cursor_execute", note)
    world.discover()
    world.run(JOB_NUMBER)
    world.discover()
    world.procore_edit("requisitions", 1, PROJECT_ID, billing_date="2026-08-31")
    world.procore_edit("requisitions", 62, PROJECT_ID, vendor_id=1)
    world.run(JOB_NUMBER)
    world.clock.advance(86_400)
    world.discover()
    world.run(JOB_NUMBER)
    jobs = world.parts.jobs
    jobs.latest()
    jobs.latest(JOB_NUMBER)
    jobs.strand(60)
    jobs.retry_all([1, 2])
    jobs.hurry(JOB_NUMBER, "")
    jobs.of_pass(1)
    world.parts.projects.numbered(JOB_NUMBER)
    for state in ("all", "held"):
        listing(world.parts.engine, Wish(state, page=2), world.parts.now().date())
    standings(world.parts.engine, world.parts.projects.all(), jobs.latest())
    figures(world.parts.engine)
    plan(world.parts, JOB_NUMBER)
    Copy(world.parts.engine, world.clock.now()).take_tied(world.parts.organisation.tenant_id, "claims", "none")
    tied(world.parts.engine, world.parts.organisation.tenant_id, "claims", "1")
    message_hints.note(world.parts, {Hint("claims", PROJECT_ID), Hint("vendors", None, 1)})
    message_hints.start(world.parts, {PROJECT_ID: {"claims"}}, {PROJECT_ID: world.clock.now()})
    jobs_of_messages(world.parts.engine, world.clock.now(), world.clock.now())
    for _ in forgetting.prune(world.parts.engine, world.clock.now()):
        pass
    event.remove(world.parts.engine, "before_cursor_execute", note)
    return seen


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    return (node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan")


def _plan_of(world: World, statement: str, parameters: Any) -> dict[str, Any]:
    with world.parts.engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        said = cursor.fetchone()[0]  # type: ignore[index]
    found: dict[str, Any] = (json.loads(said) if isinstance(said, str) else said)[0]["Plan"]
    return found


def test_no_large_table_is_read_through(large: tuple[World, Statements]) -> None:
    """Each look-up goes by an index; it names the statements that do not."""
    world, statements = large
    wrong = {}
    for statement, parameters in statements.items():
        if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
            continue
        if found := LARGE & set(_scanned(_plan_of(world, statement, parameters))):
            wrong[statement[:300]] = found
    assert wrong == {}


def test_the_look_finds_a_scan(large: tuple[World, Statements]) -> None:
    """A condition that no index serves is named."""
    world, _ = large
    with world.parts.engine.connect() as connection:
        plan = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) SELECT id FROM entries WHERE position = 7").scalar()
    assert plan is not None
    assert list(_scanned(plan[0]["Plan"])) == ["entries"]


def test_what_was_looked_at_is_most_of_what_there_is(large: tuple[World, Statements]) -> None:
    """Every large table was read, written and pruned."""
    _, statements = large
    for table in LARGE:
        for verb in ("SELECT", "UPDATE" if table != "requests" else "INSERT INTO", "DELETE FROM"):
            assert any(verb in one and table in one for one in statements), (verb, table)


def test_entries_are_counted_from_an_index_alone(large: tuple[World, Statements]) -> None:
    """`status` and the metrics count all there are without looking at one."""
    world, statements = large
    grouped = (one for one in statements if "FROM entries" in one and "GROUP BY" in one)
    counts = [one for one in grouped if "tenant_id" not in one]  # one organisation's options are few
    ways = {
        node["Node Type"]
        for one in counts
        for node in _nodes(_plan_of(world, one, statements[one]))
        if node.get("Relation Name") == "entries"
    }
    assert ways == {"Index Only Scan"}
    assert len(counts) >= 3
