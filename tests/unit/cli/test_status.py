"""`status`: where every project stands, readable at 80 columns and by programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, PAVILION, Run
from tests.unit.cli.story import a_job, in_xero, is_held
from worker.assembly import Parts
from worker.holds import HoldCode
from worker.ledger.projects import Seen

PAUSED = Seen(310600, "23-001", "Old Mill", "Closed", "paused", "other_stage", "Its stage is 'Closed'.")


@pytest.fixture
def filled(ledger: Parts) -> Parts:
    """One project done, one with a held and a waiting record, one paused, one refused; one job without a project."""
    this_pass = ledger.passes.start()
    ledger.passes.end(this_pass.id, message="2 eligible, 2 started, 2 refused or paused")
    ledger.projects.record([NORTHBANK, FAIRFIELD, PAVILION, PAUSED])
    a_job(ledger, NORTHBANK, "done", "24-017: 9 records: 9 sent, 0 unchanged")
    a_job(ledger, FAIRFIELD, "failed", "25-003: 1 of 15 records held: claim 58853 vendor_missing")
    a_job(ledger, Seen(0, "99-999", "", "", ""), "failed", "99-999 is not synced: Procore shows no project.")
    in_xero(ledger, NORTHBANK, "vendors", "1", "2", "3")
    in_xero(ledger, NORTHBANK, "claims", "11", "12")
    in_xero(ledger, NORTHBANK, "payments", "21")
    is_held(ledger, FAIRFIELD, "58853", HoldCode.VENDOR_MISSING, vendor="vendor 161299")
    is_held(ledger, FAIRFIELD, "58854", HoldCode.BILL_AWAITING_APPROVAL, claim="7", status="DRAFT")
    is_held(ledger, FAIRFIELD, "58855", HoldCode.NOTHING_DUE)
    return ledger


def test_each_synced_project_has_a_row_with_its_counts(run: Run, filled: Parts) -> None:
    """Sent counts the project's own documents; vendors and cost codes belong to all projects."""
    rows = [re.split(r"  +", line.strip()) for line in run("status").stdout.splitlines()]
    assert ["24-017", "Northbank", "Send to Xero", "done", "3", "0", "0"] in rows
    assert ["25-003", "Fairfield", "Send to Xero", "failed", "0", "1", "1"] in rows
    assert ["23-001", "Old Mill", "Closed", "none yet", "0", "0", "0"] in rows
    assert not any(row[0] == "24-026" and len(row) > 2 for row in rows)


def test_what_is_not_done_paused_or_refused_says_why(run: Run, filled: Parts) -> None:
    """Every refusal has a reason that an operator can read; so has a failed job, also one without a project."""
    text = " ".join(run("status").stdout.split())
    assert "Not done 25-003 Fairfield Medical Centre Fitout: failed, 1 of 15 records held: claim 58853" in text
    assert "99-999: failed, 99-999 is not synced: Procore shows no project." in text
    assert "Paused 23-001 Old Mill: Its stage is 'Closed'." in text
    assert "Not synced 24-026 Yarra Bend Pavilion: Its stage is 'Closed'." in text
    assert text.endswith("Last pass just now: 2 eligible, 2 started, 2 refused or paused")


def test_a_job_that_comes_back_says_what_got_in_its_way(run: Run, ledger: Parts) -> None:
    """A queued job that has failed to reach somebody does not look like a new one."""
    ledger.projects.record([NORTHBANK])
    job = a_job(ledger, NORTHBANK, "running")
    ledger.jobs.put_back(job.id, "a worker", 60.0, "Xero cannot be reached.")
    (job,) = ledger.jobs.with_ids([job.id])
    said = f"24-017 Northbank Apartments: queued, goes on at {job.not_before:%H:%M} UTC. Xero cannot be reached."
    assert said in " ".join(run("status").stdout.split())
    assert said.partition(": ")[2] in " ".join(run("status", "24-017").stdout.split())


@pytest.mark.parametrize(("columns", "most"), [(60, 60), (80, 80), (300, 120)])
def test_no_line_is_wider_than_the_terminal_or_can_be_read(
    run: Run, filled: Parts, monkeypatch: pytest.MonkeyPatch, columns: int, most: int
) -> None:
    """60 columns still show every count, and beyond 120 nothing stands far from what it belongs to."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run("status").stdout.splitlines()
    assert max(map(len, lines)) <= most
    assert lines[0].split()[-1] == "Waiting"


@pytest.mark.parametrize("columns", [50, 80])
def test_on_a_narrow_terminal_the_organisation_stands_with_the_project(
    run: Run, filled: Parts, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """So that no column of its own takes a count off the screen."""
    filled.projects.record([replace(NORTHBANK, organisation="North")])
    monkeypatch.setenv("COLUMNS", str(columns))
    said = " ".join(run("status").stdout.split())
    assert "Waiting" in said
    assert ("North)" in said, " Xero " in said) == (columns < 80, columns == 80)


def test_programs_get_the_same_with_times_and_kinds(run: Run, filled: Parts) -> None:
    """`--json` is one document, with everything the table shows."""
    said = json.loads(run("status", "--json").stdout)
    by_number = {row["job_number"]: row for row in said["rows"]}
    assert said["summary"]["last_pass"]["message"] == "2 eligible, 2 started, 2 refused or paused"
    assert by_number["24-017"]["sent"] == {"claims": 2, "payments": 1}
    assert by_number["24-017"]["job"]["state"] == "done"
    assert by_number["24-017"]["job"]["finished_at"].endswith("+00:00")
    assert (by_number["25-003"]["held"], by_number["25-003"]["waiting"]) == (1, 1)
    assert (by_number["24-026"]["state"], by_number["24-026"]["code"]) == ("refused", "other_stage")
    assert by_number["99-999"]["project"] is None


def test_an_empty_ledger_says_how_to_begin(run: Run, ledger: Parts) -> None:
    """The first look at a new installation is not a blank screen."""
    assert "There was no pass yet" in run("status").stdout
    said = json.loads(run("status", "--json").stdout)
    assert (said["rows"], said["summary"]) == ([], {"last_pass": None})


def test_of_several_organisations_each_project_says_its_own(run: Run, ledger: Parts) -> None:
    """A column more, and still 80 wide; programs get its name, too."""
    ledger.projects.record([replace(NORTHBANK, organisation="North"), replace(FAIRFIELD, organisation="South")])
    lines = run("status").stdout.splitlines()
    rows = [re.split(r"  +", line.strip()) for line in lines]
    assert any("Xero" in row for row in rows)
    assert [row[2] for row in rows if row[0] in ("24-017", "25-003")] == ["North", "South"]
    assert max(len(line) for line in lines if not line.startswith("  /")) <= 80  # the ledger's path is not folded
    assert [one["organisation"] for one in json.loads(run("status", "--json").stdout)["rows"]] == ["North", "South"]
