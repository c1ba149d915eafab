"""Nobody is paid on a number or a name that does not prove who they are."""

from __future__ import annotations

import pytest

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, Row, a_claim, a_contact, a_seed, a_vendor
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.holds import Outcome

ONE, OTHER = "53004085616", "51824753556"


def paid(world: World) -> dict[str, str]:
    """Bill number to the name of the contact that it is payable to."""
    names = {row["ContactID"]: row["Name"] for row in world.documents("contacts")}
    return {bill["InvoiceNumber"]: names[bill["Contact"]["ContactID"]] for bill in world.documents("invoices")}


def in_us(seed: Row) -> Row:
    organisation = {**seed["xero"]["organisation"], "CountryCode": "US", "Version": "US"}
    return {**seed, "xero": {**seed["xero"], "organisation": organisation}}


@pytest.mark.parametrize("written", ["N/A", "00 000 000 000", "not registered", "12345678901", "004 085 616"])
def test_a_placeholder_pays_no_stranger(a_world: MakeWorld, written: str) -> None:
    """The contact with the same text is somebody else; the right one is there by its name, and nothing is written."""
    contacts = [a_contact(5, "Some Cafe", TaxNumber=written.lower()), a_contact(6, "Supplier 1")]
    world = a_world(a_seed(vendors=[a_vendor(1, abn=written)], contacts=contacts, claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1"}
    assert [row.get("TaxNumber") for row in world.documents("contacts")] == [written.lower(), None]


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("Ernie\u2019s Electrical", "Ernie's Electrical"),
        ("A\u2013B Joinery", "A-B Joinery"),
        ("Smith &amp; Sons Pty. Ltd.", "Smith & Sons Pty Ltd"),
    ],
)
def test_another_spelling_makes_no_second_contact(a_world: MakeWorld, name: str, there: str) -> None:
    """The bill goes to the contact that is there."""
    world = a_world(a_seed(vendors=[a_vendor(1, name)], contacts=[a_contact(5, there)], claims=[a_claim(11)]))
    world.whole_pass()
    assert paid(world) == {"INV-11": there}
    assert len(world.documents("contacts")) == 1


def test_two_legal_entities_of_one_name_are_held_until_a_number_is_corrected(a_world: MakeWorld) -> None:
    """Nothing goes to the other one; the remedy works without another word."""
    contact = a_contact(5, "Supplier 1", TaxNumber=OTHER)
    world = a_world(a_seed(vendors=[a_vendor(1, abn=ONE)], contacts=[contact], claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {"vendor Supplier 1": "tax_numbers_differ", "claim 11": "vendor_held"}
    assert ONE in world.sentences()["vendor Supplier 1"]
    assert OTHER in world.sentences()["vendor Supplier 1"]
    assert world.documents("invoices") == []
    world.xero_edit("Contacts", contact["ContactID"], TaxNumber="53 004 085 616")
    world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1"}


def test_the_other_remedy_is_another_name(a_world: MakeWorld) -> None:
    """Both numbers are right, so the vendor gets a contact of its own."""
    contact = a_contact(5, "Supplier 1", TaxNumber=OTHER)
    world = a_world(a_seed(vendors=[a_vendor(1, abn=ONE)], contacts=[contact], claims=[a_claim(11)]))
    world.whole_pass()
    world.procore_edit("vendors", 1, name="Supplier 1 (North)")
    world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1 (North)"}


def test_a_us_vendor_goes_with_the_type_of_its_number(a_world: MakeWorld) -> None:
    """Without it Xero refuses the contact, and all of the vendor's bills wait behind it."""
    vendor = a_vendor(1, business_register={"type": "ein", "identifier": "91-1144442"})
    world = a_world(in_us(a_seed(vendors=[vendor], claims=[a_claim(11)])))
    world.whole_pass()
    assert world.holds() == {}
    (contact,) = world.documents("contacts")
    assert (contact["TaxNumber"], contact["TaxNumberType"]) == ("911144442", "TAXNUMBERTYPE/EIN")
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


def test_the_country_costs_no_call_in_an_unchanged_pass(a_world: MakeWorld) -> None:
    """What a tax number is, the organisation said once."""
    world = a_synced_world(a_world, a_seed(vendors=[a_vendor(1, abn=ONE)], claims=[a_claim(11)]))
    since = world.last()
    world.run(JOB_NUMBER)
    assert world.journal(since) == []


def test_the_audit_knows_a_stranger(a_world: MakeWorld) -> None:
    """A bill that is payable to somebody with another valid number does not agree; a placeholder is no number there."""
    world = a_synced_world(a_world, a_seed(vendors=[a_vendor(1, abn=ONE)], claims=[a_claim(11)]))
    assert audit_books(world.parts).differences == []
    (contact,) = world.documents("contacts")
    world.xero_edit("Contacts", contact["ContactID"], TaxNumber="n/a")
    assert audit_books(world.parts).differences == []
    world.xero_edit("Contacts", contact["ContactID"], TaxNumber=OTHER)
    said = [one.sentence for one in audit_books(world.parts).differences]
    assert said == [
        f"Its contact Supplier 1 has the ABN {OTHER}, in Procore it is ABN {ONE}.",
        f"It is payable to Supplier 1, which has the ABN {OTHER}: that is not its vendor.",
    ]


@pytest.mark.parametrize(
    ("there", "refusal"),
    [
        ({"Website": "www.acme.example"}, "Website must be valid"),
        ({"EmailAddress": "bob at acme"}, "Email address must be valid"),
        ({"Name": "SUPPLIER  1"}, "doubled spaces"),
    ],
)
def test_a_good_contact_is_paid_though_xero_refuses_our_number(a_world: MakeWorld, there: Row, refusal: str) -> None:
    """What is stored on it stands in the way of any write; the ledger ties the two, and says so once."""
    world = a_world(a_seed(contacts=[{**a_contact(5, "Supplier 1"), **there}], claims=[a_claim(11)]))
    world.whole_pass()
    (contact,) = world.documents("contacts")
    assert not contact.get("ContactNumber")
    assert "vendor Supplier 1" not in world.holds()
    said = world.sentences(Outcome.IGNORED)["vendor Supplier 1"]
    assert refusal in said
    assert contact["Name"] in said
    if "EmailAddress" in there:  # Xero refuses its bills for it, too
        assert world.holds() == {"claim 11": "rejected"}
        assert "Email" in world.sentences()["claim 11"]
        world.xero_edit("Contacts", contact["ContactID"], EmailAddress="bob@acme.example")
        world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": contact["Name"]}
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []
    assert refusal in world.sentences(Outcome.IGNORED)["vendor Supplier 1"]


def test_a_request_refused_as_a_whole_keeps_no_good_contact_out(a_world: MakeWorld) -> None:
    """The same where Xero answers for the request and not for the contact."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier 1")], claims=[a_claim(11)]))
    body = '{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred"}'
    world.fault("status", "POST", "/Contacts", status=400, body=body)
    world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1"}
    assert "validation exception" in world.sentences(Outcome.IGNORED)["vendor Supplier 1"]
