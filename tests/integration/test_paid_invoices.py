"""Direct costs that are paid in Procore: where the mapping file says so they are paid in Xero, once and as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, standing
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_seed, an_invoice
from tests.integration.world import MAPPING, World
from worker.cli.match import note
from worker.errors import OutcomeUnknown
from worker.holds import Outcome
from worker.xero.answers import day

PAY = (
    MAPPING.replace('default = "BASEXCLUDED"', 'default = "INPUT"\ninvoices = "xero"', 1)
    + '\n[invoices]\npaid = "pay"\n'
)
SUBMITTED = PAY + '\n[documents]\nstatus = "SUBMITTED"\n'
ON = "2026-07-25"


def sent(a_world: MakeWorld, *invoices: dict[str, Any], mapping: str = PAY) -> World:
    world = a_world(a_seed(invoices=list(invoices)))
    world.mapping_file.write_text(mapping)
    world.whole_pass()
    return world


def payments(world: World) -> list[tuple[str, str, str, str]]:
    """What stands, with its date, account and reference."""
    accounts = {row["AccountID"]: row["Code"] for row in world.parts.xero.accounts() if row.get("Code")}
    return [
        (row["Amount"], str(day(row, "Date")), accounts[row["Account"]["AccountID"]], row["Reference"])
        for row in world.documents("payments")
        if row["Status"] != "DELETED"
    ]


def change(world: World, id: int = 31, **fields: Any) -> None:
    world.procore_edit("direct_costs", id, PROJECT_ID, **fields)
    world.whole_pass()


def differences(world: World) -> list[str]:
    return [f"{one.title}: {one.sentence}" for one in audit_books(world.parts).differences]


def test_it_is_paid_once_and_as_a_whole(a_world: MakeWorld) -> None:
    """On its payment date, with its tax, from the bank account; the next pass and the daily look add nothing."""
    world = sent(a_world, an_invoice(31, payment_date=ON), an_invoice(32))
    assert payments(world) == [("55.00", ON, "090", "Procore direct cost 31")]
    assert (world.bill("DC-31")["Status"], world.bill("DC-32")["Status"]) == ("PAID", "AUTHORISED")
    assert (world.holds(), differences(world)) == ({}, [])
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.writes(since) == []


def test_without_the_setting_the_bill_waits_for_its_payment(a_world: MakeWorld) -> None:
    """And what was paid stays when the setting is taken back."""
    plain = PAY.replace('paid = "pay"', 'paid = "bill"')
    world = sent(a_world, an_invoice(31, payment_date=ON), mapping=plain)
    assert payments(world) == []
    world.mapping_file.write_text(PAY)
    world.whole_pass()
    assert len(payments(world)) == 1
    world.mapping_file.write_text(plain)
    world.whole_pass()
    change(world, payment_date=None)
    assert len(payments(world)) == 1


def test_paid_later_from_an_account_of_its_own(a_world: MakeWorld) -> None:
    """The bill is there already; a credit is refunded."""
    own = PAY + 'bank_account = "091"\n'
    world = sent(a_world, an_invoice(31), an_invoice(32, "-50.00", payment_date=ON), mapping=own)
    assert payments(world) == [("55.00", ON, "091", "Procore direct cost 32")]
    change(world, payment_date=ON)
    assert sorted(one[3] for one in payments(world)) == ["Procore direct cost 31", "Procore direct cost 32"]
    assert (world.holds(), differences(world)) == ({}, [])


def test_it_waits_for_its_bills_approval(a_world: MakeWorld) -> None:
    """And then goes by itself."""
    world = sent(a_world, an_invoice(31, payment_date=ON), mapping=SUBMITTED)
    assert world.holds(Outcome.WAITING) == {"invoice payment 31": "bill_awaiting_approval"}
    assert world.sentences(Outcome.WAITING) == {"invoice payment 31": "The bill of invoice 31 is SUBMITTED in Xero."}
    world.xero_edit("Invoices", world.bill("DC-31")["InvoiceID"], Status="AUTHORISED")
    world.whole_pass()
    assert len(payments(world)) == 1
    assert world.holds(Outcome.WAITING) == {}


def test_while_its_direct_cost_is_out_of_sight_nothing_else_is_said(a_world: MakeWorld) -> None:
    """It waited for an approval that has been given since; the direct cost's own hold says why nothing goes."""
    world = sent(a_world, an_invoice(31, payment_date=ON), mapping=SUBMITTED)
    world.xero_edit("invoices", world.bill("DC-31")["InvoiceID"], Status="AUTHORISED")
    world.procore_delete("direct_costs", 31, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert (world.holds(), world.sentences(Outcome.WAITING)) == ({"invoice 31": "out_of_sight"}, {})
    assert payments(world) == []


def test_another_date_and_none(a_world: MakeWorld) -> None:
    """It is made again on another day, and taken out where Procore has it as unpaid again."""
    world = sent(a_world, an_invoice(31, payment_date=ON))
    change(world, payment_date="2026-07-26")
    assert [one[1] for one in payments(world)] == ["2026-07-26"]
    change(world, payment_date=None)
    assert payments(world) == []
    assert world.holds(Outcome.IGNORED) == {"invoice payment 31": "not_paid"}
    assert world.bill("DC-31")["Status"] == "AUTHORISED"
    change(world, payment_date=ON)
    assert [one[1] for one in payments(world)] == [ON]
    assert world.holds(Outcome.IGNORED) == {}


def test_a_day_that_is_still_to_come(a_world: MakeWorld) -> None:
    """Nothing is paid before its day; then it goes with the daily look."""
    world = sent(a_world, an_invoice(31))
    later = (world.clock.now().date().replace(day=1)).replace(year=world.clock.now().year + 1)
    change(world, payment_date=later.isoformat())
    assert payments(world) == []
    assert world.holds(Outcome.IGNORED) == {"invoice payment 31": "not_paid"}
    assert differences(world) == []
    world.clock.advance(400 * 24 * 3600)
    world.whole_pass()
    assert len(payments(world)) == 1


def test_sent_back_for_revision_its_payment_stays(a_world: MakeWorld) -> None:
    """The money has left."""
    world = sent(a_world, an_invoice(31, payment_date=ON))
    change(world, status="revise_and_resubmit")
    assert len(payments(world)) == 1
    assert world.holds() == {"invoice 31": "sent_back_too_late"}


@pytest.mark.parametrize(("rule", "left"), [("hold", 1), ("void", 0)])
def test_deleted_in_procore_it_goes_as_its_bill_does(a_world: MakeWorld, rule: str, left: int) -> None:
    """Where deleted direct costs are to be voided their payment goes first; else a person is asked."""
    rules = PAY + f'\n[documents]\ndeleted_in_procore = "{rule}"\n'
    world = sent(a_world, an_invoice(31, payment_date=ON), an_invoice(32), mapping=rules)
    world.procore_delete("direct_costs", 31, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert len(payments(world)) == left
    world.whole_pass()
    assert (world.bill("DC-31")["Status"] == "VOIDED") is (rule == "void")
    assert world.holds() == ({} if rule == "void" else {"invoice 31": "changed_after_sending"})


def test_what_a_person_paid_is_not_paid_again(a_world: MakeWorld) -> None:
    """It is held, and tied when a person says that it is the same."""
    world = sent(a_world, an_invoice(31))
    bill = {"InvoiceID": world.bill("DC-31")["InvoiceID"]}
    own = {"Account": {"Code": "090"}, "Date": "2026-07-27", "Reference": "card", "Amount": Decimal("55.00")}
    world.type_in_xero("Payments", {"Invoice": bill, **own})
    change(world, payment_date=ON)
    assert world.holds() == {"invoice payment 31": "may_be_paid"}
    note(world.parts, JOB_NUMBER, "invoice_payments", "31", another=False)
    world.whole_pass()
    assert (world.holds(), standing(world)) == ({}, ["55.00"])


def test_a_bill_of_another_total_is_not_paid(a_world: MakeWorld) -> None:
    """A person changed it in Xero: nobody knows what is to be paid."""
    world = sent(a_world, an_invoice(31))
    bill = world.bill("DC-31")
    line = {**bill["LineItems"][0], "UnitAmount": Decimal("60.00"), "LineAmount": Decimal("60.00")}
    line.pop("TaxAmount")
    world.xero_edit("Invoices", bill["InvoiceID"], LineItems=[line])
    change(world, payment_date=ON)
    assert payments(world) == []
    said = "The document of its invoice 31 in Xero is not as it was sent: Total is 66.00 AUD, sent was 55.00 AUD."
    assert world.sentences()["invoice payment 31"] == said


def test_a_lost_answer_makes_no_second_one(a_world: MakeWorld) -> None:
    """It is found again by its reference."""
    world = sent(a_world, an_invoice(31))
    world.procore_edit("direct_costs", 31, PROJECT_ID, payment_date=ON)
    world.fault("lost_answer", "PUT", "/Payments")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.run(JOB_NUMBER)
    assert len(payments(world)) == 1
    assert world.holds() == {}


def test_the_plan_says_it(a_world: MakeWorld) -> None:
    """The bill and its payment, and nothing is written."""
    world = a_world(a_seed(invoices=[an_invoice(31, payment_date=ON)]))
    world.mapping_file.write_text(PAY)
    (found,) = plan(world.parts, JOB_NUMBER)
    (step,) = [step for step in found.steps if step.kind == "invoice_payments"]
    assert (str(step.action), step.details) == ("create", (f"55.00 AUD on {ON} from 090, Procore direct cost 31",))


def test_without_a_bank_account_it_is_held(a_world: MakeWorld) -> None:
    """And its bill goes."""
    world = sent(a_world, an_invoice(31, payment_date=ON), mapping=PAY.replace('default = "090"\n', ""))
    assert world.holds() == {"invoice payment 31": "bank_account_missing"}
    assert world.bill("DC-31")["Status"] == "AUTHORISED"


def test_a_bill_of_its_own_with_its_tax_in_it(a_world: MakeWorld) -> None:
    """What is paid is what stands on the docket."""
    world = sent(a_world, an_invoice(31, "110.00", payment_date=ON), mapping=PAY + 'amounts = "inclusive"\n')
    assert [one[0] for one in payments(world)] == ["110.00"]
    assert (world.holds(), differences(world)) == ({}, [])


def test_the_audit_names_what_is_not_paid(a_world: MakeWorld) -> None:
    """Somebody deleted the payment in Xero."""
    world = sent(a_world, an_invoice(31, payment_date=ON))
    (payment,) = world.documents("payments")
    world.parts.xero.api.write("POST", f"/Payments/{payment['PaymentID']}", '{"Status": "DELETED"}', "person")
    assert differences(world) == ["invoice 31: Procore has it as paid, and Xero has not."]
