"""Which contact of the organisation a vendor is tied to, and when a person must choose."""

from __future__ import annotations

from typing import Any

import pytest

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.pipeline.directory import Directory
from worker.xero.documents import Contact

VENDOR = Contact("procore-7", "Élan Concreting", tax_number="51 824 753 556")


def a_row(name: str = "Somebody", **fields: Any) -> dict[str, Any]:
    return {"ContactID": name, "Name": name, "ContactStatus": "ACTIVE", **fields}


def test_the_number_goes_before_the_tax_number_and_that_before_the_name() -> None:
    """A contact is adopted by its ContactNumber, else by its tax number, else by its name."""
    named = a_row("elan  CONCRETING")
    taxed = a_row("Tax", TaxNumber="51824753556")
    numbered = a_row("Number", ContactNumber="procore-7")
    assert Directory([a_row(), named, taxed, numbered]).find(VENDOR) == numbered
    assert Directory([a_row(), named, taxed]).find(VENDOR) == taxed
    assert Directory([a_row(), named]).find(VENDOR) == named
    assert Directory([a_row()]).find(VENDOR) is None


def test_a_vendor_without_a_tax_number_fits_no_contact_without_one() -> None:
    """Two blanks are not the same tax number."""
    assert Directory([a_row(TaxNumber="")]).find(Contact("procore-8", "Other")) is None


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([a_row("A", TaxNumber="51824753556"), a_row("B", TaxNumber="51824753556")], HoldCode.AMBIGUOUS),
        ([a_row("Elan Concreting"), a_row("élan concreting")], HoldCode.AMBIGUOUS),
        ([a_row("Elan Concreting", ContactNumber="procore-9")], HoldCode.NAME_TAKEN),
        ([a_row(ContactNumber="procore-7", ContactStatus="ARCHIVED")], HoldCode.NAME_TAKEN),
    ],
)
def test_what_a_person_must_decide(rows: list[dict[str, Any]], code: HoldCode) -> None:
    """Several that fit, another vendor's name and an archived contact are held, never guessed."""
    with pytest.raises(DocumentRejected) as refused:
        Directory(rows).find(VENDOR)
    assert refused.value.code == code


def test_an_archived_contact_is_not_adopted_by_name() -> None:
    """Only active contacts are adopted; an archived one of the same name does not stand in the way."""
    assert Directory([a_row("Elan Concreting", ContactStatus="ARCHIVED")]).find(VENDOR) is None
