"""Nothing leaves Xero because a list of Procore was silent: it takes evidence, or a person who says so."""

from __future__ import annotations

from typing import Any

import pytest
import simplejson

from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, standing
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contract,
    a_payment,
    a_seed,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.cli.exits import RefusedError
from worker.cli.gone import let_go, missing
from worker.holds import Outcome

VOID = f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n'
#: Claims of which two may be gone at once.
TEN = range(11, 21)


def sent(a_world: MakeWorld, mapping: str = VOID, **lists: Any) -> World:
    """A world in which everything of these lists is in Xero."""
    world = a_synced_world(a_world, a_seed(**lists), mapping)
    assert world.holds() == {}
    return world


def a_day_later(world: World) -> None:
    """Everything is compared."""
    world.clock.advance(DAY)
    world.whole_pass()


def out(world: World) -> list[str]:
    """The numbers of the bills that were taken out of Xero."""
    return sorted(row["InvoiceNumber"] for row in world.documents("invoices") if row["Status"] in ("VOIDED", "DELETED"))


def delete(world: World, *claims: int) -> None:
    for id in claims:
        world.procore_delete("requisitions", id, PROJECT_ID)


def alone(world: World, path: str) -> int:
    """How often a record was asked for by its id."""
    return len(world.procore_calls(f"/{path}/[0-9]+$"))


# --- silence -------------------------------------------------------------------------------------------------------


def test_an_empty_list_of_payments_deletes_none(a_world: MakeWorld) -> None:
    """One empty answer, while the contract still says that 30.00 were paid: held, and gone with the next list."""
    payments = [a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00")]
    world = sent(a_world, claims=[a_claim(11)], payments=payments)
    since = world.last()
    world.procore_fault("status", "contract_payments", status=200, body="[]")
    a_day_later(world)
    assert world.holds() == {"payment 71": "out_of_sight", "payment 72": "out_of_sight"}
    assert world.sentences()["payment 71"] == (
        "Procore no longer shows it, and nothing proves that it was deleted: of 2 payments that stand in Xero 2 are "
        "missing at once. In Xero stands payment of 10.00 AUD on 2026-08-14 for bill INV-11 of Supplier 1."
    )
    assert world.job(JOB_NUMBER).state == "failed"
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, ["10.00", "20.00"])
    assert world.writes(since) == []


