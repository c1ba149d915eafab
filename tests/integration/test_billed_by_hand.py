"""A bill that a person entered in Xero, under whatever number, is not made a second time from Procore."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from tests.integration.test_options_by_hand import PROJECT, at_option
from tests.integration.test_present import ADOPT, VENDOR, a_bill_by_hand
from tests.integration.world import MAPPING, World
from worker.cli.match import note
from worker.holds import Outcome
from worker.pipeline.look import shelf

#: Another total than claim 11 has.
OTHER = "77.00"


def beside(a_world: MakeWorld, number: str, amount: str = "100.00", adopt: bool = False, **fields: Any) -> World:
    """Claim 11, called INV-0012, of 110.00 with tax and 2026-07-31; its supplier's bill was typed before."""
    own: dict[str, Any] = {"invoice_number": "INV-0012", "requisition_start": "2026-07-01"}
    world = a_world(a_seed(claims=[a_claim(11, **own)], contacts=[VENDOR]))
    world.mapping_file.write_text(MAPPING + ADOPT if adopt else MAPPING)
    bill_id = a_bill_by_hand(world, number, amount)
    for name, value in fields.items():
        world.xero_edit("Invoices", bill_id, **{name: value})
    world.whole_pass()
    return world


def bills(world: World) -> int:
    return len(world.documents("invoices"))


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("number", ["INV 0012", "INV0012", "0012", "12", "#12", "Invoice No. 12"])
def test_a_number_that_reads_alike_holds(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, number: str, many: bool
) -> None:
    """Whatever it comes to, and whether the supplier's bills are read or all."""
    monkeypatch.setattr(shelf, "ENOUGH", 0 if many else 100)
    world = beside(a_world, number, OTHER, Date="2025-01-31")
    assert (bills(world), world.holds()) == (1, {"claim 11": "may_be_in_xero"})
    assert f"bill {number} of Supplier 1, 84.70 AUD, dated 2025-01-31" in world.sentences()["claim 11"]


@pytest.mark.parametrize(("date", "held"), [("2026-06-16", True), ("2026-06-15", False), ("2026-09-14", True)])
def test_the_same_total_within_45_days_holds(a_world: MakeWorld, date: str, held: bool) -> None:
    """Under a bookkeeper's own number."""
    world = beside(a_world, "SC501 Claim 1", Date=date)
    assert (bills(world), list(world.holds().values())) == ((1, ["may_be_in_xero"]) if held else (2, []))


def test_both_addresses_are_given(a_world: MakeWorld) -> None:
    from worker.ledger.holds import open_holds

    world = beside(a_world, "12")
    (hold,) = open_holds(world.parts.engine)
    assert hold.procore_url.endswith("/requisitions/11")
    assert hold.xero_url.endswith(world.bill("12")["InvoiceID"])


def test_another_supplier_or_total_is_no_reason(a_world: MakeWorld) -> None:
    world = beside(a_world, "S-1", OTHER)
    assert (bills(world), world.holds()) == (2, {})


@pytest.mark.parametrize("number", ["INV-0012", "12", "S-1"])
def test_a_person_takes_it_over(a_world: MakeWorld, number: str) -> None:
    """Its own number, or another: it is tied as it stands, and the missing tracking is told and stays told."""
    world = beside(a_world, number)
    note(world.parts, JOB_NUMBER, "claims", "11", another=False)
    before, since = world.bill(number), world.last()
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), bills(world), world.bill(number)) == ({}, 1, before)
        assert world.writes(since) == []
        assert world.holds(Outcome.IGNORED) == {"claim 11": "tracking_left_out"}
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


@pytest.mark.parametrize("number", ["INV-0012", "12", "S-1"])
def test_a_person_sends_it_all_the_same(a_world: MakeWorld, number: str) -> None:
    world = beside(a_world, number)
    note(world.parts, JOB_NUMBER, "claims", "11", another=True)
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), bills(world)) == ({}, 2)


def test_what_a_person_said_holds_beside_a_renamed_option(a_world: MakeWorld) -> None:
    """The bill is mapped once more for the option's new name; it is the same record all the same."""
    world = beside(a_world, "12")
    note(world.parts, JOB_NUMBER, "claims", "11", another=True)
    at_option(world, PROJECT, Name="Renamed")
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, 2)


@pytest.mark.parametrize(
    ("number", "amount", "date", "taken"),
    [
        ("INV-0012", "100.00", "2026-07-30", True),
        ("12", "100.00", "2026-07-01", True),
        ("12", "100.00", "2026-06-30", False),
        ("INV-0012", "100.00", "2026-06-30", False),
        ("INV-0012", "100.01", "2026-07-30", False),
        ("INV-0012", "100.00", "2026-09-30", False),
        ("S-1", "100.00", "2026-07-30", False),
    ],
)
def test_adopt_compares_number_total_and_date(
    a_world: MakeWorld, number: str, amount: str, date: str, taken: bool
) -> None:
    """And it takes no bill from before the claim's period; what it does not take is held."""
    world = beside(a_world, number, amount, adopt=True, Date=date)
    assert bills(world) == 1
    assert (world.holds() == {}) is taken


def test_adopt_compares_the_total_with_tax(a_world: MakeWorld) -> None:
    """The same amount before tax is not the same bill."""
    world = beside(a_world, "INV-0012", adopt=True, Total="100.00", TotalTax="0.00")
    assert world.holds() == {"claim 11": "already_in_xero"}


def test_a_suppliers_bills_are_read_once_for_many(a_world: MakeWorld) -> None:
    """One call more for a supplier that Xero had before, none for one that the job makes, none without new bills."""
    claims = [a_claim(n) for n in range(100, 150)]
    for contacts, reads in (([VENDOR], 2), ([], 1)):
        world = a_world(a_seed(claims=claims, contacts=contacts))
        world.whole_pass()
        assert len([e for e in world.journal() if e["method"] == "GET" and e["path"].endswith("/Invoices")]) == reads
        since = world.last()
        world.whole_pass()
        assert world.journal(since) == []
