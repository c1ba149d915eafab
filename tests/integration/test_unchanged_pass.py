"""What a pass costs that finds nothing changed: calls and statements, and that they do not grow with the project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    a_claim,
    a_cost_code,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
)
from tests.integration.world import World

#: Of a job in which nothing changed, from its claim to its end; one of them looks whether Xero is parked, another one
#: for the company's zone in Procore, to which links lead. The beginning of the pass is one more, which a process reads
#: for its first job only.
MOST_STATEMENTS = 17
#: One for each list: vendors, cost codes, claims, subcontracts, purchase orders, direct costs.
LISTS = 6


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What goes to the database, but for SQLite's own BEGIN."""
    seen: list[str] = []

    def note(_c: object, _cu: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(world.parts.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(world.parts.engine, "before_cursor_execute", note)


def a_project_of(records: int) -> dict[str, Any]:
    """As many of each kind, all of which were last changed long ago but for the last."""
    old: dict[str, Any] = {"updated_at": "2026-07-01T00:00:00Z"}
    return a_seed(
        vendors=[a_vendor(n) for n in range(1, records + 1)],
        cost_codes=[a_cost_code(f"03-{300 + n}") for n in range(records)],
        claims=[a_claim(n, **(old if n < records else {})) for n in range(1, records + 1)],
        payments=[a_payment(n, n, "5.00") for n in range(1, records + 1)],
        invoices=[an_invoice(n, **(old if n < records else {})) for n in range(1, records + 1)],
    )


def cost(world: World) -> tuple[int, int]:
    """Statements and calls to Procore of a second job, which has to find that nothing changed."""
    world.run(JOB_NUMBER)
    world.clock.advance(1200)
    world.discover()
    (queued,) = world.parts.jobs.latest().values()
    assert queued.pass_id is not None
    world.parts.passes.began(queued.pass_id)
    before = len(world.procore_calls("."))
    with statements(world) as seen:
        job = world.parts.jobs.claim(queued.task_id, "worker")
        assert job is not None
        report = world.carry_out(job, "worker", world.parts)
    assert {outcome for counts in report.counts.values() for outcome in counts} == {"unchanged"}
    return len(seen), len(world.procore_calls(".")) - before


@pytest.mark.deep
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_large_project_asks_little_of_postgresql(any_world: MakeWorld) -> None:
    """A job that finds nothing changed asks the ledger no more than on SQLite."""
    assert cost(any_world(a_project_of(240)))[0] <= MOST_STATEMENTS


def test_a_large_project_asks_no_more_than_a_small_one(a_world: MakeWorld) -> None:
    """Statements are the same for 2 and for 110 of each kind; calls to Procore grow by the further pages alone."""
    small, large = cost(a_world(a_project_of(2))), cost(a_world(a_project_of(110)))
    assert large[0] == small[0] <= MOST_STATEMENTS
    further_pages = 2  # one of vendors and one of cost codes, a hundred on each
    assert large[1] == small[1] + further_pages


def test_calls_to_procore_are_one_for_each_list(a_world: MakeWorld) -> None:
    """No record is asked for alone."""
    world = a_world(a_seed(claims=[a_claim(1)], payments=[a_payment(1, 1, "5.00")]))
    assert cost(world)[1] == LISTS


def test_what_was_shown_long_ago_is_not_read_for_ever(a_world: MakeWorld) -> None:
    """An import of many records in one moment is read once more, an hour on, and then no longer; a change still is."""
    world = a_world(a_project_of(5), lists_every_hours=48, full_compare_every_hours=48)
    for _ in range(2):
        world.whole_pass()
        world.clock.advance(7200)
    before = len(world.procore_calls("."))
    world.whole_pass()
    asked = [entry["path"].split("/")[-1] for entry in world.procore_calls(".")[before:]]
    assert [name for name in asked if name not in ("token", "projects")] == [
        "requisitions",
        "work_order_contracts",
        "purchase_order_contracts",
        "direct_costs",
    ]
    world.clock.advance(1800)
    world.enter("direct_costs", an_invoice(99))
    world.whole_pass()
    assert world.bill("DC-99")["Status"] == "AUTHORISED"
