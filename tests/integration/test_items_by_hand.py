"""What people do to items in Xero, and how a bill goes all the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import a_claim, a_cost_code, a_payment, a_seed, an_item
from tests.integration.world import World

SUBCONTRACT = {"id": 83, "code": "S", "name": "Subcontract"}


def in_use(a_world: MakeWorld, **rows: Any) -> World:
    """Claim 11 is in Xero, and its line names the item 03-300 S."""
    codes = [a_cost_code("03-300", "Concrete", line_item_types=[SUBCONTRACT])]
    world = ruled(a_world(a_seed(cost_codes=codes, claims=[a_claim(11)], **rows)), cost_codes='target = "item"')
    world.whole_pass()
    assert (world.holds(), item_of(world, "INV-11")) == ({}, "03-300 S")
    return world


def item_of(world: World, number: str) -> str:
    (line,) = world.bill(number)["LineItems"]
    return str(line["ItemCode"])


def the_item(world: World) -> dict[str, Any]:
    (found,) = world.documents("items")
    return found


def a_pass(world: World) -> None:
    world.clock.advance(1800)
    world.whole_pass()


def follow(world: World) -> None:
    """Xero may show older bills with the item's new code: not documented."""
    bill = world.bill("INV-11")
    first = {name: value for name, value in bill["LineItems"][0].items() if name != "AccountID"}
    world.xero_edit("invoices", bill["InvoiceID"], LineItems=[{**first, "ItemCode": the_item(world)["Code"]}])


@pytest.mark.parametrize("follows", [False, True])
def test_a_bill_goes_with_the_code_that_a_person_gave_the_item(a_world: MakeWorld, follows: bool) -> None:
    """Once and again; what stands counts as unchanged, however Xero shows it, and still follows Procore."""
    world = in_use(a_world)
    for n, code in enumerate(("CONC", "CONCRETE"), 12):
        world.xero_edit("items", the_item(world)["ItemID"], Code=code)
        if follows:
            follow(world)
        world.enter("requisitions", a_claim(n, "40.00", items=[an_item("40.00")]))
        mark = world.last()
        a_pass(world)
        assert (world.holds(), item_of(world, f"INV-{n}")) == ({}, code)
        assert len(world.writes(mark)) == 1
    world.clock.advance(26 * 3600)
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])
    world.enter("requisitions", a_claim(11, "120.00", items=[an_item("120.00")]))
    a_pass(world)
    assert (world.holds(), item_of(world, "INV-11"), world.bill("INV-11")["SubTotal"]) == ({}, "CONCRETE", "120.00")


def test_a_paid_bill_is_not_held_for_an_item_of_another_code(a_world: MakeWorld) -> None:
    """Nothing of it changed."""
    world = in_use(a_world, payments=[a_payment(71, 11, "10.00")])
    world.xero_edit("items", the_item(world)["ItemID"], Code="CONC")
    world.enter("requisitions", a_claim(12, "40.00", items=[an_item("40.00")]))
    a_pass(world)
    world.clock.advance(26 * 3600)
    world.whole_pass()
    assert world.holds() == {}


def test_an_item_that_was_deleted_is_made_anew(a_world: MakeWorld) -> None:
    """In the pass of the first bill that names it."""
    world = in_use(a_world)
    world.parts.xero.api.write("DELETE", f"/Items/{the_item(world)['ItemID']}", "", "person-deletes")
    world.enter("requisitions", a_claim(12, "40.00", items=[an_item("40.00")]))
    a_pass(world)
    assert (world.holds(), item_of(world, "INV-12"), the_item(world)["Name"]) == (
        {},
        "03-300 S",
        "Concrete Subcontract",
    )
    mark = world.last()
    a_pass(world)
    assert (world.holds(), world.journal(mark)) == ({}, [])


@pytest.mark.parametrize("by_hand", [{"Code": "CONC"}, {"Name": "All concrete"}])
def test_what_a_person_called_an_item_is_not_written_over(a_world: MakeWorld, by_hand: dict[str, str]) -> None:
    """When the cost code is renamed in Procore: its name is not followed any more."""
    world = in_use(a_world)
    world.xero_edit("items", the_item(world)["ItemID"], **by_hand)
    before = the_item(world)
    for name in ("Concrete works", "Concreting"):
        world.enter("cost_codes", a_cost_code("03-300", name, line_item_types=[SUBCONTRACT]))
        world.clock.advance(3 * 3600)
        a_pass(world)
        assert (world.holds(), the_item(world)) == ({}, before)


def test_the_name_that_a_bookkeeper_had_given_stays(a_world: MakeWorld) -> None:
    """An item that was adopted is not renamed after the cost code."""
    codes = [a_cost_code("05-100", "Steel", line_item_types=[])]
    seed = a_seed(cost_codes=codes)
    seed["xero"]["items"] = [{"Code": "05-100", "Name": "Steel, as the bookkeeper calls it"}]
    world = ruled(a_world(seed), cost_codes='target = "item"')
    world.whole_pass()
    world.enter("cost_codes", {**codes[0], "name": "Steelwork"})
    world.clock.advance(3 * 3600)
    a_pass(world)
    assert (world.holds(), the_item(world)["Name"]) == ({}, "Steel, as the bookkeeper calls it")
