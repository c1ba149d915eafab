"""What the commands tell of real passes: every record, every call, what moved and when, in the past as well."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from tasks import by_hand
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contact,
    a_cost_code,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import MAPPING, World
from worker import assembly
from worker.cli.app import app
from worker.cli.export import COLUMNS
from worker.ledger.history import newest_jobs

HELD = an_item("100.00", cost_type="O")


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project with something of every kind, of which one claim is held."""
    world = a_world(
        a_seed(
            vendors=[a_vendor(), a_vendor(2, "Old Friend")],
            contacts=[a_contact(7, "Old Friend")],
            cost_codes=[a_cost_code()],
            claims=[a_claim(11), a_claim(12), a_claim(13, items=[HELD]), a_claim(14, status="draft")],
            payments=[a_payment(21, 11, "60.00")],
            invoices=[an_invoice(31)],
        )
    )
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setenv("COLUMNS", "80")
    return world


def typed(*arguments: str) -> Result:
    with capture_logs():
        return CliRunner().invoke(app, arguments)


def told(*arguments: str) -> Any:
    return json.loads(typed(*arguments, "--json").stdout)


def exported(*arguments: str) -> dict[str, str]:
    """Title to outcome of what a pass moved and held."""
    printed = typed("export", *arguments).stdout
    rows = list(csv.DictReader(io.StringIO(printed.removeprefix("\ufeff"))))
    assert not rows or list(rows[0]) == list(COLUMNS)
    return {row["title"]: row["outcome"] for row in rows}


def called(world: World) -> dict[str, int]:
    """What the two APIs themselves counted."""
    return {"procore": len(world.procore_calls("^/rest/")), "xero": len(world.journal())}


def noted(world: World) -> dict[str, int]:
    """What passes and jobs say that they used."""
    total: Counter[str] = Counter()
    jobs = newest_jobs(world.parts.engine, JOB_NUMBER, 10)
    for calls in [one.calls for one in world.parts.passes.all()] + [job.calls for job in jobs]:
        total.update(calls)
    return dict(total)


def test_history_counts_what_was_taken_out(world: World) -> None:
    """Beside what was written, for the pass and for the job; the spreadsheet names it."""
    world.whole_pass()
    world.procore_edit("contract_payments", 21, PROJECT_ID, status="failed")
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert [row["withdrawn"] for row in told("history")["rows"]] == [1, 0]
    assert told("history", "--job", JOB_NUMBER)["rows"][0]["withdrawn"] == 1
    (row,) = [row for row in told("export")["rows"] if row["outcome"] == "withdrawn"]
    assert (row["title"], row["sentence"]) == (
        "payment 21",
        "payment of 60.00 AUD on 2026-08-14 for bill INV-11 of Supplier 1",
    )


def test_every_call_is_counted_once(world: World) -> None:
    """Passes and jobs together used what the two APIs saw, also when a job comes back and when it is retried."""
    world.fault("status", "GET", "/Accounts", status=503, times=5)
    world.discover()
    world.run_through(JOB_NUMBER)
    assert noted(world) == called(world)
    assert world.job(JOB_NUMBER).attempt > 1
    by_hand.retry(world.parts, world.job(JOB_NUMBER).task_id)
    world.run(JOB_NUMBER)
    assert noted(world) == called(world)


def test_history_tells_of_passes_and_of_jobs_started_by_hand(world: World) -> None:
    """The newest first: when, how long, how many calls, what moved; within 80 columns."""
    world.whole_pass()
    first = called(world)
    world.clock.advance(60)
    world.run("24-017")
    by_hand_row, pass_row = told("history")["rows"]
    assert (pass_row["pass"], pass_row["state"], pass_row["calls"]) == (1, "failed", first)
    assert (pass_row["moved"], pass_row["held"], pass_row["jobs"]) == (8, 1, {"failed": 1})
    assert (by_hand_row["job_number"], by_hand_row["trigger"], by_hand_row["moved"]) == ("24-017", "manual", 0)
    assert [row["pass"] for row in told("history", "--job", "24-017")["rows"]] == [None, 1]
    assert len(told("history", "--limit", "1")["rows"]) == 1
    for command in (("history",), ("history", "--job", "24-017")):
        assert max(map(len, typed(*command).stdout.splitlines())) <= 80


def test_a_pass_goes_on_until_its_last_job_has_ended(world: World) -> None:
    """What is not over has no end."""
    world.discover()
    (row,) = told("history")["rows"]
    assert (row["state"], row["ended_at"], row["took_s"]) == ("running", None, None)


