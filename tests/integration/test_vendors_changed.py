"""A vendor that changes in Procore, and a person who says whom it is paid as."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    Row,
    a_claim,
    a_contact,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
)
from tests.integration.synced import a_synced_world
from tests.integration.test_who_is_paid import ONE, OTHER, paid
from tests.integration.world import World
from worker.cli.app import app
from worker.ledger.moved import moves


def register(number: str) -> Row:
    return {"type": "abn", "identifier": number}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="procore-xero")


@pytest.fixture
def a_typed(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> MakeWorld:
    """A world whose ledger and clients the commands use."""

    def make(*arguments: object, **settings: object) -> World:
        world = a_world(*arguments, **settings)
        monkeypatch.setattr("worker.assembly.parts", lambda: world.parts)
        return world

    return make


def told(world: World) -> list[str]:
    """What reports say beside what was done."""
    jobs = [job.id for job in world.parts.jobs.latest().values()]
    return [move.what for move in moves(world.parts.engine, jobs) if move.what]


@pytest.mark.parametrize("contacts", [[], [a_contact(5, "Supplier 1")]])
def test_another_tax_number_is_another_legal_entity(a_world: MakeWorld, contacts: list[Row]) -> None:
    """Nothing new is paid to it, what stands stays as it is, and the old number back is all that it takes."""
    world = a_synced_world(a_world, a_seed(vendors=[a_vendor(1, abn=ONE)], contacts=contacts, claims=[a_claim(11)]))
    since = world.last()
    world.procore_edit("vendors", 1, business_register=register(OTHER))
    world.enter("requisitions", a_claim(12))
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert world.holds() == {"vendor Supplier 1": "tax_number_changed", "claim 12": "vendor_held"}
    assert ONE in world.sentences()["vendor Supplier 1"]
    assert OTHER in world.sentences()["vendor Supplier 1"]
    assert world.writes(since) == []
    world.procore_edit("vendors", 1, business_register=register(ONE))
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert set(paid(world)) == {"INV-11", "INV-12"}


def test_a_number_that_was_away_in_between_is_remembered(a_world: MakeWorld) -> None:
    """Cleared, then entered anew: another one is still another entity; no number at all says nothing."""
    world = a_synced_world(a_world, a_seed(vendors=[a_vendor(1, abn=ONE)], claims=[a_claim(11)]))
    world.procore_edit("vendors", 1, business_register=register("n/a"))
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    world.procore_edit("vendors", 1, business_register=register(OTHER))
    world.run(JOB_NUMBER)
    assert world.holds() == {"vendor Supplier 1": "tax_number_changed"}


def test_a_number_that_comes_later_and_is_not_the_contacts(a_world: MakeWorld) -> None:
    """The contact was taken by its name alone, and turns out to be somebody else."""
    contact = a_contact(5, "Supplier 1", TaxNumber=OTHER)
    world = a_world(a_seed(contacts=[contact], claims=[a_claim(11)]))
    world.whole_pass()
    world.procore_edit("vendors", 1, business_register=register(ONE))
    world.enter("requisitions", a_claim(12))
    world.run(JOB_NUMBER)
    assert world.holds() == {"vendor Supplier 1": "tax_numbers_differ", "claim 12": "vendor_held"}


@pytest.mark.parametrize("own", [[], [a_contact(5, "Supplier 1")]], ids=["made here", "adopted"])
@pytest.mark.parametrize("number", [None, ONE])
def test_nobody_is_paid_on_a_record_that_got_the_name_of_another_contact(
    a_typed: MakeWorld, own: list[Row], number: str | None
) -> None:
    """It may be of that one now: a person says which, unless a tax number proves that it is still who it was."""
    vendors, contacts = [a_vendor(1, abn=number)], [*own, a_contact(6, "Bolt")]
    world = a_typed(a_seed(vendors=vendors, contacts=contacts, claims=[a_claim(11)]))
    world.whole_pass()
    world.procore_edit("vendors", 1, name="BOLT")
    world.enter("requisitions", a_claim(12))
    for _ in range(2):
        world.whole_pass()
        vendor = {} if number and own else {"vendor BOLT": "name_taken"}
        assert world.holds() == {**vendor, **({} if number else {"claim 12": "vendor_held"})}
    if number is None:
        assert "paid as 'Supplier 1'" in world.sentences()["vendor BOLT"]
        assert run("tie", "1", world.bill("INV-11")["Contact"]["ContactID"], "--yes").exit_code == 0
        world.whole_pass()
        assert world.holds() == {}
    assert world.bill("INV-12")["Contact"]["ContactID"] == world.bill("INV-11")["Contact"]["ContactID"]


def test_the_vendor_of_another_project_is_doubted_there_too(a_world: MakeWorld) -> None:
    """Though the other project's directory does not list it."""
    seed = a_seed(
        vendors=[a_vendor(1, abn=ONE)], claims=[a_claim(11)], projects=[a_project(), a_project(311, "24-018")]
    )
    world = a_world(seed)
    world.whole_pass()
    world.procore_edit("vendors", 1, business_register=register(OTHER))
    world.run(JOB_NUMBER)
    world.enter("requisitions", a_claim(21), 311)
    world.run("24-018")
    assert world.holds()["claim 21"] == "vendor_held"


