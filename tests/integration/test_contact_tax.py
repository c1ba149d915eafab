"""The tax type that a contact has for purchases in Xero: of lines for which Procore says no tax code."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from tasks import project
from tasks.stages import STAGES
from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import a_claim, a_contact, a_seed, a_vendor, an_invoice, an_item
from tests.integration.world import World
from worker.mapping import invoices
from worker.mapping.references import Known
from worker.procore.records import Invoice
from worker.xero.documents import Bill

FREE: dict[str, Any] = {"AccountsPayableTaxType": "EXEMPTEXPENSES"}
TAXED = 'default = "INPUT"'
KEPT: dict[str, Any] = {"work_completed_retainage_retained_this_period": "10.00"}


def a_supplier(number: int = 901, name: str = "Supplier 1", **fields: Any) -> dict[str, Any]:
    return a_contact(number, name, **fields)


def uncoded(id: int, amount: str = "100.00", *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A claim of which Procore says no tax."""
    return a_claim(
        id, amount, items=items or [an_item(amount, taxes=[])], summary={"current_payment_due": amount}, **fields
    )


def types(world: World, number: str) -> list[str]:
    return [line["TaxType"] for line in world.bill(number)["LineItems"]]


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        (TAXED, ["EXEMPTEXPENSES"]),
        ("", ["EXEMPTEXPENSES"]),
        (f'{TAXED}\n[tax.vendors]\n"Supplier 1" = "BASEXCLUDED"', ["BASEXCLUDED"]),
    ],
    ids=["before the default", "before the account's own", "after the vendor's"],
)
def test_the_contacts_own_tax_type(a_world: MakeWorld, tax: str, expected: list[str]) -> None:
    """It goes before the mapping file's default and the account's own, and after [tax.vendors]; nothing goes twice."""
    vendors, claims = [a_vendor(1), a_vendor(2)], [uncoded(11), a_claim(12, vendor_id=2)]
    contacts = [a_supplier(**FREE), a_supplier(902, "Supplier 2", **FREE)]
    world = ruled(
        a_world(a_seed(vendors=vendors, claims=claims, invoices=[an_invoice(31)], contacts=contacts)), tax=tax
    )
    world.whole_pass()
    assert world.holds() == {}
    assert (types(world, "INV-11"), types(world, "DC-31"), types(world, "INV-12")) == (expected, expected, ["INPUT"])
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), world.writes(since)) == ({}, [])


def test_retention_goes_with_the_work(a_world: MakeWorld) -> None:
    """What is withheld from a line without code has the contact's type, what is withheld from one with code its own."""
    items = (an_item("100.00", id=1, taxes=[], **KEPT), an_item("100.00", id=2, **KEPT))
    world = ruled(a_world(a_seed(claims=[uncoded(11, "180.00", *items)], contacts=[a_supplier(**FREE)])), tax=TAXED)
    world.whole_pass()
    bill = world.bill("INV-11")
    assert [(line["TaxType"], str(line["LineAmount"])) for line in bill["LineItems"]] == [
        ("EXEMPTEXPENSES", "100.00"),
        ("INPUT", "100.00"),
        ("EXEMPTEXPENSES", "-10.00"),
        ("INPUT", "-10.00"),
    ]
    assert str(bill["TotalTax"]) == "9.00"


@pytest.mark.parametrize("before", [{}, {"AccountsPayableTaxType": "BASEXCLUDED"}], ids=["none before", "another"])
def test_another_type_later_moves_no_bill(a_world: MakeWorld, before: dict[str, Any]) -> None:
    """A type that a bookkeeper gives the contact counts for the next bill; one that changes keeps its own."""
    seed = a_seed(claims=[uncoded(11), uncoded(12)], contacts=[a_supplier(**before)] if before else [])
    world = ruled(a_world(seed), tax=TAXED)
    world.whole_pass()
    (contact,) = world.documents("contacts")
    world.xero_edit("Contacts", contact["ContactID"], **FREE)
    world.enter("requisitions", uncoded(12, "120.00"))
    world.enter("requisitions", uncoded(13))
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert world.holds() == {}
    kept = [before.get("AccountsPayableTaxType", "INPUT")]
    assert [types(world, f"INV-{number}") for number in (11, 12, 13)] == [kept, kept, ["EXEMPTEXPENSES"]]
    assert world.bill("INV-12")["SubTotal"] == "120.00"
    assert len([one for one in world.journal(since) if "/Contacts" in one["path"]]) == 1


def test_a_draft_follows_its_contact(a_world: MakeWorld) -> None:
    """As it follows the mapping file, as long as nobody has approved it."""
    world = ruled(a_world(a_seed(claims=[uncoded(11)])), tax=TAXED, documents='status = "DRAFT"')
    world.whole_pass()
    (contact,) = world.documents("contacts")
    world.xero_edit("Contacts", contact["ContactID"], **FREE)
    world.enter("requisitions", uncoded(11, "120.00"))
    world.whole_pass()
    assert (world.holds(), types(world, "INV-11")) == ({}, ["EXEMPTEXPENSES"])


