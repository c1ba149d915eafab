"""`procore-xero month-end` against the sandbox: one reading, figures of a day, whole files, else a sentence."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tasks.audit import audit_books
from tasks.month_end import month_end
from tests.integration.audited import RIDGELINE, contact, paid_by_hand, seed, typed
from tests.integration.conftest import MakeWorld
from tests.integration.group import NORTHERN, SOUTHERN, a_group
from tests.integration.seeds import a_claim, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.month_end.pack import Pack
from worker.month_end.page import Page, html
from worker.month_end.period import first_day
from worker.month_end.tables import NAMES

ZERO = Decimal(0)
FILES = {"month-end.html", "retention.csv", *NAMES}


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two projects, three suppliers, claims with retention, credits, direct costs and payments, synced."""
    made = a_synced_world(a_world, seed())
    monkeypatch.setattr(assembly, "_parts", made.parts)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["month-end", *arguments], prog_name="procore-xero")


def pack(world: World, month: str = "2026-08") -> Pack:
    world.parts.__dict__.pop("rules", None)
    return month_end(world.parts, first_day(month, world.clock.now()), "1.0")


def made(folder: Path) -> dict[str, str]:
    """The files, without the line that says when."""
    texts = {one.name: one.read_text(encoding="utf-8-sig") for one in folder.iterdir()}
    page = texts["month-end.html"].splitlines()
    return texts | {"month-end.html": "\n".join(line for line in page if 'class="quiet made"' not in line)}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8-sig"))))


def later(world: World) -> None:
    """Until the month after the one that is shown is over."""
    while world.clock.now().isoformat() < "2026-10-02":
        world.clock.advance(86400)


def tenth(world: World) -> None:
    """Until the tenth of a month: nowhere does it begin or end then."""
    while world.clock.now().day != 10:
        world.clock.advance(86400)


def test_after_a_sync_both_sides_cost_the_same(world: World) -> None:
    """By project, cost code and month; what is held back is part of the cost, and credits count against it."""
    later(world)
    found = pack(world)
    costs = {one.job_number: {row.cost_code: row for row in one.costs} for one in found.costs}
    shown = [row for its in costs.values() for row in its.values()]
    assert not [row for row in shown if row.to_date.difference or row.month.difference or row.reasons]
    own = costs["24-017"]
    assert own["03-300"].to_date.procore == own["03-300"].to_date.xero != ZERO
    assert own["05-100"].to_date.xero == Decimal("100.00")


def test_it_reads_what_an_audit_reads(world: World) -> None:
    """No call beside the audit's; tax rates only where retention or an amount with tax asks for them."""
    later(world)
    mark = world.last()
    audit_books(world.parts)
    audited = len(world.journal(mark))
    mark = world.last()
    pack(world)
    calls = world.journal(mark)
    assert {entry["method"] for entry in calls} == {"GET"}
    assert len(calls) <= audited + 1


def test_the_same_month_has_the_same_bytes_later(world: World, tmp_path: Path) -> None:
    """But for the line that says when: what is dated after the month, in either system, changes nothing."""
    later(world)
    assert run("2026-08", "--out", str(tmp_path / "a")).exit_code == 0
    paid_by_hand("INV-15", "7.00", Date="2026-09-05")(world)
    typed("Fuel Depot", "F-9", "80.00", on="2026-09-03")(world)
    for _ in range(3):
        world.clock.advance(86400)
    assert run("2026-08", "--out", str(tmp_path / "b")).exit_code == 0
    before, after = made(tmp_path / "a"), made(tmp_path / "b")
    assert set(before) == FILES
    own = {"month-end.html", "differences.csv"}  # the payment by hand is a difference of today
    assert {name: before[name] for name in FILES - own} == {name: after[name] for name in FILES - own}
    world.xero_edit("payments", world.documents("payments")[-1]["PaymentID"], Status="DELETED")
    assert run("2026-08", "--out", str(tmp_path / "b")).exit_code == 0
    assert made(tmp_path / "b") == before


