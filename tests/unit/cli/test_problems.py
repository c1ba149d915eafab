"""`problems`: everything that needs a person, with what to do about it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, Run
from tests.unit.cli.story import TENANT, a_job, in_xero, is_held
from worker.assembly import Parts
from worker.cli.exits import Exit
from worker.cli.problems import COLUMNS
from worker.holds import HoldCode, Outcome
from worker.ledger.holds import Holds, Verdict
from worker.ledger.paused import note

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
    text = run("problems", "--details").stdout
    said = " ".join(text.split())
    assert re.search(r"25-003 claim 58853 vendor_missing [0-9a-f]{8} It names vendor 161299 \[Clearspan\]. To do", said)
    assert f"To do: {HoldCode.VENDOR_MISSING.remedy}" in said
    assert "Xero: (not there yet)" in said
    assert f"  Procore: {LINK}\n" in text  # in one piece, so that it can be clicked and copied
    assert said.index("24-017 claim 77") < said.index("25-003 claim 58853")


def test_a_project_that_is_not_synced_any_more_is_named_while_it_has_bills(run: Run, filled: Parts) -> None:
    """Nothing of it is held, and yet retention or a payment may never arrive."""
    paused = replace(NORTHBANK, state="paused", code="inactive", reason="The project is not active in Procore.")
    filled.projects.record([paused])
    assert "paused" not in run("problems").stdout
    a_job(filled, NORTHBANK, "running")
    in_xero(filled, NORTHBANK, "claims", "76")
    said = " ".join(run("problems").stdout.split())
    assert "24-017 Northbank Apartments: paused, and it has bills in Xero The project is not active" in said
    assert json.loads(run("problems", "--json").stdout)["summary"]["paused"] == [
        {"job_number": "24-017", "reason": "The project is not active in Procore.", "still_open": None}
    ]


def test_a_project_that_is_over_is_not_named(run: Run, filled: Parts) -> None:
    """Once an audit has seen that nothing is open there; what is open stands in the sentence."""
    paused = replace(NORTHBANK, state="paused", code="inactive", reason="The project is not active in Procore.")
    a_job(filled, NORTHBANK, "running")
    in_xero(filled, NORTHBANK, "claims", "76")
    note(filled.engine, NORTHBANK.procore_id, "", filled.now() - timedelta(days=9))
    filled.projects.record([paused])
    assert "paused, and it has bills" in run("problems").stdout  # of before it was paused: nobody has looked since
    note(filled.engine, NORTHBANK.procore_id, "retention held 5.00", filled.now())
    said = " ".join(run("problems").stdout.split())
    assert "is not active in Procore. Still open: retention held 5.00." in said
    note(filled.engine, NORTHBANK.procore_id, "", filled.now())
    assert "paused" not in run("problems").stdout


def test_what_waits_is_no_problem(run: Run, filled: Parts) -> None:
    """What goes by itself is not put before a person."""
    text = run("problems").stdout
    assert "claim 78" not in text
    assert "2 records are held." in text


def test_only_links_are_wider_than_the_terminal(run: Run, filled: Parts) -> None:
    """80 columns are enough."""
    assert max(map(len, run("problems").stdout.splitlines())) <= 80
    lines = run("problems", "--details").stdout.splitlines()
    assert {line[:19] for line in lines if len(line) > 80} == {"  Procore: https://"}


def test_programs_get_every_field(run: Run, filled: Parts) -> None:
    """`--json` has a row for each, with the job number on each hold."""
    first, second = json.loads(run("problems", "--json").stdout)["rows"]
    assert (first["job_number"], first["code"], first["kind"]) == ("24-017", "account_missing", "claims")
    assert (second["procore_url"], second["xero_url"]) == (LINK, None)
    assert second["remedy"] == HoldCode.VENDOR_MISSING.remedy


def test_nothing_held_is_said_and_so_is_a_job_that_failed_as_a_whole(run: Run, ledger: Parts) -> None:
    """An empty list does not hide a job that failed before it came to any record."""
    ledger.projects.record([NORTHBANK])
    a_job(ledger, NORTHBANK, "done")
    assert run("problems").stdout == "No record is held.\n"
    a_job(ledger, NORTHBANK, "failed", "Xero refuses our credentials.")
    said = " ".join(run("problems").stdout.split())
    assert said == "No record is held. But failed as a whole: 24-017; `procore-xero status` says why."


def test_what_was_left_out_stands_apart(run: Run, filled: Parts) -> None:
    """A contact without its address is no held record, and yet a bookkeeper sees it, with what to do."""
    is_held(filled, NORTHBANK, "79", HoldCode.EMAIL_LEFT_OUT, email="büro@example.com")
    is_held(filled, NORTHBANK, "80", HoldCode.NOTHING_DUE)
    said = " ".join(run("problems", "--details").stdout.split())
    assert (
        said.index("Sent, and worth a look")
        < said.index("24-017 claim 79 email_left_out")
        < said.index("2 records are held.")
    )
    assert f"To do: {HoldCode.EMAIL_LEFT_OUT.remedy}" in said
    assert "claim 80" not in said
    outcomes = [one["outcome"] for one in json.loads(run("problems", "--json").stdout)["rows"]]
    assert outcomes == ["held", "held", "ignored"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ((), ["77", "58853"]),
        (("--project", "24-017"), ["77"]),
        (("--project", " 24-017 ", "--kind", "claim"), ["77"]),
        (("--kind", "Claims"), ["77", "58853"]),
        (("--kind", "payments"), []),
        (("--code", "VENDOR_MISSING"), ["58853"]),
        (("--code", "bill_awaiting_approval"), ["78"]),
        (("--outcome", "waiting"), ["78"]),
        (("--outcome", "waiting", "--project", "25-003"), []),
    ],
)
def test_filters_narrow_what_is_shown(run: Run, filled: Parts, typed: tuple[str, ...], expected: list[str]) -> None:
    """By project, kind, reason and outcome, however they are typed; a reason brings its own outcome with it."""
    rows = json.loads(run("problems", *typed, "--json").stdout)["rows"]
    assert [row["procore_id"] for row in rows] == expected
    text = run("problems", *typed).stdout
    assert [f"claim {one}" in text for one in ("77", "58853", "78")] == [
        one in expected for one in ("77", "58853", "78")
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--project", "25-030"), "Did you mean 25-003"),
        (("--kind", "clam"), "'clam' is no kind of record. There are: projects, vendors,"),
        (("--code", "vendor_mising"), "Did you mean vendor_missing"),
        (("--code", "qqqqqq"), "docs/holds.md lists them"),
    ],
)
def test_a_filter_that_could_fit_nothing_is_refused(run: Run, filled: Parts, typed: tuple[str, ...], said: str) -> None:
    """A typing mistake does not look like good news."""
    result = run("problems", *typed)
    assert (result.exit_code, result.stdout) == (Exit.REFUSED, "")
    assert said in result.stderr


def test_a_spreadsheet_runs_nothing(run: Run, ledger: Parts) -> None:
    """Whatever somebody is called in Procore, no cell of the CSV is a formula."""
    ledger.projects.record([NORTHBANK])
    is_held(ledger, NORTHBANK, "77", HoldCode.VENDOR_MISSING, vendor="x")
    said = HoldCode.VENDOR_MISSING.sentence(vendor="x").replace("It names x", "=HYPERLINK(1)")
    verdict = Verdict("claims", "78", "+claim", Outcome.HELD, HoldCode.VENDOR_MISSING, said)
    Holds(ledger.engine, TENANT, NORTHBANK.procore_id, ledger.now).settle([verdict])
    rows = list(csv.DictReader(io.StringIO(run("problems", "--csv").stdout.removeprefix("\ufeff"))))
    assert [row["title"] for row in rows] == ["claim 77", "'+claim"]
    assert rows[1]["sentence"].startswith("'=HYPERLINK(1)")
    assert list(rows[0]) == list(COLUMNS)


def test_of_several_organisations_each_problem_says_whose_it_is(run: Run, filled: Parts) -> None:
    """Beside the job number; nothing is said where there is one."""
    assert "(North)" not in run("problems").stdout
    filled.projects.record([replace(NORTHBANK, organisation="North")])
    assert "24-017 (North) claim 77" in " ".join(run("problems").stdout.split())
    first, second = json.loads(run("problems", "--json").stdout)["rows"]
    assert (first["organisation"], second["organisation"]) == ("North", None)


def test_a_table_is_in_the_order_of_the_sync(run: Run, ledger: Parts) -> None:
    """A vendor before the claims that name it, and claim 9 before claim 10."""
    ledger.projects.record([NORTHBANK])
    for number in ("10", "9"):
        is_held(ledger, NORTHBANK, number, HoldCode.ACCOUNT_MISSING, cost_code="99-999", cost_type="O")
    code = HoldCode.AMBIGUOUS_CONTACT
    vendor = Verdict("vendors", "881", "vendor 881", code.outcome, code, code.sentence(count=2, what="name"))
    Holds(ledger.engine, TENANT, NORTHBANK.procore_id, ledger.now).settle([vendor])
    rows = csv.DictReader(io.StringIO(run("problems", "--csv").stdout.lstrip("\ufeff")))
    assert [row["title"] for row in rows] == ["vendor 881", "claim 9", "claim 10"]
