"""A tax of 0.00 that Procore states: a figure where it computes tax on such records, nothing where its tax is off."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import (
    CODE,
    a_claim,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.world import World
from worker.holds import HoldCode
from worker.mapping.stated_zero import ENOUGH

TAXED = 'default = "INPUT"'


def silent(id: int, amount: str = "1000.00", stated: str | None = "0.00", **fields: Any) -> dict[str, Any]:
    """A claim without any tax code, of which Procore says that its tax is `stated`."""
    summary = {"current_payment_due": amount, "tax_applicable_to_this_payment": stated}
    return a_claim(id, amount, items=[an_item(amount, taxes=[])], summary=summary, **fields)


def without_codes(seed: dict[str, Any]) -> dict[str, Any]:
    """The same company with its tax feature off."""
    seed["procore"]["tax_codes"] = []
    return seed


def second_project() -> dict[str, list[Any]]:
    """What another project needs to have claims."""
    code = {"id": 7, "full_code": CODE, "name": "Concrete", "parent": {"id": None}}
    return {"cost_codes": [code], "project_vendors": [1]}


def figures(world: World, number: str) -> tuple[str, str]:
    bill = world.bill(number)
    return str(bill["TotalTax"]), str(bill["Total"])


def test_a_stated_zero_is_held_where_procore_computes_tax(a_world: MakeWorld) -> None:
    """1,000.00 with a tax of 0.00 is never booked as 1,100.00, whichever of the claims comes first; both ways out."""
    world = ruled(a_world(a_seed(claims=[silent(11), a_claim(12)])), tax=TAXED)
    world.whole_pass()
    assert world.holds() == {"claim 11": "zero_tax_stated"}
    said = world.sentences()["claim 11"]
    assert "its tax is 0.00 AUD, but with Xero's tax types it would be 100.00 AUD" in said
    assert "Procore computes tax on claims, as on claim 12 of 24-017" in said
    assert figures(world, "INV-12") == ("10.00", "110.00")


@pytest.mark.parametrize("key", ["Supplier 1", "supplier  ONE", "1", "51 824 753 556", "ABN 51824753556"])
def test_a_vendor_that_charges_none(a_world: MakeWorld, key: str) -> None:
    """The first way out: the vendor has a tax type of its own, by number in Procore, tax number or name."""
    vendor = a_vendor(1, "Supplier One" if "ONE" in key else "Supplier 1", abn="51 824 753 556")
    claims = [silent(11), a_claim(12, vendor_id=2)]
    world = ruled(a_world(a_seed(vendors=[vendor, a_vendor(2, "Other")], claims=claims)), tax=TAXED)
    world.whole_pass()
    assert world.holds()["claim 11"] == "zero_tax_stated"
    ruled(world, tax=f'{TAXED}\n[tax.vendors]\n"{key}" = "EXEMPTEXPENSES"')
    world.whole_pass()
    assert world.holds() == {}
    assert figures(world, "INV-11") == ("0.00", "1000.00")
    assert [line["TaxType"] for line in world.bill("INV-11")["LineItems"]] == ["EXEMPTEXPENSES"]
    assert figures(world, "INV-12") == ("10.00", "110.00")


def test_a_tax_code_that_was_missing_in_procore(a_world: MakeWorld) -> None:
    """The second way out: Procore is corrected."""
    world = ruled(a_world(a_seed(claims=[silent(11), a_claim(12)])), tax=TAXED)
    world.whole_pass()
    world.enter("requisitions", a_claim(11, "1000.00"))
    world.whole_pass()
    assert (world.holds(), figures(world, "INV-11")) == ({}, ("100.00", "1100.00"))


def test_a_project_without_tax_in_procore(a_world: MakeWorld) -> None:
    """The third way out: Procore's tax is switched on for each project, and this one has it off."""
    world = ruled(a_world(a_seed(claims=[silent(11), a_claim(12)])), tax=TAXED)
    world.whole_pass()
    text = world.mapping_file.read_text()
    world.mapping_file.write_text(f'{text}\n[projects."24-017".tax]\nclaims = "xero"\n')
    world.whole_pass()
    assert (world.holds(), figures(world, "INV-11")) == ({}, ("100.00", "1100.00"))


