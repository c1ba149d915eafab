"""Direct costs that an employee laid out: to one contact, not at all, or a person is asked, by the mapping file."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import a_contact, a_seed, an_invoice
from tests.integration.world import MAPPING, World
from worker.errors import ConfigError
from worker.holds import Outcome
from worker.mapping import file

BOB: dict[str, Any] = {"vendor_id": None, "vendor_name": None, "employee": {"id": 5, "name": "Bob Brown"}}
STAFF = a_contact(7, "Staff Reimbursements")
CONTACT = 'employees = "contact"\nemployee_contact = "staff reimbursements"'


def sent(a_world: MakeWorld, rule: str, **seed: Any) -> World:
    world = a_world(a_seed(**{"invoices": [an_invoice(31, **BOB), an_invoice(32)], **seed}))
    world.mapping_file.write_text(f"{MAPPING}\n[invoices]\n{rule}\n")
    world.whole_pass()
    return world


def bills(world: World) -> dict[str, str]:
    """Number to contact."""
    names = {row["ContactID"]: row["Name"] for row in world.documents("contacts")}
    return {row["InvoiceNumber"]: names[row["Contact"]["ContactID"]] for row in world.documents("invoices")}


def test_a_person_is_asked(a_world: MakeWorld) -> None:
    """Unless the mapping file says something: with the employee's name, and both ways out."""
    world = sent(a_world, "")
    assert bills(world) == {"DC-32": "Supplier 1"}
    assert world.sentences() == {"invoice 31": "It is of the employee Bob Brown and names no vendor."}
    world.mapping_file.write_text(f'{MAPPING}\n[invoices]\nemployees = "ignore"\n')
    world.whole_pass()
    assert world.holds() == {}


def test_they_go_to_one_contact(a_world: MakeWorld) -> None:
    """Found by its name in Xero, however that is written; the next pass asks nothing."""
    world = sent(a_world, CONTACT, contacts=[STAFF])
    assert bills(world) == {"DC-31": "Staff Reimbursements", "DC-32": "Supplier 1"}
    assert (world.holds(), [one.sentence for one in audit_books(world.parts).differences]) == ({}, [])
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


@pytest.mark.parametrize("contacts", [[], [{**STAFF, "ContactStatus": "ARCHIVED"}]])
def test_a_contact_that_xero_lacks_holds(a_world: MakeWorld, contacts: list[dict[str, Any]]) -> None:
    """This worker never makes it; once it is there, it goes."""
    world = sent(a_world, CONTACT, contacts=contacts)
    said = "Xero has no active contact named 'staff reimbursements', to whom such costs go."
    assert world.sentences() == {"invoice 31": f"It is of the employee Bob Brown, and {said}"}
    if contacts:
        world.xero_edit("Contacts", STAFF["ContactID"], ContactStatus="ACTIVE")
    else:
        world.type_in_xero("Contacts", {"Name": "Staff Reimbursements"})
    world.whole_pass()
    assert bills(world)["DC-31"] == "Staff Reimbursements"


def test_they_do_not_go(a_world: MakeWorld) -> None:
    """They are listed with the reason, and the audit does not miss them."""
    world = sent(a_world, 'employees = "ignore"')
    assert bills(world) == {"DC-32": "Supplier 1"}
    assert world.holds(Outcome.IGNORED) == {"invoice 31": "employee_left_out"}
    assert audit_books(world.parts).differences == []


def test_a_contact_must_be_named(a_world: MakeWorld) -> None:
    """The setting without the name is a mistake of the file, and said as one."""
    world = sent(a_world, "")
    world.mapping_file.write_text(f'{MAPPING}\n[invoices]\nemployees = "contact"\n')
    with pytest.raises(ConfigError, match="needs employee_contact, the name of that contact in Xero"):
        file.load(world.mapping_file)
