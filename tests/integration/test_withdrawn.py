"""Payments that change or are undone after they were sent, claims that go back, records that are deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import CONTRACT_ID, JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, an_invoice
from tests.integration.wire import Crash, crash
from tests.integration.world import MAPPING, World
from worker.cli.exits import RefusedError
from worker.cli.reconcile import compare, strays
from worker.cli.resend import let_go
from worker.errors import OutcomeUnknown
from worker.holds import Outcome
from worker.ledger.entries import live_documents

DAY = 25 * 3600
VOID = '\n[documents]\ndeleted_in_procore = "void"\n'
SUBMITTED = '\n[documents]\nstatus = "SUBMITTED"\n'


def paid(a_world: MakeWorld, *payments: dict[str, Any], mapping: str = MAPPING) -> World:
    """A world in which INV-11, of 110.00 with tax, has these payments; 10.00 unless they are given."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=list(payments) or [a_payment(71, 11, "10.00")]))
    world.mapping_file.write_text(mapping)
    world.whole_pass()
    assert len(standing(world)) == (len(payments) or 1)
    return world


def standing(world: World) -> list[str]:
    """The amounts of the payments that Xero has, deleted ones left out."""
    return sorted(row["Amount"] for row in world.documents("payments") if row["Status"] != "DELETED")


def repay(world: World, id: int = 71, **fields: Any) -> None:
    """The payment says something else now; a day passes, so that everything is compared."""
    world.procore_edit("contract_payments", id, PROJECT_ID, contract_id=CONTRACT_ID, **fields)
    world.clock.advance(DAY)


def delete_calls(world: World) -> list[dict[str, Any]]:
    return [entry for entry in world.writes(path="/Payments/") if entry["method"] == "POST"]


# --- payments ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields", [{"amount": "25.00"}, {"date": "2026-08-20"}, {"check_number": "000481"}, {"payment_method": "check"}]
)
def test_a_changed_payment_is_deleted_and_made_again(any_world: MakeWorld, fields: dict[str, Any]) -> None:
    """Amount, date, reference or bank account: the old payment goes, the new one comes, and later passes are silent."""
    world = paid(any_world)
    repay(world, **fields)
    world.whole_pass()
    assert standing(world) == [fields.get("amount", "10.00")]
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
    assert world.sentences() == {"payment 71": "It pays 110.01, but only 110.00 is due on the document in Xero."}
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
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"payment 72": "payment_too_large"}
        assert world.sentences()["payment 72"].startswith(f"It pays 100.01, but only {due} is due")


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
    assert world.holds() == {"payment 71": "changed_after_sending"}
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


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
@pytest.mark.parametrize("wait_s", [20, 300, 500])
@pytest.mark.parametrize("what", ["delete", "create"])
def test_an_unknown_outcome_of_either_half(a_world: MakeWorld, what: str, wait_s: int, kind: str) -> None:
    """The answer to the delete or to the create is lost, inside the key's life or after: the payment is there once."""
    world = paid(a_world)
    repay(world, amount="25.00")
    method, path = ("POST", "/Payments/.+") if what == "delete" else ("PUT", "/Payments")
    world.fault(kind, method, path)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
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


@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("wait_s", [0, 500])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_killed_worker_at_either_half(any_world: MakeWorld, method: str, wait_s: int, landed: bool) -> None:
    """Killed before or after the delete or the create reached Xero: the next worker finishes it, once."""
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


# --- claims that go back -------------------------------------------------------------------------------------------


