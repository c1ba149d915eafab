"""Vendors to contacts: found again rather than made again, and never the wrong one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    Row,
    a_claim,
    a_contact,
    a_contract,
    a_cost_code,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
)
from tests.integration.world import World
from worker.holds import Outcome


def contacts(world: World) -> list[tuple[str, str]]:
    """Name and number of each contact."""
    return sorted((row["Name"], row.get("ContactNumber", "")) for row in world.documents("contacts"))


def test_a_contact_that_carries_our_number_is_taken(a_world: MakeWorld) -> None:
    """By ContactNumber, whatever the contact is called by now; nothing is written."""
    world = a_world(a_seed(contacts=[a_contact(5, "Renamed by hand", ContactNumber="procore-1")]))
    world.whole_pass()
    assert contacts(world) == [("Renamed by hand", "procore-1")]
    assert world.writes(path="/Contacts") == []


def test_a_contact_of_the_same_tax_number_is_adopted(a_world: MakeWorld) -> None:
    """However the number is spaced; of the contact only its ContactNumber is written."""
    contact = a_contact(5, "Old Trading Name", TaxNumber="51 824 753 556", EmailAddress="typed@xero.example")
    world = a_world(a_seed(vendors=[a_vendor(1, "New Name", abn="51824753556")], contacts=[contact]))
    world.whole_pass()
    assert contacts(world) == [("Old Trading Name", "procore-1")]
    assert world.documents("contacts")[0]["EmailAddress"] == "typed@xero.example"


def test_a_contact_of_the_same_name_is_adopted(a_world: MakeWorld) -> None:
    """In another letter case too."""
    world = a_world(a_seed(contacts=[a_contact(5, "SUPPLIER 1")]))
    world.whole_pass()
    assert contacts(world) == [("SUPPLIER 1", "procore-1")]


def test_an_adopted_contact_is_left_as_a_person_typed_it(a_world: MakeWorld) -> None:
    """Later changes of the vendor in Procore do not reach it."""
    world = a_world(a_seed(contacts=[a_contact(5, "SUPPLIER 1")]))
    world.whole_pass()
    since = world.last()
    world.procore_edit("vendors", 1, name="Supplier One")
    world.run(JOB_NUMBER)
    assert world.writes(since) == []


def test_a_contact_with_a_number_of_its_own_keeps_it(a_world: MakeWorld) -> None:
    """A number that another system gave is not written over; the ledger remembers the contact."""
    world = a_world(a_seed(contacts=[a_contact(5, "Supplier 1", ContactNumber="CRM-77")], claims=[a_claim(11)]))
    world.whole_pass()
    assert contacts(world) == [("Supplier 1", "CRM-77")]
    assert world.bill("INV-11")["SubTotal"] == "100.00"


def test_a_name_that_only_an_archived_contact_has_is_free(a_world: MakeWorld) -> None:
    """Names are unique among active contacts; the archived one is left alone."""
    archived = a_contact(5, "Supplier 1", ContactStatus="ARCHIVED")
    world = a_world(a_seed(contacts=[archived], claims=[a_claim(11)]))
    world.whole_pass()
    assert contacts(world) == [("Supplier 1", ""), ("Supplier 1", "procore-1")]
    assert world.holds() == {}


def test_our_number_on_an_archived_contact_holds_the_vendor(a_world: MakeWorld) -> None:
    """Xero cannot bring it back by API; its claims are held behind it, and go when a person has."""
    archived = a_contact(5, "Supplier 1", ContactStatus="ARCHIVED", ContactNumber="procore-1")
    world = a_world(a_seed(contacts=[archived], claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {"vendor Supplier 1": "name_taken", "claim 11": "vendor_held"}
    world.xero_edit("Contacts", archived["ContactID"], ContactStatus="ACTIVE")
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 1


def test_two_vendors_of_one_name_do_not_share_a_contact(a_world: MakeWorld) -> None:
    """The first has it, the second is held with its name, in this pass and the next; then it is renamed and goes."""
    vendors = [a_vendor(1, "Smith"), a_vendor(2, "smith")]
    world = a_world(a_seed(vendors=vendors, claims=[a_claim(11), a_claim(12, vendor_id=2)]))
    for _ in range(2):
        world.whole_pass()
        assert set(world.holds()) == {"vendor smith", "claim 12"}
        assert contacts(world) == [("Smith", "procore-1")]
    assert world.holds() == {"vendor smith": "name_doubled", "claim 12": "vendor_held"}
    assert "vendor 1, which is paid as Xero's contact 'Smith'" in world.sentences()["vendor smith"]
    world.procore_edit("vendors", 2, name="Smith & Sons")
    world.whole_pass()
    assert world.holds() == {}
    assert contacts(world) == [("Smith", "procore-1"), ("Smith & Sons", "procore-2")]


def test_two_vendors_that_fit_one_contact_do_not_both_adopt_it(a_world: MakeWorld) -> None:
    """One by its name, the other by its tax number: the second waits until a person has said whether they are one."""
    vendors = [a_vendor(1, "Smith"), a_vendor(2, "Jones", abn="51824753556")]
    rows = [a_contact(5, "Smith", TaxNumber="51824753556")]
    world = a_world(a_seed(vendors=vendors, contacts=rows, claims=[a_claim(11, vendor_id=2)]))
    for _ in range(2):
        world.whole_pass()
        assert contacts(world) == [("Smith", "procore-1")]
        assert world.holds() == {"vendor Jones": "tax_number_doubled", "claim 11": "vendor_held"}


@pytest.mark.parametrize("known", [[1], [1, 2]])
def test_no_second_contact_is_made_for_one_tax_number(a_world: MakeWorld, known: list[int]) -> None:
    """Whether both vendors are new or the first was sent; where they are to be apart, a person enters the contact."""
    vendors = [a_vendor(1, "Kestrel", abn="51824753556"), a_vendor(2, "Kestrel Cranes", abn="51 824 753 556")]
    world = a_world(a_seed(vendors=vendors, directory=known, claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {}  # nothing names the second one yet
    world.enter("requisitions", a_claim(12, vendor_id=2))
    world.whole_pass()
    assert world.holds() == {"vendor Kestrel Cranes": "tax_number_doubled", "claim 12": "vendor_held"}
    assert "of vendor 1, which is paid as Xero's contact 'Kestrel'" in world.sentences()["vendor Kestrel Cranes"]
    world.type_in_xero("Contacts", {"Name": "Kestrel Cranes"})
    world.whole_pass()
    assert world.holds() == {}
    assert contacts(world) == [("Kestrel", "procore-1"), ("Kestrel Cranes", "procore-2")]


def test_several_contacts_of_one_tax_number_are_a_persons_choice(a_world: MakeWorld) -> None:
    """Two branches under one tax number: the vendor is held, none is adopted and none made."""
    rows = [
        a_contact(5, "Kestrel (North)", TaxNumber="51824753556"),
        a_contact(6, "Kestrel (South)", TaxNumber="51824753556"),
    ]
    vendors = [a_vendor(1, "Kestrel", abn="51824753556")]
    world = a_world(a_seed(vendors=vendors, contacts=rows, claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {"vendor Kestrel": "ambiguous_contact", "claim 11": "vendor_held"}
    assert world.writes(path="/Contacts") == []


@pytest.mark.parametrize(("claims", "invoices"), [([a_claim(11)], []), ([], [an_invoice(91)])])
def test_a_vendor_that_only_a_claim_or_an_invoice_names_is_carried(
    a_world: MakeWorld, claims: list[Row], invoices: list[Row]
) -> None:
    """It is not in the project's own directory, so it is read from the company's."""
    world = a_world(a_seed(directory=[], claims=claims, invoices=invoices))
    world.whole_pass()
    assert world.holds() == {}
    assert contacts(world) == [("Supplier 1", "procore-1")]
    assert len(world.documents("invoices")) == 1
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


def test_a_vendor_that_nobody_knows_holds_its_claim_until_it_is_there(a_world: MakeWorld) -> None:
    """Once the vendor is entered in Procore the claim goes by itself, though the claim did not change."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, vendor_id=7, vendor_name="Clearspan")]))
    world.whole_pass()
    assert world.holds() == {"claim 12": "vendor_missing"}
    assert "Clearspan" in world.sentences()["claim 12"]
    world.procore_edit("vendors", 7, name="Clearspan")
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-12")["SubTotal"] == "100.00"