def test_a_payment_that_waits_is_not_forgotten_by_an_empty_list(a_world: MakeWorld) -> None:
    """It was never sent, and the contract still says that it was made: what is said of it stays."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.mapping_file.write_text(f'{MAPPING}\n[documents]\nstatus = "SUBMITTED"\n')
    world.whole_pass()
    world.procore_fault("status", "contract_payments", status=200, body="[]")
    a_day_later(world)
    assert world.holds(Outcome.WAITING) == {"payment 71": "bill_awaiting_approval"}
    world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.whole_pass()
    assert world.holds(Outcome.WAITING) == {}


def test_a_contract_that_turns_private_keeps_its_bills(a_world: MakeWorld) -> None:
    """Its claims and payments are held while it is out of sight, and nothing was made twice when it is back."""
    world = sent(
        a_world,
        contracts=[a_contract(501), a_contract(502)],
        claims=[a_claim(11), a_claim(12, commitment_id=502)],
        payments=[a_payment(71, 11, "10.00"), a_payment(72, 12, "20.00", contract_id=502)],
    )
    since = world.last()
    world.procore_edit("work_order_contracts", 502, PROJECT_ID, private=True)
    for _ in range(2):
        a_day_later(world)
        assert world.holds() == {"claim 12": "out_of_sight", "payment 72": "out_of_sight"}
        assert "it does not show its contract either. In Xero stands bill INV-12" in world.sentences()["claim 12"]
    world.procore_edit("work_order_contracts", 502, PROJECT_ID, private=False)
    a_day_later(world)
    assert world.holds() == {}
    assert world.writes(since) == []


@pytest.mark.parametrize("lists", [("requisitions",), ("direct_costs",), ("requisitions", "direct_costs")])
def test_lists_that_are_all_empty_void_nothing(a_world: MakeWorld, lists: tuple[str, ...]) -> None:
    """As they are where access is missing; in the passes after it nothing is asked for record by record."""
    claims, invoices = [a_claim(11), a_claim(12)], [an_invoice(91), an_invoice(92)]
    world = sent(a_world, claims=claims, invoices=invoices)
    since = world.last()
    world.procore_switch(tools_off={PROJECT_ID: dict.fromkeys(lists, "empty")})
    a_day_later(world)
    assert set(world.holds().values()) == {"out_of_sight"}
    assert len(world.holds()) == 2 * len(lists)
    asked = alone(world, "requisitions")
    world.whole_pass()
    assert alone(world, "requisitions") == asked
    world.procore_switch(tools_off={})
    world.whole_pass()
    assert world.holds() == {}
    assert world.writes(since) == []


def test_the_only_one_is_asked_for_alone(a_world: MakeWorld) -> None:
    """One claim, one bill: 404 may be missing access as well, so a person says which it is."""
    world = sent(a_world, claims=[a_claim(11)])
    delete(world, 11)
    a_day_later(world)
    assert world.holds() == {"claim 11": "out_of_sight"}
    assert "it shows no other of these claims either" in world.sentences()["claim 11"]
    asked = alone(world, "requisitions")
    world.whole_pass()
    assert (out(world), alone(world, "requisitions")) == ([], asked)


@pytest.mark.parametrize(("percent", "gone"), [(20, []), (30, ["INV-11", "INV-12", "INV-13"]), (0, [])])
def test_more_than_a_share_at_once_is_held(a_world: MakeWorld, percent: int, gone: list[str]) -> None:
    """Three of ten claims: the mapping file says how many may go, and each hold says how many are missing."""
    world = sent(a_world, f"{VOID}gone_at_once = {percent}\n", claims=[a_claim(id) for id in TEN])
    delete(world, 11, 12, 13)
    a_day_later(world)
    assert out(world) == gone
    assert len(world.holds()) == 3 - len(gone)
    assert all("of 10 claims that stand in Xero 3 are" in sentence for sentence in world.sentences().values())


def test_an_address_that_knows_nobody_proves_nothing(a_world: MakeWorld) -> None:
    """Procore answers 404 for every claim by its id, also for those that its list shows."""
    world = sent(a_world, claims=[a_claim(id) for id in TEN])
    delete(world, 11)
    world.procore_fault("status", "/requisitions/[0-9]+$", status=404, times=99)
    a_day_later(world)
    assert (world.holds(), out(world)) == ({"claim 11": "out_of_sight"}, [])


def test_what_may_not_be_read_alone_is_held(a_world: MakeWorld) -> None:
    """A 403 for the one record stops neither the job nor the others."""
    world = sent(a_world, claims=[a_claim(id) for id in TEN])
    delete(world, 11)
    world.enter("requisitions", a_claim(12, "120.00"))
    world.procore_fault("status", "/requisitions/11$", status=403)
    a_day_later(world)
    assert (world.holds(), out(world)) == ({"claim 11": "out_of_sight"}, [])
    assert "it does not let this app read it" in world.sentences()["claim 11"]
    assert world.bill("INV-12")["SubTotal"] == "120.00"


def test_what_is_shown_alone_is_carried(a_world: MakeWorld) -> None:
    """The list forgot one claim, which has changed since: it is there, so its bill follows it."""
    world = sent(a_world, claims=[a_claim(id) for id in TEN])
    changed = {**a_claim(11, "120.00"), "updated_at": "2026-08-01T00:00:00Z"}
    world.enter("requisitions", changed)
    shown = world.parts.procore.claim(PROJECT_ID, "11")
    world.procore_switch(hidden={"requisitions": [11]})
    body = simplejson.dumps(changed, use_decimal=True)
    world.procore_fault("status", "/requisitions/11$", status=200, body=body)
    a_day_later(world)
    assert shown is not None
    assert (world.holds(), world.bill("INV-11")["SubTotal"]) == ({}, "120.00")


def test_a_held_record_that_never_went_stays_held(a_world: MakeWorld) -> None:
    """A list that fell silent does not make it look done; deleted, it is forgotten."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, items=[an_item("100.00", cost_type="X")])]))
    world.whole_pass()
    assert world.holds() == {"claim 12": "account_missing"}
    for alone_too in (False, True):
        world.procore_fault("status", "/requisitions$", status=200, body="[]", times=2)
        if alone_too:
            world.procore_fault("status", "/requisitions/12$", status=403)
        world.whole_pass()
        assert world.holds() == {"claim 12": "account_missing"}
    delete(world, 12)
    world.whole_pass()
    assert world.holds() == {}


