"""Suppliers without a valid ABN: named once each, in Australia alone, and nothing is held for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration import seeds
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import CODE, a_claim, a_contact, a_project, a_seed, an_invoice
from tests.integration.world import World
from worker.cli import problems
from worker.holds import Outcome
from worker.ledger.vendors import vendors

ABN = "51 824 753 556"


def a_vendor(id: int = 1, country_code: str = "AU", **fields: Any) -> dict[str, Any]:
    return seeds.a_vendor(id, country_code=country_code, **fields)


def notes(world: World) -> dict[str, str]:
    return {hold.title: hold.code for _, hold in problems.left_out(world.parts)}


def test_a_supplier_without_abn_is_named_once(a_world: MakeWorld) -> None:
    """Its bills go; a person reads of it once, whatever number of bills, projects and passes."""
    code = {"id": 7, "full_code": CODE, "name": "Concrete", "parent": {"id": None}}
    more: dict[int, dict[str, Any]] = {
        311: {"cost_codes": [code], "project_vendors": [1], "direct_costs": [an_invoice(31)]}
    }
    projects = [a_project(), a_project(311, "24-018")]
    world = a_world(a_seed(projects=projects, vendors=[a_vendor()], claims=[a_claim(11), a_claim(12)], more=more))
    world.whole_pass()
    world.whole_pass()
    assert world.holds() == {}
    assert [(hold.title, hold.code) for _, hold in problems.left_out(world.parts)] == [("vendor Supplier 1", "no_abn")]
    said = world.sentences(Outcome.IGNORED)["vendor Supplier 1"]
    assert said == "It has no valid ABN, neither in Procore nor on its contact 'Supplier 1' in Xero."
    ((_, note),) = problems.left_out(world.parts)
    assert note.procore_url.endswith("/directory/vendors/1")
    assert "/Contacts/" in note.xero_url or "contact" in note.xero_url.casefold()
    assert [one.note for one in vendors(world.parts.engine)] == [said]


def test_a_number_that_is_none_is_quoted(a_world: MakeWorld) -> None:
    """What somebody typed instead is shown."""
    world = a_world(a_seed(vendors=[a_vendor(1, abn="12 345")], claims=[a_claim(11)]))
    world.whole_pass()
    assert "in Xero ('12 345' is none)." in world.sentences(Outcome.IGNORED)["vendor Supplier 1"]


@pytest.mark.parametrize(
    ("vendor", "contact"),
    [
        (a_vendor(1, abn=ABN), {}),
        (a_vendor(1), {"TaxNumber": ABN}),
        (a_vendor(1, country_code="NZ"), {}),
    ],
    ids=["in Procore", "in Xero", "abroad"],
)
def test_who_needs_none(a_world: MakeWorld, vendor: dict[str, Any], contact: dict[str, Any]) -> None:
    """A supplier whose ABN is known on either side, and one of another country."""
    seed = a_seed(vendors=[vendor], claims=[a_claim(11)], contacts=[a_contact(901, "Supplier 1", **contact)])
    for row in seed["xero"]["contacts"] if vendor["country_code"] == "NZ" else ():
        row["Name"] = "Another"  # what is adopted keeps what a person typed; this one is made for the vendor
    world = a_world(seed)
    world.whole_pass()
    assert (world.holds(), notes(world)) == ({}, {})


def test_no_other_country_has_it(a_world: MakeWorld) -> None:
    """An organisation in New Zealand withholds nothing for want of an ABN."""
    seed = a_seed(vendors=[a_vendor()], claims=[a_claim(11)])
    seed["xero"]["organisation"] = {**seed["xero"]["organisation"], "CountryCode": "NZ"}
    world = a_world(seed)
    world.whole_pass()
    assert (world.holds(), notes(world)) == ({}, {})


def test_a_vendor_without_bills_is_not_named(a_world: MakeWorld) -> None:
    """Nobody pays it."""
    world = a_world(a_seed(vendors=[a_vendor(1, abn=ABN), a_vendor(2)], claims=[a_claim(11)]))
    world.whole_pass()
    assert notes(world) == {}


def test_the_remedy_works(a_world: MakeWorld) -> None:
    """Entered in Procore, the note goes; entered in Xero, it goes with the next bill."""
    world = a_world(a_seed(vendors=[a_vendor(1), a_vendor(2)], claims=[a_claim(11), a_claim(12, vendor_id=2)]))
    world.whole_pass()
    assert notes(world) == {"vendor Supplier 1": "no_abn", "vendor Supplier 2": "no_abn"}
    world.procore_edit("vendors", 1, business_register={"type": "abn", "identifier": ABN})
    world.whole_pass()
    world.whole_pass()
    assert notes(world) == {"vendor Supplier 2": "no_abn"}
    (contact,) = [row for row in world.documents("contacts") if row["Name"] == "Supplier 2"]
    world.xero_edit("Contacts", contact["ContactID"], TaxNumber="53 004 085 616")
    world.enter("requisitions", a_claim(13, vendor_id=2))
    world.whole_pass()
    assert notes(world) == {}


def test_an_unchanged_pass_asks_nobody(a_world: MakeWorld) -> None:
    """The note costs no call."""
    world = a_world(a_seed(vendors=[a_vendor()], claims=[a_claim(11)]))
    world.whole_pass()
    since = world.last()
    world.whole_pass()
    assert (world.journal(since), notes(world)) == ([], {"vendor Supplier 1": "no_abn"})
