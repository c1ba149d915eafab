"""Which contact of the organisation a vendor is tied to, and when a person must choose."""

from __future__ import annotations

from typing import Any

import pytest

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.mapping.payees import By
from worker.pipeline.look.directory import Directory
from worker.xero.documents import Contact

VENDOR = Contact("procore-7", "Élan Concreting", tax_number="51824753556")


def a_row(name: str = "Somebody", **fields: Any) -> dict[str, Any]:
    return {"ContactID": name, "Name": name, "ContactStatus": "ACTIVE", **fields}


def directory(rows: list[dict[str, Any]]) -> Directory:
    return Directory(rows, "AU")


def test_the_number_goes_before_the_tax_number_and_that_before_the_name() -> None:
    """A contact is adopted by its ContactNumber, else by its tax number, else by its name."""
    named = a_row("elan  CONCRETING")
    taxed = a_row("Tax", TaxNumber="51824753556")
    numbered = a_row("Number", ContactNumber="procore-7")
    assert directory([a_row(), named, taxed, numbered]).find(VENDOR) == (numbered, By.CONTACT_NUMBER)
    assert directory([a_row(), named, taxed]).find(VENDOR) == (taxed, By.TAX_NUMBER)
    assert directory([a_row(), named]).find(VENDOR) == (named, By.NAME)
    assert directory([a_row()]).find(VENDOR) is None


def test_a_vendor_without_a_tax_number_fits_no_contact_without_one() -> None:
    """Two blanks are not the same tax number."""
    assert directory([a_row(TaxNumber="")]).find(Contact("procore-8", "Other")) is None


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([a_row("A", TaxNumber="51824753556"), a_row("B", TaxNumber="51824753556")], HoldCode.AMBIGUOUS_CONTACT),
        ([a_row("Elan Concreting"), a_row("élan concreting")], HoldCode.AMBIGUOUS_CONTACT),
        ([a_row("Elan Concreting", ContactNumber="procore-9")], HoldCode.NAME_DOUBLED),
        ([a_row(ContactNumber="procore-7", ContactStatus="ARCHIVED")], HoldCode.NAME_TAKEN),
    ],
)
def test_what_a_person_must_decide(rows: list[dict[str, Any]], code: HoldCode) -> None:
    """Several that fit, another vendor's name and an archived contact are held, never guessed."""
    with pytest.raises(DocumentRejected) as refused:
        directory(rows).find(VENDOR)
    assert refused.value.code == code


def test_an_archived_contact_is_not_adopted_by_name() -> None:
    """Only active contacts are adopted; an archived one of the same name does not stand in the way."""
    assert directory([a_row("Elan Concreting", ContactStatus="ARCHIVED")]).find(VENDOR) is None


def test_a_contact_that_was_given_away_is_nobody_elses() -> None:
    """Two vendors of one name or tax number never share a contact: the second finds the name taken."""
    taxed = a_row("Elan Concreting", TaxNumber="51824753556")
    contacts = directory([taxed])
    contacts.give(taxed, "9")
    with pytest.raises(DocumentRejected) as refused:
        contacts.find(VENDOR)
    assert refused.value.code == HoldCode.NAME_DOUBLED
    assert "vendor 9, which is paid as Xero's contact 'Elan Concreting'" in refused.value.sentence
    assert contacts.find(Contact("procore-9", "Other", tax_number="51824753556")) is None
    assert contacts.get("Elan Concreting") == taxed


def test_a_contact_that_was_given_away_is_not_found_by_its_number() -> None:
    """A vendor number belongs to the contact that carries it once."""
    numbered = a_row("Number", ContactNumber="procore-7")
    other = a_row("Other")
    contacts = directory([numbered, other])
    contacts.give(other, "9")
    assert contacts.find(VENDOR) == (numbered, By.CONTACT_NUMBER)
    contacts.give(numbered, "7")
    assert contacts.find(VENDOR) is None


def merged(name: str, into: str, **fields: Any) -> dict[str, Any]:
    return a_row(name, ContactStatus="ARCHIVED", MergedToContactID=into, **fields)


def test_a_merged_contact_leads_to_the_one_it_was_merged_into() -> None:
    """A person merged contacts, one after the other: the last, active one is the vendor's."""
    rows = [merged("A", "B", ContactNumber="procore-7"), merged("B", "C"), a_row("C")]
    assert directory(rows).merged("procore-7") == rows[2]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [a_row("A", ContactNumber="procore-7")],
        [a_row("A", ContactNumber="procore-7", ContactStatus="ARCHIVED")],
        [merged("A", "B", ContactNumber="procore-7")],
        [merged("A", "B", ContactNumber="procore-7"), a_row("B", ContactStatus="ARCHIVED")],
        [merged("A", "B", ContactNumber="procore-7"), merged("B", "A")],
    ],
)
def test_what_nobody_merged_leads_nowhere(rows: list[dict[str, Any]]) -> None:
    """Unknown, active, plainly archived, merged into what is not there or archived, and merges in a circle."""
    assert directory(rows).merged("procore-7") is None


def test_a_name_is_reserved_for_the_vendor_that_gets_it_first() -> None:
    """Two new vendors of one name would be refused by Xero together; its own name stands in no vendor's way."""
    contacts = directory([])
    contacts.reserve("7", "elan concreting")
    assert contacts.find(VENDOR) is None
    with pytest.raises(DocumentRejected) as refused:
        contacts.find(Contact("procore-8", "ELAN CONCRETING"))
    assert refused.value.code == HoldCode.NAME_DOUBLED


def test_contacts_that_a_vendor_is_untied_from_are_not_found_again() -> None:
    """By none of what they share with it."""
    rows = [a_row("A", ContactNumber="procore-7"), a_row("B", TaxNumber="51824753556"), a_row("Elan Concreting")]
    assert directory(rows).find(VENDOR, ["A", "B"]) == (rows[2], By.NAME)
    assert directory(rows).find(VENDOR, ["A", "B", "Elan Concreting"]) is None