def test_a_new_name_or_email_goes_and_is_told(a_world: MakeWorld) -> None:
    """People look for the supplier by them while its bills are open."""
    world = a_world(a_seed(vendors=[a_vendor(1, email_address="a@example.com")], claims=[a_claim(11)]))
    world.whole_pass()
    world.procore_edit("vendors", 1, name="Supplier One", email_address="b@example.com")
    world.run(JOB_NUMBER)
    (contact,) = world.documents("contacts")
    assert (contact["Name"], contact["EmailAddress"]) == ("Supplier One", "b@example.com")
    assert told(world) == ["name: Supplier 1 -> Supplier One; e-mail: a@example.com -> b@example.com"]
    world.procore_edit("vendors", 1, mobile_phone="0400 000 000")
    world.run(JOB_NUMBER)
    assert told(world) == []


PHONE = {"PhoneType": "DEFAULT", "PhoneNumber": "03 9999 0000"}
EDITS = pytest.mark.parametrize(
    ("procore", "by_hand", "said"),
    [
        ({"name": "Supplier One"}, {"Name": "The Supplier"}, "Name is The Supplier, Procore says Supplier One"),
        (
            {"email_address": "b@x.example"},
            {"EmailAddress": "c@x.example"},
            "EmailAddress is c@x.example, Procore says",
        ),
        ({"business_phone": "02 9000 0002"}, {"Phones": [PHONE]}, "DEFAULT phone is 03 9999 0000, Procore says"),
        (
            {"city": "Perth"},
            {"Addresses": [{"AddressType": "STREET", "City": "Hobart"}]},
            "STREET City is Hobart, Procore says Perth",
        ),
    ],
)


def detailed(a_world: MakeWorld) -> World:
    vendor = a_vendor(1, email_address="a@x.example", business_phone="02 9000 0001", city="Sydney", country_code=None)
    world = a_world(a_seed(vendors=[vendor], claims=[a_claim(11)]))
    world.whole_pass()
    return world


@EDITS
def test_what_a_person_edited_of_a_contact_is_not_written_over(
    a_world: MakeWorld, procore: Row, by_hand: Row, said: str
) -> None:
    """Both are named, and its bills go meanwhile; it clears when the contact says what Procore says."""
    world = detailed(a_world)
    (contact,) = world.documents("contacts")
    world.xero_edit("contacts", contact["ContactID"], **by_hand)
    (before,) = world.documents("contacts")
    world.procore_edit("vendors", 1, **procore)
    world.enter("requisitions", a_claim(12))
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert list(world.holds().values()) == ["edited_in_xero"]
        assert said in next(iter(world.sentences().values()))
        assert world.documents("contacts") == [before]
        assert set(paid(world)) == {"INV-11", "INV-12"}
    mark = world.last()
    (field,) = by_hand
    written: Any = {"Name": "Supplier One", "EmailAddress": "b@x.example"}.get(field) or [
        {"PhoneType": "DEFAULT", "PhoneNumber": "0290000002"}
        if field == "Phones"
        else {**contact[field][0], "City": "Perth"}
    ]
    world.xero_edit("contacts", contact["ContactID"], **{field: written})
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert (world.holds(), world.writes(mark)) == ({}, []), world.sentences()


@EDITS
def test_what_a_person_edited_of_a_contact_stays_while_something_else_changes(
    a_world: MakeWorld, procore: Row, by_hand: Row, said: str
) -> None:
    """An update carries only what changed; what a person entered in the same list goes along."""
    world = detailed(a_world)
    (contact,) = world.documents("contacts")
    mobile = {"PhoneType": "MOBILE", "PhoneNumber": "0400 000 000"}
    world.xero_edit(
        "contacts", contact["ContactID"], **{**by_hand, "Phones": [*by_hand.get("Phones", contact["Phones"]), mobile]}
    )
    world.procore_edit("vendors", 1, fax_number="02 9000 0009")
    world.run(JOB_NUMBER)
    (now,) = world.documents("contacts")
    if "Phones" in by_hand:
        assert list(world.holds().values()) == ["edited_in_xero"]
        return
    assert world.holds() == {}
    assert all(now[field] == value for field, value in by_hand.items())
    assert [one["PhoneType"] for one in now["Phones"]] == ["DEFAULT", "MOBILE", "FAX"]


