"""Payments that change, are undone or deleted after they were sent; refunds of credit notes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tasks.audit import audit_books
from tests.examples import each_value
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.paid import DAY, paid, repay, standing
from tests.integration.seeds import CONTRACT_ID, JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed
from tests.integration.wire import Crash, crash
from tests.integration.world import MAPPING, World
from worker.cli.reconcile import compare, strays
from worker.errors import OutcomeUnknown
from worker.holds import Outcome
from worker.ledger.standing import live_documents

SUBMITTED = '\n[documents]\nstatus = "SUBMITTED"\n'


def delete_calls(world: World) -> list[dict[str, Any]]:
    return [entry for entry in world.writes(path="/Payments/") if entry["method"] == "POST"]


@POSTGRESQL_IS_DEEP
@pytest.mark.parametrize(
    "fields", [{"amount": "25.00"}, {"date": "2026-08-20"}, {"check_number": "000481"}, {"payment_method": "check"}]
)
def test_a_changed_payment_is_deleted_and_made_again(any_world: MakeWorld, fields: dict[str, Any]) -> None:
    """Amount, date, reference or bank account: the old payment goes, the new one comes, and later passes are silent."""
    world = paid(any_world)
    repay(world, **fields)
    report = world.whole_pass()[JOB_NUMBER]
    assert standing(world) == [fields.get("amount", "10.00")]
    assert "taken out" not in report.line
    assert "withdrawn" not in report.counts["payments"]
    assert len(world.documents("payments")) == 2
    assert world.holds() == {}
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.writes(since) == []


def test_a_reconciled_payment_is_never_deleted(a_world: MakeWorld) -> None:
    """Changed or undone in Procore, matched with the bank in Xero: held, and the payment stands."""
    world = paid(a_world, a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00"))
    for row in world.documents("payments"):
        world.xero_edit("Payments", row["PaymentID"], IsReconciled=True)
    repay(world, amount="25.00")
    repay(world, id=72, status="failed")
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"payment 71": "changed_after_sending", "payment 72": "changed_after_sending"}
    assert standing(world) == ["10.00", "20.00"]
    assert delete_calls(world) == []


def test_a_payment_in_a_locked_period_is_never_deleted(a_world: MakeWorld) -> None:
    """The month is closed: the payment stays as it is, though the new date is open."""
    world = paid(a_world)
    world.xero_edit("Organisation", world.parts.organisation.tenant_id, PeriodLockDate="2026-08-15")
    repay(world, date="2026-08-20")
    world.whole_pass()
    assert world.holds() == {"payment 71": "locked_period"}
    assert standing(world) == ["10.00"]


def test_a_payment_that_a_person_deleted_is_not_made_again(a_world: MakeWorld) -> None:
    """Deleted by hand in Xero, changed in Procore: held, not made again by itself."""
    world = paid(a_world)
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    repay(world, amount="25.00")
    world.whole_pass()
    assert world.holds() == {"payment 71": "gone_in_xero"}
    assert standing(world) == []


def test_the_old_payment_stays_when_the_new_one_is_too_large(a_world: MakeWorld) -> None:
    """110.01 on a bill of 110.00: held with both figures before anything is deleted."""
    world = paid(a_world)
    repay(world, amount="110.01")
    world.whole_pass()
    assert world.sentences() == {
        "payment 71": "It pays 110.01 AUD, but only 110.00 AUD is due on the document in Xero."
    }
    assert standing(world) == ["10.00"]
    assert delete_calls(world) == []


def test_two_payments_that_change_places_fit(a_world: MakeWorld) -> None:
    """The one that becomes smaller goes first and makes room for the other."""
    world = paid(a_world, a_payment(71, 11, "50.00"), a_payment(72, 11, "60.00"))
    world.procore_edit("contract_payments", 71, PROJECT_ID, contract_id=CONTRACT_ID, amount="65.00")
    repay(world, id=72, amount="45.00")
    world.whole_pass()
    assert standing(world) == ["45.00", "65.00"]
    assert world.bill("INV-11")["Status"] == "PAID"
    assert world.holds() == {}


@pytest.mark.parametrize("paid_off", [False, True])
def test_more_than_is_due_is_held_with_both_figures(a_world: MakeWorld, paid_off: bool) -> None:
    """A new payment beyond what is due is refused by Xero, and the sentence says how much is due."""
    due = "0.00" if paid_off else "100.00"
    world = paid(a_world, a_payment(71, 11, "110.00" if paid_off else "10.00"))
    world.enter("contract_payments", a_payment(72, 11, "100.01"))
    world.clock.advance(DAY)
    since = world.last()
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"payment 72": "payment_too_large"}
        assert world.sentences()["payment 72"].startswith(f"It pays 100.01 AUD, but only {due} AUD is due")
    assert world.writes(since) == []


@pytest.mark.parametrize("status", ["unpaid", "rejected", "failed"])
def test_a_payment_that_is_undone_is_deleted(a_world: MakeWorld, status: str) -> None:
    """It failed in Procore: it goes in Xero too, and comes again when it is paid again."""
    world = paid(a_world)
    repay(world, status=status)
    world.whole_pass()
    assert standing(world) == []
    assert (world.holds(), world.holds(Outcome.IGNORED)) == ({}, {"payment 71": "not_approved"})
    repay(world, status="paid")
    world.whole_pass()
    assert standing(world) == ["10.00"]


def test_a_payment_that_is_deleted_is_deleted(a_world: MakeWorld) -> None:
    """Gone from Procore: gone from Xero, once."""
    world = paid(a_world)
    world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.clock.advance(DAY)
    for _ in range(2):
        world.whole_pass()
        world.clock.advance(DAY)
    assert standing(world) == []
    assert world.holds() == {}
    assert len(delete_calls(world)) == 1


def test_a_payment_out_of_sight_is_held(a_world: MakeWorld) -> None:
    """Its whole contract is gone: that may be a matter of permissions, so nothing is deleted."""
    world = paid(a_world)
    world.procore_delete("work_order_contracts", CONTRACT_ID, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds()["payment 71"] == "out_of_sight"
    assert standing(world) == ["10.00"]


def test_undone_and_then_paid_again_after_a_person_deleted_it(a_world: MakeWorld) -> None:
    """What a person deleted in Xero is not taken for unchanged, and not made again by itself."""
    world = paid(a_world)
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    repay(world, status="failed")
    world.whole_pass()
    assert (world.holds(), world.holds(Outcome.IGNORED)) == ({}, {"payment 71": "not_approved"})
    repay(world, status="paid")
    world.whole_pass()
    assert world.holds() == {"payment 71": "gone_in_xero"}


def assert_once(world: World, amount: str = "25.00") -> None:
    """In the end there is the new payment and nothing else, nothing is open, and a further pass writes nothing."""
    world.run_through(JOB_NUMBER)
    assert standing(world) == [amount]
    assert world.bill("INV-11")["AmountPaid"] == amount
    assert world.holds() == {}
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.writes(since) == []


@pytest.mark.parametrize(
    ("half", "wait_s"), each_value(product(["delete", "create"], ["lost_answer", "cut"]), [20, 300, 500])
)
def test_an_unknown_outcome_of_either_half(a_world: MakeWorld, half: tuple[str, str], wait_s: int) -> None:
    """The answer to the delete or to the create is lost, inside the key's life or after: the payment is there once."""
    what, kind = half
    world = paid(a_world)
    repay(world, amount="25.00")
    method, path = ("POST", "/Payments/.+") if what == "delete" else ("PUT", "/Payments")
    world.fault(kind, method, path)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    assert_once(world)


