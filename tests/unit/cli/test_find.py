"""`--find`: the same search in every command that lists records."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, Run
from tests.unit.cli.story import TENANT, a_job, in_xero, is_held
from worker.assembly import Parts
from worker.audit.result import Difference, Result
from worker.called import Called
from worker.holds import HoldCode
from worker.ledger.database import transaction
from worker.ledger.names import Names
from worker.ledger.projects import Seen
from worker.ledger.tables import RequestRow
from worker.plan.values import Action, Plan, Step
from worker.sought import read

GLAZING = Called("Clearspan Glazing", "SC-001 claim 3", "INV-2044", date(2026, 9, 30), Decimal("8123.40"), "AUD")
SLABS = Called("Slabs & Co", "SC-002 claim 1", "INV-7", date(2026, 8, 31), Decimal("50.00"), "AUD")


@pytest.fixture
def filled(ledger: Parts) -> Parts:
    """In each of two projects a held claim, and one that a pass has sent."""
    ledger.projects.record([NORTHBANK, FAIRFIELD])
    for project, held, sent, called in ((NORTHBANK, "77", "78", GLAZING), (FAIRFIELD, "87", "88", SLABS)):
        is_held(ledger, project, held, HoldCode.VENDOR_MISSING, vendor="vendor 1")
        in_xero(ledger, project, "claims", sent)
        names = {("claims", held): called, ("claims", sent): called}
        Names(ledger.engine, project.procore_id).note(names, [])
        job = a_job(ledger, project, "done")
        _moved(ledger, project, job.id, sent)
    return ledger


def _moved(ledger: Parts, project: Seen, job_id: int, claim_id: str) -> None:
    """What the journal says of a bill that a job created."""
    now = ledger.now()
    row = {"tenant_id": TENANT, "project_id": project.procore_id, "job_id": job_id, "kind": "claims"}
    row |= {"key": f"key {claim_id}", "method": "PUT", "path": "/Invoices", "body": "{}", "state": "answered"}
    moved = {claim_id: {"done": "created", "xero_id": "x"}}
    with transaction(ledger.engine) as session:
        session.add(RequestRow(**row, planned_at=now, answered_at=now, moved=moved))


def ids(run: Run, *arguments: str) -> list[str]:
    return [row["procore_id"] for row in json.loads(run(*arguments, "--json").stdout)["rows"]]


@pytest.mark.parametrize("typed", ["clearspan", "inv-2044", "SC-001", "8123.40", "8,123.40 aud", "2026-09-30"])
def test_each_command_finds_a_record_by_what_people_call_it(run: Run, filled: Parts, typed: str) -> None:
    """By supplier, number, commitment, amount or date."""
    assert ids(run, "problems", "--find", typed) == ["77"]
    assert ids(run, "status", "--find", typed) == ["77", "78"]
    assert ids(run, "status", "24-017", "--find", typed) == ["77", "78"]
    assert ids(run, "status", "25-003", "--find", typed) == []
    rows = json.loads(run("history", "--find", typed, "--json").stdout)["rows"]
    assert [row["job_number"] for row in rows] == ["24-017"]


def test_the_screen_says_which_project_has_it(run: Run, filled: Parts) -> None:
    """Or that none has."""
    said = " ".join(run("status", "--find", "slabs").stdout.split())
    assert said.startswith("25-003 claims 1 held, 1 sent Slabs & Co, SC-002 claim 1, INV-7, 2026-08-31, held vendor_")
    assert "24-017" not in said
    assert "No record is called so." in run("status", "--find", "zzz").stdout
    assert "No job that is still remembered moved" in run("history", "--find", "zzz").stdout
    assert "No record like that is held." in run("problems", "--find", "zzz").stdout


def test_a_spreadsheet_has_the_found_alone(run: Run, filled: Parts) -> None:
    """`problems --csv`, as every list."""
    rows = list(csv.DictReader(io.StringIO(run("problems", "--find", "slabs", "--csv").stdout.lstrip("\ufeff"))))
    assert [row["procore_id"] for row in rows] == ["87"]


def test_an_audit_shows_the_found_alone() -> None:
    """By how it names a bill, and by either side's amount."""
    named = Difference("24-017", "bills", "claim 77", "It is void.", called=GLAZING)
    dear = Difference("24-017", "bills", "claim 78", "Its amount differs.", Decimal("50.00"), Decimal("60.00"))
    result = Result("24-017", [named, dear])
    assert result.fitting(read("glazing")).differences == [named]
    assert result.fitting(read("60.00")).differences == [dear]
    assert result.fitting(read("")).differences == [named, dear]


def test_a_plan_shows_the_found_alone() -> None:
    """By supplier, number, commitment, amount with currency or date; what it costs stays that of all."""
    ours = Step("claims", "77", "claim 77", Action.CREATE, called=GLAZING)
    whole = Plan("24-017", "Northbank", [ours, Step("claims", "87", "claim 87", Action.CREATE, called=SLABS)], writes=2)
    for typed in ("glazing", "INV-2044", "sc-001", "8,123.40 AUD", "2026-09-30", "77"):
        found = whole.fitting(read(typed))
        assert (list(found.steps), found.writes) == ([ours], 2)
    assert whole.fitting(read("")) == whole