def test_bank_details_are_never_written(a_world: MakeWorld) -> None:
    """In no body of a first pass, an adoption, or a change: where money goes to is for people in Xero."""
    vendors = [a_vendor(1, abn=ONE, email_address="a@example.com"), a_vendor(2)]
    contacts = [a_contact(5, "Supplier 2", BankAccountDetails="062-000 12345678")]
    payments = [a_payment(71, 11, "10.00")]
    world = a_world(a_seed(vendors=vendors, contacts=contacts, claims=[a_claim(11)], payments=payments))
    world.whole_pass()
    world.procore_edit("vendors", 1, name="Supplier One", bank_account_number="999", website="www.example.com")
    world.run(JOB_NUMBER)
    bodies = [entry["body"] for entry in world.writes()]
    names = {name for body in bodies for name in _names(body)}
    assert {"ContactNumber", "Name", "Amount", "InvoiceNumber"} <= names
    assert not {name for name in names if "bank" in name.casefold()} - {"BankTransactions"}
    assert not names & {"BatchPayments", "Website", "PaymentTerms"}
    assert [row["BankAccountDetails"] for row in world.documents("contacts") if row["Name"] == "Supplier 2"] == [
        "062-000 12345678"
    ]


def _names(body: object) -> set[str]:
    if isinstance(body, dict):
        return {*body, *(name for value in body.values() for name in _names(value))}
    return {name for value in body for name in _names(value)} if isinstance(body, list) else set()


def test_a_person_ties_a_vendor_before_it_was_ever_sent(a_typed: MakeWorld) -> None:
    """The contact that nothing speaks for but the person; nothing is written to Xero."""
    contact = a_contact(5, "Trading As", TaxNumber=OTHER)
    world = a_typed(a_seed(vendors=[a_vendor(1, abn=ONE)], contacts=[contact], claims=[a_claim(11)]))
    world.discover()
    result = run("tie", "1", f"https://go.xero.com/Contacts/View/{contact['ContactID']}", "--yes")
    assert result.exit_code == 0, result.output
    world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Trading As"}
    assert world.writes(path="/Contacts") == []
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


def test_a_person_ties_a_vendor_to_another_contact(a_typed: MakeWorld) -> None:
    """The bill that stands stays where it is, also when its amount changes; the next one goes to the other contact."""
    other = a_contact(6, "The Other")
    world = a_typed(a_seed(contacts=[a_contact(5, "Supplier 1"), other], claims=[a_claim(11)]))
    world.whole_pass()
    assert run("tie", "1", other["ContactID"], "--yes").exit_code == 0
    since = world.last()
    world.run(JOB_NUMBER)
    assert (world.holds(), world.writes(since)) == ({}, [])
    world.enter("requisitions", a_claim(12))
    changed = a_claim(11, "120.00")
    world.procore_edit("requisitions", 11, PROJECT_ID, summary=changed["summary"], items=changed["items"])
    world.whole_pass()
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1", "INV-12": "The Other"}
    assert world.bill("INV-11")["SubTotal"] == "120.00"


def test_a_person_unties_a_vendor(a_typed: MakeWorld) -> None:
    """It is not found to be that contact again; what stands stays, what is new waits for another contact."""
    world = a_typed(a_seed(contacts=[a_contact(5, "Supplier 1")], claims=[a_claim(11)]))
    world.whole_pass()
    assert run("untie", "1").exit_code == 0
    world.enter("requisitions", a_claim(12))
    world.run(JOB_NUMBER)
    assert world.holds() == {"vendor Supplier 1": "untied", "claim 12": "vendor_held"}
    assert "'Supplier 1'" in world.sentences()["vendor Supplier 1"]
    assert run("untie", "1").exit_code == 2
    world.type_in_xero("Contacts", {"Name": "Right One"})
    row = next(row for row in world.documents("contacts") if row["Name"] == "Right One")
    assert run("tie", "1", row["ContactID"], "--yes").exit_code == 0
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1", "INV-12": "Right One"}


def test_the_next_pass_goes_by_what_a_person_said(a_typed: MakeWorld) -> None:
    """Whenever the project's lists would be due."""
    world = a_typed(a_seed(contacts=[a_contact(5, "Supplier 1")], claims=[a_claim(11)]), read_lists="when_due")
    world.whole_pass()
    assert run("untie", "1").exit_code == 0
    world.enter("requisitions", a_claim(12))
    world.clock.advance(60)
    world.whole_pass()
    assert world.holds() == {"vendor Supplier 1": "untied", "claim 12": "vendor_held"}
    world.type_in_xero("Contacts", {"Name": "Right One"})
    row = next(row for row in world.documents("contacts") if row["Name"] == "Right One")
    assert run("tie", "1", row["ContactID"], "--yes").exit_code == 0
    world.clock.advance(60)
    world.whole_pass()
    assert (world.holds(), paid(world)) == ({}, {"INV-11": "Supplier 1", "INV-12": "Right One"})


