"""`procore-xero report --html FILE`: both sides' totals to the cent, and the ledger's holds beside them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_contract, a_payment, a_seed, an_invoice, an_item
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app

RETAINED = {"current_payment_due": "95.00", "tax_applicable_to_this_payment": "9.50", "total_retainage": "5.00"}


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Claims with retention and a credit, a payment, an invoice; one claim is held."""
    item = an_item("100.00", work_completed_retainage_retained_this_period="5.00")
    claims = [a_claim(11, "95.00", items=[item], summary=RETAINED), a_claim(12, "-40.00", commitment_id=502)]
    seed = a_seed(
        claims=[*claims, a_claim(13, "30.00", items=[], commitment_id=502)],
        contracts=[a_contract(), a_contract(502)],
        payments=[a_payment(21, 11, "60.00")],
        invoices=[an_invoice(31)],
    )
    made = a_world(seed)
    made.whole_pass()
    monkeypatch.setattr(assembly, "_parts", made.parts)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments], prog_name="procore-xero")


def test_both_sides_of_a_project_stand_side_by_side(world: World, tmp_path: Path) -> None:
    """Claims less credits, retention, payments and invoices; what is held makes the difference and has its remedy."""
    file = tmp_path / "books.html"
    result = run("--html", str(file), "--json")
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout.splitlines()[-1], parse_float=Decimal)["rows"]
    assert [tuple(one.values()) for one in row["totals"]] == [
        ("Claims", "AUD", Decimal("93.50"), Decimal("60.50")),
        ("Retention held", "AUD", Decimal("5.00"), Decimal("5.00")),
        ("Payments", "AUD", Decimal("60.00"), Decimal("60.00")),
        ("Direct invoices", "AUD", Decimal("50.00"), Decimal("50.00")),
    ]
    assert (row["agrees"], row["held"]) == (False, 1)
    text = file.read_text(encoding="utf-8")
    assert "−33.00" in text
    assert "Open it in Procore and save it again" in text
    assert f"{len(world.journal())} calls in 30 days" not in text  # the audit's own calls are no job's


def test_what_a_person_changed_in_xero_shows_as_a_difference(world: World, tmp_path: Path) -> None:
    """Read anew: the ledger knows nothing of it."""
    file = tmp_path / "books.html"
    world.xero_edit("payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    result = run("--html", str(file), "24-017")
    assert result.exit_code == 0
    assert "1 of 1 project differs; 1 record held" in " ".join(result.stdout.split())
    assert "−60.00" in file.read_text(encoding="utf-8")


def test_what_was_taken_out_of_xero_is_named(world: World, tmp_path: Path) -> None:
    """Document by document, with the day, for as long as the chart shows calls."""
    world.procore_edit("contract_payments", 21, PROJECT_ID, status="failed")
    world.run(JOB_NUMBER)
    file = tmp_path / "books.html"
    (row,) = json.loads(run("--html", str(file), "--json").stdout.splitlines()[-1])["rows"]
    (gone,) = row["withdrawn"]
    assert (gone["title"], gone["at"][:10]) == ("payment 21", f"{world.clock.now():%Y-%m-%d}")
    assert gone["document"] == "payment of 60.00 AUD on 2026-08-14 for bill INV-11 of Supplier 1"
    assert gone["document"] in file.read_text(encoding="utf-8")
    world.clock.advance(31 * 24 * 3600)
    (row,) = json.loads(run("--html", str(file), "--json").stdout.splitlines()[-1])["rows"]
    assert row["withdrawn"] == []


def test_the_page_can_be_printed(world: World) -> None:
    """Where there is no place for a file: nothing but the page comes."""
    result = run("--html", "-")
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith("</html>")
    assert "projects differ" not in result.stdout


def test_making_the_page_writes_nothing(world: World, tmp_path: Path) -> None:
    since = world.last()
    with world.sql_writes() as written:
        run("--html", str(tmp_path / "books.html"))
    assert {entry["method"] for entry in world.journal(since)} == {"GET"}
    assert written == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--html", "no/such/folder/x.html"), "no folder"), (("--html", "x.html", "99-999"), "99-999"), ((), "--html")],
)
def test_what_cannot_be_done_is_a_sentence(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    """Nothing is read for a file that cannot be written, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, said in result.output) == (2, True)
    assert not list(tmp_path.glob("*x.html*"))