def back(world: World, status: str = "revise_and_resubmit") -> None:
    world.procore_edit("requisitions", 11, PROJECT_ID, status=status)


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_a_claim_sent_back_waits_while_nobody_approved_its_bill(a_world: MakeWorld, status: str) -> None:
    """The bill stands meanwhile, the job is green, and the bill follows when the claim is approved again."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.mapping_file.write_text(MAPPING + SUBMITTED.replace("SUBMITTED", status))
    world.whole_pass()
    back(world)
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {"claim 11": "sent_back"})
        assert world.job(JOB_NUMBER).state == "done"
    changed = a_claim(11, "120.00")
    world.procore_edit(
        "requisitions", 11, PROJECT_ID, status="approved", summary=changed["summary"], items=changed["items"]
    )
    world.whole_pass()
    assert (world.bill("INV-11")["SubTotal"], world.bill("INV-11")["Status"]) == ("120.00", status)
    assert world.holds(Outcome.WAITING) == {}


@pytest.mark.parametrize("paid_part", [None, "10.00", "110.00"])
def test_a_claim_sent_back_is_held_once_its_bill_is_approved(a_world: MakeWorld, paid_part: str | None) -> None:
    """With both figures; approved again as it was, the hold closes and nothing is sent."""
    world = a_world(
        a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, paid_part)] if paid_part is not None else [])
    )
    world.whole_pass()
    changed = a_claim(11, "90.00")
    world.procore_edit("requisitions", 11, PROJECT_ID, status="revise_and_resubmit", summary=changed["summary"])
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "sent_back_too_late"}
    status = "PAID" if paid_part == "110.00" else "AUTHORISED"
    assert world.sentences()["claim 11"] == (
        f"Its status is 'revise_and_resubmit'. But in Xero its document is {status}, with 100.00 before tax and 110.00 "
        "in all; Procore says 90.00."
    )
    world.enter("requisitions", a_claim(11))
    since = world.last()
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert world.writes(since) == []


def test_a_waiting_claim_is_held_when_its_bill_is_approved_meanwhile(a_world: MakeWorld) -> None:
    """It is looked at in every job."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.mapping_file.write_text(MAPPING + SUBMITTED)
    world.whole_pass()
    back(world)
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    world.whole_pass()
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({"claim 11": "sent_back_too_late"}, {})


def test_a_claim_sent_back_and_voided_in_xero_is_out_of_both(a_world: MakeWorld) -> None:
    """Nothing to say; approved again, it is held and not recreated by itself."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    back(world)
    world.run(JOB_NUMBER)
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.run(JOB_NUMBER)
    assert (world.holds(), world.holds(Outcome.IGNORED)) == ({}, {"claim 11": "not_approved"})
    back(world, status="approved")
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "gone_in_xero"}
    assert [row["Status"] for row in world.documents("invoices")] == ["VOIDED"]


# --- deleted in Procore --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "after"), [("DRAFT", "DELETED"), ("SUBMITTED", "DELETED"), ("AUTHORISED", "VOIDED")]
)
@pytest.mark.parametrize("amount", ["100.00", "-20.00"])
def test_deleted_in_procore_is_voided_where_the_setting_says_so(
    a_world: MakeWorld, status: str, after: str, amount: str
) -> None:
    """A bill or credit note that nobody approved is deleted, an approved one voided; once, and silently afterwards."""
    world = a_world(a_seed(claims=[a_claim(11, amount)]))
    world.mapping_file.write_text(MAPPING + VOID + f'status = "{status}"\n')
    world.whole_pass()
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    rows = world.documents("credit_notes" if amount.startswith("-") else "invoices")
    assert [row["Status"] for row in rows] == [after]
    assert world.holds() == {}
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.journal(since) == []


def test_what_is_paid_locked_or_edited_is_not_voided(a_world: MakeWorld) -> None:
    """In this order the reasons are given, and each bill stands."""
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(12), a_claim(13, billing_date="2026-06-12")],
            payments=[a_payment(71, 11, "10.00")],
        )
    )
    world.mapping_file.write_text(MAPPING + VOID)
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], DueDate="2027-01-31")
    world.xero_edit("Invoices", world.bill("INV-12")["InvoiceID"], DueDate="2027-01-31")
    world.xero_edit("Invoices", world.bill("INV-13")["InvoiceID"], DueDate="2027-01-31")
    world.xero_edit("Organisation", world.parts.organisation.tenant_id, PeriodLockDate="2026-06-30")
    for id in (11, 12, 13):
        world.procore_delete("requisitions", id, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {
        "claim 11": "changed_after_sending",
        "claim 12": "edited_in_xero",
        "claim 13": "locked_period",
    }
    assert {row["Status"] for row in world.documents("invoices")} == {"AUTHORISED"}


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
@pytest.mark.parametrize("wait_s", [20, 500])
def test_a_void_of_unknown_outcome_ends_voided(a_world: MakeWorld, wait_s: int, kind: str) -> None:
    """And the record is not taken for one that must be held."""
    world = a_world(a_seed(invoices=[an_invoice(91)]))
    world.mapping_file.write_text(MAPPING + VOID)
    world.whole_pass()
    world.procore_delete("direct_costs", 91, PROJECT_ID)
    world.clock.advance(DAY)
    world.fault(kind, "POST", "/Invoices/.+")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert [row["Status"] for row in world.documents("invoices")] == ["VOIDED"]
    assert world.holds() == {}


def test_a_restored_record_is_sent_anew(a_world: MakeWorld) -> None:
    """Voided because it was deleted; back in Procore, it is a new bill, which is the only one that stands."""
    world = a_world(a_seed(invoices=[an_invoice(91)]))
    world.mapping_file.write_text(MAPPING + VOID)
    world.whole_pass()
    world.procore_delete("direct_costs", 91, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    world.enter("direct_costs", {**an_invoice(91), "deleted_at": None})
    world.clock.advance(DAY)
    world.whole_pass()
    assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]
    assert world.holds() == {}


# --- once more, on purpose -----------------------------------------------------------------------------------------


def resend(world: World, kind: str, procore_id: str) -> None:
    let_go(world.parts, JOB_NUMBER, kind, procore_id)


@pytest.mark.parametrize("changed", [False, True])
def test_a_voided_bill_is_sent_once_more_on_purpose(a_world: MakeWorld, changed: bool) -> None:
    """Held or not noticed yet: it waits until the next job, which makes one new bill; the old one stays voided."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    if changed:
        world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-30")
        world.run(JOB_NUMBER)
        assert world.holds() == {"claim 11": "gone_in_xero"}
    resend(world, "claims", "11")
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {"claim 11": "resend_asked"})
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]
        assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {})


