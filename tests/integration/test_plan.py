"""`plan`: what it says is what the next run does, and it writes nothing anywhere."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contact,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker import assembly
from worker.cli.app import app
from worker.errors import MissingReference, ProjectBusy
from worker.holds import HoldCode
from worker.ledger.database import transaction
from worker.ledger.tables import Job, Table
from worker.plan.values import Plan, in_calls

Rows = dict[str, list[tuple[Any, ...]]]


def content(world: World) -> Rows:
    """Every row of every table."""
    with transaction(world.parts.engine) as session:
        return {
            table.name: sorted(tuple(map(str, row)) for row in session.execute(select(table)))
            for table in Table.metadata.sorted_tables
        }


def planned(world: World, job_number: str = JOB_NUMBER) -> Plan:
    """The plan, and the proof that nothing was written for it."""
    before, mark = content(world), world.last()
    with world.sql_writes() as written:
        (found,) = plan(world.parts, job_number)
    assert {entry["method"] for entry in world.journal(mark)} <= {"GET"}
    assert written == {}
    assert content(world) == before
    return found


def actions(found: Plan) -> dict[str, str]:
    return {step.title: str(step.action) for step in found.steps}


def mixed() -> dict[str, Any]:
    """Something of every kind: new, adopted, held, waiting for nothing, ignored."""
    return a_seed(
        vendors=[a_vendor(1), a_vendor(2, "Old Friend"), a_vendor(3)],
        contacts=[a_contact(7, "Old Friend")],
        cost_codes=[a_cost_code(), a_cost_code("03-310", "Formwork")],
        claims=[
            a_claim(11),
            a_claim(12, "-30.00"),
            a_claim(13, items=[an_item("100.00", cost_type="O")]),
            a_claim(14, status="draft"),
        ],
        payments=[a_payment(21, 11, "60.00"), a_payment(22, 13, "1.00")],
        invoices=[an_invoice(31)],
    )


def test_before_the_first_sync_it_says_what_that_does(any_world: MakeWorld) -> None:
    """Every record has its action, dependents too; the sync then makes exactly as many writes, with these outcomes."""
    world = any_world(mixed())
    found = planned(world)
    assert actions(found) == {
        "project 310": "create",
        "vendor 1": "create",
        "vendor 2": "adopt",
        "vendor 3": "create",
        "cost code 03-300": "create",
        "cost code 03-310": "create",
        "claim 11": "create",
        "claim 12": "create",
        "claim 13": "held",
        "claim 14": "ignored",
        "payment 21": "create",
        "payment 22": "held",
        "invoice 31": "create",
    }
    mark = world.last()
    report = world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark))
    assert found.reads == len([entry for entry in world.journal(mark) if entry["method"] == "GET"])
    sent = sum(counts.get("sent", 0) for counts in report.counts.values())
    assert sent == sum(step.action in ("create", "adopt", "change") for step in found.steps)
    assert sorted(world.holds()) == sorted(step.title for step in found.steps if step.action == "held")


def _changed_claim(world: World) -> None:
    world.enter("requisitions", a_claim(11, "120.00"))


def _renamed_vendor(world: World) -> None:
    world.procore_edit("vendors", 1, name="Supplier One")


def _renamed_code(world: World) -> None:
    world.procore_edit("cost_codes", a_cost_code()["id"], PROJECT_ID, name="Concrete works")


def _nothing(world: World) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "title", "details"),
    [
        (
            _changed_claim,
            "claim 11",
            [
                "line 'Slab on ground (SC-501 claim 11, line 1)': amount 100.00 AUD -> 120.00 AUD",
                "total before tax: 100.00 AUD -> 120.00 AUD",
            ],
        ),
        (_renamed_vendor, "vendor 1", ["name: Supplier 1 -> Supplier One"]),
        (_renamed_code, "cost code 03-300", ["name: 03-300 Concrete -> 03-300 Concrete works"]),
        (_nothing, "", []),
    ],
)
def test_a_change_is_shown_as_a_difference(
    a_world: MakeWorld, change: Callable[[World], None], title: str, details: list[str]
) -> None:
    """Old and new side by side, and as many writes as the sync then makes: none when nothing changed."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    change(world)
    found = planned(world)
    assert [(s.title, list(s.details)) for s in found.steps if s.action == "change"] == (
        [(title, details)] if title else []
    )
    mark = world.last()
    world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark)) == (1 if title else 0)


def _pays_otherwise(world: World) -> None:
    world.enter("contract_payments", a_payment(21, 11, "55.00"))


def _undoes_payment(world: World) -> None:
    world.enter("contract_payments", a_payment(21, 11, "60.00", status="rejected"))


def _deletes_invoice(world: World) -> None:
    world.procore_delete("direct_costs", 31, PROJECT_ID)