def test_a_look_up_that_finds_nothing_is_no_delete(a_world: MakeWorld) -> None:
    """The delete never reached Xero, and its list of payments is empty for once: the old payment is not forgotten."""
    world = paid(a_world)
    repay(world, amount="25.00")
    world.fault("cut", "POST", "/Payments/.+")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.fault("status", "GET", "/Payments", status=200, body='{"Payments": []}')
    assert_once(world)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_to_the_delete(a_world: MakeWorld, status: int) -> None:
    """A 500 is replayed under its key, so Xero is looked at."""
    world = paid(a_world)
    repay(world, amount="25.00")
    world.fault("status", "POST", "/Payments/.+", status=status)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(20)
    assert_once(world)


@POSTGRESQL_IS_DEEP
@pytest.mark.parametrize(("at", "wait_s"), each_value(product(["POST", "PUT"], [True, False]), [0, 500]))
def test_a_killed_worker_at_either_half(any_world: MakeWorld, at: tuple[str, bool], wait_s: int) -> None:
    """Killed before or after the delete or the create reached Xero: the next worker finishes it, once."""
    method, landed = at
    world = paid(any_world)
    repay(world, amount="25.00")
    (world.wire.after if landed else world.wire.before)(method, "/Payments", crash)
    with pytest.raises(Crash):
        world.run(JOB_NUMBER)
    world.bury()
    world.clock.advance(wait_s)
    assert_once(world)


