"""Contacts that a person merged or archived in Xero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    PROJECT_ID,
    a_claim,
    a_contact,
    a_payment,
    a_seed,
)
from tests.integration.world import World
from worker.cli.tie import choose
from worker.ledger.tying import tie_vendor


def merge(world: World, old: dict[str, Any], into: dict[str, Any]) -> None:
    """A person merges two contacts in Xero: the one is archived and names the other."""
    world.xero_edit("Contacts", old["ContactID"], ContactStatus="ARCHIVED", MergedToContactID=into["ContactID"])


def test_a_contact_that_was_merged_is_followed(a_world: MakeWorld) -> None:
    """The bill that Xero refused goes to the contact that is left, in the same job, and the next one at once."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier One"), a_contact(6, "Supplier Uno")]))
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    merge(world, contacts["Supplier 1"], contacts["Supplier Uno"])
    merge(world, contacts["Supplier Uno"], contacts["Supplier One"])
    for number in range(11, 64):  # more than one request
        world.enter("requisitions", a_claim(number))
    world.whole_pass()
    assert world.holds() == {}
    left = contacts["Supplier One"]["ContactID"]
    assert {bill["Contact"]["ContactID"] for bill in world.documents("invoices")} == {left}
    assert len(world.documents("invoices")) == 53
    mark = world.last()
    world.enter("requisitions", a_claim(70))
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.writes(mark)) == 1


def test_a_vendor_that_changed_follows_its_merged_contact(a_world: MakeWorld) -> None:
    """Renamed in Procore like the contact into which a person merged its own: that one is its contact, as it is."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier One")], claims=[a_claim(11)]))
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    world.procore_edit("vendors", 1, name="Supplier One")
    world.whole_pass()
    assert world.holds() == {"vendor Supplier One": "name_taken"}
    merge(world, contacts["Supplier 1"], contacts["Supplier One"])
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark, "/Contacts")) == ({}, [])


@pytest.mark.parametrize("are_moved", [False, True], ids=["stay", "move"])
def test_bills_of_a_merged_contact_are_as_they_were(a_world: MakeWorld, are_moved: bool) -> None:
    """Whether Xero shows older bills with the one contact or the other: what is paid is no change that could not
    follow, and what changes in Procore is no person's edit."""
    seed = a_seed(
        contacts=[a_contact(5, "Supplier One")],
        claims=[a_claim(11), a_claim(12)],
        payments=[a_payment(71, 11, "10.00")],
    )
    world = a_world(seed)
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    merge(world, contacts["Supplier 1"], contacts["Supplier One"])
    for bill in world.documents("invoices") if are_moved else ():
        world.xero_edit("Invoices", bill["InvoiceID"], Contact={"ContactID": contacts["Supplier One"]["ContactID"]})
    world.enter("requisitions", a_claim(13))
    world.whole_pass()
    world.enter("requisitions", a_claim(12, "120.00"))
    world.clock.advance(26 * 3600)
    world.whole_pass()
    assert (world.holds(), world.bill("INV-12")["SubTotal"]) == ({}, "120.00")


