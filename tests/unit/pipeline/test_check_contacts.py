"""A vendor's contact beside the vendor that changed in Procore: a row for each rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.factories import a_claim
from worker.errors import DocumentRejected
from worker.facts import MARKS, PAYEE
from worker.holds import HoldCode
from worker.mapping.payees import By, payee
from worker.pipeline.check import contacts
from worker.pipeline.draft import Draft
from worker.pipeline.values import Create, Update, because
from worker.xero.documents import Contact

BEFORE = Contact("procore-7", "Ernie's Electrical", email="old@ernies.example")
NOW = Contact("procore-7", "Ernie's Electrical", email="new@ernies.example")
NUMBER, ANOTHER = "51824753556", "53004085616"
THERE = {**BEFORE.body(), "ContactID": "contact-1"}


@dataclass
class AnEntry:
    """What the ledger knows of the vendor."""

    facts: dict[str, Any] = field(default_factory=dict)
    state: str = "live"
    xero_id: str | None = "contact-1"
    fingerprint: str | None = "before"


def an_entry(vendor: Contact = BEFORE, **facts: Any) -> AnEntry:
    return AnEntry({PAYEE: payee(vendor, vendor.body(), By.MADE), MARKS: contacts.marks(vendor), **facts})


def test_an_update_says_what_changed_in_procore() -> None:
    """By the contact's id and our number; what a person typed beside it stays."""
    change = contacts.change(NOW, an_entry(), THERE, "AU")
    assert change.body == {
        "EmailAddress": "new@ernies.example",
        "ContactNumber": "procore-7",
        "ContactID": "contact-1",
    }
    assert change.facts[PAYEE]["email"] == "new@ernies.example"


@pytest.mark.parametrize(
    ("entry", "stored"),
    [
        pytest.param(an_entry(adopted=True), None, id="one that was adopted stays as a person typed it"),
        pytest.param(an_entry(), {**THERE, "EmailAddress": NOW.email}, id="somebody has typed the same in Xero"),
        pytest.param(an_entry(NOW), THERE, id="nothing changed in Procore since it was written"),
    ],
)
def test_nothing_is_sent(entry: AnEntry, stored: dict[str, Any] | None) -> None:
    """The entry says all the same what the vendor is called now."""
    change = contacts.change(NOW, entry, stored, "AU")
    assert change.body is None
    assert change.facts[PAYEE]["email"] == "new@ernies.example"


@pytest.mark.parametrize(
    ("vendor", "entry", "stored", "code"),
    [
        (NOW, an_entry(), {**THERE, "EmailAddress": "typed@ernies.example"}, HoldCode.EDITED_IN_XERO),
        (
            Contact("procore-7", "Ernie's Electrical", tax_number=ANOTHER),
            an_entry(Contact("procore-7", "Ernie's Electrical", tax_number=NUMBER)),
            THERE,
            HoldCode.TAX_NUMBER_CHANGED,
        ),
        (
            Contact("procore-7", "Ernie's Electrical", tax_number=ANOTHER),
            AnEntry({PAYEE: payee(BEFORE, {"TaxNumber": NUMBER}, By.NAME)}),
            THERE,
            HoldCode.TAX_NUMBERS_DIFFER,
        ),
    ],
)
def test_what_a_person_must_look_at_is_held(
    vendor: Contact, entry: AnEntry, stored: dict[str, Any], code: HoldCode
) -> None:
    """An edit in Xero, and another legal entity."""
    with pytest.raises(DocumentRejected) as refused:
        contacts.change(vendor, entry, stored, "AU")
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("send", "xero_id", "words", "is_number"),
    [
        ({"ContactID": "c", "ContactNumber": "procore-7"}, None, "Website is not valid", True),
        ({"ContactID": "c", "ContactNumber": "procore-7"}, None, "The archived contact cannot be updated", False),
        ({"ContactNumber": "procore-7"}, None, "Website is not valid", False),
        ({"ContactID": "c", "ContactNumber": "procore-7"}, "c", "Website is not valid", False),
    ],
)
def test_a_number_that_xero_refuses(send: dict[str, Any], xero_id: str | None, words: str, is_number: bool) -> None:
    """The contact is the vendor's without it, unless it is archived; of a new or a changed one it is a refusal."""
    decided = Create(NOW, "mark") if xero_id is None else Update(NOW, "mark", {}, xero_id)
    draft = Draft.of(a_claim(), decided)
    draft.send = send
    refused = because(HoldCode.REJECTED, messages=words)
    assert contacts.is_refused_number(draft, refused) is is_number
    assert contacts.is_archived(refused) is ("archived" in words)
