"""A payment that a person entered in Xero is not made a second time from Procore."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, paid, repay, standing
from tests.integration.seeds import CONTRACT_ID, JOB_NUMBER, PROJECT_ID, a_claim, a_contact, a_payment, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.cli.exits import RefusedError
from worker.cli.match import note
from worker.holds import Outcome
from worker.http import exact_json

SUPPLIER = a_contact(5, "Supplier 1")
#: A prepayment to the supplier.
ADVANCE: dict[str, Any] = {
    "PrepaymentID": "00000000-0000-4000-8000-00000000000a",
    "Contact": {"ContactID": SUPPLIER["ContactID"]},
    "Date": "2026-07-01",
    "Total": "200.00",
}


def sent(a_world: MakeWorld, amount: str = "100.00") -> World:
    """A world in which INV-11 (a tenth of tax comes on top) stands in Xero, unpaid."""
    return a_synced_world(a_world, a_seed(claims=[a_claim(11, amount)]))


def by_hand(world: World, *amounts: str, reference: str = "bank feed") -> None:
    """A bookkeeper pays INV-11 in Xero."""
    bill = {"InvoiceID": world.bill("INV-11")["InvoiceID"]}
    for amount in amounts:
        own = {"Account": {"Code": "090"}, "Date": "2026-08-14", "Reference": reference, "Amount": Decimal(amount)}
        world.type_in_xero("Payments", {"Invoice": bill, **own})


def in_procore(world: World, *payments: dict[str, Any]) -> None:
    """Somebody enters these payments in Procore, and the next pass runs."""
    for payment in payments:
        world.enter("contract_payments", payment)
    world.procore_edit("work_order_contracts", CONTRACT_ID, PROJECT_ID, total_payments=str(len(payments)))
    world.whole_pass()


def credited(world: World, amount: str) -> None:
    """A bookkeeper sets a credit note of the supplier against INV-11."""
    bill = world.bill("INV-11")
    line = {"Description": "Contra", "Quantity": 1, "UnitAmount": Decimal(amount), "AccountCode": "320"}
    head = {"Type": "ACCPAYCREDIT", "Contact": {"ContactID": bill["Contact"]["ContactID"]}, "CreditNoteNumber": "CN-9"}
    status = {"Date": "2026-08-10", "Status": "AUTHORISED", "LineAmountTypes": "NoTax"}
    world.type_in_xero("CreditNotes", {**head, **status, "LineItems": [{**line, "TaxType": "BASEXCLUDED"}]})
    (found,) = world.documents("credit_notes")
    goes = {"Amount": Decimal(amount), "Date": "2026-08-10", "Invoice": {"InvoiceID": bill["InvoiceID"]}}
    path = f"/CreditNotes/{found['CreditNoteID']}/Allocations"
    world.parts.xero.api.write("PUT", path, exact_json.dumps({"Allocations": [goes]}), "person-allocates")


def prepaid(world: World, amount: str) -> None:
    """A bookkeeper sets what the supplier has in advance against INV-11."""
    goes = {
        "Amount": Decimal(amount),
        "Date": "2026-08-10",
        "Invoice": {"InvoiceID": world.bill("INV-11")["InvoiceID"]},
    }
    path = f"/Prepayments/{ADVANCE['PrepaymentID']}/Allocations"
    world.parts.xero.api.write("PUT", path, exact_json.dumps({"Allocations": [goes]}), "person-allocates")


def match(world: World, procore_id: str, another: bool = False) -> None:
    note(world.parts, JOB_NUMBER, "payments", procore_id, another)


@pytest.mark.parametrize("amount", ["55.00", "110.00"])
def test_one_of_the_same_amount_on_the_same_bill_holds(a_world: MakeWorld, amount: str) -> None:
    """In full or in part: it may be the same, and the sentence names what stands there."""
    world = sent(a_world)
    by_hand(world, amount)
    in_procore(world, a_payment(71, 11, amount))
    assert standing(world) == [amount]
    assert world.holds() == {"payment 71": "may_be_paid"}
    assert f"a payment of {amount} AUD on 2026-08-14 (bank feed)" in world.sentences()["payment 71"]
    assert "it may be this payment" in world.sentences()["payment 71"]


def test_a_person_says_that_it_is_this_payment(a_world: MakeWorld) -> None:
    """Then the two are tied, nothing is posted, and nothing is asked again."""
    world = sent(a_world)
    by_hand(world, "55.00")
    in_procore(world, a_payment(71, 11, "55.00"))
    match(world, "71")
    since = world.last()
    world.whole_pass()
    assert (world.holds(), standing(world), world.writes(since)) == ({}, ["55.00"], [])
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


def test_a_person_says_that_it_is_another(a_world: MakeWorld) -> None:
    """Then it is sent, once."""
    world = sent(a_world)
    by_hand(world, "55.00")
    in_procore(world, a_payment(71, 11, "55.00"))
    match(world, "71", another=True)
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), standing(world)) == ({}, ["55.00", "55.00"])


def test_what_a_person_enters_after_saying_another_is_looked_at(a_world: MakeWorld) -> None:
    """What was said is of what stood there then."""
    world = sent(a_world, "1000.00")
    by_hand(world, "55.00")
    in_procore(world, a_payment(71, 11, "55.00"))
    match(world, "71", another=True)
    by_hand(world, "55.00", reference="cheque 9")
    world.whole_pass()
    assert world.holds() == {"payment 71": "may_be_paid"}
    assert "cheque 9" in world.sentences()["payment 71"]
    assert "bank feed" not in world.sentences()["payment 71"]


def test_partial_payments_in_another_order(a_world: MakeWorld) -> None:
    """Each waits for what a person says of its own amount; one that nobody entered goes."""
    world = sent(a_world, "1000.00")
    by_hand(world, "300.00", "400.00")
    in_procore(world, a_payment(71, 11, "400.00"), a_payment(72, 11, "300.00"), a_payment(73, 11, "50.00"))
    assert standing(world) == ["300.00", "400.00", "50.00"]
    assert world.holds() == {"payment 71": "may_be_paid", "payment 72": "may_be_paid"}


def test_two_of_one_amount_and_one_by_hand(a_world: MakeWorld) -> None:
    """Either may be it; when a person has said which, the other one goes."""
    world = sent(a_world)
    by_hand(world, "55.00")
    in_procore(world, a_payment(71, 11, "55.00"), a_payment(72, 11, "55.00"))
    assert set(world.holds()) == {"payment 71", "payment 72"}
    match(world, "72")
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, ["55.00", "55.00"])
    (posted,) = [row for row in world.documents("payments") if row["Reference"] != "bank feed"]
    assert posted["Reference"] == "Procore payment 71"


def test_two_by_hand_that_come_to_the_one_in_procore(a_world: MakeWorld) -> None:
    """Together they may be it, and a person says so: the record is accounted for, and counts no other."""
    world = sent(a_world, "1000.00")
    by_hand(world, "200.00", "300.00")
    in_procore(world, a_payment(71, 11, "500.00"))
    assert world.holds() == {"payment 71": "may_be_paid"}
    assert "together they may be this payment" in world.sentences()["payment 71"]
    match(world, "71")
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, ["200.00", "300.00"])
    assert world.holds(Outcome.IGNORED) == {"payment 71": "paid_by_hand"}
    in_procore(world, a_payment(71, 11, "500.00"), a_payment(72, 11, "200.00"))
    assert standing(world) == ["200.00", "200.00", "300.00"], "those two are taken"


def test_one_by_hand_that_several_in_procore_come_to(a_world: MakeWorld) -> None:
    """A lump sum from the bank feed, and its parts in Procore."""
    world = sent(a_world, "1000.00")
    by_hand(world, "500.00")
    in_procore(world, a_payment(71, 11, "200.00"), a_payment(72, 11, "300.00"))
    assert standing(world) == ["500.00"]
    assert world.holds() == {"payment 71": "may_be_paid", "payment 72": "may_be_paid"}


def test_a_part_of_a_lump_sum_whose_other_part_was_sent_before(a_world: MakeWorld) -> None:
    world = paid(a_world, a_payment(71, 11, "20.00"))
    by_hand(world, "50.00")
    in_procore(world, a_payment(71, 11, "20.00"), a_payment(72, 11, "30.00"))
    assert world.holds() == {"payment 72": "may_be_paid"}
    assert standing(world) == ["20.00", "50.00"]


def test_a_credit_set_against_the_bill_may_be_it_too(a_world: MakeWorld) -> None:
    """What is not a payment cannot be tied; a person's word leaves the record out."""
    world = sent(a_world)
    credited(world, "60.00")
    in_procore(world, a_payment(71, 11, "60.00"))
    assert standing(world) == []
    assert "credit note CN-9 set against it with 60.00" in world.sentences()["payment 71"]
    match(world, "71")
    world.whole_pass()
    assert (world.holds(), world.holds(Outcome.IGNORED)) == ({}, {"payment 71": "paid_by_hand"})
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert not [row for row in world.journal(since) if "Payments" in row["path"]]