def test_a_delete_that_xero_refuses_is_held(a_world: MakeWorld) -> None:
    """Xero's words are the sentence, and the old payment stands."""
    world = paid(a_world)
    repay(world, amount="25.00")
    refusal = '{"ErrorNumber":10,"Type":"ValidationException","Message":"Only Status accepted for updates."}'
    world.fault("status", "POST", "/Payments/.+", status=400, body=refusal)
    world.whole_pass()
    assert world.holds() == {"payment 71": "rejected"}
    assert standing(world) == ["10.00"]
    assert_once(world)


def test_a_refund_of_a_credit_note(a_world: MakeWorld) -> None:
    """A negative payment on a negative claim refunds its credit note; changed, it is deleted and made again."""
    world = a_world(a_seed(claims=[a_claim(11, "-20.00")], payments=[a_payment(71, 11, "-12.00")]))
    world.whole_pass()
    (note,) = world.documents("credit_notes")
    assert (note["RemainingCredit"], standing(world)) == ("10.00", ["12.00"])
    repay(world, amount="-22.00")
    world.whole_pass()
    (note,) = world.documents("credit_notes")
    assert (note["RemainingCredit"], note["Status"], standing(world)) == ("0.00", "PAID", ["22.00"])
    assert world.holds() == {}


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_a_refund_of_unknown_outcome_is_made_once(a_world: MakeWorld, kind: str) -> None:
    """It is found again through its credit note, long after the key."""
    world = a_world(a_seed(claims=[a_claim(11, "-20.00")], payments=[a_payment(71, 11, "-12.00")]))
    world.discover()
    world.fault(kind, "PUT", "/Payments")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.run_through(JOB_NUMBER)
    assert standing(world) == ["12.00"]
    assert world.holds() == {}


@pytest.mark.parametrize(("amount", "code"), [("12.00", "value_unknown"), ("-22.01", "payment_too_large")])
def test_a_refund_that_cannot_be(a_world: MakeWorld, amount: str, code: str) -> None:
    """A positive amount on a negative claim says two things at once; more than the credit cannot be refunded."""
    world = a_world(a_seed(claims=[a_claim(11, "-20.00")], payments=[a_payment(71, 11, amount)]))
    world.whole_pass()
    assert world.holds() == {"payment 71": code}


def test_a_refund_waits_for_its_credit_note(a_world: MakeWorld) -> None:
    """As a payment waits for its bill."""
    world = a_world(a_seed(claims=[a_claim(11, "-20.00")], payments=[a_payment(71, 11, "-12.00")]))
    world.mapping_file.write_text(MAPPING + SUBMITTED)
    world.whole_pass()
    assert world.holds(Outcome.WAITING) == {"payment 71": "bill_awaiting_approval"}
    world.xero_edit("CreditNotes", world.documents("credit_notes")[0]["CreditNoteID"], Status="AUTHORISED")
    world.whole_pass()
    assert standing(world) == ["12.00"]


def test_refunds_and_repaid_payments_agree_with_both_comparisons(a_world: MakeWorld) -> None:
    """The audit and the demo's table count a refund as Procore does, and a deleted payment not at all."""
    world = a_world(a_seed(claims=[a_claim(11, "-20.00"), a_claim(12)], payments=[a_payment(71, 11, "-12.00")]))
    world.whole_pass()
    repay(world, amount="-15.00")
    world.whole_pass()
    assert audit_books(world.parts, JOB_NUMBER).differences == []
    dump, documents = world.sandbox.dump(), live_documents(world.parts.engine)
    lines = compare({PROJECT_ID: JOB_NUMBER}, dump["procore"], dump["xero"], documents, ())
    assert [line.difference for line in lines] == [0, 0, 0]
    assert strays(dump["xero"], documents) == []
