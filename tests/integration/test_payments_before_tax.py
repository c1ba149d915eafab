"""Payments that Procore has before tax: a bill that is paid in full there has nothing due in Xero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.planning import plan
from tasks.resending import let_go
from tests.integration.conftest import MakeWorld
from tests.integration.paid import repay, standing
from tests.integration.seeds import JOB_NUMBER, a_claim, a_payment, a_seed, an_item
from tests.integration.test_paid_by_hand import by_hand, match
from tests.integration.test_present import back_up, put_back
from tests.integration.world import MAPPING, World
from worker.audit.remedies import What
from worker.cli import doctor
from worker.doctor.finding import Finding

BEFORE_TAX = MAPPING + '\n[payments]\namounts = "before_tax"\n'
THIRDS = ["33.33", "33.33", "33.34"]


def paying(a_world: MakeWorld, *amounts: str, **seed: Any) -> World:
    """INV-11, of 100.00 and 10.00 tax, and these payments before tax in one job."""
    payments = [a_payment(71 + n, 11, amount) for n, amount in enumerate(amounts)]
    world = a_world(a_seed(**{"claims": [a_claim(11)], "payments": payments, **seed}))
    world.mapping_file.write_text(BEFORE_TAX)
    world.whole_pass()
    return world


def entered(world: World, *payments: dict[str, Any]) -> None:
    """Somebody enters these payments in Procore, whose total of them follows, and the next pass runs."""
    for payment in payments:
        world.enter("contract_payments", payment)
    world.whole_pass()


def is_closed(world: World, number: str = "INV-11") -> bool:
    bill = world.bill(number)
    assert world.holds() == {}
    return bool(bill["Status"] == "PAID" and Decimal(bill["AmountDue"]) == 0)


def differences(world: World) -> list[str]:
    return [f"{one.title}: {one.sentence}" for one in audit_books(world.parts).differences]


def test_paid_in_full_it_is_closed(a_world: MakeWorld) -> None:
    """In one job, by one payment or by three; both sides agree then, and the next pass asks nothing."""
    for amounts in (["100.00"], THIRDS):
        world = paying(a_world, *amounts)
        assert is_closed(world)
        assert differences(world) == []
        since = world.last()
        world.whole_pass()
        assert world.journal(since) == []


def test_payment_by_payment_it_is_closed(a_world: MakeWorld) -> None:
    """Each in a job of its own: by what stands on the bill."""
    world = paying(a_world)
    for number, amount in enumerate(THIRDS):
        entered(world, a_payment(71 + number, 11, amount))
    assert standing(world) == ["36.66", "36.67", "36.67"]
    assert is_closed(world)


@pytest.mark.parametrize("later", [False, True])
def test_it_costs_no_further_call(a_world: MakeWorld, later: bool) -> None:
    """Neither where the bills go in the same job nor where they stand: all of it is read for other payments, too."""
    calls = []
    for mapping, amounts in ((MAPPING, ["36.66", "36.67"]), (BEFORE_TAX, THIRDS[:2])):
        payments = [a_payment(71 + n, 11, amount) for n, amount in enumerate(amounts)]
        world = a_world(a_seed(claims=[a_claim(11)], payments=[] if later else payments))
        world.mapping_file.write_text(mapping)
        world.whole_pass()
        if later:
            entered(world, *payments)
        calls.append([(entry["method"], entry["path"]) for entry in world.journal()])
    assert calls[0] == calls[1]


def test_with_retention_that_is_taxed_at_once(a_world: MakeWorld) -> None:
    """The tax on all of the work comes with what is paid of it."""
    foot = {"current_payment_due": "95.00", "tax_applicable_to_this_payment": "10.00"}
    item = an_item("100.00", work_completed_retainage_retained_this_period="5.00")
    world = a_world(
        a_seed(claims=[a_claim(11, "95.00", items=[item], summary=foot)], payments=[a_payment(71, 11, "95.00")])
    )
    world.mapping_file.write_text(BEFORE_TAX.replace("[retention]", '[retention]\ntax = "on_invoice"'))
    world.whole_pass()
    assert standing(world) == ["105.00"]
    assert is_closed(world)


def test_the_bills_own_figures_count(a_world: MakeWorld) -> None:
    """A bookkeeper corrected the tax of a bill before it was approved: that is what is paid."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "100.00")]))
    world.mapping_file.write_text(BEFORE_TAX + '\n[documents]\nstatus = "SUBMITTED"\n')
    world.whole_pass()
    bill = world.bill("INV-11")
    line = {**bill["LineItems"][0], "TaxAmount": Decimal("9.99")}
    world.xero_edit("Invoices", bill["InvoiceID"], Status="AUTHORISED", LineItems=[line])
    world.whole_pass()
    assert standing(world) == ["109.99"]
    assert is_closed(world)


