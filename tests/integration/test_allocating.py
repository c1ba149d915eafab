"""Credit notes of negative claims are set against open bills of their commitment, where the mapping file says so."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.planning import plan
from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_contract, a_payment, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown
from worker.holds import Outcome
from worker.http import exact_json

ALLOCATES = '\n[claims]\ncredit_notes = "allocate"\n'
PUT = "^PUT /api.xro/2.0/CreditNotes/[^/]*/Allocations"


def allocating(make: MakeWorld, *claims: dict[str, Any], more: str = "", **seed: Any) -> World:
    """Bills of 110.00 for claim 11 and 55.00 for claim 12, a credit note of 22.00 for claim 13; or those given."""
    world = make(claimed(*claims, **seed))
    world.mapping_file.write_text(MAPPING + ALLOCATES + more)
    return world


def allocated(make: MakeWorld, *claims: dict[str, Any], more: str = "", **seed: Any) -> World:
    """The same after a pass in which nothing was held."""
    return a_synced_world(make, claimed(*claims, **seed), MAPPING + ALLOCATES + more)


def claimed(*claims: dict[str, Any], **seed: Any) -> dict[str, Any]:
    given = claims or (a_claim(11), a_claim(12, "50.00", billing_date="2026-08-31"), a_claim(13, "-20.00"))
    return a_seed(claims=given, **seed)


def set_against(world: World) -> list[tuple[str, str, str]]:
    """Credit note, bill and amount."""
    return list(world.books()["allocations"])


def puts(world: World, since: int = 0) -> list[dict[str, Any]]:
    return [call for call in world.writes(since) if call["path"].endswith("/Allocations")]


def note_of(world: World, number: str = "INV-13") -> dict[str, Any]:
    return next(row for row in world.documents("credit_notes") if row["CreditNoteNumber"] == number)


def allocate_by_hand(world: World, number: str, amount: str, note: str = "INV-13") -> None:
    body = {"Amount": Decimal(amount), "Date": "2026-08-31", "Invoice": {"InvoiceID": world.bill(number)["InvoiceID"]}}
    path = f"/CreditNotes/{note_of(world, note)['CreditNoteID']}/Allocations"
    world.parts.xero.api.write("PUT", path, exact_json.dumps({"Allocations": [body]}), f"person-{world.last()}")


def take_off_by_hand(world: World, note: str = "INV-13") -> None:
    """A person removes all that a credit note is set against."""
    found = note_of(world, note)
    for one in found["Allocations"]:
        path = f"/CreditNotes/{found['CreditNoteID']}/Allocations/{one['AllocationID']}"
        world.parts.xero.api.write("DELETE", path, "", f"person-{world.last()}")


def quiet(world: World) -> None:
    """A later pass, and one that compares everything, write nothing and hold nothing."""
    for pause_s in (0, DAY):
        since = world.last()
        world.clock.advance(pause_s)
        world.whole_pass()
        assert world.writes(since) == []


def test_it_stays_open_unless_the_mapping_file_says_so(a_world: MakeWorld) -> None:
    """By default no credit is set against anything, and what it takes to know that costs no call."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(13, "-20.00")]))
    world.whole_pass()
    assert set_against(world) == []


def test_a_credit_goes_against_the_oldest_open_bill(any_world: MakeWorld) -> None:
    """Once, to the cent; the next passes ask Xero nothing, and a day's reading changes nothing."""
    world = allocating(any_world)
    report = world.whole_pass()[JOB_NUMBER]
    assert report.counts["allocations"] == {"sent": 1}
    assert set_against(world) == [("INV-13", "INV-11", "22.00")]
    assert (world.bill("INV-11")["AmountDue"], note_of(world)["RemainingCredit"]) == ("88.00", "0.00")
    world.whole_pass()
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []
    quiet(world)
    assert world.holds() == {}