def test_a_rejected_vendor_is_tried_once_a_job(a_world: MakeWorld) -> None:
    """Its claims do not try it again, and it is counted once."""
    world = a_world(a_seed(vendors=[a_vendor(1, "Bad", country_code="AU")], claims=[a_claim(11), a_claim(12)]))
    world.wire.before("PUT", "/Contacts", world.spoil("Contacts", Name="<Bad>"))
    report = world.run(JOB_NUMBER)
    assert len(world.writes(path="/Contacts")) == 1
    assert report.counts["vendors"] == {"held": 1}
    assert world.holds() == {"vendor Bad": "rejected", "claim 11": "vendor_held", "claim 12": "vendor_held"}
    world.run(JOB_NUMBER)
    assert world.holds() == {}


def test_many_vendors_go_in_requests_of_fifty(any_world: MakeWorld) -> None:
    """120 vendors are three requests, on each database."""
    world = any_world(a_seed(vendors=[a_vendor(n) for n in range(1, 121)]))
    world.whole_pass()
    assert [entry["elements"] for entry in world.writes(path="/Contacts")] == [50, 50, 20]
    assert len(world.documents("contacts")) == 120


def test_one_rejected_document_does_not_stop_its_neighbours(a_world: MakeWorld) -> None:
    """Forty-nine of fifty arrive, and the one is held in Xero's words."""
    world = a_world(a_seed(claims=[a_claim(n) for n in range(101, 151)]))
    world.wire.before("PUT", "/Invoices", world.spoil("Invoices", 7, Date="2020-01-31"))
    world.run(JOB_NUMBER)
    assert len(world.documents("invoices")) == 49
    assert list(world.holds().values()) == ["rejected"]
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 50