def test_a_refund_of_a_negative_claim(a_world: MakeWorld) -> None:
    """Its credit note is refunded with tax."""
    world = paying(a_world, claims=[a_claim(11, "-100.00")], payments=[a_payment(71, 11, "-100.00")])
    assert standing(world) == ["110.00"]
    assert world.holds() == {}
    assert [row["RemainingCredit"] for row in world.documents("credit_notes")] == ["0.00"]


def test_one_that_changes_is_made_again_with_its_tax(a_world: MakeWorld) -> None:
    """And the others keep their cents."""
    world = paying(a_world, *THIRDS[:2])
    repay(world, 72, amount="66.67")
    world.whole_pass()
    assert standing(world) == ["36.66", "73.34"]
    assert is_closed(world)


def test_the_last_cent_is_made_again_too(a_world: MakeWorld) -> None:
    """0.05 of 0.10 comes to 0.06 once and to 0.05 once: the second one on another day is still the second one."""
    world = paying(a_world, "0.05", "0.05", claims=[a_claim(11, "0.10")])
    repay(world, 72, date="2026-08-15")
    world.whole_pass()
    assert standing(world) == ["0.05", "0.06"]
    assert is_closed(world)


def test_what_a_person_paid_with_its_tax_is_found(a_world: MakeWorld) -> None:
    """By its amount with tax; and when a person rounded it otherwise, the last payment makes up for it."""
    world = paying(a_world)
    by_hand(world, "36.66")
    entered(world, a_payment(71, 11, "33.33"), a_payment(72, 11, "33.33"))
    assert world.holds() == {"payment 71": "may_be_paid", "payment 72": "may_be_paid"}
    match(world, "71")
    world.whole_pass()
    assert standing(world) == ["36.66", "36.67"]
    by_hand(world, "36.66")
    entered(world, a_payment(73, 11, "33.33"))
    assert world.holds() == {"payment 73": "may_be_paid"}, "a cent less than the 36.67 that it would be"
    match(world, "73")
    entered(world, a_payment(74, 11, "0.01"))
    assert standing(world) == ["0.01", "36.66", "36.66", "36.67"]
    assert is_closed(world)


def test_what_several_payments_by_hand_paid_counts(a_world: MakeWorld) -> None:
    """No payment is tied to it, and the last one leaves nothing all the same."""
    world = paying(a_world)
    by_hand(world, "20.00", "16.66")
    entered(world, a_payment(71, 11, "33.33"))
    match(world, "71")
    entered(world, a_payment(71, 11, "33.33"), a_payment(72, 11, "66.67"))
    assert standing(world) == ["16.66", "20.00", "73.34"]
    assert is_closed(world)


def test_after_an_old_backup_they_are_found_again(a_world: MakeWorld) -> None:
    """Payments that the ledger forgot are theirs, with the cents that they had by the order in which they came."""
    world = paying(a_world, claims=[a_claim(11, "0.10")])
    backup = back_up(world)
    for id_ in (72, 71):
        entered(world, a_payment(id_, 11, "0.05"))
    put_back(world, backup)
    since = world.last()
    world.whole_pass()
    assert world.writes(since, "/Payments") == []
    assert is_closed(world)


