"""What records mean in the books, the whole way through: accounts, retention, tax, types of cost and currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import (
    a_claim,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import MAPPING
from worker.holds import HoldCode

WITHHELD: dict[str, Any] = {
    "work_completed_retainage_retained_this_period": "10.00",
    "materials_stored_retainage_new_materials": "1.00",
}
RELEASED: dict[str, Any] = {
    "work_completed_retainage_released_this_period": "8.00",
    "materials_stored_retainage_released_this_period": "3.00",
}


def lines(bill: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["AccountCode"], line["TaxType"], str(line["LineAmount"])) for line in bill["LineItems"]]


RETENTION = 'withheld_account = "830"\nreleased_account = "831"'


def retention_seed(withheld_tax: str, released_tax: str) -> dict[str, Any]:
    withheld = {"current_payment_due": "89.00", "tax_applicable_to_this_payment": withheld_tax}
    released = {"current_payment_due": "11.00", "tax_applicable_to_this_payment": released_tax}
    release = an_item("0.00", **RELEASED)
    seed = a_seed(
        claims=[
            a_claim(11, items=[an_item("100.00", **WITHHELD)], summary=withheld),
            a_claim(12, items=[release], summary=released, billing_date="2026-08-31"),
        ]
    )
    released_account = {"Code": "831", "Name": "Retention Released", "Status": "ACTIVE", "Type": "CURRLIAB"}
    seed["xero"]["accounts"].append({**released_account, "TaxType": "BASEXCLUDED", "Class": "LIABILITY"})
    return seed


@pytest.mark.parametrize(
    ("tax", "taxes", "tax_type"),
    [("on_release", ("8.90", "1.10"), "INPUT"), ("on_invoice", ("10.00", "0.00"), "BASEXCLUDED")],
)
def test_retention_and_its_tax(a_world: MakeWorld, tax: str, taxes: tuple[str, str], tax_type: str) -> None:
    """Withheld and later released, retention leaves nothing behind, and its tax is due when the setting says."""
    world = ruled(a_world(retention_seed(*taxes)), retention=f'{RETENTION}\ntax = "{tax}"')
    world.whole_pass()
    assert world.holds() == {}
    withheld, released = world.bill("INV-11"), world.bill("INV-12")
    assert lines(withheld) == [("320", "INPUT", "100.00"), ("830", tax_type, "-11.00")]
    assert lines(released) == [("831", tax_type, "11.00")]
    assert [Decimal(bill["TotalTax"]) for bill in (withheld, released)] == [Decimal(tax) for tax in taxes]
    assert sum(Decimal(bill["SubTotal"]) for bill in (withheld, released)) == 100


def test_a_tax_of_another_day_is_held(a_world: MakeWorld) -> None:
    """A mapping file that taxes retention at another time than Procore does is found by the first claim."""
    world = ruled(a_world(retention_seed("10.00", "0.00")), retention=f'{RETENTION}\ntax = "on_release"')
    world.whole_pass()
    assert world.holds() == {"claim 11": "tax_differs", "claim 12": "tax_differs"}
    assert "8.90 AUD, but Procore says 10.00 AUD" in world.sentences()["claim 11"]


def test_the_account_decides_the_tax_where_nothing_else_does(a_world: MakeWorld) -> None:
    """Without tax code and default the account's own tax type is sent, and the next pass changes nothing."""
    claim = a_claim(11, items=[an_item("100.00", taxes=[])], summary={"current_payment_due": "100.00"})
    world = ruled(a_world(a_seed(claims=[claim])), tax="")
    world.whole_pass()
    assert lines(world.bill("INV-11")) == [("320", "INPUT", "100.00")]
    mark = world.last()
    world.enter("requisitions", claim)
    world.whole_pass()
    assert world.writes(mark) == []
    changed = an_item("120.00", taxes=[])
    world.enter("requisitions", a_claim(11, items=[changed], summary={"current_payment_due": "120.00"}))
    world.whole_pass()
    assert world.holds() == {}
    assert lines(world.bill("INV-11")) == [("320", "INPUT", "120.00")]


def test_a_rate_that_differs_is_held(a_world: MakeWorld) -> None:
    """Two rates under one name are found before a bill is wrong by some percent."""
    taxes = [{"tax_code_id": 910, "tax_code_name": "GST@10%", "tax_code_rate": Decimal("0.125")}]
    summary = {"current_payment_due": "100.00", "tax_applicable_to_this_payment": "12.50"}
    world = a_world(a_seed(claims=[a_claim(11, items=[an_item("100.00", taxes=taxes)], summary=summary)]))
    world.whole_pass()
    assert world.holds() == {"claim 11": "tax_rate_differs"}
    assert "GST@10% is 12.5 %, but Xero's tax type INPUT is 10 %" in world.sentences()["claim 11"]


def test_a_cent_of_tax_by_tolerance(a_world: MakeWorld) -> None:
    """Beyond what rounding explains, the firm says how many cents are nobody's business; the bill has Procore's."""
    summary = {"current_payment_due": "100.00", "tax_applicable_to_this_payment": "10.01"}
    seed = a_seed(claims=[a_claim(11, items=[an_item("100.00")], summary=summary)])
    strict = a_world(seed)
    strict.whole_pass()
    assert strict.holds() == {"claim 11": "tax_differs"}
    lenient = ruled(a_world(seed), tax='default = "BASEXCLUDED"\ntolerance = "0.01"')
    lenient.whole_pass()
    assert Decimal(lenient.bill("INV-11")["TotalTax"]) == Decimal("10.01")


