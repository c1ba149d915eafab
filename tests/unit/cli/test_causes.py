"""`problems` by cause: one account that is missing is one thing to do, however many bills it holds."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.unit.cli.conftest import NORTHBANK, Run
from tests.unit.cli.story import TENANT, is_held
from worker.assembly import Parts
from worker.called import Called
from worker.holds import HoldCode
from worker.ledger.holds import Holds, Verdict, open_holds
from worker.ledger.names import Names
from worker.reports.causes import causes


@pytest.fixture
def filled(ledger: Parts) -> Parts:
    """Five claims that wait for three things, and a vendor that comes before them."""
    ledger.projects.record([NORTHBANK])
    for claim, cost_code in (("1", "03-310"), ("2", "05-120"), ("3", "03-310")):
        is_held(ledger, NORTHBANK, claim, HoldCode.ACCOUNT_MISSING, cost_code=cost_code, cost_type="S")
    is_held(ledger, NORTHBANK, "4", HoldCode.TOTALS_DIFFER, lines="1.00", total="2.00")
    is_held(ledger, NORTHBANK, "5", HoldCode.TOTALS_DIFFER, lines="3.00", total="4.00")
    for claim in ("7", "8"):
        is_held(ledger, NORTHBANK, claim, HoldCode.CLAIM_NOT_SENT, claim=f"claim {claim}")
    is_held(ledger, NORTHBANK, "6", HoldCode.ACCOUNT_MISSING, cost_code="09-900", cost_type="O")
    code = HoldCode.DATE_MISSING
    vendor = Verdict("vendors", "881", "vendor 881", code.outcome, code, code.sentence(field="a"))
    Holds(ledger.engine, TENANT, NORTHBANK.procore_id, ledger.now).settle([vendor])
    amounts = {"1": "20000.00", "2": "21230.0000", "3": "0.01", "4": "7.00", "6": "9.00"}
    called = {("claims", id_): Called("Slabs", number=f"INV-{id_}", amount=Decimal(amount), currency="AUD")
              for id_, amount in amounts.items()}  # fmt: skip
    Names(ledger.engine, NORTHBANK.procore_id).note(called, [])
    return ledger


def test_what_one_word_mends_is_one_cause(filled: Parts) -> None:
    """In the order of the sync; with the sum to the cent, and a record alone in its own words."""
    assert [one.said for one in causes(open_holds(filled.engine))] == [
        "a is blank: 1 record",
        "Cost type S has no account: 3 records, 41,230.01 AUD",
        "Its claim is not in Xero as a bill: 2 records",
        "Its lines add up to …, but Procore says …: 2 records, 7.00 AUD",
        "Cost code 09-900 (cost type O) has no account: 1 record, 9.00 AUD",
    ]


def test_the_screen_has_a_line_for_each_record(run: Run, filled: Parts) -> None:
    """Below its cause and what to do, which stand there once; the rest with --details."""
    text = run("problems").stdout
    assert text.count(HoldCode.ACCOUNT_MISSING.remedy.split()[0]) == 2
    said = " ".join(text.split())
    assert said.index("vendor 881") < said.index("Cost type S has no account: 3 records, 41,230.01 AUD account_missing")
    (line,) = (line for line in text.splitlines() if "INV-2" in line)
    assert line.startswith("  24-017  Slabs, INV-2, 21,230.00 AUD  [claim 2, ")
    assert "app.procore.com" not in text
    assert "procore-xero problems --details" in text
    assert "app.procore.com" in run("problems", "--details").stdout


def test_programs_get_the_causes(run: Run, filled: Parts) -> None:
    """Beside the rows, with exact sums."""
    found = json.loads(run("problems", "--json").stdout, parse_float=Decimal)["summary"]["causes"]
    assert [(one["code"], one["count"]) for one in found][:2] == [("date_missing", 1), ("account_missing", 3)]
    assert found[1]["amounts"] == {"AUD": Decimal("41230.01")}