@pytest.mark.parametrize("status", [400, 404])
def test_a_refused_request_goes_again_one_by_one(a_world: MakeWorld, status: int) -> None:
    """Only the document that is to blame is held; none is made twice, not even if some of the request had landed."""
    world = a_world(a_seed(claims=[a_claim(n) for n in range(11, 15)]))
    body = '{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred"}'
    world.fault("status", "PUT", "/Invoices", status=status, body=body)
    world.fault("status", "PUT", "/Invoices", status=status, body=body, skip=2)
    world.run(JOB_NUMBER)
    assert list(world.holds().values()) == ["rejected"]
    assert [e["elements"] for e in world.writes(path="/Invoices")] == [4, 1, 1, 1, 1]
    assert len(world.documents("invoices")) == 3
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 4


def test_a_contact_deleted_behind_our_back_holds_only_its_own_bills(a_world: MakeWorld) -> None:
    """A bill whose contact is archived in Xero is held; the other suppliers' bills go."""
    world = a_world(a_seed(vendors=[a_vendor(1), a_vendor(2)]))
    world.whole_pass()
    first = next(row for row in world.documents("contacts") if row["ContactNumber"] == "procore-1")
    world.xero_edit("Contacts", first["ContactID"], ContactStatus="ARCHIVED")
    world.enter("requisitions", a_claim(11))
    world.enter("requisitions", a_claim(12, vendor_id=2))
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "contact_archived"}
    assert "archived" in world.sentences()["claim 11"].lower()
    assert len(world.documents("invoices")) == 1


def test_a_vendor_held_and_then_gone_is_forgotten(a_world: MakeWorld) -> None:
    """A hold of a record that Procore no longer has, and that never went, closes."""
    rows = [a_contact(5, "K1", TaxNumber="51824753556"), a_contact(6, "K2", TaxNumber="51824753556")]
    world = a_world(a_seed(vendors=[a_vendor(1, "Kestrel", abn="51824753556")], contacts=rows))
    world.whole_pass()
    assert world.holds(Outcome.IGNORED) == {"vendor Kestrel": "vendor_not_needed"}
    world.procore_edit("vendors", 1, deleted_at="2026-01-01T00:00:00Z")
    world.procore_delete("project_vendors", 1, PROJECT_ID)
    world.clock.advance(86400)  # its list is read again
    world.whole_pass()
    assert world.holds() == world.holds(Outcome.IGNORED) == {}


def test_a_doubled_name_holds_only_where_a_record_needs_it(a_world: MakeWorld) -> None:
    """It is named once, with the other vendor; projects that list it and do not use it stay green."""
    projects = [a_project(), a_project(311, "24-018")]
    vendors = [a_vendor(1, "Smith"), a_vendor(2, "smith")]
    both: dict[str, Any] = {"project_vendors": [1, 2], "cost_codes": [a_cost_code()]}
    both |= {"work_order_contracts": [a_contract(502)]}
    seed = a_seed(projects=projects, vendors=vendors, claims=[a_claim(11)], more={311: both})
    world = a_world(seed)
    for _ in range(2):
        reports = world.whole_pass()
        assert world.holds() == {}
        assert [report.held for report in reports.values()] == [0, 0]
        assert contacts(world) == [("Smith", "procore-1")]
    assert len(world.writes(path="/Contacts")) == 1
    world.enter("requisitions", a_claim(21, vendor_id=2, commitment_id=502), 311)
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"vendor smith": "name_doubled", "claim 21": "vendor_held"}
    assert "also that of vendor 1" in world.sentences()["vendor smith"]
    held = world.sentences(Outcome.IGNORED)["vendor smith"]  # the first project still does not use it
    assert held.startswith("No claim or invoice of this project names it")
    world.procore_delete("requisitions", 21, 311)
    world.whole_pass()
    world.whole_pass()
    assert world.holds() == {}


def test_a_vendor_that_turns_out_to_be_needed_is_counted_once(a_world: MakeWorld) -> None:
    """In the very job in which it was not needed yet."""
    vendors = [a_vendor(1, "Smith"), a_vendor(2, "smith")]
    world = a_world(a_seed(vendors=vendors, claims=[a_claim(12, vendor_id=2)]))
    report = world.run(JOB_NUMBER)
    assert report.counts["vendors"] == {"sent": 1, "held": 1}