def rounded(tax: str, **fields: Any) -> dict[str, Any]:
    """Three lines of 33.35, whose tax Xero rounds to 3.34 each, and Procore to 10.01 on the total."""
    items = [an_item("33.35", id=number) for number in (1, 2, 3)]
    summary = {"current_payment_due": "100.05", "tax_applicable_to_this_payment": tax}
    return a_claim(11, items=items, summary=summary, **fields)


def test_a_payment_in_full_closes_a_bill_that_procore_rounds_otherwise(a_world: MakeWorld) -> None:
    """The bill has the tax that Procore states, proved on its lines, so nothing stays due; and nothing goes again."""
    world = a_world(a_seed(claims=[rounded("10.01")], payments=[a_payment(71, 11, "110.06")]))
    world.whole_pass()
    assert world.holds() == {}
    bill = world.bill("INV-11")
    assert (bill["Status"], str(bill["TotalTax"]), str(bill["AmountDue"])) == ("PAID", "10.01", "0.00")
    assert [str(line["TaxAmount"]) for line in bill["LineItems"]] == ["3.33", "3.34", "3.34"]
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), world.writes(since)) == ({}, [])


def test_a_tax_that_procore_states_anew_arrives(a_world: MakeWorld) -> None:
    """Also when it moves by a cent and nothing else does, there and back again."""
    world = a_world(a_seed(claims=[rounded("10.01")]))
    world.whole_pass()
    for tax in ("10.02", "10.01"):
        world.enter("requisitions", rounded(tax))
        world.whole_pass()
        assert (world.holds(), str(world.bill("INV-11")["TotalTax"])) == ({}, tax)


def test_a_tax_type_that_the_account_forbids(a_world: MakeWorld) -> None:
    """What Xero would refuse for its account is held with a sentence of our own, and costs no call."""
    world = ruled(a_world(a_seed(claims=[a_claim(11)])), **{"tax.codes": '"GST@10%" = "OUTPUT"'})
    world.whole_pass()
    assert world.holds() == {"claim 11": "reference_unusable"}
    assert "does not allow it on account 320 (EXPENSE)" in world.sentences()["claim 11"]
    assert world.writes(path="Invoices") == []


def test_a_currency_that_is_not_enabled(a_world: MakeWorld) -> None:
    """A bill in a foreign currency waits for a person, who is told where to click; the list is read for it alone."""
    foreign = a_claim(12, currency_configuration={"currency_iso_code": "NZD", "currency_exchange_rate": "1.08"})
    own = a_claim(11, currency_configuration={"currency_iso_code": "AUD"})
    home = a_world(a_seed(claims=[own]))
    home.whole_pass()
    assert not [entry for entry in home.journal() if entry["path"].endswith("/Currencies")]
    seed = a_seed(claims=[own, foreign])
    world = a_world(seed)
    world.whole_pass()
    assert world.holds() == {"claim 12": "currency_not_enabled"}
    assert "Settings, Currencies, Add currency" in HoldCode.CURRENCY_NOT_ENABLED.remedy
    assert len([entry for entry in world.journal() if entry["path"].endswith("/Currencies")]) == 1
    seed["xero"]["currencies"] = [{"Code": "AUD"}, {"Code": "NZD"}]
    enabled = a_world(seed)
    enabled.whole_pass()
    assert enabled.holds() == {}
    bills = [enabled.bill(number) for number in ("INV-11", "INV-12")]
    assert [bill["CurrencyCode"] for bill in bills] == ["AUD", "NZD"]
    assert not [entry for entry in enabled.writes() if "CurrencyRate" in str(entry["body"])]


def test_other_types_and_terms_of_direct_costs(a_world: MakeWorld) -> None:
    """Expenses go when the mapping file says so, and plain terms say when an invoice is due."""
    invoices = [an_invoice(21, terms="Net 14"), an_invoice(22, direct_cost_type="expense", terms="EOM")]
    seed = a_seed(invoices=invoices)
    world = a_world(seed)
    world.whole_pass()
    assert world.bill("DC-21")["DueDate"].startswith("2026-08-03")
    assert len(world.documents("invoices")) == 1
    more = ruled(a_world(seed), invoices='types = ["invoice", "expense"]')
    more.whole_pass()
    assert more.holds() == {}
    assert more.bill("DC-22")["DueDate"].startswith("2026-07-31")


def test_a_kind_of_line_that_nobody_knows_is_held(a_world: MakeWorld) -> None:
    """A new item type may read its columns otherwise; its claim waits for a person, its neighbour goes."""
    odd = a_claim(12, items=[an_item("100.00", item_type="allowance_item")])
    world = a_world(a_seed(claims=[a_claim(11), odd], vendors=[a_vendor()]))
    world.whole_pass()
    assert world.holds() == {"claim 12": "value_unknown"}
    assert world.bill("INV-11")["Status"] == "AUTHORISED"


def test_claims_and_invoices_arrive_each_in_their_status(a_world: MakeWorld) -> None:
    """By the setting of their kind, else the common one."""
    world = a_world(a_seed(claims=[a_claim(11)], invoices=[an_invoice(91)]))
    world.mapping_file.write_text(MAPPING + '\n[documents]\nstatus = "SUBMITTED"\ninvoices_status = "DRAFT"\n')
    world.whole_pass()
    assert (world.bill("INV-11")["Status"], world.bill("DC-91")["Status"]) == ("SUBMITTED", "DRAFT")