def test_one_of_a_batch_payment_may_be_it(a_world: MakeWorld) -> None:
    world = sent(a_world)
    bill = {"InvoiceID": world.bill("INV-11")["InvoiceID"]}
    members = [{"Invoice": bill, "Amount": Decimal("70.00")}]
    world.type_in_xero("BatchPayments", {"Account": {"Code": "090"}, "Date": "2026-08-14", "Payments": members})
    in_procore(world, a_payment(71, 11, "70.00"))
    assert (standing(world), world.holds()) == (["70.00"], {"payment 71": "may_be_paid"})


def test_more_than_is_due_beside_what_a_person_entered(a_world: MakeWorld) -> None:
    """It does not fit any more: the first thing said is that it may be paid, not that an overpayment be entered."""
    world = sent(a_world)
    by_hand(world, "80.00")
    in_procore(world, a_payment(71, 11, "60.00"))
    assert world.holds() == {"payment 71": "may_be_paid"}
    match(world, "71", another=True)
    world.whole_pass()
    assert world.holds() == {"payment 71": "payment_too_large"}
    assert standing(world) == ["80.00"]


def test_what_is_too_large_goes_when_more_is_due(a_world: MakeWorld) -> None:
    """Nothing is sent that Xero would refuse; once the bill's amount due has moved in Xero, the payment goes."""
    world = sent(a_world)
    by_hand(world, "30.00")
    since = world.last()
    in_procore(world, a_payment(71, 11, "95.00"))
    for _ in range(2):
        world.whole_pass()
        assert world.sentences() == {
            "payment 71": "It pays 95.00 AUD, but only 80.00 AUD is due on the document in Xero."
        }
    assert world.writes(since) == []
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    world.whole_pass()
    assert (standing(world), world.holds()) == (["95.00"], {})