def test_more_than_one_bill_owes_is_spread(a_world: MakeWorld) -> None:
    """Never more than is due: the rest goes to the next bill, and what then is left to the next claim's."""
    world = allocating(a_world, a_claim(11), a_claim(12, "50.00"), a_claim(13, "-160.00"))
    world.whole_pass()
    assert set_against(world) == [("INV-13", "INV-11", "110.00"), ("INV-13", "INV-12", "55.00")]
    world.enter("requisitions", a_claim(14, "30.00", billing_date="2026-09-30"))
    world.whole_pass()
    assert set_against(world)[-1] == ("INV-13", "INV-14", "11.00")
    assert [row["Status"] for row in world.documents("invoices")] == ["PAID", "PAID", "AUTHORISED"]
    assert world.bill("INV-14")["AmountDue"] == "22.00"
    quiet(world)
    assert world.holds() == {}


def test_bills_of_other_commitments_are_left_alone(a_world: MakeWorld) -> None:
    """A credit of one contract pays nothing of another, though the supplier is the same."""
    claims = [a_claim(11, commitment_id=502), a_claim(13, "-20.00")]
    world = allocating(a_world, *claims, contracts=[a_contract(), a_contract(502)])
    world.whole_pass()
    assert set_against(world) == []
    assert world.holds() == {}


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize(
    ("payments", "made", "allocated"),
    [
        ([a_payment(71, 11, "88.00")], 1, 1),
        ([a_payment(71, 11, "50.00"), a_payment(72, 11, "38.00")], 2, 1),
    ],
)
def test_net_payments_close_both(
    a_world: MakeWorld, payments: Sequence[dict[str, Any]], made: int, allocated: int, early: bool
) -> None:
    """What Procore pays of both together leaves 0.00 on each, whether it is there before the credit note or after."""
    world = allocating(a_world, a_claim(11), a_claim(13, "-20.00"), payments=payments if early else ())
    world.whole_pass()
    for payment in payments if not early else ():
        world.enter("contract_payments", payment)
    world.clock.advance(DAY)
    world.whole_pass()
    assert (len(world.documents("payments")), len(set_against(world))) == (made, allocated)
    assert (world.bill("INV-11")["AmountDue"], note_of(world)["RemainingCredit"]) == ("0.00", "0.00")
    assert world.holds() == {}
    found = audit_books(world.parts, JOB_NUMBER)
    assert [one.sentence for one in found.shown] == []


def test_payments_of_each_for_itself_close_both(a_world: MakeWorld) -> None:
    """110.00 and -22.00, there before the credit note is set against anything: nothing is."""
    payments = [a_payment(71, 11, "110.00"), a_payment(72, 13, "-22.00")]
    world = allocating(a_world, a_claim(11), a_claim(13, "-20.00"), payments=payments)
    world.whole_pass()
    assert (world.bill("INV-11")["AmountDue"], note_of(world)["RemainingCredit"]) == ("0.00", "0.00")
    assert set_against(world) == []
    assert world.holds() == {}


def test_payments_of_each_for_itself_after_it_was_set_against_the_bill(a_world: MakeWorld) -> None:
    """They do not fit any more, and are held; taken off by a person, as the remedy says, both fit, and nothing is set
    against the bill again."""
    world = allocated(a_world, a_claim(11), a_claim(13, "-20.00"))
    world.enter("contract_payments", a_payment(71, 11, "110.00"))
    world.enter("contract_payments", a_payment(72, 13, "-22.00"))
    world.clock.advance(DAY)
    world.whole_pass()
    assert set(world.holds()) == {"payment 71", "payment 72"}
    assert set(world.holds().values()) == {"payment_too_large"}
    take_off_by_hand(world)
    world.whole_pass()
    assert (world.bill("INV-11")["AmountDue"], note_of(world)["RemainingCredit"]) == ("0.00", "0.00")
    assert set_against(world) == []
    quiet(world)
    assert world.holds() == {}


def test_nothing_is_set_against_a_bill_while_a_payment_is_held(a_world: MakeWorld) -> None:
    """What is due may be another amount soon; it goes when the payment is right."""
    world = allocating(a_world, a_claim(11), a_claim(13, "-20.00"), payments=[a_payment(71, 11, "500.00")])
    world.whole_pass()
    assert set_against(world) == []
    world.enter("contract_payments", a_payment(71, 11, "88.00"))
    world.whole_pass()
    assert set_against(world) == [("INV-13", "INV-11", "22.00")]
    assert world.bill("INV-11")["AmountDue"] == "0.00"
    assert world.holds() == {}


