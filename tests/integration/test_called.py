"""What claims and their lines are called in Xero, and that what is there keeps what it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import update

from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY
from tests.integration.seeds import CONTRACT_ID, PROJECT_ID, a_claim, a_contract, a_seed, an_item
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.facts import CALLED
from worker.ledger.database import transaction
from worker.ledger.tables import Entry
from worker.mapping import wording

GIVEN = "24-017 SC-501 claim 11"
SAID = "Slab on ground (SC-501 claim 11, line 1)"


def a_pass(world: World) -> None:
    world.clock.advance(DAY)
    world.whole_pass()


def text(world: World, number: str) -> str:
    return str(world.bill(number)["LineItems"][0]["Description"])


def change(world: World, amount: str) -> None:
    changed = a_claim(11, amount)
    world.procore_edit("requisitions", 11, PROJECT_ID, summary=changed["summary"], items=changed["items"])


def test_a_bill_says_what_an_accountant_looks_for(a_world: MakeWorld) -> None:
    """Commitment, claim, period, line and kind; and a number where the supplier gave none."""
    items = [an_item("60.00", item_type="contract_item"), an_item("40.00", item_type="change_order_item", id=901)]
    period = {"requisition_start": "2026-07-01", "requisition_end": "2026-07-31"}
    world = a_world(a_seed(claims=[a_claim(11, items=items, invoice_number=None, **period)]))
    world.whole_pass()
    assert world.holds() == {}
    assert [line["Description"] for line in world.bill(GIVEN)["LineItems"]] == [
        "Slab on ground (SC-501 claim 11, 2026-07-01 to 2026-07-31, line 1, contract)",
        "Slab on ground (SC-501 claim 11, 2026-07-01 to 2026-07-31, line 1, variation)",
    ]


def _renumbered(world: World) -> None:
    world.procore_edit("work_order_contracts", CONTRACT_ID, PROJECT_ID, number="SC-77")


def _hidden(world: World) -> None:
    world.procore_edit("work_order_contracts", CONTRACT_ID, PROJECT_ID, number=None)


@pytest.mark.parametrize("becomes", [_renumbered, _hidden])
def test_a_bill_keeps_its_number_whatever_becomes_of_the_commitment(
    a_world: MakeWorld, becomes: Callable[[World], None]
) -> None:
    """Nothing is sent for it; with a change of the claim its lines are called as the commitment is now."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11, invoice_number="")]))
    becomes(world)
    mark = world.last()
    a_pass(world)
    assert (world.writes(mark), world.holds(), text(world, GIVEN)) == ([], {}, SAID)
    change(world, "120.00")
    a_pass(world)
    assert (world.holds(), world.bill(GIVEN)["SubTotal"]) == ({}, "120.00")


def _as_before(world: World) -> None:
    """A pass of the version before: lines and numbers without where they come from, and no fact of it."""
    plain: Callable[..., Any] = lambda claim, *_: wording.plain_number(claim) or claim.invoice_number  # noqa: E731
    with patch.object(wording, "source", lambda *_: ""), patch.object(wording, "number", plain):
        world.whole_pass()
    with transaction(world.parts.engine) as session:
        for row in session.query(Entry).filter(Entry.kind == "claims"):
            facts = {name: value for name, value in row.facts.items() if name != CALLED}
            session.execute(update(Entry).where(Entry.id == row.id).values(facts=facts))


def test_bills_of_before_are_not_touched_for_it(a_world: MakeWorld) -> None:
    """Neither sent again nor taken for edited by hand; a change of the claim arrives in the words that stand there."""
    world = a_world(a_seed(claims=[a_claim(11, invoice_number=""), a_claim(12)]))
    _as_before(world)
    mark = world.last()
    a_pass(world)
    assert (world.writes(mark), world.holds()) == ([], {})
    change(world, "120.00")
    a_pass(world)
    bill = world.bill("PC-11")
    assert (world.holds(), bill["SubTotal"], text(world, "PC-11")) == ({}, "120.00", "Slab on ground")
    change(world, "130.00")
    a_pass(world)
    assert (world.holds(), text(world, "PC-11")) == ({}, "Slab on ground")


def test_a_number_that_the_supplier_gives_later_is_followed(a_world: MakeWorld) -> None:
    """It is the number of the supplier's tax invoice."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11, invoice_number="")]))
    world.procore_edit("requisitions", 11, PROJECT_ID, invoice_number="T-9")
    a_pass(world)
    assert (world.holds(), text(world, "T-9")) == ({}, SAID)


def test_a_negative_claim_without_a_number_is_found_by_the_audit(a_world: MakeWorld) -> None:
    """A credit note has no address: its number tells it."""
    from tasks.audit import audit_books

    world = a_world(a_seed(claims=[a_claim(11, "-20.00", invoice_number="")], contracts=[a_contract()]))
    world.whole_pass()
    assert [row["CreditNoteNumber"] for row in world.documents("credit_notes")] == [GIVEN]
    assert audit_books(world.parts).differences == []