def test_an_export_names_every_record_that_moved_or_was_held(world: World) -> None:
    """Created, taken over, held: each with its links, and none twice."""
    world.whole_pass()
    assert exported("1") == {
        f"project {PROJECT_ID}": "created",
        "vendor 1": "created",
        "vendor 2": "adopted",
        "cost code 03-300": "created",
        "claim 11": "created",
        "claim 12": "created",
        "claim 13": "held",
        "payment 21": "created",
        "invoice 31": "created",
    }
    rows = {row["title"]: row for row in told("export", "1")["rows"]}
    assert rows["claim 11"]["procore_url"].endswith("/requisitions/11")
    assert world.bill("INV-11")["InvoiceID"] in rows["claim 11"]["xero_url"]
    assert rows["claim 13"]["code"] == "account_missing"


def test_a_pass_that_is_over_does_not_change(world: World) -> None:
    """Later passes and retries move what they move: the export of an earlier one stays as it was."""
    world.whole_pass()
    before = exported("1")
    world.clock.advance(60)
    world.mapping_file.write_text(MAPPING.replace("[accounts.cost_types]", '[accounts.cost_types]\nO = "335"'))
    by_hand.retry(world.parts, world.job(JOB_NUMBER).task_id)
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    world.clock.advance(60)
    world.procore_edit("requisitions", 12, PROJECT_ID, status="draft")
    world.enter("requisitions", a_claim(11, "120.00"))
    world.procore_edit("contract_payments", 21, PROJECT_ID, amount="70.00")
    world.whole_pass()
    assert exported("1") == before
    later = exported("2")
    assert later["payment 21"] in ("created", "held")
    assert "vendor 2" not in later
    assert exported() == later


def test_what_a_lost_answer_made_is_exported_as_well(world: World) -> None:
    """Whatever became of the answer, its pass created what is there."""
    world.fault("lost_answer", "PUT", "Invoices$", times=1)
    world.discover()
    world.run_through(JOB_NUMBER)
    assert {exported("1")[title] for title in ("claim 11", "claim 12", "invoice 31")} == {"created"}


def test_a_pass_that_never_was_is_refused(world: World) -> None:
    """And the command that lists them is named."""
    result = typed("export", "9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no pass 9. `procore-xero history` lists them." in result.stderr
    assert "There was no pass yet." in typed("export").stderr


def test_status_of_one_job_shows_each_record(world: World) -> None:
    """What was sent, with its document and since when; what is held, with its reason; nothing left out."""
    world.whole_pass()
    said = told("status", " 24-017 ")
    states = {row["title"]: row["state"] for row in said["rows"]}
    assert states == {
        f"project {PROJECT_ID}": "sent",
        "vendor 2": "sent",
        "vendor 1": "sent",
        "cost code 03-300": "sent",
        "claim 11": "sent",
        "claim 12": "sent",
        "claim 13": "held",
        "claim 14": "ignored",
        "payment 21": "sent",
        "invoice 31": "sent",
    }
    rows = {row["title"]: row for row in said["rows"]}
    assert world.bill("INV-11")["InvoiceID"] in rows["claim 11"]["xero_url"]
    assert abs(datetime.fromisoformat(rows["claim 11"]["since"]) - world.clock.now()) < timedelta(minutes=1)
    assert (rows["claim 13"]["code"], rows["claim 13"]["xero_url"]) == ("account_missing", None)
    text = typed("status", "24-017").stdout
    assert "What to do: procore-xero problems --project 24-017" in text
    assert all(len(line) <= 80 for line in text.splitlines() if "https://" not in line)


@pytest.mark.parametrize("command", ["plan", "audit", "send"])
def test_what_reads_procore_suggests_near_numbers_too(world: World, command: str) -> None:
    """The question is the same as everywhere."""
    result = typed(command, "24-107")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean 24-017?" in result.stderr


@pytest.mark.parametrize(
    "command",
    ["status", "status 24-017", "problems", "history", "calls", "export", "plan", "audit", "send --all"],
)
def test_programs_get_one_shape(world: World, command: str) -> None:
    """One object: the command, a list of objects, an object."""
    world.whole_pass()
    said = told(*command.split())
    assert list(said) == ["command", "rows", "summary"]
    assert said["command"] == command.split()[0]
    assert said["rows"]
    assert all(isinstance(row, dict) for row in said["rows"])
    assert isinstance(said["summary"], dict)