def test_one_of_another_amount_does_not_hold(a_world: MakeWorld) -> None:
    world = sent(a_world)
    by_hand(world, "50.00")
    in_procore(world, a_payment(71, 11, "60.00"))
    assert (standing(world), world.holds()) == (["50.00", "60.00"], {})


def test_a_payment_that_grew_by_what_a_person_entered_stays(a_world: MakeWorld) -> None:
    """The difference was paid by hand: the old payment is not deleted for a larger one."""
    world = paid(a_world)
    by_hand(world, "15.00")
    repay(world, amount="25.00")
    world.whole_pass()
    assert (standing(world), world.holds()) == (["10.00", "15.00"], {"payment 71": "changed_after_sending"})


def test_what_a_person_entered_is_not_taken_out_again(a_world: MakeWorld) -> None:
    """A tied payment is the person's: changed or deleted in Procore, it stays, and the record is held."""
    world = sent(a_world)
    by_hand(world, "55.00")
    in_procore(world, a_payment(71, 11, "55.00"))
    match(world, "71")
    world.whole_pass()
    repay(world, amount="44.00")
    world.whole_pass()
    assert (standing(world), world.holds()) == (["55.00"], {"payment 71": "changed_after_sending"})
    world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert standing(world) == ["55.00"]


def test_only_what_may_be_there_already_can_be_said(a_world: MakeWorld) -> None:
    """Nothing is tied to anything on a mistyped number, and one payment in Xero is not two of Procore."""
    world = sent(a_world)
    by_hand(world, "55.00")
    in_procore(world, a_payment(71, 11, "55.00"), a_payment(72, 11, "55.00"))
    with pytest.raises(RefusedError, match="payment 99"):
        match(world, "99")
    match(world, "71")
    with pytest.raises(RefusedError, match="payment 71"):
        match(world, "72")
    match(world, "72", another=True)
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, ["55.00", "55.00"])


@pytest.mark.parametrize("amount", ["60.00", "110.00"])
def test_a_prepayment_that_was_set_against_the_bill_holds(a_world: MakeWorld, amount: str) -> None:
    """As a credit note does, of a part of the bill or all of it; said to be that, nothing is posted."""
    seed = a_seed(claims=[a_claim(11)], contacts=[SUPPLIER])
    seed["xero"]["prepayments"] = [ADVANCE]
    world = a_world(seed)
    world.whole_pass()
    prepaid(world, amount)
    in_procore(world, a_payment(71, 11, amount))
    assert (world.holds(), world.documents("payments")) == ({"payment 71": "may_be_paid"}, [])
    assert f"the prepayment set against it with {amount}" in world.sentences()["payment 71"]
    match(world, "71")
    world.run(JOB_NUMBER)
    assert (world.holds(), world.documents("payments")) == ({}, [])
    (row,) = world.documents("prepayments")
    assert [one["Amount"] for one in row["Allocations"]] == [amount]
