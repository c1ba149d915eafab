"""A bill to whose total a person added a RoundingAmount in Xero: whatever is said of that total names it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import PROJECT_ID, a_claim, a_payment, a_seed, an_invoice, an_item
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.http import exact_json


def rounded(world: World, number: str, by: str) -> None:
    """A person rounds the total of a bill."""
    world.xero_switch(rounds_totals=True)
    bill = world.bill(number)
    sums = {field: Decimal(str(bill[field])) for field in ("SubTotal", "TotalTax")}
    total = sum(sums.values(), Decimal(by))
    body = {"InvoiceID": bill["InvoiceID"], **sums, "Total": total, "RoundingAmount": Decimal(by)}
    sent = exact_json.dumps({"Invoices": [body]})
    world.parts.xero.api.write("POST", f"/Invoices/{bill['InvoiceID']}", sent, "person-rounds")
    assert Decimal(world.bill(number)["Total"]) == total


def sent(a_world: MakeWorld, rules: str = "", **seed: Any) -> World:
    return a_synced_world(a_world, a_seed(**seed), MAPPING + rules)


def test_a_payment_that_is_more_than_is_due(a_world: MakeWorld) -> None:
    """Procore pays the claim, and the bill is five cents less."""
    world = sent(a_world, claims=[a_claim(11)])
    rounded(world, "INV-11", "-0.05")
    world.enter("contract_payments", a_payment(71, 11, "110.00"))
    world.whole_pass()
    said = (
        "It pays 110.00 AUD, but only 109.95 AUD (with a RoundingAmount of -0.05 AUD) is due on the document in Xero."
    )
    assert world.sentences() == {"payment 71": said}


def test_a_person_s_rounding_is_not_written_over(a_world: MakeWorld) -> None:
    """The claim changes in Procore: the bill was edited."""
    world = sent(a_world, claims=[a_claim(11)])
    rounded(world, "INV-11", "0.05")
    foot = {"current_payment_due": "200.00", "tax_applicable_to_this_payment": "20.00"}
    world.procore_edit("requisitions", 11, PROJECT_ID, items=[an_item("200.00")], summary=foot)
    world.whole_pass()
    assert world.holds() == {"claim 11": "edited_in_xero"}
    assert "RoundingAmount is 0.05 AUD, sent was none" in world.sentences()["claim 11"]
    assert world.bill("INV-11")["Total"] == "110.05"


def test_a_paid_direct_cost_whose_bill_was_rounded(a_world: MakeWorld) -> None:
    """Its payment is held, and says why the totals differ."""
    world = sent(a_world, '\n[invoices]\npaid = "pay"\n', invoices=[an_invoice(31)])
    rounded(world, "DC-31", "0.02")
    world.procore_edit("direct_costs", 31, PROJECT_ID, payment_date="2026-07-25")
    world.whole_pass()
    assert (
        "Total is 50.02 AUD (with a RoundingAmount of 0.02 AUD), sent was 50.00 AUD"
        in world.sentences()["invoice payment 31"]
    )


def test_payments_before_tax_pay_it_off(a_world: MakeWorld) -> None:
    """They go by the bill's own total."""
    world = sent(a_world, '\n[payments]\namounts = "before_tax"\n', claims=[a_claim(11)])
    rounded(world, "INV-11", "0.05")
    for id_, amount in ((71, "60.00"), (72, "40.00")):
        world.enter("contract_payments", a_payment(id_, 11, amount))
        world.whole_pass()
    assert (world.holds(), world.bill("INV-11")["AmountDue"], world.bill("INV-11")["Status"]) == ({}, "0.00", "PAID")


@pytest.mark.parametrize("by", ["0.05", "-0.05"])
def test_the_audit_names_it(a_world: MakeWorld, by: str) -> None:
    """Lines and tax agree, and the total does not."""
    world = sent(a_world, claims=[a_claim(11)])
    rounded(world, "INV-11", by)
    said = f"claim 11: Its total in Xero has a RoundingAmount of {by} AUD, which Procore's has not."
    assert [f"{one.title}: {one.sentence}" for one in audit_books(world.parts).differences] == [said]
