"""A bill with payments on it, and payments that change: for the tests of what becomes of them."""

from __future__ import annotations

from typing import Any

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import CONTRACT_ID, PROJECT_ID, a_claim, a_payment, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World

#: Until everything is compared again, in seconds.
DAY = 25 * 3600


def paid(a_world: MakeWorld, *payments: dict[str, Any], mapping: str = MAPPING) -> World:
    """A world in which INV-11, of 110.00 with tax, has these payments; 10.00 unless they are given."""
    seed = a_seed(claims=[a_claim(11)], payments=list(payments) or [a_payment(71, 11, "10.00")])
    world = a_synced_world(a_world, seed, mapping)
    assert len(standing(world)) == (len(payments) or 1)
    return world


def standing(world: World) -> list[str]:
    """The amounts of the payments that Xero has, deleted ones left out."""
    return sorted(row["Amount"] for row in world.documents("payments") if row["Status"] != "DELETED")


def repay(world: World, id: int = 71, **fields: Any) -> None:
    """The payment says something else now; a day passes, so that everything is compared."""
    world.procore_edit("contract_payments", id, PROJECT_ID, contract_id=CONTRACT_ID, **fields)
    world.clock.advance(DAY)
