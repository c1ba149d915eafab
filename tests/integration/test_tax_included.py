"""Direct costs typed from a docket, with the tax in their amounts: 110.00 stays 110.00, and is followed and audited."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_seed, an_invoice
from tests.integration.world import MAPPING, World

TAXED = MAPPING.replace('default = "BASEXCLUDED"', 'default = "INPUT"\ninvoices = "xero"', 1)
INCLUSIVE = TAXED + '\n[invoices]\namounts = "inclusive"\n'
#: What Procore says of the tax where its tax feature is off, which is not documented: any of these.
NO_TAX: list[dict[str, Any]] = [
    {},
    {"tax_breakdown": {"tax_details": []}},
    {"tax_breakdown": {"subtotal": "110.00", "tax_total": None, "grand_total": "110.00", "tax_details": []}},
    {"tax_breakdown": {"subtotal": "110.00", "tax_total": "0.0", "grand_total": "110.00", "tax_details": []}},
]
WITH_GST: dict[str, Any] = {
    "tax_breakdown": {
        "subtotal": "100.00",
        "tax_total": "10.00",
        "grand_total": "110.00",
        "tax_details": [{"tax_code_id": 910, "tax_code_name": "GST@10%", "tax_code_rate": "10.0"}],
    },
    "grand_total": "110.00",
    "amount": "100.00",
}


def sent(a_world: MakeWorld, *invoices: dict[str, Any], mapping: str = INCLUSIVE) -> World:
    world = a_world(a_seed(invoices=list(invoices)))
    world.mapping_file.write_text(mapping)
    world.whole_pass()
    return world


def figures(document: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(document[field]) for field in ("LineAmountTypes", "SubTotal", "TotalTax", "Total"))


def differences(world: World) -> list[str]:
    return [f"{one.title}: {one.sentence}" for one in audit_books(world.parts).differences]


@pytest.mark.parametrize("says", NO_TAX)
def test_it_stays_what_it_is(a_world: MakeWorld, says: dict[str, Any]) -> None:
    """Xero takes the tax out of it; both sides agree, and nothing is asked of it again."""
    world = sent(a_world, an_invoice(31, "110.00", **says))
    assert figures(world.bill("DC-31")) == ("Inclusive", "100.00", "10.00", "110.00")
    assert (world.holds(), differences(world)) == ({}, [])
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert world.writes(since) == []


def test_for_one_project_alone(a_world: MakeWorld) -> None:
    """What a project says goes before what is said in general."""
    own = TAXED + f'\n[projects."{JOB_NUMBER}".invoices]\namounts = "inclusive"\n'
    assert figures(sent(a_world, an_invoice(31, "110.00"), mapping=own).bill("DC-31"))[3] == "110.00"
    assert figures(sent(a_world, an_invoice(31, "110.00"), mapping=TAXED).bill("DC-31"))[3] == "121.00"


def test_a_stated_tax_that_is_in_the_lines_is_compared(a_world: MakeWorld) -> None:
    """To the cent where it is rounding; what is no rounding is held."""
    line = [{**an_invoice(31, "110.00")["line_items"][0], "tax_code_id": 910}]
    world = sent(
        a_world,
        an_invoice(31, **{**WITH_GST, "line_items": line}),
        an_invoice(32, **{**WITH_GST, "line_items": line, **taxed("99.00", "11.00")}),
    )
    assert figures(world.bill("DC-31")) == ("Inclusive", "100.00", "10.00", "110.00")
    assert world.sentences() == {"invoice 32": "Xero's tax on its lines is 10.00 AUD, but Procore says 11.00 AUD."}


def taxed(subtotal: str, tax: str) -> dict[str, Any]:
    details = WITH_GST["tax_breakdown"]["tax_details"]
    total = {"subtotal": subtotal, "tax_total": tax, "grand_total": "110.00", "tax_details": details}
    return {"tax_breakdown": total, "amount": subtotal, "grand_total": "110.00"}


def test_cents_of_a_stated_tax(a_world: MakeWorld) -> None:
    """Of three lines Xero rounds each: the tax in the bill is Procore's."""
    row = an_invoice(31, "10.03")["line_items"][0]
    lines = [{**row, "id": n, "position": n, "tax_code_id": 910} for n in (1, 2, 3)]
    breakdown = {**WITH_GST["tax_breakdown"], "subtotal": "27.35", "tax_total": "2.74", "grand_total": "30.09"}
    header: dict[str, Any] = {"tax_breakdown": breakdown, "amount": "27.35", "grand_total": "30.09"}
    world = sent(a_world, an_invoice(31, line_items=lines, **header))
    assert figures(world.bill("DC-31")) == ("Inclusive", "27.35", "2.74", "30.09")
    assert (world.holds(), differences(world)) == ({}, [])