def test_what_is_paid_after_the_month_is_open_at_its_end(world: World) -> None:
    """And what is set against it after it."""
    later(world)
    before = {one.title: one.amount for one in pack(world, "2026-07").bills}
    bill = before["bill INV-15"]
    paid_by_hand("INV-15", "7.00", Date="2026-09-05")(world)
    assert {one.title: one.amount for one in pack(world, "2026-08").bills}["bill INV-15"] == bill
    assert {one.title: one.amount for one in pack(world, "2026-09").bills}["bill INV-15"] == bill - 7


def test_tables_add_up_to_the_page(world: World, tmp_path: Path) -> None:
    """Each column of a table comes to the sum on the page."""
    later(world)
    assert run("2026-08", "--out", str(tmp_path / "pack")).exit_code == 0
    page = Page(pack(world))
    text = (tmp_path / "pack" / "month-end.html").read_text(encoding="utf-8")

    def summed(name: str, column: str) -> Decimal:
        return sum((Decimal(row[column]) for row in rows(tmp_path / "pack", name)), ZERO)

    month, to_date = page.cost_totals["AUD"]
    (aged,) = page.aged_totals
    year, in_month = page.paid
    (held,) = page.pack.retention.totals
    sums = {
        ("cost.csv", "month_procore"): month.procore,
        ("cost.csv", "to_date_procore"): to_date.procore,
        ("cost.csv", "to_date_xero"): to_date.xero,
        ("cost-by-month.csv", "procore"): to_date.procore,
        ("cost-by-month.csv", "xero"): to_date.xero,
        ("open-bills.csv", "total"): aged.total,
        ("open-bills.csv", "credits"): aged.credits,
        ("open-bills.csv", "1_to_30_days"): aged.amounts[1],
        ("contractors.csv", "year_gross"): year.gross,
        ("contractors.csv", "year_gst"): year.gst,
        ("contractors.csv", "month_gross"): in_month.gross,
        ("retention.csv", "held"): held.figures.held,
    }
    assert {place: summed(*place) for place in sums} == sums
    assert all(f"{amount:,.2f}".replace("-", "−") in text for amount in sums.values())
    assert sums["contractors.csv", "year_gross"]
    assert sums["retention.csv", "held"]


def test_what_a_person_typed_on_the_project_is_a_cost_of_xero_alone(world: World) -> None:
    """Named with supplier, number, amount and date."""
    later(world)
    typed("Fuel Depot", "F-9", "80.00", on="2026-08-03", project="24-017")(world)
    (project,) = [one for one in pack(world).costs if one.job_number == "24-017"]
    (row,) = [one for one in project.costs if one.to_date.difference]
    assert row.to_date.difference == Decimal("80.00")
    assert "F-9 of Fuel Depot, 88.00 AUD, dated 2026-08-03" in row.reasons[0]


def test_a_month_that_goes_on_is_to_date(world: World, tmp_path: Path) -> None:
    """As of today by the organisation's time zone, where it is tomorrow already."""
    tenth(world)
    now = world.clock.now()
    assert run(f"{now:%Y-%m}", "--out", str(tmp_path / "pack"), "--json").exit_code == 0
    text = (tmp_path / "pack" / "month-end.html").read_text(encoding="utf-8")
    assert "is not over: its figures are to date" in text
    assert "Australia/Sydney" in text
    assert re.search("Made on .* AE[DS]T by", text)
    assert (now + timedelta(hours=10)).date().isoformat() in text


def _is_a_file(folder: Path) -> None:
    folder.write_text("x")


def _holds_something(folder: Path) -> None:
    folder.mkdir()
    (folder / "letters.txt").write_text("x")


