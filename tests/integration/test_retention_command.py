"""`procore-xero retention`: the ledger on a terminal, as a table for a spreadsheet, and as a page to print."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from tests.integration.audited import typed
from tests.integration.conftest import MakeWorld
from tests.integration.retaining import RIDGELINE, STEEL, seed
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.cli.retention import COLUMNS

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    made = a_synced_world(a_world, seed())
    typed(RIDGELINE, "H-1", "40.00", account="830", tax="BASEXCLUDED", project="24-017")(made)
    monkeypatch.setattr(assembly, "_parts", made.parts)
    return made


def run(*arguments: str, width: str = "80") -> Result:
    typed_in = ["retention", "--as-of", "2026-10-31", *arguments]
    with capture_logs():  # which go to standard output in tests
        return CliRunner().invoke(app, typed_in, prog_name="procore-xero", env={"COLUMNS": width})


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_it_fits_eighty_columns_and_adds_up(world: World) -> None:
    """By supplier, with what they come to together; then what differs, and what the figures are without."""
    result = run()
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    (together,) = [line.split() for line in lines if line.split()[:1] == ["together"] and "-40.00" in line]
    assert together == ["together", "0.00", "70.00", "30.00", "40.00", "4.00", "-40.00"]
    (total,) = [line.split() for line in lines if line.startswith("All")]
    assert total == ["All", "0.00", "110.00", "30.00", "80.00", "8.00", "-40.00"]
    said = " ".join(result.stdout.split())
    assert "Bill H-1, dated 2026-08-05, takes 40.00 AUD off retention account 830" in said
    assert "80.00 AUD held as of 2026-10-31; 1 row differs." in said
    assert "accounting.manualjournals" in said


def test_nothing_is_cut_on_a_narrow_terminal(world: World) -> None:
    """What has no room beside the amounts stands above them."""
    typed(STEEL, "H-2", "123456789.01", account="830", project="24-018", tax="BASEXCLUDED")(world)
    for width in ("60", "80"):
        text = "".join(run(width=width).stdout.split())
        assert "-123,456,789.01" in text
        assert "24-017SC-501" in text


def test_a_spreadsheet_adds_it_up(world: World, tmp_path: Path) -> None:
    """A line for each commitment, amounts as numbers, days as ISO has them, and no text that is a formula."""
    world.xero_edit("contacts", _contact(world, RIDGELINE), Name=FORMULA)
    file = tmp_path / "retention.csv"
    result = run("--csv", str(file))
    assert result.exit_code == 0, result.output
    assert "1 row differs" in result.stdout
    found = rows(file.read_text(encoding="utf-8"))
    assert tuple(found[0]) == COLUMNS
    assert {row["as_of"] for row in found} == {"2026-10-31"}
    assert sum(Decimal(row["held"]) for row in found) == Decimal("80.00")
    assert sum(Decimal(row["xero_held"]) for row in found) == Decimal("40.00")
    assert sum(Decimal(row["difference"]) for row in found) == Decimal("-40.00")
    (by_hand,) = [row for row in found if not row["commitment"]]
    assert (by_hand["supplier"], by_hand["xero_held"]) == (f"'{FORMULA}", "-40.00")


def _contact(world: World, name: str) -> str:
    (found,) = [row["ContactID"] for row in world.documents("contacts") if row["Name"] == name]
    return str(found)


def test_the_page_needs_nothing_else(world: World, tmp_path: Path) -> None:
    """One file: the same figures, what differs, and nothing that runs."""
    world.xero_edit("contacts", _contact(world, RIDGELINE), Name="<script>alert(1)</script>")
    file = tmp_path / "retention.html"
    assert run("--html", str(file)).exit_code == 0
    text = file.read_text(encoding="utf-8")
    named = ("&lt;script&gt;", "as of 2026-10-31", "takes 40.00 AUD off retention account 830", "default-src 'none'")
    assert [word for word in named if word not in text] == []
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_for_programs(world: World) -> None:
    result = run("--json")
    answer = json.loads(result.stdout, parse_float=Decimal)
    assert answer["summary"]["totals"][0]["held"] == Decimal("80.00")
    assert (answer["summary"]["differing"], answer["summary"]["as_of"]) == (1, "2026-10-31")
    assert [row["differs"] for row in answer["rows"] if row["commitment"] == "SC-501"] == [[]]


def test_both_are_written_at_once_and_one_is_printed(world: World, tmp_path: Path) -> None:
    """Both systems are read once; of two that are to be printed none is."""
    before = world.last()
    result = run("24-018", "--csv", "-", "--html", str(tmp_path / "page.html"))
    assert [row["commitment"] for row in rows(result.stdout)] == ["SC-601"]
    assert (tmp_path / "page.html").is_file()
    assert len([entry for entry in world.journal(before) if entry["path"].endswith("/Invoices")]) == 1
    assert {entry["method"] for entry in world.journal(before)} == {"GET"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--csv", "no/such/folder/x.csv"), "no folder"),
        (("--csv", "-", "--html", "-"), "Only one of"),
        (("--csv", "-", "--json"), "Only one of"),
        (("99-999",), "99-999"),
        (("--as-of", "31.10.2026"), "'31.10.2026' is no date. Write it like 2026-08-31."),
        (("--as-of", "2099-01-01"), "2099-01-01 has not come yet."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert not list(tmp_path.glob("x.*"))


def test_where_nothing_was_withheld(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = a_world(seed([]))
    monkeypatch.setattr(assembly, "_parts", made.parts)
    assert "Nothing held as of 2026-10-31; nothing differs." in run("24-017").stdout
    assert "No retention was withheld by 2026-10-31" in run("24-017", "--html", "-").stdout