def test_where_procore_adds_the_tax_it_is_not_in_the_lines(a_world: MakeWorld) -> None:
    """Lines that come to the subtotal are before tax, whatever the mapping file says."""
    line = [{**an_invoice(31, "100.00")["line_items"][0], "tax_code_id": 910}]
    world = sent(a_world, an_invoice(31, **{**WITH_GST, "line_items": line}))
    assert figures(world.bill("DC-31")) == ("Exclusive", "100.00", "10.00", "110.00")
    assert differences(world) == []


def test_a_credit(a_world: MakeWorld) -> None:
    """A negative one is a credit note with the tax in it."""
    world = sent(a_world, an_invoice(31, "-110.00"))
    (note,) = world.documents("credit_notes")
    assert figures(note) == ("Inclusive", "100.00", "10.00", "110.00")
    assert (world.holds(), differences(world)) == ({}, [])


def test_it_is_followed_and_guarded(a_world: MakeWorld) -> None:
    """A change in Procore changes the bill; where a person made it otherwise both are said."""
    world = sent(a_world, an_invoice(31, "110.00"), an_invoice(32, "55.00"))
    bill = world.bill("DC-32")
    world.xero_edit("Invoices", bill["InvoiceID"], LineAmountTypes="Exclusive")
    for id_, amount in ((31, "220.00"), (32, "66.00")):
        new = an_invoice(id_, amount)
        world.procore_edit(
            "direct_costs", id_, PROJECT_ID, **{name: new[name] for name in ("amount", "grand_total", "line_items")}
        )
    world.whole_pass()
    assert figures(world.bill("DC-31")) == ("Inclusive", "200.00", "20.00", "220.00")
    assert world.holds() == {"invoice 32": "edited_in_xero"}
    assert "LineAmountTypes is Exclusive, sent was Inclusive" in world.sentences()["invoice 32"]


def test_an_answer_that_is_otherwise_is_held(a_world: MakeWorld) -> None:
    """What Xero holds must come to as much, tax and all."""
    world = a_world(a_seed(invoices=[an_invoice(31, "110.00")]))
    world.mapping_file.write_text(INCLUSIVE)
    world.wire.before("PUT", "/Invoices", world.spoil("Invoices", LineAmountTypes="Exclusive"))
    world.whole_pass()
    assert world.sentences()["invoice 31"].startswith("Xero stored something else than was sent: Total is 121.00")


def test_the_audit_names_another_total(a_world: MakeWorld) -> None:
    """Here its line was changed to 109.00 in Xero."""
    world = sent(a_world, an_invoice(31, "110.00"))
    bill = world.bill("DC-31")
    line = {**bill["LineItems"][0], "UnitAmount": Decimal("109.00"), "LineAmount": Decimal("109.00")}
    line.pop("TaxAmount")
    world.xero_edit("Invoices", bill["InvoiceID"], LineItems=[line])
    (said,) = differences(world)
    assert "Xero has 109.00 AUD with tax, Procore 110.00 AUD." in said


def test_the_plan_says_it(a_world: MakeWorld) -> None:
    """Of each bill whether its total is before tax."""
    world = a_world(a_seed(invoices=[an_invoice(31, "110.00")]))
    world.mapping_file.write_text(INCLUSIVE)
    (found,) = plan(world.parts, JOB_NUMBER)
    (step,) = [step for step in found.steps if step.kind == "invoices"]
    assert "110.00 AUD with tax, 1 line" in step.details[0]


def test_a_person_s_bill_of_the_same_total_is_found(a_world: MakeWorld) -> None:
    """With tax, as Xero shows it: the tax is not added a second time."""
    world = sent(a_world, an_invoice(30, "5.00"))
    bill = world.bill("DC-30")
    line = {
        "Description": "Bin",
        "Quantity": 1,
        "UnitAmount": Decimal("110.00"),
        "AccountCode": "325",
        "TaxType": "INPUT",
    }
    head = {"Type": "ACCPAY", "Contact": {"ContactID": bill["Contact"]["ContactID"]}, "InvoiceNumber": "X-1"}
    dates = {"Date": "2026-07-20", "DueDate": "2026-08-20", "Status": "AUTHORISED", "LineAmountTypes": "Inclusive"}
    world.type_in_xero("Invoices", {**head, **dates, "LineItems": [line]})
    world.enter("direct_costs", an_invoice(31, "110.00"))
    world.whole_pass()
    assert world.holds() == {"invoice 31": "may_be_in_xero"}
