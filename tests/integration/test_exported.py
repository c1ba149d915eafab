"""What another integration has exported from Procore is named, and held where the mapping file says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.paid import standing
from tests.integration.seeds import JOB_NUMBER, a_claim, a_payment, a_seed, an_invoice
from tests.integration.world import MAPPING, World
from worker.cli.problems import left_out

HOLD = f'{MAPPING}\n[documents]\nexported_elsewhere = "hold"\n'


def exported(a_world: MakeWorld, mapping: str, origin: Any = "X-1") -> World:
    """A claim, its payment and an invoice that have another integration's id, and a claim that has none."""
    world = a_world(
        a_seed(
            claims=[a_claim(11, origin_id=origin), a_claim(12, origin_id=None)],
            payments=[a_payment(71, 12, "10.00", origin_id=origin)],
            invoices=[an_invoice(91, origin_id=origin)],
        )
    )
    world.mapping_file.write_text(mapping)
    world.whole_pass()
    return world


def bills(world: World) -> list[str]:
    return sorted(row["InvoiceNumber"] for row in world.documents("invoices"))


def named(world: World) -> list[tuple[str, str]]:
    return [(hold.title, hold.code) for _, hold in left_out(world.parts)]


def test_by_default_it_goes_and_is_named_once(a_world: MakeWorld) -> None:
    """The job is green; `problems` names each, however many passes follow."""
    world = exported(a_world, MAPPING)
    first = [hold.id for _, hold in left_out(world.parts)]
    world.whole_pass()
    assert (bills(world), standing(world), world.holds()) == (["DC-91", "INV-11", "INV-12"], ["10.00"], {})
    assert named(world) == [
        ("claim 11", "exported_too"),
        ("invoice 91", "exported_too"),
        ("payment 71", "exported_too"),
    ]
    assert [hold.id for _, hold in left_out(world.parts)] == first
    assert world.job(JOB_NUMBER).state == "done"


def test_with_hold_a_new_one_waits_for_a_person(a_world: MakeWorld) -> None:
    """And goes when the mapping file lets it go."""
    world = exported(a_world, HOLD)
    assert world.holds() == dict.fromkeys(["claim 11", "invoice 91", "payment 71"], "exported_elsewhere")
    assert world.sentences()["claim 11"] == (
        "Another integration has exported it from Procore (its origin id is 'X-1'), so it may be in the books already."
    )
    assert (bills(world), standing(world)) == (["INV-12"], [])
    world.mapping_file.write_text(MAPPING)
    world.whole_pass()
    assert (bills(world), standing(world), world.holds()) == (["DC-91", "INV-11", "INV-12"], ["10.00"], {})


def test_what_of_ours_stands_in_xero_is_followed_all_the_same(a_world: MakeWorld) -> None:
    """Another integration marks a claim that we sent: it is named, and its changes still go."""
    world = exported(a_world, HOLD, origin=None)
    assert named(world) == []
    world.enter("requisitions", a_claim(11, "120.00", origin_id="X-2"))
    world.whole_pass()
    assert (world.holds(), named(world)) == ({}, [("claim 11", "exported_too")])
    assert world.bill("INV-11")["SubTotal"] == "120.00"
    world.enter("requisitions", a_claim(11, "120.00", origin_id=None))
    world.whole_pass()
    assert named(world) == []


@pytest.mark.parametrize("origin", ["", None, [], {}, {"id": 1}])
def test_what_is_no_mark_says_nothing(a_world: MakeWorld, origin: Any) -> None:
    """Somebody else's field never keeps a record from being read."""
    world = exported(a_world, HOLD, origin=origin)
    assert (world.holds(), named(world)) == ({}, [])