def test_a_payment_like_the_credit_is_no_credit(a_world: MakeWorld) -> None:
    """22.00 paid on the bill against which 22.00 of credit were set by this worker: it is a payment of its own."""
    world = allocated(a_world, a_claim(11), a_claim(13, "-20.00"))
    world.enter("contract_payments", a_payment(71, 11, "22.00"))
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-11")["AmountDue"] == "66.00"


def test_it_waits_for_approval_in_xero(a_world: MakeWorld) -> None:
    """The note, then a bill for the rest of it: each goes by itself when it is approved."""
    world = allocating(a_world, a_claim(11), a_claim(13, "-120.00"), more='\n[documents]\nstatus = "SUBMITTED"\n')
    world.whole_pass()
    assert world.holds(Outcome.WAITING) == {"credit note of claim 13": "credit_awaiting_approval"}
    for _ in range(2):  # no job asks while it waits, but discovery, once for both lists
        world.discover()
        since = world.last()
        world.run_all()
        assert world.journal(since) == []
    world.xero_edit("CreditNotes", note_of(world)["CreditNoteID"], Status="AUTHORISED")
    world.whole_pass()
    assert "claim 11 is SUBMITTED" in world.sentences(Outcome.WAITING)["credit note of claim 13"]
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    world.whole_pass()
    assert set_against(world) == [("INV-13", "INV-11", "110.00")]
    assert world.holds(Outcome.WAITING) == {}


def test_nothing_is_set_against_anything_in_a_locked_period(a_world: MakeWorld) -> None:
    """It would be dated the later of both documents' dates; with another lock date it goes."""
    world = allocating(a_world, a_claim(11), a_claim(13, "-20.00"), more='\n[documents]\nstatus = "SUBMITTED"\n')
    world.whole_pass()
    world.xero_edit("CreditNotes", note_of(world)["CreditNoteID"], Status="AUTHORISED")
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    tenant_id = world.parts.organisation.tenant_id
    world.xero_edit("Organisation", tenant_id, PeriodLockDate="2026-07-31")
    world.clock.advance(2 * 3600)  # what Xero says of its lock dates serves for an hour
    world.whole_pass()
    assert world.holds() == {"credit note of claim 13": "locked_period"}
    assert puts(world) == []
    world.xero_edit("Organisation", tenant_id, PeriodLockDate="2026-07-30")
    world.clock.advance(2 * 3600)
    world.whole_pass()
    assert set_against(world) == [("INV-13", "INV-11", "22.00")]
    assert world.holds() == {}


def test_the_plan_says_what_would_be_set_against_bills(a_world: MakeWorld) -> None:
    """Of documents that stand in Xero; the next run does just that."""
    world = allocating(a_world, a_claim(11), a_claim(12, "50.00"), a_claim(13, "-160.00"))
    world.mapping_file.write_text(MAPPING)
    world.whole_pass()
    world.mapping_file.write_text(MAPPING + ALLOCATES)
    (found,) = plan(world.parts, JOB_NUMBER)
    (first, second) = [step for step in found.steps if step.kind == "allocations"]
    assert (first.title, str(first.action)) == ("allocation 13/11", "create")
    assert second.details[0].startswith("55.00 AUD of a credit note")
    assert first.details == ("110.00 AUD of a credit note set against a bill, on 2026-07-31",)
    since = world.last()
    world.whole_pass()
    assert found.writes == len(world.writes(since)) == 1
    assert set_against(world) == [("INV-13", "INV-11", "110.00"), ("INV-13", "INV-12", "55.00")]


# --- what people do ----------------------------------------------------------------------------------------------


def test_what_a_person_took_off_is_not_put_back(a_world: MakeWorld) -> None:
    """Held with what is open; used up by hand, the hold goes by itself."""
    world = allocated(a_world)
    take_off_by_hand(world)
    world.clock.advance(DAY)
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"credit note of claim 13": "credit_touched"}
    assert "22.00 AUD was set against a bill by this worker and is not any more. Of it 22.00 AUD is open." in str(
        world.sentences()
    )
    assert set_against(world) == []
    allocate_by_hand(world, "INV-12", "22.00")
    world.whole_pass()
    assert world.holds() == {}
    quiet(world)


