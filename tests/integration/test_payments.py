"""Payments: on the right bill, not before it is approved, never twice, and read only where something moved."""

from __future__ import annotations

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    CONTRACT_ID,
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contract,
    a_payment,
    a_project,
    a_seed,
    an_item,
)
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown
from worker.holds import Outcome

SUBMITTED = '\n[projects."24-017".documents]\nstatus = "SUBMITTED"\n'


def submitting(a_world: MakeWorld, claims: int = 1) -> World:
    """A project whose bills await a bookkeeper's approval, with a payment on each."""
    numbers = range(1, claims + 1)
    seed = a_seed(
        claims=[a_claim(1000 + n) for n in numbers], payments=[a_payment(2000 + n, 1000 + n, "10.00") for n in numbers]
    )
    world = a_world(seed)
    world.mapping_file.write_text(MAPPING + SUBMITTED)
    world.whole_pass()
    return world


def payment_reads(world: World) -> int:
    return len(world.procore_calls("/contract_payments"))


def test_a_payment_waits_for_its_bills_approval(a_world: MakeWorld) -> None:
    """While the bill is SUBMITTED the payment waits and the job is green; once approved it goes by itself."""
    world = submitting(a_world)
    assert world.documents("payments") == []
    assert world.holds(Outcome.WAITING) == {"payment 2001": "bill_awaiting_approval"}
    assert world.holds() == {}
    assert world.job(JOB_NUMBER).state == "done"
    world.xero_edit("Invoices", world.bill("INV-1001")["InvoiceID"], Status="AUTHORISED")
    world.whole_pass()
    assert world.books()["payments"] == [("INV-1001", "10.00", "Procore payment 2001")]
    assert world.holds(Outcome.WAITING) == {}


def test_what_waits_is_asked_for_once_a_pass(a_world: MakeWorld) -> None:
    """By discovery, in one call for 45 bills, and by no job; a person's job asks for its own, forty in a call."""
    world = submitting(a_world, claims=45)
    since = world.last()
    world.discover()
    assert [entry["method"] for entry in world.journal(since)] == ["GET"]
    since = world.last()
    world.run_all()
    assert world.journal(since) == []
    assert len(world.holds(Outcome.WAITING)) == 45
    world.xero_edit("Invoices", world.bill("INV-1001")["InvoiceID"], Status="AUTHORISED")
    since = world.last()
    world.run(JOB_NUMBER)
    asked = [entry for entry in world.journal(since) if "IDs" in entry["query"] and "Statuses" not in entry["query"]]
    assert [entry["method"] for entry in asked][:2] == ["GET", "GET"]
    assert world.books()["payments"] == [("INV-1001", "10.00", "Procore payment 2001")]


def test_a_payment_above_what_is_due_is_held_and_its_neighbours_go(a_world: MakeWorld) -> None:
    """Also in the next pass."""
    world = a_world(
        a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 11, "500.00"), a_payment(72, 12, "10.00")])
    )
    for _ in range(2):
        world.whole_pass()
        assert world.sentences() == {
            "payment 71": "It pays 500.00 AUD, but only 110.00 AUD is due on the document in Xero."
        }
        assert [row["Amount"] for row in world.documents("payments")] == ["10.00"]


def test_a_payment_that_is_made_later_goes_though_no_total_moved(a_world: MakeWorld) -> None:
    """Procore's total of payments counts it before it is made, so its contract is read until all are settled."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00", status="in_review")]))
    world.whole_pass()
    assert world.documents("payments") == []
    assert world.holds(Outcome.IGNORED) == {"payment 71": "not_approved"}
    world.procore_edit("contract_payments", 71, PROJECT_ID, status="paid", contract_id=CONTRACT_ID)
    world.whole_pass()
    assert [row["Amount"] for row in world.documents("payments")] == ["10.00"]
    assert world.holds(Outcome.IGNORED) == {}


def test_a_lost_payment_is_made_though_the_total_is_back(a_world: MakeWorld) -> None:
    """A contract stays open from when its total was seen to move until its payments are settled, whatever happens."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.whole_pass()
    world.enter("contract_payments", a_payment(72, 11, "4.00"))
    world.fault("cut", "PUT", "/Payments")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.enter("contract_payments", a_payment(71, 11, "6.00"))
    world.run(JOB_NUMBER)
    assert [amount for _, amount, _ in world.books()["payments"]] == ["10.00", "4.00", "6.00"]


def test_payments_are_read_only_where_the_total_moved(a_world: MakeWorld) -> None:
    """Two settled contracts cost no call; a new payment on one costs one."""
    world = a_world(
        a_seed(
            contracts=[a_contract(501), a_contract(502)],
            claims=[a_claim(11), a_claim(12, commitment_id=502)],
            payments=[a_payment(71, 11, "10.00"), a_payment(72, 12, "10.00", contract_id=502)],
        )
    )
    world.whole_pass()
    assert payment_reads(world) == 2
    world.whole_pass()
    assert payment_reads(world) == 2
    world.enter("contract_payments", a_payment(73, 11, "5.00"))
    world.whole_pass()
    assert payment_reads(world) == 3
    assert len(world.documents("payments")) == 3


