"""Every field that is written is held against the answer, guarded against a person's edits, and follows Procore."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_payment, a_seed, a_vendor, an_invoice, an_item
from tests.integration.synced import a_synced_world
from tests.integration.world import World

USD: dict[str, Any] = {"currency_iso_code": "USD", "currency_exchange_rate": "1.5"}


def in_two_currencies(**rows: Any) -> dict[str, Any]:
    seed = a_seed(**rows)
    seed["xero"]["currencies"] = [{"Code": "AUD"}, {"Code": "USD"}]
    return seed


def a_pass(world: World) -> None:
    world.clock.advance(1800)
    world.whole_pass()


def edited(world: World, number: str = "INV-11", **fields: Any) -> None:
    """A person changes the bill in Xero, or its first line."""
    bill = world.bill(number)
    line = {name: value for name, value in fields.items() if name not in ("CurrencyCode", "DueDate", "Url")}
    if line:
        first = {**bill["LineItems"][0], **line}
        first.pop("AccountID")
        fields = {"LineItems": [first, *bill["LineItems"][1:]]}
    world.xero_edit("invoices", bill["InvoiceID"], **fields)


#: What a person made of a field, and how it is named.
EDITED: list[tuple[dict[str, Any], str]] = [
    ({"CurrencyCode": "USD"}, "CurrencyCode is USD, sent was AUD"),
    ({"DueDate": "2026-12-31"}, "DueDate is 2026-12-31"),
    ({"Description": "The bookkeeper's own words"}, "'The bookkeeper's own words'"),
    ({"AccountCode": "429"}, "account 429"),
    ({"Quantity": Decimal(2), "UnitAmount": Decimal(50)}, "2 at 50"),
]


@pytest.mark.parametrize(
    ("edit", "changed"), each_value(EDITED, [{"amount": "120.00"}, {"description_of_work": "Slab and stairs"}])
)
def test_what_a_person_edited_is_not_written_over(
    a_world: MakeWorld, edit: tuple[dict[str, Any], str], changed: dict[str, Any]
) -> None:
    """Whatever changes in Procore then, the bill stays as the person left it, and both are named."""
    fields, said = edit
    world = a_synced_world(a_world, in_two_currencies(claims=[a_claim(11)]))
    edited(world, **fields)
    before = world.bill("INV-11")
    amount = changed.get("amount", "100.00")
    text = {name: value for name, value in changed.items() if name != "amount"}
    world.enter("requisitions", a_claim(11, amount, items=[an_item(amount, **text)]))
    a_pass(world)
    assert world.holds() == {"claim 11": "edited_in_xero"}
    assert said in world.sentences()["claim 11"]
    assert world.bill("INV-11") == before


def test_a_text_that_changed_in_procore_arrives(a_world: MakeWorld) -> None:
    """It is a change like any other, on claims and direct costs."""
    world = a_world(a_seed(claims=[a_claim(11)], invoices=[an_invoice(91)]))
    world.whole_pass()
    world.enter("requisitions", a_claim(11, items=[an_item("100.00", description_of_work="Slab and stairs")]))
    line = {**an_invoice(91)["line_items"][0], "description": "Skip bins, two"}
    world.enter("direct_costs", an_invoice(91, line_items=[line]))
    a_pass(world)
    assert world.holds() == {}
    texts = [world.bill(number)["LineItems"][0]["Description"] for number in ("INV-11", "DC-91")]
    assert texts == ["Slab and stairs (SC-501 claim 11, line 1)", "Skip bins, two"]


def test_a_change_that_a_person_made_already_is_none(a_world: MakeWorld) -> None:
    """The bill says what Procore says now, so nothing is written and nothing is held."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    edited(world, Description="Slab and stairs (SC-501 claim 11, line 1)")
    world.enter("requisitions", a_claim(11, items=[an_item("100.00", description_of_work="Slab and stairs")]))
    mark = world.last()
    a_pass(world)
    assert (world.holds(), world.writes(mark)) == ({}, [])