def test_a_doubt_ends_when_a_person_says_whom_it_is_paid_as(a_typed: MakeWorld) -> None:
    """The supplier got a new number, and is the same."""
    world = a_typed(a_seed(vendors=[a_vendor(1, abn=ONE)], claims=[a_claim(11)]))
    world.whole_pass()
    world.procore_edit("vendors", 1, business_register=register(OTHER))
    world.run(JOB_NUMBER)
    assert world.holds() == {"vendor Supplier 1": "tax_number_changed"}
    (contact,) = world.documents("contacts")
    assert run("tie", "1", contact["ContactID"], "--yes").exit_code == 0
    world.enter("requisitions", a_claim(12))
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert paid(world) == {"INV-11": "Supplier 1", "INV-12": "Supplier 1"}


def test_what_cannot_be_tied_is_refused(a_typed: MakeWorld) -> None:
    """Unknown vendors, and contacts that are not there or not active; nobody is asked without a terminal."""
    gone = a_contact(6, "Gone", ContactStatus="ARCHIVED")
    there = a_contact(5, "Supplier 1")
    world = a_typed(a_seed(contacts=[there, gone]))
    world.discover()
    for arguments, words in [
        (("7", there["ContactID"], "--yes"), "Procore shows no vendor 7"),
        (("1", "Supplier 1", "--yes"), "no address of a contact"),
        (("1", a_contact(9, "x")["ContactID"], "--yes"), "Xero has no contact"),
        (("1", gone["ContactID"], "--yes"), "is not active"),
        (("1", there["ContactID"]), "paid as 'Supplier 1', by a person"),
    ]:
        result = run("tie", *arguments)
        assert result.exit_code == 2
        assert words in " ".join(result.stderr.split())


def test_the_vendors_are_listed(a_typed: MakeWorld) -> None:
    """Whom each is paid as, by what, and both numbers; a number that is none is called so."""
    vendors = [a_vendor(1, "Alpha", abn=ONE), a_vendor(2, "Beta Pty. Ltd.", abn="N/A"), a_vendor(3, "Gamma", abn=OTHER)]
    contacts = [a_contact(5, "Old Alpha", TaxNumber=ONE), a_contact(6, "Beta Pty Ltd", TaxNumber="n/a")]
    world = a_typed(a_seed(vendors=vendors, contacts=contacts))
    world.whole_pass()
    lines = " ".join(run("vendors").stdout.split())
    alpha = f"paid as 'Old Alpha', by tax number; tax number in Procore: {ONE}, in Xero: {ONE}"
    beta = "paid as 'Beta Pty Ltd', by name; tax number in Procore: N/A (not valid), in Xero: n/a"
    gamma = f"paid as 'Gamma', made for it; tax number in Procore: {OTHER}, in Xero: {OTHER}"
    for line in (f"Alpha (vendor 1) {alpha}", f"Beta Pty. Ltd. (vendor 2) {beta}", f"Gamma (vendor 3) {gamma}"):
        assert line in lines
    status = " ".join(run("status", JOB_NUMBER).stdout.split())
    assert "paid as 'Old Alpha', by tax number" in status
    assert told(world) == [alpha, beta]
    assert "Gamma" not in run("vendors", "alpha").stdout


@pytest.mark.parametrize(
    "vendors", [[a_vendor(1, "Smith"), a_vendor(2, "smith")], [a_vendor(1, "Jones", ONE), a_vendor(2, "smith", ONE)]]
)
def test_one_of_two_vendors_of_a_name_or_number_may_be_tied_to_the_others_contact(
    a_typed: MakeWorld, vendors: list[Row]
) -> None:
    """A person says that they are one supplier."""
    world = a_typed(a_seed(vendors=vendors, claims=[a_claim(11), a_claim(12, vendor_id=2)]))
    world.whole_pass()
    assert set(world.holds()) == {"vendor smith", "claim 12"}
    (contact,) = world.documents("contacts")
    assert run("tie", "2", contact["ContactID"], "--yes").exit_code == 0
    world.whole_pass()
    assert world.holds() == {}
    assert {bill["Contact"]["ContactID"] for bill in world.documents("invoices")} == {contact["ContactID"]}
    assert len(world.documents("invoices")) == 2