def test_partial_payments_pay_a_bill_off(a_world: MakeWorld) -> None:
    """Two parts make the whole with tax, and nothing is due any more."""
    parts = [a_payment(71, 11, "60.00"), a_payment(72, 11, "50.00", check_number="000481")]
    world = a_world(a_seed(claims=[a_claim(11)], payments=parts))
    world.whole_pass()
    assert (world.bill("INV-11")["AmountDue"], world.bill("INV-11")["Status"]) == ("0.00", "PAID")
    assert sorted(reference for _, _, reference in world.books()["payments"]) == [
        "Check 000481, Procore payment 72",
        "Procore payment 71",
    ]


def test_a_payment_that_names_no_claim_is_matched_by_number(a_world: MakeWorld) -> None:
    """Within its contract, when exactly one claim has the number; else it is held."""
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(12, invoice_number="TWICE"), a_claim(13, invoice_number="TWICE")],
            payments=[
                a_payment(71, None, "10.00", invoice_number="INV-11"),
                a_payment(72, None, "10.00", invoice_number="TWICE"),
                a_payment(73, None, "10.00"),
            ],
        )
    )
    world.whole_pass()
    assert [number for number, _, _ in world.books()["payments"]] == ["INV-11"]
    assert world.holds() == {"payment 72": "payment_unmatched", "payment 73": "payment_unmatched"}


def test_a_payment_goes_once_its_held_claim_went(a_world: MakeWorld) -> None:
    """What depends on a held record is held with it, and both clear in one job."""
    world = a_world(
        a_seed(claims=[a_claim(11, items=[an_item("100.00", cost_type="X")])], payments=[a_payment(71, 11, "10.00")])
    )
    world.whole_pass()
    assert world.holds() == {"claim 11": "account_missing", "payment 71": "claim_not_sent"}
    world.mapping_file.write_text(MAPPING.replace('L = "335"', 'L = "335"\nX = "335"'))
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.documents("payments")) == 1


def test_a_payment_from_a_voided_bill_is_held(a_world: MakeWorld) -> None:
    """A payment on a bill that a person voided says so."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.enter("contract_payments", a_payment(71, 11, "10.00"))
    world.run(JOB_NUMBER)
    assert world.holds() == {"payment 71": "rejected"}


def test_a_contract_that_cannot_be_read_is_held_until_it_can(a_world: MakeWorld) -> None:
    """The other contracts' payments go, and the hold closes when the contract is right again."""
    world = a_world(
        a_seed(
            projects=[a_project()],
            contracts=[{**a_contract(501), "number": {"odd": 1}}, a_contract(502)],
            claims=[a_claim(11, commitment_id=502)],
            payments=[a_payment(71, 11, "10.00", contract_id=502)],
        )
    )
    world.whole_pass()
    assert world.holds() == {"contract 501": "record_unreadable"}
    assert len(world.documents("payments")) == 1
    world.procore_edit("work_order_contracts", 501, PROJECT_ID, number="SC-501")
    world.whole_pass()
    assert world.holds() == {}


def test_another_bank_account_is_for_payments_to_come(a_world: MakeWorld) -> None:
    """A changed mapping file leaves payments that were made where they are; the next one goes to the new account."""
    seed = a_seed(claims=[a_claim(1001)], payments=[a_payment(2001, 1001, "10.00")])
    world = a_world(seed)
    world.whole_pass()
    world.mapping_file.write_text(MAPPING.replace('default = "090"', 'default = "091"'))
    since = world.last()
    world.whole_pass()
    assert world.writes(since) == []
    assert world.holds() == {}
    world.enter("contract_payments", a_payment(2002, 1001, "5.00"))
    world.whole_pass()
    sent = [payment for entry in world.writes(path="/Payments") for payment in entry["body"]["Payments"]]
    accounts = {payment["Reference"]: payment["Account"]["Code"] for payment in sent}
    assert accounts == {"Procore payment 2001": "090", "Procore payment 2002": "091"}


def test_a_payment_of_a_claim_that_is_held_says_so(a_world: MakeWorld) -> None:
    """Its number fits one claim, which is not in Xero yet: that one is to be seen to, not the payment."""
    held = a_claim(12, vendor_id=999_999, vendor_name="Nobody")
    world = a_world(
        a_seed(claims=[a_claim(11), held], payments=[a_payment(72, None, "10.00", invoice_number="INV-12")])
    )
    world.whole_pass()
    assert world.holds() == {"claim 12": "vendor_missing", "payment 72": "claim_not_sent"}
    world.clock.advance(60)
    world.procore_edit("requisitions", 12, 310, vendor_id=1, vendor_name="Supplier 1")
    world.whole_pass()
    assert world.holds() == {}
    assert [number for number, _, _ in world.books()["payments"]] == ["INV-12"]