@pytest.mark.parametrize(
    ("wrapper", "fields", "said"),
    [
        ("Invoices", {"CurrencyCode": "USD"}, "CurrencyCode is USD, sent was AUD"),
        ("Invoices", {"Url": "https://elsewhere.example/1"}, "the answer does not mention it"),
        ("Payments", {"Account": {"Code": "091"}}, "Account is 091, sent was 090"),
        ("Payments", {"Date": "2026-08-15"}, "Date is 2026-08-15"),
    ],
)
def test_what_xero_stored_otherwise_is_held(
    a_world: MakeWorld, wrapper: str, fields: dict[str, Any], said: str
) -> None:
    """A contact's own currency, another bank account: seen in the answer, and still held in the next pass."""
    world = a_world(in_two_currencies(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.wire.before("PUT", wrapper, world.spoil(wrapper, **fields))
    world.discover()
    report = world.run(JOB_NUMBER)
    title = "payment 71" if wrapper == "Payments" else "claim 11"
    assert report.held >= 1
    assert said in world.sentences()[title]


def test_a_bank_account_is_proved_by_its_id_where_its_code_is_not_answered(a_world: MakeWorld) -> None:
    """The right one agrees, in the answer and when the payment changes; another one is named."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.xero_switch(answers_account_ids=True)
    world.whole_pass()
    world.enter("contract_payments", a_payment(71, 11, "20.00"))
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    other = next(row["AccountID"] for row in world.documents("accounts") if row.get("Code") == "091")
    world.wire.before("PUT", "Payments", world.spoil("Payments", Account={"AccountID": other}))
    world.enter("contract_payments", a_payment(72, 11, "5.00"))
    world.run(JOB_NUMBER)
    assert world.holds() == {"payment 72": "proof_failed"}
    assert "Account is 091, sent was 090" in world.sentences()["payment 72"]


def test_a_claim_in_another_currency_is_proved_in_it(a_world: MakeWorld) -> None:
    """Where Xero keeps its own currency instead, it is held."""
    seed = in_two_currencies(claims=[a_claim(11, currency_configuration=USD)])
    world = a_world(seed)
    world.whole_pass()
    assert (world.holds(), world.bill("INV-11")["CurrencyCode"]) == ({}, "USD")
    other = a_world(seed)
    other.wire.before("PUT", "Invoices", other.spoil("Invoices", CurrencyCode="AUD"))
    other.whole_pass()
    assert other.holds() == {"claim 11": "proof_failed"}


def lines_rewritten(text: str) -> str:
    return f"  {text},\r\n first  and second floor\t& roof \n"


@pytest.mark.parametrize("change", ["amount", "text"])
def test_what_xero_rewrites_harmlessly_is_the_same(a_world: MakeWorld, change: str) -> None:
    """Blanks trimmed, line ends made one kind: nothing is held for it, nothing written again, and changes still go."""
    reference: dict[str, Any] = {"check_number": " 00  17 "}
    world = a_world(
        a_seed(
            vendors=[a_vendor(1, "Supplier  1 ")],
            claims=[
                a_claim(
                    11,
                    invoice_number=" INV  11 ",
                    items=[an_item("100.00", description_of_work=lines_rewritten("Slab"))],
                )
            ],
            payments=[a_payment(71, 11, "10.00", **reference)],
            invoices=[an_invoice(91)],
        )
    )
    world.xero_switch(rewrites_texts=True)
    world.whole_pass()
    assert world.holds() == {}
    (bill,) = [row for row in world.documents("invoices") if row["InvoiceNumber"] == "INV 11"]
    assert bill["LineItems"][0]["Description"] == "Slab,\nfirst and second floor & roof (SC-501 claim 11, line 1)"
    mark = world.last()
    world.clock.advance(26 * 3600)
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])
    claim = a_claim(12, "50.00", items=[an_item("50.00", description_of_work=lines_rewritten("Slab"))])
    world.enter("requisitions", claim)
    a_pass(world)
    amount, text = ("60.00", "Slab") if change == "amount" else ("50.00", "Wall")
    world.enter("requisitions", a_claim(12, amount, items=[an_item(amount, description_of_work=lines_rewritten(text))]))
    a_pass(world)
    assert world.holds() == {}
    line = world.bill("INV-12")["LineItems"][0]
    assert (Decimal(line["LineAmount"]), line["Description"][:4]) == (Decimal(amount), text)


def test_a_payment_that_says_something_else_is_not_made_again(a_world: MakeWorld) -> None:
    """What changed in Procore would be made a second time, and the first is not what was made here any more."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.whole_pass()
    (paid,) = world.documents("payments")
    world.xero_edit("payments", paid["PaymentID"], Reference="Paid by the bookkeeper")
    world.enter("contract_payments", a_payment(71, 11, "20.00"))
    world.run(JOB_NUMBER)
    assert world.holds() == {"payment 71": "edited_in_xero"}
    assert [row["Amount"] for row in world.documents("payments")] == ["10.00"]


@pytest.mark.parametrize("amount", ["20.00", None], ids=["changed", "new"])
def test_a_bill_in_another_currency_is_not_paid(a_world: MakeWorld, amount: str | None) -> None:
    """10.00 in Procore is not USD 10.00: until the bill has its currency again, which clears the hold."""
    payments = [a_payment(71, 11, "10.00")] if amount else []
    world = a_synced_world(a_world, in_two_currencies(claims=[a_claim(11)], payments=payments))
    edited(world, CurrencyCode="USD")
    world.enter("contract_payments", a_payment(71, 11, amount or "10.00"))
    mark = world.last()
    world.run(JOB_NUMBER)
    assert world.holds() == {"payment 71": "bill_differs"}
    assert "CurrencyCode is USD, sent was AUD" in world.sentences()["payment 71"]
    assert world.writes(mark) == []
    edited(world, CurrencyCode="AUD")
    world.run(JOB_NUMBER)
    assert world.holds() == {}


def test_a_bill_that_xero_stored_otherwise_is_not_paid(a_world: MakeWorld) -> None:
    """In the job that made it, and in those that follow, until it is as it was sent."""
    world = a_world(in_two_currencies(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    world.wire.before("PUT", "Invoices", world.spoil("Invoices", CurrencyCode="USD"))
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert world.holds() == {"claim 11": "proof_failed", "payment 71": "bill_differs"}
        assert world.documents("payments") == []
    edited(world, CurrencyCode="AUD")
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert len(world.documents("payments")) == 1
