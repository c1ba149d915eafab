"""What Xero refuses of a contact for how its fields are written, stored ones included."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import SEED, Xero, messages, read

BAD_EMAIL, BAD_WEBSITE = "Email address must be valid.", "Website must be valid."


def with_contact(country: str = "AU", **fields: Any) -> Xero:
    """One contact more, "Acme", as people stored it."""
    organisation = {**SEED["organisation"], "CountryCode": country}
    return Xero({**SEED, "organisation": organisation, "contacts": [*SEED["contacts"], {"Name": "Acme", **fields}]})


def acme(xero: Xero) -> dict[str, Any]:
    (found,) = xero.rows("Contacts", where='Name=="Acme"', page="1")
    return found


@pytest.mark.parametrize(
    "address",
    [
        "bob at acme",
        "a@b.example; c@d.example",
        "a@b.example,c@d.example",
        "ofﬁce@b.example",
        "jürgen@b.example",
        "a@b",
    ],
)
def test_an_email_that_is_none_is_refused(address: str) -> None:
    """One address, of ASCII characters; blank is none."""
    xero = Xero()
    (row,) = xero.write("PUT", "Contacts", {"Name": "New", "EmailAddress": address})
    assert messages(row) == BAD_EMAIL
    made = xero.write("PUT", "Contacts", {"Name": "New", "EmailAddress": ""}, {"Name": "A", "EmailAddress": "a+1@b.co"})
    assert [row["HasValidationErrors"] for row in made] == [False, False]


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [({"EmailAddress": "bob at acme"}, BAD_EMAIL), ({"Website": "www.acme.example"}, BAD_WEBSITE)],
)
def test_what_a_person_stored_refuses_every_later_write(stored: dict[str, str], sentence: str) -> None:
    """Whichever field is written; an address that is mended goes."""
    xero = with_contact(**stored)
    contact_id = acme(xero)["ContactID"]
    (row,) = xero.write("POST", "Contacts", {"ContactID": contact_id, "ContactNumber": "P-9"})
    assert messages(row) == sentence
    assert "ContactNumber" not in acme(xero)
    if "EmailAddress" in stored:
        (row,) = xero.write("POST", "Contacts", {"ContactID": contact_id, "EmailAddress": "bob@acme.example"})
        assert not row["HasValidationErrors"]


def test_a_stored_email_refuses_the_contacts_bills_too() -> None:
    """The sentence stands at the bill's contact, and none at the bill; its neighbour is made."""
    xero = with_contact(EmailAddress="bob at acme")
    contact = {"ContactID": acme(xero)["ContactID"]}
    bad, good = xero.write("PUT", "Invoices", xero.a_bill(Contact=contact), xero.a_bill(InvoiceNumber="INV-78"))
    assert (bad["HasErrors"], bad["ValidationErrors"], messages(bad["Contact"])) == (True, [], BAD_EMAIL)
    assert not good["HasErrors"]


def test_a_tax_number_wants_its_type_in_the_us_alone() -> None:
    """The answer names the type with its prefix; a stored number without one refuses the contact's next write."""
    new = {"Name": "Beta LLC", "TaxNumber": "12-3456789"}
    assert not Xero().write("PUT", "Contacts", new)[0]["HasValidationErrors"]
    xero = with_contact("US", TaxNumber="98-7654321")
    assert messages(xero.write("PUT", "Contacts", new)[0]) == (
        "Tax Number Type must be provided when Tax Number is specified"
    )
    assert "not valid" in messages(xero.write("PUT", "Contacts", {**new, "TaxNumberType": "ABN"})[0])
    (row,) = xero.write("PUT", "Contacts", {**new, "TaxNumberType": "EIN"})
    assert row["TaxNumberType"] == "TAXNUMBERTYPE/EIN"
    (stored,) = xero.write("POST", "Contacts", {"ContactID": acme(xero)["ContactID"], "ContactNumber": "P-9"})
    assert "Tax Number Type must be provided" in messages(stored)


def test_tax_numbers_may_be_masked() -> None:
    """Who is no more than a standard user sees the last four digits, in every answer."""
    xero = with_contact(TaxNumber="98-7654321")
    assert acme(xero)["TaxNumber"] == "98-7654321"
    xero.switch(masks_tax_numbers=True)
    assert acme(xero)["TaxNumber"] == "******4321"
    assert xero.half.dump()["contacts"][-1]["TaxNumber"] == "98-7654321"


def test_bank_details_need_a_right_of_their_own() -> None:
    """Refused unless the user who connected the app has it."""
    xero = with_contact()
    written = {"ContactID": acme(xero)["ContactID"], "BankAccountDetails": "083-001 12345678"}
    assert "bank account details" in messages(xero.write("POST", "Contacts", written)[0])
    xero.switch(is_bank_account_admin=True)
    assert not xero.write("POST", "Contacts", written)[0]["HasValidationErrors"]


@pytest.mark.parametrize("character", ["\x00", "\x02", "\x0b", "\x1f", "\ufffe"])
def test_control_characters_refuse_the_whole_call(character: str) -> None:
    """Wherever in the body; line breaks and tabs are taken."""
    xero = Xero()
    contacts = [{"Name": "Good"}, {"Name": "Bad", "FirstName": f"A{character}B"}]
    answer = xero.send("PUT", "Contacts", {"Contacts": contacts}, summarizeErrors="false")
    assert (answer.status_code, read(answer)["ErrorNumber"]) == (400, 14)
    assert "is an invalid character" in read(answer)["Message"]
    assert len(xero.rows("Contacts", includeArchived="true")) == 2
    assert xero.create_bill(LineItems=[{**xero.a_bill()["LineItems"][0], "Description": "a\tb\r\nc"}])
