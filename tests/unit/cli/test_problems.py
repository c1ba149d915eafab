"""`problems`: everything that needs a person, with what to do about it."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, Run
from tests.unit.cli.story import a_job, is_held
from worker.assembly import Parts
from worker.holds import HoldCode

LINK = "https://app.procore.com/310503/project/commitments/702502/requisitions/58853"


@pytest.fixture
def filled(ledger: Parts) -> Parts:
    ledger.projects.record([FAIRFIELD, NORTHBANK])
    is_held(ledger, FAIRFIELD, "58853", HoldCode.VENDOR_MISSING, vendor="vendor 161299 [Clearspan]")
    is_held(ledger, NORTHBANK, "77", HoldCode.ACCOUNT_MISSING, cost_code="99-999", cost_type="O")
    is_held(ledger, NORTHBANK, "78", HoldCode.BILL_AWAITING_APPROVAL, claim="7", status="DRAFT")
    return ledger


def test_a_problem_shows_what_why_what_to_do_and_both_links(run: Run, filled: Parts) -> None:
    """A held record can be put right from what stands on the screen."""
    text = run("problems").stdout
    said = " ".join(text.split())
    assert "25-003 claim 58853 vendor_missing It names vendor 161299 [Clearspan], which" in said
    assert f"To do: {HoldCode.VENDOR_MISSING.remedy}" in said
    assert "Xero: (not there yet)" in said
    assert f"  Procore: {LINK}\n" in text  # in one piece, so that it can be clicked and copied
    assert said.index("24-017 claim 77") < said.index("25-003 claim 58853")


def test_what_waits_is_no_problem(run: Run, filled: Parts) -> None:
    """What goes by itself is not put before a person."""
    text = run("problems").stdout
    assert "claim 78" not in text
    assert "2 records are held." in text


def test_only_links_are_wider_than_the_terminal(run: Run, filled: Parts) -> None:
    """80 columns are enough."""
    lines = run("problems").stdout.splitlines()
    assert {line[:19] for line in lines if len(line) > 80} == {"  Procore: https://"}


def test_programs_get_every_field(run: Run, filled: Parts) -> None:
    """`--json` is a list, with the job number on each hold."""
    first, second = json.loads(run("problems", "--json").stdout)
    assert (first["job_number"], first["code"], first["kind"]) == ("24-017", "account_missing", "claims")
    assert (second["procore_url"], second["xero_url"]) == (LINK, "")
    assert second["remedy"] == HoldCode.VENDOR_MISSING.remedy


def test_nothing_held_is_said_and_so_is_a_job_that_failed_as_a_whole(run: Run, ledger: Parts) -> None:
    """An empty list does not hide a job that failed before it came to any record."""
    ledger.projects.record([NORTHBANK])
    assert run("problems").stdout == "No record is held.\n"
    a_job(ledger, NORTHBANK, "failed", "Xero refuses our credentials.")
    said = " ".join(run("problems").stdout.split())
    assert said == "No record is held. But failed as a whole: 24-017; `procore-xero status` says why."


def test_what_was_left_out_stands_apart(run: Run, filled: Parts) -> None:
    """A contact without its address is no held record, and yet a bookkeeper sees it, with what to do."""
    is_held(filled, NORTHBANK, "79", HoldCode.EMAIL_LEFT_OUT, email="büro@example.com")
    is_held(filled, NORTHBANK, "80", HoldCode.NOTHING_DUE)
    said = " ".join(run("problems").stdout.split())
    assert said.index("Left out") < said.index("24-017 claim 79 email_left_out") < said.index("2 records are held.")
    assert f"To do: {HoldCode.EMAIL_LEFT_OUT.remedy}" in said
    assert "claim 80" not in said
    outcomes = [one["outcome"] for one in json.loads(run("problems", "--json").stdout)]
    assert outcomes == ["held", "held", "ignored"]
