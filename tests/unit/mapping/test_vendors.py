"""Vendors to contacts, within what Xero takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import a_vendor, known
from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping.vendors import contact_name, to_document


def test_a_full_vendor() -> None:
    """A contact carries what a bookkeeper needs to pay: name, tax number, address, telephones."""
    vendor = a_vendor(
        "SID Architecture",
        business_register={"type": "abn", "identifier": "51824753556"},
        email_address="jane.doe@example.com",
        business_phone="(02) 9000 0000",
        mobile_phone="0400 000 000",
        fax_number="(02) 9000 0009",
        address="846 Dogglesworth Drive",
        city="Sydney",
        state_code="NSW",
        zip="2000",
        country_code="AU",
    )
    assert to_document(vendor, known()).body() == {
        "ContactNumber": "procore-881",
        "Name": "SID Architecture",
        "TaxNumber": "51824753556",
        "EmailAddress": "jane.doe@example.com",
        "Phones": [
            {"PhoneType": "DEFAULT", "PhoneNumber": "(02) 9000 0000"},
            {"PhoneType": "MOBILE", "PhoneNumber": "0400 000 000"},
            {"PhoneType": "FAX", "PhoneNumber": "(02) 9000 0009"},
        ],
        "Addresses": [
            {
                "AddressType": "STREET",
                "AddressLine1": "846 Dogglesworth Drive",
                "City": "Sydney",
                "Region": "NSW",
                "PostalCode": "2000",
                "Country": "AU",
            }
        ],
    }


def test_a_vendor_of_whom_only_the_name_is_known() -> None:
    """What Procore leaves blank is not sent, so that it wipes out nothing that a person typed in Xero."""
    blank = dict.fromkeys(("email_address", "business_phone", "mobile_phone", "fax_number", "address", "city"), "")
    vendor = a_vendor("Ernie's Electrical", business_register=None, **blank)
    assert to_document(vendor, known()).body() == {"ContactNumber": "procore-881", "Name": "Ernie's Electrical"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("  Ernie's   Electrical ", "Ernie's Electrical"),
        ("Ernie's <old> Electrical", "Ernie's old Electrical"),
        ("Müller & Söhne", "Müller & Söhne"),
        ("Smith &amp; Sons", "Smith & Sons"),
        ("x" * 300, "x" * 255),
    ],
)
def test_names_as_xero_takes_them(name: str, expected: str) -> None:
    """No angle brackets, no doubled or outer spaces, at most 255 characters."""
    assert to_document(a_vendor(name), known()).name == expected


@pytest.mark.parametrize("name", ["<", "<>"])
def test_a_vendor_without_a_name_is_held(name: str) -> None:
    """A name of which nothing is left is a hold, not an error from Xero."""
    with is_held(HoldCode.RECORD_UNREADABLE, "name"):
        to_document(a_vendor(name), known())


@pytest.mark.parametrize("email", ["müller@example.com", "nobody", "x" * 250 + "@example.com", ""])
def test_an_address_that_xero_refuses_is_left_out(email: str) -> None:
    """A contact without e-mail is right; a contact refused for its e-mail would hold all of the vendor's bills."""
    contact = to_document(a_vendor(email_address=email), known())
    assert (contact.email, contact.email_left_out) == (None, email)


@pytest.mark.parametrize(
    ("fields", "part", "expected"),
    [
        ({"country_code": "A1"}, "Country", None),
        ({"country_code": "Australia"}, "Country", "Australia"),
        ({"address": "x" * 600}, "AddressLine1", "x" * 500),
        ({"zip": "9" * 60}, "PostalCode", "9" * 50),
    ],
)
def test_addresses_as_xero_takes_them(fields: dict[str, Any], part: str, expected: str | None) -> None:
    """Each part of the address within its length; a country of letters only."""
    assert to_document(a_vendor(**fields), known()).address.get(part) == expected


def test_long_numbers_are_cut() -> None:
    """A telephone number holds 50 characters."""
    contact = to_document(a_vendor(business_phone="0" * 60), known())
    assert contact.phones == (("DEFAULT", "0" * 50),)


@pytest.mark.parametrize("written", ["N/A", "00 000 000 000", "12345678901", "not registered", "004 085 616"])
def test_what_is_no_tax_number_is_not_written(written: str) -> None:
    """It stays what stands in Procore, to be shown."""
    contact = to_document(a_vendor(business_register={"type": "abn", "identifier": written}), known())
    assert (contact.tax_number, contact.tax_number_left_out) == (None, written)
    assert "TaxNumber" not in contact.body()


def test_a_us_contact_says_which_tax_number_it_is() -> None:
    """Xero's US organisations refuse a TaxNumber without its type."""
    us = replace(known(), country="US")
    vendor = a_vendor("Acme LLC", business_register={"type": "ein", "identifier": "12-3456789"})
    body = to_document(vendor, us).body()
    assert (body["TaxNumber"], body["TaxNumberType"]) == ("123456789", "EIN")


def test_the_longest_address_that_xero_takes() -> None:
    """255 characters; what goes is not named as left out."""
    longest = "x" * 243 + "@example.com"
    assert len(longest) == 255
    contact = to_document(a_vendor(email_address=longest), known())
    assert (contact.email, contact.email_left_out) == (longest, "")
    assert to_document(a_vendor(email_address=f"x{longest}"), known()).email is None


def test_a_cut_name_ends_in_no_blank() -> None:
    """Xero takes 255 characters, and the cut may fall behind a blank."""
    assert contact_name("x" * 254 + " y") == "x" * 254