def test_a_contact_merged_twice_in_one_job_is_followed_to_its_end(a_world: MakeWorld) -> None:
    """The contact that a first merge left is merged itself while the bill is on its way to it."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier One"), a_contact(6, "Supplier Uno")]))
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    merge(world, contacts["Supplier 1"], contacts["Supplier Uno"])

    def again(_: httpx.Request) -> None:
        """The first bill for the contact that is left is on its way."""
        world.wire.before(
            "PUT", "/Invoices", lambda _: merge(world, contacts["Supplier Uno"], contacts["Supplier One"])
        )

    world.wire.before("PUT", "/Invoices", again)
    world.enter("requisitions", a_claim(11))
    world.whole_pass()
    assert world.holds() == {}
    left = contacts["Supplier One"]["ContactID"]
    assert [bill["Contact"]["ContactID"] for bill in world.documents("invoices")] == [left]
    world.enter("requisitions", a_claim(12))
    mark = world.last()
    world.whole_pass()
    assert len(world.writes(mark)) == 1


@pytest.mark.parametrize("on", ["Supplier 1", "Supplier One"])
@pytest.mark.parametrize("number", ["INV 11", "INV-11", "T1"])
def test_a_bill_by_hand_on_either_is_seen(a_world: MakeWorld, on: str, number: str) -> None:
    """Whichever of the two contacts Xero names on it: it is held in the job that sees the merge, and in the next."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier One")]))
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    line = {"Description": "Skip", "Quantity": 1, "UnitAmount": Decimal("110.00"), "AccountCode": "325"}
    head = {"Type": "ACCPAY", "Contact": {"ContactID": contacts[on]["ContactID"]}, "InvoiceNumber": number}
    rest = {"Date": "2026-07-31", "DueDate": "2026-08-22", "Status": "AUTHORISED", "LineAmountTypes": "NoTax"}
    world.type_in_xero("Invoices", {**head, **rest, "LineItems": [line]})
    merge(world, contacts["Supplier 1"], contacts["Supplier One"])
    world.enter("requisitions", a_claim(11))
    world.enter("requisitions", a_claim(12, "40.00"))
    for _ in range(3):
        world.whole_pass()
        assert set(world.holds()) == {"claim 11"}
        assert sorted(bill["InvoiceNumber"] for bill in world.documents("invoices")) == sorted(["INV-12", number])


def test_a_contact_that_was_only_archived_is_not_followed(a_world: MakeWorld) -> None:
    """Then a person must bring it back, and is told which one."""
    world = a_world(a_seed())
    world.whole_pass()
    world.xero_edit("Contacts", world.documents("contacts")[0]["ContactID"], ContactStatus="ARCHIVED")
    world.enter("requisitions", a_claim(11))
    world.whole_pass()
    assert world.holds() == {"claim 11": "contact_archived"}
    assert "The contact 'Supplier 1'" in world.sentences()["claim 11"]


def test_our_number_on_a_merged_contact_is_followed(a_world: MakeWorld) -> None:
    """With an empty ledger, too: the vendor is tied to the contact that is left, and nothing is written to it."""
    left = a_contact(6, "Supplier One")
    merged = a_contact(5, "Supplier 1", ContactNumber="procore-1", ContactStatus="ARCHIVED")
    merged["MergedToContactID"] = left["ContactID"]
    world = a_world(a_seed(contacts=[merged, left], claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-11")["Contact"]["ContactID"] == left["ContactID"]
    assert world.writes(path="/Contacts") == []


@pytest.mark.parametrize("what", ["moved", "merged", "tied"])
def test_a_bill_that_is_another_contacts_is_not_paid(a_world: MakeWorld, what: str) -> None:
    """A person gave the bill to somebody else: what Procore has paid to the supplier is not recorded there, unless the
    two contacts were merged, or the vendor is tied to that one."""
    world = a_world(a_seed(contacts=[a_contact(5, "Another Pty Ltd")], claims=[a_claim(11)]))
    world.whole_pass()
    contacts = {row["Name"]: row for row in world.documents("contacts")}
    other = contacts["Another Pty Ltd"]
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Contact={"ContactID": other["ContactID"]})
    if what == "merged":
        merge(world, contacts["Supplier 1"], other)
    if what == "tied":
        said, tenant_id = {"by": "ann", "at": world.clock.now().isoformat()}, world.parts.organisation.tenant_id
        shown = choose(world.parts, "1", other["ContactID"]).shown
        assert tie_vendor(world.parts.engine, tenant_id, "1", other["ContactID"], shown, PROJECT_ID, said)
    world.enter("contract_payments", a_payment(71, 11, "10.00"))
    world.whole_pass()
    sentence = "The document of its claim 11 in Xero is not as it was sent: it is payable to Another Pty Ltd now."
    assert world.sentences().get("payment 71") == (sentence if what == "moved" else None)
    assert len(world.documents("payments")) == (0 if what == "moved" else 1)