def test_what_a_person_began_is_left_to_them(a_world: MakeWorld) -> None:
    """Part of the credit was set against a bill by hand, or refunded, before it was looked at: the rest is theirs."""
    world = allocated(a_world, more='\n[documents]\nstatus = "SUBMITTED"\n')
    for number in ("INV-11", "INV-12"):
        world.xero_edit("Invoices", world.bill(number)["InvoiceID"], Status="AUTHORISED")
    note_id = note_of(world)["CreditNoteID"]
    world.xero_edit("CreditNotes", note_id, Status="AUTHORISED")
    allocate_by_hand(world, "INV-12", "5.00")
    world.whole_pass()
    assert world.holds() == {"credit note of claim 13": "credit_touched"}
    refund = {"CreditNote": {"CreditNoteID": note_id}, "Account": {"Code": "090"}, "Date": "2026-09-01"}
    world.type_in_xero("Payments", {**refund, "Amount": Decimal("17.00"), "Reference": "bank feed"})
    world.whole_pass()
    assert world.holds() == {}
    assert set_against(world) == [("INV-13", "INV-12", "5.00")]


@pytest.mark.parametrize(("collection", "number", "claim"), [("Invoices", "INV-11", "11"), ("CreditNotes", "", "13")])
def test_an_edited_document_is_not_settled(a_world: MakeWorld, collection: str, number: str, claim: str) -> None:
    """A person changed the bill or the note: held until it is as it was sent."""
    world = allocated(a_world, more='\n[documents]\nstatus = "SUBMITTED"\n')
    note_id = note_of(world)["CreditNoteID"]
    edited_id = world.bill(number)["InvoiceID"] if number else note_id
    for one in ("INV-11", "INV-12"):
        world.xero_edit("Invoices", world.bill(one)["InvoiceID"], Status="AUTHORISED")
    world.xero_edit("CreditNotes", note_id, Status="AUTHORISED")
    world.xero_edit(collection, edited_id, Date="2026-08-05")
    world.whole_pass()
    assert world.holds() == {"credit note of claim 13": "bill_differs"}
    assert f"of its claim {claim} in Xero" in str(world.sentences())
    world.xero_edit(collection, edited_id, Date="2026-07-31")
    world.whole_pass()
    assert set_against(world) == [("INV-13", "INV-11", "22.00")]
    assert world.holds() == {}


def test_a_voided_bill_is_passed_over(a_world: MakeWorld) -> None:
    """It shows an amount due all the same (xero-api.md §4.6), and owes nothing."""
    world = allocated(a_world, more='\n[documents]\nstatus = "SUBMITTED"\n')
    world.xero_edit("Invoices", world.bill("INV-12")["InvoiceID"], Status="AUTHORISED")
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.xero_edit("CreditNotes", note_of(world)["CreditNoteID"], Status="AUTHORISED")
    world.whole_pass()
    assert (world.holds(), set_against(world)) == ({"claim 11": "gone_in_xero"}, [])  # what is held comes first
    world.procore_edit("requisitions", 11, PROJECT_ID, status="revise_and_resubmit")
    world.whole_pass()
    assert set_against(world) == [("INV-13", "INV-12", "22.00")]


# --- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "pause_s"), each_value(["lost_answer", "cut", "500"], [0.0, 500.0]))
def test_an_unknown_outcome_is_found_again(a_world: MakeWorld, fault: str, pause_s: float) -> None:
    """Within the key's life and after it: set against the bill once."""
    world = allocating(a_world, a_claim(11), a_claim(12, "50.00"), a_claim(13, "-160.00"))
    more = {"status": 500} if fault == "500" else {}
    world.fault("status" if more else fault, "PUT", "/Allocations", times=1, **more)
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(pause_s)
    world.run_through(JOB_NUMBER)
    assert set_against(world) == [("INV-13", "INV-11", "110.00"), ("INV-13", "INV-12", "55.00")]
    quiet(world)
    assert world.holds() == {}
