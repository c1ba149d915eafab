"""Payments that Procore Pay makes: approved first, on their way for days, then paid, or not."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, repay, standing
from tests.integration.seeds import a_claim, a_payment, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.holds import Outcome

PAY: dict[str, Any] = {"external_payment_id": "2169c3f0-5ee4-4eec-8e3c-9644db424550"}


def approved(a_world: MakeWorld, **fields: str) -> World:
    """A world in which payment 71 of 10.00 is approved, and not more."""
    return a_synced_world(
        a_world, a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00", status="approved", **fields)])
    )


def test_it_is_made_once_when_it_is_paid(a_world: MakeWorld) -> None:
    """Approved is the end of an approval, and processing is no payment: nothing is made and deleted on the way."""
    world = approved(a_world, **PAY)
    for status in ("approved", "processing"):
        repay(world, status=status)
        world.whole_pass()
        assert standing(world) == []
        assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {"payment 71": "payment_under_way"})
    repay(world, status="paid")
    world.whole_pass()
    assert [row["Status"] for row in world.documents("payments")] == ["AUTHORISED"]
    assert world.holds(Outcome.WAITING) == {}
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.journal(since) == []


def test_what_is_in_xero_stays_while_it_is_on_its_way(a_world: MakeWorld) -> None:
    """Sent when it was approved, before anything said that Procore Pay makes it: it is not deleted and made again."""
    world = approved(a_world)
    assert standing(world) == ["10.00"]
    repay(world, status="processing", **PAY)
    world.whole_pass()
    assert (standing(world), world.holds(Outcome.WAITING)) == (["10.00"], {"payment 71": "payment_under_way"})
    repay(world, status="paid")
    world.whole_pass()
    assert [row["Status"] for row in world.documents("payments")] == ["AUTHORISED"]
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {})


@pytest.mark.parametrize("status", ["failed", "rejected"])
def test_it_is_taken_back_by_the_next_pass_when_it_fails(a_world: MakeWorld, status: str) -> None:
    """As long as it is on its way its contract is read in each pass, so nobody waits a day for the news."""
    world = approved(a_world)
    repay(world, status="processing", **PAY)
    world.whole_pass()
    world.procore_edit("contract_payments", 71, 310, status=status)
    world.whole_pass()
    assert standing(world) == []
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {})


def test_the_audit_knows_what_is_made(a_world: MakeWorld) -> None:
    """What Procore Pay has yet to pay is due on neither side; what stands in Xero meanwhile only waits."""
    world = approved(a_world, **PAY)
    assert audit_books(world.parts).shown == []
    world = approved(a_world)
    repay(world, status="processing", **PAY)
    world.whole_pass()
    audited = audit_books(world.parts)
    assert [one.title for one in audited.shown] == ["payment 71"]
    assert audited.differences == []
    repay(world, date_payment_settled="2026-08-14T09:00:00Z")
    assert audit_books(world.parts).shown == []