@pytest.mark.parametrize("stated", [Decimal("-0.00"), None], ids=["with Procore's 0.00", "before Procore showed it"])
def test_a_direct_cost_of_an_earlier_version_is_not_recoded(a_world: MakeWorld, stated: Decimal | None) -> None:
    """Procore's 0.00 was part of what a direct cost is compared by, before the contact's type counted."""
    zero = {"subtotal": "-20.00", "tax_total": "0.00", "grand_total": "-20.00", "tax_details": []}
    world = a_world(a_seed(invoices=[an_invoice(31, "-20.00", tax_breakdown=zero)], contacts=[a_supplier(**FREE)]))

    def as_before(invoice: Invoice, known: Known) -> Bill:
        bill = invoices.to_document(invoice, known)
        lines = tuple(replace(line, is_tax_open=False) for line in bill.lines)
        return replace(bill, lines=lines, stated_tax=stated, says_no_tax=False, stated_zero=None)

    earlier = tuple(replace(one, to_document=as_before) if one.name == "invoices" else one for one in STAGES)
    with patch.object(project, "STAGES", earlier):
        world.whole_pass()
    (note,) = world.documents("credit_notes")
    since = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (world.holds(), world.writes(since), world.documents("credit_notes")) == ({}, [], [note])


def test_a_change_that_a_person_made_by_hand(a_world: MakeWorld) -> None:
    """A bill of the contact's type that was brought into line by hand is seen to be right."""
    world = ruled(a_world(a_seed(claims=[uncoded(11)], contacts=[a_supplier(**FREE)])), tax=TAXED)
    world.whole_pass()
    bill = world.bill("INV-11")
    lines = [{**bill["LineItems"][0], "UnitAmount": "120.00", "LineAmount": "120.00"}]
    totals = {"SubTotal": "120.00", "Total": "120.00", "AmountDue": "120.00"}
    world.xero_edit("Invoices", bill["InvoiceID"], LineItems=lines, **totals)
    world.enter("requisitions", uncoded(11, "120.00"))
    since = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(since)) == ({}, [])


def test_a_type_that_xero_does_not_have_any_more(a_world: MakeWorld) -> None:
    """It is named as the contact's, and both ways out work: the contact in Xero, and [tax.vendors]."""
    supplier = a_supplier(AccountsPayableTaxType="INPUT99")
    world = ruled(a_world(a_seed(claims=[uncoded(11), uncoded(12)], contacts=[supplier])), tax=TAXED)
    world.whole_pass()
    assert world.holds() == {"claim 11": "reference_unusable", "claim 12": "reference_unusable"}
    said = "Tax type INPUT99 that its contact has for purchases is not usable in Xero: Xero has no such tax type."
    assert world.sentences()["claim 11"] == said
    world.xero_edit("Contacts", supplier["ContactID"], AccountsPayableTaxType="EXEMPTEXPENSES")
    world.whole_pass()
    assert (world.holds(), types(world, "INV-11")) == ({}, ["EXEMPTEXPENSES"])
    world.xero_edit("Contacts", supplier["ContactID"], AccountsPayableTaxType="INPUT99")
    world.enter("requisitions", uncoded(13))
    world.whole_pass()
    assert world.holds() == {"claim 13": "reference_unusable"}
    ruled(world, tax=f'{TAXED}\n[tax.vendors]\n"1" = "EXEMPTEXPENSES"')
    world.whole_pass()
    assert (world.holds(), types(world, "INV-13")) == ({}, ["EXEMPTEXPENSES"])


def test_a_contact_that_a_person_merged(a_world: MakeWorld) -> None:
    """The bill goes to the contact that is left, with the tax type of that one."""
    other = a_supplier(902, "Another", **FREE)
    world = ruled(a_world(a_seed(claims=[uncoded(11)], contacts=[a_supplier(), other])), tax=TAXED)
    world.whole_pass()
    (old,) = [row for row in world.documents("contacts") if row["Name"] == "Supplier 1"]
    world.xero_edit("Contacts", old["ContactID"], ContactStatus="ARCHIVED", MergedToContactID=other["ContactID"])
    world.enter("requisitions", uncoded(12))
    world.whole_pass()
    assert (world.holds(), types(world, "INV-12")) == ({}, ["EXEMPTEXPENSES"])
    assert world.bill("INV-12")["Contact"]["ContactID"] == other["ContactID"]


def test_a_zero_is_judged_by_the_contacts_type(a_world: MakeWorld) -> None:
    """A contact without tax in Xero is a way out of a stated 0.00, too."""
    summary = {"current_payment_due": "100.00", "tax_applicable_to_this_payment": "0.00"}
    claim = a_claim(11, items=[an_item("100.00", taxes=[])], summary=summary)
    world = ruled(a_world(a_seed(claims=[claim, a_claim(12)], contacts=[a_supplier(**FREE)])), tax=TAXED)
    world.whole_pass()
    assert (world.holds(), types(world, "INV-11")) == ({}, ["EXEMPTEXPENSES"])