def test_a_deleted_payment_is_sent_once_more_on_purpose(a_world: MakeWorld) -> None:
    """Its contract is read again for it, though no total moved."""
    world = paid(a_world)
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    resend(world, "payments", "71")
    world.whole_pass()
    assert standing(world) == ["10.00"]
    assert world.holds(Outcome.WAITING) == {}


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_sent_once_more_under_an_unknown_outcome(a_world: MakeWorld, kind: str) -> None:
    """The voided bill is not taken for the new one, and the new one is made once."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    resend(world, "claims", "11")
    world.fault(kind, "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.run_through(JOB_NUMBER)
    assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "VOIDED"]


@pytest.mark.parametrize(
    ("kind", "procore_id", "words"),
    [("claims", "11", "still in Xero (AUTHORISED)"), ("payments", "71", "still in Xero"), ("claims", "12", "sent no")],
)
def test_what_stands_or_never_went_is_not_sent_once_more(
    a_world: MakeWorld, kind: str, procore_id: str, words: str
) -> None:
    """Whoever asks: there is never a second document."""
    world = paid(a_world)
    with pytest.raises(RefusedError, match=re.escape(words)):
        resend(world, kind, procore_id)
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.writes(since) == []


# --- locked periods ------------------------------------------------------------------------------------------------

MOVE = '\n[documents]\nlocked_period = "move"\n'


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
    assert dated(world) == ("2026-07-01", "2026-07-12", "Slab on ground (dated 2026-06-12 in Procore)")
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
    assert dated(world) == ("2026-07-01", "2026-07-12", "Slab on ground (dated 2026-06-12 in Procore)")
    world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-20")
    world.whole_pass()
    assert dated(world) == ("2026-07-20", "2026-08-19", "Slab on ground")


def test_a_moved_bill_whose_new_period_is_locked_too_is_held(a_world: MakeWorld) -> None:
    """Nothing in a locked period is changed, also not to get it out of there."""
    world = moved(a_world)
    lock(world, "2026-07-31")
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


def test_claims_and_invoices_arrive_each_in_their_status(a_world: MakeWorld) -> None:
    """By the setting of their kind, else the common one."""
    world = a_world(a_seed(claims=[a_claim(11)], invoices=[an_invoice(91)]))
    world.mapping_file.write_text(MAPPING + '\n[documents]\nstatus = "SUBMITTED"\ninvoices_status = "DRAFT"\n')
    world.whole_pass()
    assert (world.bill("INV-11")["Status"], world.bill("DC-91")["Status"]) == ("SUBMITTED", "DRAFT")


# --- what looks on -------------------------------------------------------------------------------------------------


def test_the_plan_says_what_would_be_taken_back(a_world: MakeWorld) -> None:
    """A changed payment and a deleted one, a refund: told beforehand, and nothing is written for it."""
    world = paid(a_world, a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00"))
    world.enter("requisitions", a_claim(12, "-20.00"))
    world.enter("contract_payments", a_payment(73, 12, "-5.00"))
    world.procore_delete("contract_payments", 72, PROJECT_ID)
    repay(world, amount="25.00")
    since = world.last()
    (found,) = plan(world.parts, JOB_NUMBER)
    steps = {step.title: str(step.action) for step in found.steps if step.kind == "payments"}
    assert steps == {"payment 71": "change", "payment 72": "withdraw", "payment 73": "create"}
    assert world.writes(since) == []
    world.whole_pass()
    assert len(world.writes(since)) == found.writes
    assert standing(world) == ["25.00", "5.00"]


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