def test_evidence_of_another_project(a_world: MakeWorld) -> None:
    """What one project shows counts for all of the company, though it is read after this one."""
    projects = [a_project(), a_project(311, "24-018")]
    more = {311: {**second_project(), "requisitions": [a_claim(21)]}}
    world = ruled(a_world(a_seed(projects=projects, claims=[silent(11)], more=more)), tax=TAXED)
    world.run_through("24-017")
    assert world.holds() == {"claim 11": "zero_tax_stated"}
    assert "as on claim 21 of 24-018" in world.sentences()["claim 11"]


def test_no_guess_about_the_first_claim(a_world: MakeWorld) -> None:
    """A company with tax codes whose claims say nothing yet: neither booked nor silent; many of them tell."""
    world = ruled(a_world(a_seed(claims=[silent(11)])), tax=TAXED)
    world.whole_pass()
    assert world.holds() == {"claim 11": "zero_tax_stated"}
    assert "nothing tells yet whether Procore computes tax on claims" in world.sentences()["claim 11"]
    for number in range(12, 31):
        world.enter("requisitions", silent(number))
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), figures(world, "INV-11")) == ({}, ("100.00", "1100.00"))


def test_what_the_mapping_file_says_counts(a_world: MakeWorld) -> None:
    """Nothing is looked for, whatever there is to be seen."""
    world = ruled(a_world(without_codes(a_seed(claims=[silent(11)]))), tax=f'{TAXED}\nclaims = "procore"')
    since = world.last()
    world.whole_pass()
    assert world.holds() == {"claim 11": "zero_tax_stated"}
    assert 'the mapping file says claims = "procore" under [tax]' in world.sentences()["claim 11"]
    assert not [call for call in world.procore_calls("tax_codes") if call["id"] > since]


@pytest.mark.parametrize("untaxed", ["totals", "zeros", "nulls", "empty"])
def test_a_company_whose_tax_is_off(a_world: MakeWorld, untaxed: str) -> None:
    """Tax is left to Xero on claims and direct costs, whatever the breakdown of a direct cost holds then."""
    invoices = [an_invoice(31), an_invoice(32, "-20.00")]
    world = ruled(a_world(without_codes(a_seed(claims=[silent(11)], invoices=invoices))), tax=TAXED)
    world.procore_switch(untaxed_breakdown=untaxed)
    world.whole_pass()
    assert world.holds() == {}
    assert figures(world, "INV-11") == ("100.00", "1100.00")
    assert figures(world, "DC-31") == ("5.00", "55.00")
    assert [str(note["TotalTax"]) for note in world.documents("credit_notes")] == ["2.00"]
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), world.writes(since)) == ({}, [])


def test_direct_costs_alone_without_tax(a_world: MakeWorld) -> None:
    """Tax on direct costs is a switch of its own: claims are taxed in Procore, invoices by Xero. One alone may be of a
    supplier that charges none; many tell."""
    world = ruled(a_world(a_seed(claims=[a_claim(12)], invoices=[an_invoice(31)])), tax=TAXED)
    world.whole_pass()
    assert world.holds() == {"invoice 31": "zero_tax_stated"}
    for number in range(32, 31 + ENOUGH):
        world.enter("direct_costs", an_invoice(number))
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), figures(world, "DC-31")) == ({}, ("5.00", "55.00"))


def test_a_direct_cost_without_tax_among_taxed_ones(a_world: MakeWorld) -> None:
    """Once Procore has computed tax on one of them, 0.00 on another one is what the supplier charged."""
    line = {**an_invoice(32, "100.00")["line_items"][0], "tax_code_id": 910}
    broken_down = {"subtotal": "100.00", "tax_total": "10.00", "grand_total": "110.00"}
    detail = {"tax_code_id": 910, "tax_code_name": "GST@10%", "tax_code_rate": "10.0"}
    taxed = an_invoice(
        32, "100.00", grand_total="110.00", line_items=[line], tax_breakdown={**broken_down, "tax_details": [detail]}
    )
    world = ruled(a_world(a_seed(invoices=[an_invoice(31), taxed])), tax=TAXED)
    world.whole_pass()
    assert world.holds() == {"invoice 31": "zero_tax_stated"}
    assert figures(world, "DC-32") == ("10.00", "110.00")


RETAINED: dict[str, Any] = {"work_completed_retainage_retained_this_period": "50.00"}
RELEASED: dict[str, Any] = {"work_completed_retainage_released_this_period": "50.00"}