def test_the_setting_takes_no_payment_back(a_world: MakeWorld) -> None:
    """Those that were made stay as they are when it is switched on or off."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "50.00")]))
    world.whole_pass()
    for mapping in (BEFORE_TAX, MAPPING):
        world.mapping_file.write_text(mapping)
        since = world.last()
        world.whole_pass()
        assert world.writes(since) == []
    assert standing(world) == ["50.00"]


def test_more_than_the_bill_says_both_amounts(a_world: MakeWorld) -> None:
    """What Procore has is said beside what it comes to."""
    world = paying(a_world, "200.00")
    said = (
        "It pays 220.00 AUD with tax (200.00 AUD before it, as Procore has it), but only 110.00 AUD is due on the "
        "document in Xero."
    )
    assert world.sentences() == {"payment 71": said}


def test_the_audit_names_a_bill_that_is_left_open(a_world: MakeWorld) -> None:
    """Paid in full in Procore and not in Xero; each payment is within its cents."""
    world = paying(a_world, *THIRDS)
    (first, *_) = [row for row in world.documents("payments") if row["Amount"] == "36.66"]
    world.xero_edit("Payments", first["PaymentID"], Amount=Decimal("36.65"))
    assert differences(world) == ["claim 11: Procore has paid it in full, and Xero has not."]
    (one,) = audit_books(world.parts).differences
    assert (one.whats, one.remedy) == ((What.PAID_IN_PART,), What.PAID_IN_PART.remedy.sentence)
    world.xero_edit("Payments", first["PaymentID"], Status="DELETED")
    let_go(world.parts, JOB_NUMBER, "payments", str(first["Reference"]).rpartition(" ")[2])
    world.whole_pass()
    assert differences(world) == []


def test_the_plan_says_how_they_are_taken(a_world: MakeWorld) -> None:
    """With both amounts of each, and what the claims that are paid in full show."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "100.00")]))
    (found,) = plan(world.parts, JOB_NUMBER)
    assert found.payments.endswith("But of the claims with tax that are paid in full (1), 1 went before tax.")
    world.mapping_file.write_text(BEFORE_TAX)
    (found,) = plan(world.parts, JOB_NUMBER)
    assert found.payments.endswith("So are all claims with tax that are paid in full (1).")
    (step,) = [step for step in found.steps if step.kind == "payments"]
    assert step.details[0].startswith("110.00 AUD (100.00 AUD before tax) on 2026-08-14")


def finding(world: World) -> Finding:
    (found,) = [one for one in doctor.examine(world.parts) if one.about == "Payments"]
    return found


@pytest.mark.parametrize(
    ("mapping", "amounts", "state", "remedy"),
    [
        (MAPPING, ["110.00"], "ok", ""),
        (BEFORE_TAX, ["40.00", "60.00"], "ok", ""),
        (MAPPING, ["100.00"], "warn", 'Set amounts = "before_tax" under [payments] in the mapping file.'),
        (BEFORE_TAX, ["110.00"], "warn", 'Set amounts = "with_tax" under [payments] in the mapping file.'),
        (MAPPING, ["50.00"], "ok", ""),
    ],
)
def test_the_doctor_finds_it_out(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, mapping: str, amounts: list[str], state: str, remedy: str
) -> None:
    """From the claims with tax that are paid in full, before anything is sent."""
    monkeypatch.setattr(doctor, "_broker", lambda parts: "redis-server 7.0")
    monkeypatch.setattr("worker.cli.workers.answering", lambda: ["celery@here"])
    payments = [a_payment(71 + n, 11, amount) for n, amount in enumerate(amounts)]
    world = a_world(a_seed(claims=[a_claim(11)], payments=payments))
    world.mapping_file.write_text(mapping)
    found = finding(world)
    assert (str(found.state), found.remedy) == (state, remedy)


def test_procore_has_both_ways(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then no setting is right, and the payments are to be corrected."""
    monkeypatch.setattr(doctor, "_broker", lambda parts: "redis-server 7.0")
    monkeypatch.setattr("worker.cli.workers.answering", lambda: ["celery@here"])
    claims = [a_claim(11), a_claim(12)]
    world = a_world(a_seed(claims=claims, payments=[a_payment(71, 11, "110.00"), a_payment(72, 12, "100.00")]))
    found = finding(world)
    assert str(found.state) == "warn"
    assert found.remedy.startswith("Correct in Procore those that are the exception")