@pytest.mark.parametrize(
    ("month", "before", "said"),
    [
        ("2026-13", lambda _: None, "is no month. Type year and month"),
        ("October", lambda _: None, "is no month. Type year and month"),
        ("2031-01", lambda _: None, "January 2031 has not begun yet"),
        ("2026-07", _is_a_file, "is a file. Name a folder."),
        ("2026-07", _holds_something, "holds something else (letters.txt)"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    world: World, tmp_path: Path, month: str, before: Callable[[Path], None], said: str
) -> None:
    """Before anything is read, and what is there stays."""
    folder = tmp_path / "pack"
    before(folder)
    mark = world.last()
    result = run(month, "--out", str(folder))
    assert (result.exit_code, said in " ".join(result.output.split())) == (2, True), result.output
    assert world.journal(mark) == []
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".pack")] == []


def test_a_folder_that_is_not_there_is_named(world: World, tmp_path: Path) -> None:
    result = run("2026-07", "--out", str(tmp_path / "no" / "pack"))
    assert (result.exit_code, "There is no folder" in result.output) == (2, True)


def test_an_earlier_pack_is_replaced_whole(world: World, tmp_path: Path) -> None:
    """And nothing is left beside it."""
    folder = tmp_path / "pack"
    assert run("2026-07", "--out", str(folder)).exit_code == 0
    result = run("2026-08", "--out", str(folder), "--json")
    summary = json.loads(result.stdout.splitlines()[-1])["summary"]
    assert (result.exit_code, summary["month"]) == (0, "2026-08")
    assert {one.name for one in folder.iterdir()} == FILES
    assert "August 2026" in (folder / "month-end.html").read_text(encoding="utf-8")
    assert not list(tmp_path.glob(".pack*"))


def test_what_is_held_has_its_cause_its_amount_and_its_day(a_world: MakeWorld) -> None:
    """As it was at the end of the day: what was held later does not show, and what was solved later does."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, "30.00", items=[])]))
    tenth(world)
    world.whole_pass()
    day = world.clock.now().date()
    (held,) = month_end(world.parts, day.replace(day=1), "1.0").held
    assert held.title == "claim 12"
    assert held.called.said == "Supplier 1, SC-501 claim 12, INV-12, 2026-07-31, 33.00 AUD"
    assert abs((held.since - day).days) <= 1
    (cause,) = Page(month_end(world.parts, day.replace(day=1), "1.0")).causes
    assert (cause.code, cause.records, cause.amounts) == (held.code, 1, {"AUD": Decimal("33.00")})
    before = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    assert month_end(world.parts, before, "1.0").held == []


def test_a_contractor_without_abn_or_address_is_named(world: World) -> None:
    """With all that it was paid, and the part of it that was not from Procore."""
    later(world)
    contact(RIDGELINE, Addresses=[])(world)
    found = {one.name: one for one in pack(world).contractors}
    ridgeline = found[RIDGELINE]
    assert ridgeline.abn == ""
    assert "has no valid ABN" in ridgeline.missing[0]
    assert ridgeline.missing[1] == "Its contact in Xero has no address."
    typed(RIDGELINE, "H-1", "100.00")(world)
    paid_by_hand("H-1", "55.00")(world)
    (after,) = [one for one in pack(world).contractors if one.name == ridgeline.name]
    assert after.year.gross - ridgeline.year.gross == after.by_hand == Decimal("55.00")
    assert after.month.gst - ridgeline.month.gst == Decimal("5.00")


def test_several_organisations_are_kept_apart(a_world: MakeWorld) -> None:
    """Each has its own books, bills and contractors, and is named by what Xero calls it."""
    world = a_group(a_world)
    world.whole_pass()
    later(world)
    found = pack(world)
    assert [one.name for one in found.organisations] == ["North", "South"]
    assert {one.job_number: one.organisation for one in found.costs} == {NORTHERN: "North", SOUTHERN: "South"}
    assert {one.organisation for one in found.bills} == {"North", "South"}
    totals = Page(found).aged_totals
    assert [(one.organisation, one.total) for one in totals] == [
        ("North", sum(one.amount for one in found.bills if one.organisation == "North")),
        ("South", Decimal("47.00")),
    ]
    assert {one.organisation: one.year.gross for one in found.contractors} == {
        "North": Decimal(10),
        "South": Decimal(30),
    }
    assert "South" in html(found)