@pytest.mark.parametrize(
    ("item", "due"),
    [
        (an_item("-100.00", taxes=[]), "-100.00"),
        (an_item("0.00", taxes=[], **RELEASED), "50.00"),
        (an_item("500.00", taxes=[], **RETAINED), "450.00"),
    ],
    ids=["negative", "retention alone", "with retention"],
)
def test_its_siblings_are_held_too(a_world: MakeWorld, item: dict[str, Any], due: str) -> None:
    """Credit notes, released retention, and what is withheld."""
    summary = {"current_payment_due": due, "tax_applicable_to_this_payment": "0.00"}
    world = ruled(a_world(a_seed(claims=[a_claim(11, items=[item], summary=summary), a_claim(12)])), tax=TAXED)
    world.whole_pass()
    assert world.holds() == {"claim 11": "zero_tax_stated"}
    ruled(world, tax=f'{TAXED}\n[tax.vendors]\n"Supplier 1" = "BASEXCLUDED"')
    world.whole_pass()
    assert "claim 11" not in world.holds()
    kind = "credit_notes" if Decimal(due) < 0 else "invoices"
    numbers = {one.get("InvoiceNumber") or one.get("CreditNoteNumber"): one for one in world.documents(kind)}
    assert (str(numbers["INV-11"]["TotalTax"]), Decimal(numbers["INV-11"]["Total"])) == ("0.00", abs(Decimal(due)))


def test_a_vendor_without_tax_that_procore_taxes(a_world: MakeWorld) -> None:
    """Where the two contradict each other nobody pays a tax that was not charged."""
    world = ruled(a_world(a_seed(claims=[a_claim(11)])), tax=f'{TAXED}\n[tax.vendors]\n"1" = "EXEMPTEXPENSES"')
    world.whole_pass()
    assert world.holds() == {"claim 11": "vendor_taxed"}
    assert "taxed at 10 % (INPUT), but its vendor has EXEMPTEXPENSES" in world.sentences()["claim 11"]
    ruled(world, tax=TAXED)
    world.whole_pass()
    assert world.holds() == {}


def test_a_bill_that_went_stays_when_evidence_comes(a_world: MakeWorld) -> None:
    """What was sent while Procore's tax was off is not sent again, nor looked at, when it is switched on."""
    world = ruled(a_world(without_codes(a_seed(claims=[silent(11)]))), tax=TAXED)
    world.whole_pass()
    world.enter("requisitions", a_claim(12))
    world.whole_pass()
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), world.writes(since)) == ({}, [])
    assert figures(world, "INV-11") == ("100.00", "1100.00")


def test_nothing_is_looked_for_where_nothing_differs(a_world: MakeWorld) -> None:
    """Only a bill to which Xero would add a tax is worth a look at Procore's lists."""
    world = a_world(a_seed(claims=[silent(11)], invoices=[an_invoice(31)]))
    world.whole_pass()
    assert world.holds() == {}
    assert world.procore_calls("tax_codes") == []


def test_the_look_is_one_for_all_jobs(a_world: MakeWorld) -> None:
    """Two projects of one pass, and the next pass, share what was seen."""
    projects = [a_project(), a_project(311, "24-018")]
    more = {311: {**second_project(), "requisitions": [silent(21)]}}
    world = ruled(a_world(without_codes(a_seed(projects=projects, claims=[silent(11)], more=more))), tax=TAXED)
    world.whole_pass()
    assert (world.holds(), len(world.procore_calls("tax_codes"))) == ({}, 1)


def test_every_remedy_is_named() -> None:
    """A bookkeeper reads all three ways out."""
    assert all(word in HoldCode.ZERO_TAX_STATED.remedy for word in ("[tax.vendors]", "in Procore", 'claims = "xero"'))
    assert json.dumps(HoldCode.ZERO_TAX_STATED.remedy)


def test_the_audit_holds_it_against_the_books(a_world: MakeWorld) -> None:
    """1,100.00 that went for 1,000.00 before this was known is named, once a claim shows that Procore computes tax."""
    world = ruled(a_world(without_codes(a_seed(claims=[silent(11)]))), tax=TAXED)
    world.whole_pass()
    assert audit_books(world.parts).differences == []
    world.enter("requisitions", a_claim(12))
    world.whole_pass()
    (found,) = audit_books(world.parts).differences
    assert (found.title, found.sentence) == ("claim 11", "Xero's tax is 100.00 AUD, Procore's is 0.00 AUD.")
    ruled(world, tax=f'{TAXED}\nclaims = "xero"')
    assert audit_books(world.parts).differences == []