def test_an_empty_list_settles_no_contract(a_world: MakeWorld) -> None:
    """The contract's total says that something was paid: the next pass looks again, not the next day."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.procore_fault("status", "contract_payments", status=200, body="[]")
    world.whole_pass()
    assert standing(world) == []
    world.whole_pass()
    assert standing(world) == ["10.00"]


# --- evidence ------------------------------------------------------------------------------------------------------


def test_deleted_among_others_is_taken_out(a_world: MakeWorld) -> None:
    """Two of ten: Procore has neither of them any more and shows their neighbour, each asked for once."""
    world = sent(a_world, claims=[a_claim(id) for id in TEN], invoices=[an_invoice(91), an_invoice(92)])
    delete(world, 11, 12)
    world.procore_delete("direct_costs", 91, PROJECT_ID)
    world.clock.advance(DAY)
    report = world.whole_pass()[JOB_NUMBER]
    assert (world.holds(), out(world)) == ({}, ["DC-91", "INV-11", "INV-12"])
    assert report.line == (
        "24-017: 12 records: 0 sent, 12 unchanged; 3 taken out of Xero: bill INV-11 of Supplier 1, 110.00 AUD "
        "(claim 11); bill INV-12 of Supplier 1, 110.00 AUD (claim 12); bill DC-91 of Supplier 1, 50.00 AUD (invoice 91)"
    )
    assert (report.counts["claims"]["withdrawn"], report.counts["invoices"]["withdrawn"]) == (2, 1)
    assert (alone(world, "requisitions"), len(world.procore_calls("direct_costs/91$"))) == (3, 1)
    since = world.last()
    a_day_later(world)
    assert (world.journal(since), alone(world, "requisitions")) == ([], 3)


def test_what_procore_calls_deleted_is_taken_out(a_world: MakeWorld) -> None:
    """Its own word for that very record is enough, though it is the only one."""
    world = sent(a_world, claims=[a_claim(11)])
    delete(world, 11)
    body = simplejson.dumps({**a_claim(11), "deleted_at": "2026-08-01T00:00:00Z"}, use_decimal=True)
    world.procore_fault("status", "/requisitions/11$", status=200, body=body)
    a_day_later(world)
    assert (world.holds(), out(world)) == ({}, ["INV-11"])


def test_with_hold_the_evidence_is_asked_for_once(a_world: MakeWorld) -> None:
    """A bill that stays costs no call to Procore for its record in the passes to come."""
    world = sent(a_world, MAPPING, claims=[a_claim(id) for id in TEN])
    delete(world, 11)
    for _ in range(3):
        a_day_later(world)
        world.whole_pass()
        assert world.holds() == {"claim 11": "changed_after_sending"}
    assert alone(world, "requisitions") == 2


def test_a_total_that_moved_alike_is_evidence(a_world: MakeWorld) -> None:
    """Every payment of a contract is deleted: its list is empty, and its total says so, too. One is asked for."""
    payments = [a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00")]
    world = sent(a_world, claims=[a_claim(11)], payments=payments)
    for id in (71, 72):
        world.procore_delete("contract_payments", id, PROJECT_ID)
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, [])
    assert alone(world, "contract_payments") == 1


@pytest.mark.parametrize("status", [200, 403])
def test_a_total_that_an_address_contradicts_is_none(a_world: MakeWorld, status: int) -> None:
    """List and total are empty, as they might be where access is missing; the payment itself is not gone."""
    world = sent(a_world, claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")])
    since = world.last()
    body = simplejson.dumps(a_payment(71, 11, "10.00"), use_decimal=True)
    world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.procore_fault("status", "/contract_payments/71$", status=status, body=body, times=2)
    world.whole_pass()
    assert world.holds() == ({} if status == 200 else {"payment 71": "out_of_sight"})
    assert world.writes(since) == []


@pytest.mark.parametrize("total", ["29.00", "0.00"])
def test_a_total_that_moved_otherwise_is_none(a_world: MakeWorld, total: str) -> None:
    """The list lost 10.00 of 30.00, and the contract says something else."""
    payments = [a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00")]
    world = sent(a_world, claims=[a_claim(11)], payments=payments)
    world.procore_edit("work_order_contracts", 501, PROJECT_ID, total_payments=total)
    world.procore_switch(hidden={"contract_payments": [71]})
    world.procore_fault("status", "/contract_payments/[0-9]+$", status=404, times=9)
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({"payment 71": "out_of_sight"}, ["10.00", "20.00"])


# --- at once -------------------------------------------------------------------------------------------------------


def test_a_payment_that_is_missing_where_its_list_is_read_goes_at_once(a_world: MakeWorld) -> None:
    """Deleted and entered anew with another amount: the total moved by the difference, and both are seen to at once."""
    world = sent(a_world, claims=[a_claim(11)], payments=[a_payment(71, 11, "110.00")])
    world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.enter("contract_payments", a_payment(72, 11, "100.00"))
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, ["100.00"])


@pytest.mark.parametrize("how", ["failed", "deleted"])
def test_a_job_that_a_person_started_reads_payments_whole(a_world: MakeWorld, how: str) -> None:
    """Nothing says that the contract moved, and yet what failed or is gone is taken back; once in a job."""
    world = sent(a_world, claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00")])
    world.procore_edit("work_order_contracts", 501, PROJECT_ID, total_payments="30.00")
    world.whole_pass()
    if how == "failed":
        world.procore_edit("contract_payments", 71, PROJECT_ID, status="failed")
    else:
        world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.whole_pass()
    assert standing(world) == ["10.00", "20.00"]
    world.run(JOB_NUMBER)
    assert (world.holds(), standing(world)) == ({}, ["20.00"])


def test_a_job_that_a_person_started_sees_what_was_deleted(a_world: MakeWorld) -> None:
    """Claims and invoices, too, without waiting for the daily compare."""
    world = sent(a_world, claims=[a_claim(11), a_claim(12)])
    delete(world, 11)
    world.run(JOB_NUMBER)
    assert (world.holds(), out(world)) == ({}, ["INV-11"])


# --- a person's word -----------------------------------------------------------------------------------------------


def say_gone(world: World, *record: str) -> None:
    """What `procore-xero gone` does before it starts the job."""
    let_go(world.parts, JOB_NUMBER, missing(world.parts, JOB_NUMBER, *record))


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_person_says_that_they_were_deleted(a_world: MakeWorld, by_hand: bool) -> None:
    """All ten claims are gone, and so are their bills then, by the next job of any kind."""
    world = sent(a_world, claims=[a_claim(id) for id in TEN], payments=[a_payment(71, 11, "10.00")])
    world.procore_delete("work_order_contracts", 501, PROJECT_ID)
    delete(world, *TEN)
    a_day_later(world)
    assert len(world.holds()) == 11
    say_gone(world)
    for _ in range(2):  # the bill with the payment goes when that has gone
        world.run(JOB_NUMBER) if by_hand else world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, [])
    assert len(out(world)) == 10


def test_a_person_speaks_of_one(a_world: MakeWorld) -> None:
    """The others stay held."""
    world = sent(a_world, claims=[a_claim(11), a_claim(12)])
    delete(world, 11, 12)
    a_day_later(world)
    say_gone(world, "claims", "12")
    world.whole_pass()
    assert (world.holds(), out(world)) == ({"claim 11": "out_of_sight"}, ["INV-12"])
    with pytest.raises(RefusedError, match="is not held as out of Procore"):
        say_gone(world, "claims", "12")


def test_with_hold_a_persons_word_takes_nothing_out(a_world: MakeWorld) -> None:
    """The mapping file says that a person voids the bill: the hold says what is left to do, and goes with it."""
    world = sent(a_world, MAPPING, claims=[a_claim(11)])
    delete(world, 11)
    a_day_later(world)
    say_gone(world)
    world.whole_pass()
    assert (world.holds(), out(world)) == ({"claim 11": "changed_after_sending"}, [])
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.whole_pass()
    assert world.holds() == {}


def test_a_persons_word_is_forgotten_when_the_list_is_back(a_world: MakeWorld) -> None:
    """It was access after all: nothing is voided, and the next silence needs evidence of its own."""
    world = sent(a_world, claims=[a_claim(11), a_claim(12)])
    since = world.last()
    off, on = {PROJECT_ID: {"requisitions": "empty"}}, dict[int, Any]()
    world.procore_switch(tools_off=off)
    a_day_later(world)
    say_gone(world)
    world.procore_switch(tools_off=on)
    world.whole_pass()
    assert world.holds() == {}
    world.procore_switch(tools_off=off)
    a_day_later(world)
    assert set(world.holds().values()) == {"out_of_sight"}
    assert world.writes(since) == []


def test_voided_by_hand_needs_nobodys_word(a_world: MakeWorld) -> None:
    """Out of both systems: the hold goes."""
    world = sent(a_world, claims=[a_claim(11)])
    delete(world, 11)
    a_day_later(world)
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.whole_pass()
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {})
