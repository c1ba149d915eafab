"""Contacts: names, numbers, archive, and the document that changes its contact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, messages, read


@pytest.fixture
def xero() -> Xero:
    return Xero()


@pytest.mark.parametrize("name", ["Zoë Formwork Pty Ltd", "ZOE FORMWORK PTY LTD", "zoë formwork pty ltd"])
def test_name_is_unique_without_case_and_accents(xero: Xero, name: str) -> None:
    """A used name of an active contact is refused in Xero's words, with a zero id."""
    row = xero.write("PUT", "Contacts", {"Name": name})[0]
    assert messages(row) == (
        f"The contact name {name} is already assigned to another contact."
        " The contact name must be unique across all active contacts."
    )
    assert row["ContactID"] == "00000000-0000-0000-0000-000000000000"


def test_name_of_an_archived_contact_is_free(xero: Xero) -> None:
    """Names are unique over active contacts only."""
    assert not xero.write("PUT", "Contacts", {"Name": "Gone Pty Ltd"})[0]["HasValidationErrors"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Name": ""},
        {"Name": "A <b>"},
        {"Name": "A  B"},
        {"Name": " A"},
        {"Name": "x" * 256},
        {"Name": "A", "ContactNumber": "x" * 51},
        {"Name": "A", "ContactNumber": "p-1"},
        {"Name": "A", "ContactStatus": "SLEEPING"},
        {"Name": "A", "Addresses": [{"City": "x" * 256}]},
        {"Name": "A", "Addresses": [{"Country": "Australia 2"}]},
        {"Name": "A", "Phones": [{"PhoneNumber": "0" * 51}]},
        {"Name": "A", "ContactID": "7e57a000-0000-4000-8000-00000000000e"},
    ],
)
def test_wrong_contacts_are_rejected(xero: Xero, wrong: dict[str, Any]) -> None:
    """Each documented rule refuses its element, and nothing is created."""
    answer = xero.send("PUT", "Contacts", {"Contacts": [wrong]}, summarizeErrors="false")
    assert answer.status_code == 404 or read(answer)["Contacts"][0]["HasValidationErrors"]
    assert len(xero.rows("Contacts", includeArchived="true")) == 2


def test_account_number_is_unique(xero: Xero) -> None:
    """The user-visible account number has its own sentence."""
    rows = xero.write("PUT", "Contacts", {"Name": "A", "AccountNumber": "9"}, {"Name": "B", "AccountNumber": "9"})
    assert messages(rows[1]) == "The Account Number already exists. Please enter a different Account Number."


def test_post_keeps_omitted_fields(xero: Xero) -> None:
    """An update by id changes what it names and nothing else."""
    contact_id = xero.contact_id
    xero.write("POST", "Contacts", {"ContactID": contact_id, "TaxNumber": "51824753556"})
    row = xero.rows(f"Contacts/{contact_id}")[0]
    assert (row["Name"], row["ContactNumber"], row["TaxNumber"]) == ("Zoë Formwork Pty Ltd", "P-1", "51824753556")


def test_post_finds_by_number_then_name_then_creates(xero: Xero) -> None:
    """Without an id a POST looks for ContactNumber, then Name, then creates."""
    by_number = xero.write("POST", "Contacts", {"ContactNumber": "P-1", "Name": "Zoe Concrete"})[0]
    by_name = xero.write("POST", "Contacts", {"Name": "zoe concrete", "EmailAddress": "z@example.com"})[0]
    assert by_number["ContactID"] == by_name["ContactID"] == xero.contact_id
    assert xero.write("POST", "Contacts", {"Name": "Third"})[0]["ContactID"] != by_name["ContactID"]
    assert "at least 1 of the following elements" in messages(xero.write("POST", "Contacts", {"TaxNumber": "1"})[0])


def test_archived_contact_cannot_be_edited(xero: Xero) -> None:
    """Not even brought back: a person must do that in Xero."""
    archived = xero.rows("Contacts/P-2")[0]["ContactID"]
    row = xero.write("POST", "Contacts", {"ContactID": archived, "ContactStatus": "ACTIVE"})[0]
    assert messages(row).startswith("The specified contact details matched an archived contact.")


def test_contact_with_bills_can_be_archived(xero: Xero) -> None:
    """An authorised bill does not stop it; new bills then meet the archive."""
    xero.create_bill()
    contact_id = xero.contact_id
    row = xero.write("POST", f"Contacts/{contact_id}", {"ContactStatus": "ARCHIVED"})[0]
    assert row["ContactStatus"] == "ARCHIVED"
    bill = xero.a_bill(Contact={"ContactID": contact_id})
    assert "archived contact" in messages(xero.write("PUT", "Invoices", bill)[0])


def test_unknown_contact_id_is_404_for_the_whole_call(xero: Xero) -> None:
    """One unknown ContactID refuses every element, and nothing is saved."""
    bad = xero.a_bill(Contact={"ContactID": "7e57a000-0000-4000-8000-00000000000e"})
    answer = xero.send("PUT", "Invoices", {"Invoices": [xero.a_bill(), bad]}, summarizeErrors="false")
    assert (answer.status_code, answer.text) == (404, "")
    assert xero.rows("Invoices") == []


def test_document_with_more_than_an_id_changes_the_contact(xero: Xero) -> None:
    """The known trap: other fields in a bill's Contact overwrite the contact and drop its persons."""
    contact_id = xero.contact_id
    xero.edit("Contacts", contact_id, ContactPersons=[{"FirstName": "Ana"}])
    xero.create_bill(Contact={"ContactID": contact_id, "Name": "Zoe Renamed"})
    row = xero.rows(f"Contacts/{contact_id}")[0]
    assert (row["Name"], row["ContactPersons"]) == ("Zoe Renamed", [])


def test_document_with_an_id_only_leaves_the_contact_alone(xero: Xero) -> None:
    """Only the supplier flag moves, and that is no change of the contact."""
    before = xero.rows("Contacts/P-1")[0]
    xero.create_bill()
    after = xero.rows("Contacts/P-1")[0]
    assert (before["IsSupplier"], after["IsSupplier"]) == (False, True)
    assert before["UpdatedDateUTC"] == after["UpdatedDateUTC"]


def test_document_with_a_new_name_creates_a_contact(xero: Xero) -> None:
    """A name that nobody has makes a contact, as long as the document itself is accepted."""
    xero.write("PUT", "Invoices", xero.a_bill(Contact={"Name": "Fresh"}, Url="http://plain"))
    assert xero.rows("Contacts", where='Name=="Fresh"') == []
    xero.create_bill(Contact={"Name": "Fresh"})
    assert len(xero.rows("Contacts", where='Name=="Fresh"')) == 1
