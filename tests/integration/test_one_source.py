"""What a pass came to is said alike everywhere, and never changes afterwards."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks import by_hand
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.ledger.reporting import happened
from worker.reports import wording
from worker.reports.summary import DONE, summary

Sums = dict[str, int]
STRANGE: dict[str, Any] = {"vendor_id": 999_999, "vendor_name": "Nobody"}


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    seed = a_seed(claims=[a_claim(11), a_claim(12), a_claim(13, **STRANGE)], payments=[a_payment(21, 11, "10.00")])
    world = a_world(seed)
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setattr("tasks.publishing.publish", lambda jobs, _parts: list(jobs))
    return world


def told(*command: str) -> dict[str, Any]:
    with capture_logs():
        found: dict[str, Any] = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    return found


def of_history(number: int) -> Sums:
    (row,) = [row for row in told("history")["rows"] if row["pass"] == number]
    return {"moved": row["moved"], "withdrawn": row["withdrawn"], "held": row["held"]}


def of_export(number: int) -> Sums:
    said = Counter(row["outcome"] for row in told("export", str(number))["rows"])
    return _sums(said, said["held"])


def of_report(world: World, number: int) -> tuple[Sums, Sums]:
    """The summary, and what its message gives to programs."""
    over = world.parts.passes.get(number)
    assert over is not None
    found = summary(happened(world.parts.engine, over), "Xero", world.settings, "https://procore.test")
    facts = wording.of_pass(found).facts
    return _sums(found.counts, found.held), _sums(Counter({done: facts[done] for done in DONE}), facts["held"])


def _sums(counts: Counter[str], held: int) -> Sums:
    return {"moved": sum(counts[done] for done in DONE[:3]), "withdrawn": counts[DONE[3]], "held": held}


def everywhere(world: World, number: int) -> Sums:
    """What history, export, report and mail say of a pass, which must be the same."""
    said = of_history(number)
    assert (of_export(number), *of_report(world, number)) == (said, said, said)
    return said


def test_sums_agree_and_a_retry_changes_none_of_them(world: World) -> None:
    """History, export, report and mail of a pass, before and after the job was started again and moved something."""
    world.whole_pass()
    first = everywhere(world, 1)
    assert (first["moved"] > 5, first["withdrawn"], first["held"]) == (True, 0, 1)
    failed = world.job(JOB_NUMBER)
    world.clock.advance(60)
    world.procore_edit("requisitions", 13, PROJECT_ID, vendor_id=1, vendor_name="Supplier 1")
    retried = by_hand.retry(world.parts, failed.task_id)
    world.clock.advance(60)
    world.run(JOB_NUMBER)
    assert (world.job(JOB_NUMBER).id, world.job(JOB_NUMBER).state) == (retried.id, "done")
    assert everywhere(world, 1) == first
    assert world.parts.jobs.with_ids([failed.id])[0].message == failed.message
    (row,) = [row for row in told("history")["rows"] if row["pass"] is None]
    assert (row["job_number"], row["moved"], row["held"]) == (JOB_NUMBER, 1, 0)
    assert [one["outcome"] for one in told("export", "--job", JOB_NUMBER)["rows"]] == ["created"]


def test_what_was_taken_out_and_made_again_is_counted_alike(world: World) -> None:
    """A payment that moved to another amount is withdrawn and created; one that was undone is withdrawn."""
    world.whole_pass()
    world.clock.advance(25 * 3600)
    world.procore_edit("contract_payments", 21, PROJECT_ID, amount="15.00")
    world.whole_pass()
    assert everywhere(world, 2)["withdrawn"] == 1
    world.clock.advance(25 * 3600)
    world.procore_edit("contract_payments", 21, PROJECT_ID, status="failed")
    world.whole_pass()
    assert everywhere(world, 3)["withdrawn"] == 1


def test_a_job_that_was_hurried_stays_in_its_pass(world: World) -> None:
    """Somebody was faster than the worker; the pass counts it all the same, and once."""
    world.discover()
    by_hand.send(world.parts, by_hand.one(world.parts, JOB_NUMBER))
    world.run_all()
    assert everywhere(world, 1)["moved"] > 5
    assert [row["pass"] for row in told("history")["rows"]] == [1]