@pytest.mark.parametrize(
    ("change", "title", "action"),
    [
        (_pays_otherwise, "payment 21", "change"),
        (_undoes_payment, "payment 21", "withdraw"),
        (_deletes_invoice, "invoice 31", "withdraw"),
    ],
)
def test_what_would_be_taken_back_is_shown(
    a_world: MakeWorld, change: Callable[[World], None], title: str, action: str
) -> None:
    """A payment or a bill that the sync deletes or voids in Xero is named, and its writes are counted."""
    seed = a_seed(
        claims=[a_claim(11)], payments=[a_payment(21, 11, "60.00")], invoices=[an_invoice(31), an_invoice(32)]
    )
    world = a_world(seed)
    world.mapping_file.write_text(f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n')
    world.whole_pass()
    change(world)
    world.clock.advance(25 * 3600)
    found = planned(world)
    assert actions(found)[title] == action
    mark = world.last()
    world.run(JOB_NUMBER)
    assert found.writes == len(world.writes(mark))


def test_what_must_not_be_touched_is_foreseen(a_world: MakeWorld) -> None:
    """A paid bill that changed in Procore is held in the plan as it is in the sync."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(21, 11, "60.00")]))
    world.whole_pass()
    _changed_claim(world)
    (held,) = [step for step in planned(world).steps if step.action == "held"]
    assert (held.title, held.code) == ("claim 11", "changed_after_sending")


def test_several_projects_are_planned_as_a_pass_does_them(a_world: MakeWorld) -> None:
    """What the first project would create, a shared vendor say, the second one finds; a project in trouble says why."""
    more: dict[int, dict[str, Any]] = {
        320: {"project_vendors": [1], "cost_codes": [a_cost_code()], "requisitions": [a_claim(41)]}
    }
    projects = [a_project(), a_project(320, "24-020"), a_project(330, "24-030")]
    world = a_world(a_seed(projects=projects, claims=[a_claim(11)], forbidden=[330], more=more))
    before = content(world)
    first, second, third = plan(world.parts)
    assert [step.title for step in first.steps if step.kind == "vendors" and step.action == "create"] == ["vendor 1"]
    assert actions(second)["vendor 1"] == "unchanged"
    assert "403" in third.stopped
    assert content(world) == before
    mark = world.last()
    world.discover()
    world.run("24-017")
    world.run("24-020")
    assert first.writes + second.writes == len(world.writes(mark))


def test_a_request_that_is_not_answered_yet_is_left_alone(a_world: MakeWorld) -> None:
    """After a lost answer the plan rehearses the recovery, and leaves the real one to the sync."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.fault("lost_answer", "PUT", "Invoices$", times=1)
    with pytest.raises(Exception, match="no answer"):
        world.run(JOB_NUMBER)
    assert "claim 11" not in [title for title, action in actions(planned(world)).items() if action == "create"]
    world.run_through(JOB_NUMBER)
    assert len(world.documents("invoices")) == 1


def test_a_project_that_is_being_synced_is_not_planned(a_world: MakeWorld) -> None:
    """Half of a running sync would be shown as the whole."""
    world = a_world(a_seed())
    job = world.parts.jobs.hurry(JOB_NUMBER, "Tower")
    assert job is not None
    assert world.parts.jobs.claim(job.task_id, "somebody") is not None
    with pytest.raises(ProjectBusy, match="being synced"):
        plan(world.parts, JOB_NUMBER)


def test_a_queued_job_stays_queued(a_world: MakeWorld, published: list[Job]) -> None:
    """A plan neither takes over a waiting job nor queues one."""
    world = a_world(a_seed())
    world.discover()
    waiting = len(published)
    planned(world)
    assert (world.job(JOB_NUMBER).state, len(published)) == ("queued", waiting)


def test_a_number_that_no_project_has_is_refused(a_world: MakeWorld) -> None:
    """The reason is the one that a sync gives."""
    with pytest.raises(MissingReference, match="no project with this job number"):
        plan(a_world(a_seed()).parts, "99-999")


def test_the_command_fits_80_columns(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of counts, then what is to be looked at; --json has every record."""
    world = a_world(mixed())
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setenv("COLUMNS", "80")
    with capture_logs():
        shown = CliRunner().invoke(app, ["plan", JOB_NUMBER])
        (told,) = json.loads(CliRunner().invoke(app, ["plan", "--json"]).stdout)["rows"]
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0] == "24-017  Tower 310"
    assert "    bill INV-11 of 2026-07-31: 100.00 AUD before tax, 1 line, AUTHORISED" in lines
    assert any(line.startswith("  held: ") and line.endswith("account_missing") for line in lines)
    assert "claim 14" not in shown.stdout
    assert lines[-1] == f"Nothing was written. To do it: procore-xero send {JOB_NUMBER}"
    assert lines[-2].startswith("A sync would make ")
    assert in_calls(0, 0) == "no call to Xero"
    assert in_calls(1, 1) == "1 call to Xero that writes and 1 that reads"
    assert in_calls(0, 2) == "2 calls to Xero that read"
    assert max(map(len, lines)) <= 80
    assert (told["counts"]["claims"], told["writes"]) == ({"create": 2, "held": 1, "ignored": 1}, planned(world).writes)


def test_one_cause_is_told_once(a_world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a first sync one account that is missing holds most claims: it and what to do stand there once, on the
    screen and on the page, with what it is about, and each record below it."""
    missing = [a_claim(id, "10.00", items=[an_item("10.00", cost_type="O")]) for id in (11, 12)]
    odd = [a_claim(id, "10.00", items=[an_item(amount)]) for id, amount in ((13, "9.00"), (14, "8.00"))]
    world = a_world(a_seed(claims=[*missing, *odd]))
    page, _, _ = files_of(world, tmp_path, monkeypatch)
    with capture_logs():
        shown = " ".join(CliRunner().invoke(app, ["plan", JOB_NUMBER], env={"COLUMNS": "200"}).stdout.split())
    for said in (shown, html.unescape(page)):
        assert "Cost type O has no account: 2 records, 22.00 AUD" in said
        assert said.count(HoldCode.ACCOUNT_MISSING.remedy) == 1
        assert "tax on its lines is 0.90 AUD, but" in said  # what is each record's own stays with it
        assert said.count("INV-11") == said.count("INV-12") == 1


def files_of(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[dict[str, str]], str]:
    """The page, the table and what the terminal says of them."""
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    page, table = tmp_path / "plan.html", tmp_path / "plan.csv"
    with capture_logs():
        result = CliRunner().invoke(app, ["plan", "--html", str(page), "--csv", str(table)])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    return page.read_text(), rows, result.stdout


def test_the_plan_goes_on_a_page_and_into_a_table(
    a_world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By supplier, number and amount; the page adds up, and what is held says what to do. After the sync both say that
    there is nothing to do."""
    held = an_item("7.00", cost_type="O")
    claims = [a_claim(11, "100.00"), a_claim(12, "33.00"), a_claim(13, "7.00", items=[held])]
    world = a_world(a_seed(claims=claims, payments=[a_payment(21, 11, "60.00")]))
    page, rows, said = files_of(world, tmp_path, monkeypatch)
    by_title = {(row["action"], row["kind"], row["procore_id"]): row for row in rows}
    bill = by_title["create", "claims", "11"]
    assert (bill["supplier"], bill["number"], bill["amount"], bill["currency"]) == (
        "Supplier 1",
        "INV-11",
        "110.00",
        "AUD",
    )
    assert by_title["held", "claims", "13"]["code"] == "account_missing"
    assert "1 held" in said
    assert "146.30" in page  # both claims with their tax
    assert "2 claims 146.30 AUD" in page
    assert "1 claim 7.70 AUD" in page
    assert HoldCode.ACCOUNT_MISSING.remedy in html.unescape(page)
    world.mapping_file.write_text(MAPPING.replace("[accounts.cost_types]", '[accounts.cost_types]\nO = "335"'))
    world.whole_pass()
    page, rows, said = files_of(world, tmp_path, monkeypatch)
    assert [(row["job_number"], row["action"]) for row in rows if row["action"] != "unchanged"] == [
        (JOB_NUMBER, "nothing to do")
    ]
    assert page.count("Nothing to do") == 2
    assert "nothing to do." in said
    with capture_logs():
        assert "Nothing to do." in CliRunner().invoke(app, ["plan"]).stdout


def test_a_project_that_cannot_be_looked_at_is_told_in_both(
    a_world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its reason; it is not among those with nothing to do."""
    world = a_world(a_seed(projects=[a_project()], forbidden=[PROJECT_ID]))
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    with capture_logs():
        table = CliRunner().invoke(app, ["plan", "--csv", "-"])
        page = CliRunner().invoke(app, ["plan", "--html", "-"])
    assert (table.exit_code, page.exit_code) == (1, 1)
    (row,) = csv.DictReader(table.stdout.removeprefix("\ufeff").splitlines())
    assert row["action"] == "stopped"
    assert row["details"] in html.unescape(page.stdout)
    assert "Nothing to do" not in page.stdout


def test_two_things_are_never_printed_on_one_output(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read."""
    world = a_world(a_seed())
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    for more in (["--html", "-"], ["--json"]):
        result = CliRunner().invoke(app, ["plan", "--csv", "-", *more])
        assert (result.exit_code, "can be printed" in result.stderr) == (2, True)
    assert world.procore_calls() == []
