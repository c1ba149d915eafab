"""Bills dated in a period that Xero has locked, where the mapping file moves them."""

from __future__ import annotations

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown

MOVE = '\n[documents]\nlocked_period = "move"\n'
SAID = "Slab on ground (SC-501 claim 11, line 1)"


def lock(world: World, until: str | None) -> None:
    world.xero_edit("Organisation", world.parts.organisation.tenant_id, PeriodLockDate=until)


def dated(world: World, number: str = "INV-11") -> tuple[str, str, str]:
    """(date, due date, description of the first line)"""
    bill = world.bill(number)
    return bill["Date"], bill["DueDate"], bill["LineItems"][0]["Description"]


def moved(a_world: MakeWorld) -> World:
    """INV-11 is dated 2026-06-12 in Procore, and Xero is locked until the end of June."""
    world = a_world(a_seed(claims=[a_claim(11, billing_date="2026-06-12")]))
    world.mapping_file.write_text(MAPPING + MOVE)
    lock(world, "2026-06-30")
    world.whole_pass()
    assert world.holds() == {}
    return world


def test_a_bill_in_a_locked_period_moves_where_the_setting_says_so(a_world: MakeWorld) -> None:
    """To the first open day, with a note; a lock date that moves later sends nothing again."""
    world = moved(a_world)
    assert dated(world) == (
        "2026-07-01",
        "2026-07-12",
        f"{SAID} (dated 2026-06-12 in Procore)",
    )
    for until in ("2026-07-31", None):
        lock(world, until)
        since = world.last()
        world.clock.advance(DAY)
        world.whole_pass()
        assert world.writes(since) == []
        assert world.holds() == {}


def test_a_moved_bill_keeps_its_day_when_its_claim_changes(a_world: MakeWorld) -> None:
    """Also when the period has been opened meanwhile: what was sent is not dated anew."""
    world = moved(a_world)
    lock(world, "2026-05-31")
    changed = a_claim(11, "120.00")
    world.procore_edit("requisitions", 11, PROJECT_ID, summary=changed["summary"], items=changed["items"])
    world.whole_pass()
    assert world.bill("INV-11")["SubTotal"] == "120.00"
    assert dated(world) == (
        "2026-07-01",
        "2026-07-12",
        f"{SAID} (dated 2026-06-12 in Procore)",
    )
    world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-20")
    world.whole_pass()
    assert dated(world) == ("2026-07-20", "2026-08-19", SAID)


def test_a_moved_bill_whose_new_period_is_locked_too_is_held(a_world: MakeWorld) -> None:
    """Nothing in a locked period is changed, also not to get it out of there."""
    world = moved(a_world)
    lock(world, "2026-07-31")
    world.clock.advance(600)
    changed = a_claim(11, "120.00")
    world.procore_edit("requisitions", 11, PROJECT_ID, summary=changed["summary"], items=changed["items"])
    world.whole_pass()
    assert world.holds() == {"claim 11": "locked_period"}
    assert world.bill("INV-11")["SubTotal"] == "100.00"


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
@pytest.mark.parametrize("wait_s", [20, 500])
def test_a_moved_bill_of_unknown_outcome_is_there_once(a_world: MakeWorld, wait_s: int, kind: str) -> None:
    """With the day it was sent with, also when the lock date moves before it is looked up."""
    world = a_world(a_seed(claims=[a_claim(11, billing_date="2026-06-12")]))
    world.mapping_file.write_text(MAPPING + MOVE)
    lock(world, "2026-06-30")
    world.discover()
    world.fault(kind, "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert [row["Date"] for row in world.documents("invoices")] == ["2026-07-01"]
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert (world.writes(since), world.holds()) == ([], {})


def test_a_payment_is_never_moved(a_world: MakeWorld) -> None:
    """Its day is the bank's: it is held."""
    world = moved(a_world)
    world.enter("contract_payments", a_payment(71, 11, "10.00", date="2026-06-20"))
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {"payment 71": "locked_period"}
