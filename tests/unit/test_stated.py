"""What a sentence states is its values; how it is worded is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from worker.audit.remedies import What
from worker.audit.result import Accepted, Difference
from worker.holds import HoldCode
from worker.stated import said_of, stated


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("It would be sent as INV-2, 1,110.00 AUD.", "As INV-2 it would be sent: 1110.00."),
        ("Xero's tax is 10.00 AUD, Procore's is 12.00 AUD.", "In Xero the tax is 10.00, and 12.00 in Procore."),
        ("It is dated 2026-07-31.", "Its date is 2026-07-31, no other."),
        ("Cost code 03 30 00 (cost type S) has no account.", "There is no account for 03 30 00, of type S."),
        ("It names Ridgeline Concrete.", "There is no vendor Ridgeline Concrete."),
        ("Its status is 'under review'.", "Procore says 'under review' of it; run `procore-xero problems`."),
    ],
)
def test_other_words_state_the_same(sentence: str, other: str) -> None:
    """A currency or a thousands separator is no value either: the record has its currency."""
    assert stated(sentence) == stated(other) != ""


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("Xero has 10.00, Procore 12.00.", "Xero has 12.00, Procore 10.00."),
        ("Xero has 10.00.", "Xero has 1,000.00."),
        ("Its bill is DRAFT.", "Its bill is PAID."),
        ("Its bill is a draft in Xero.", "Its bill is paid in Xero."),
        ("It is on account 310.", "It is on account 311."),
        ("It is on account SALES.", "It is on account COSTS."),
        ("It names Ridgeline Concrete.", "It names Ridgeline Steel."),
        ("Its status is 'under review'.", "Its status is 'void'."),
        ("Its field due_date is blank.", "Its field issued_on is blank."),
    ],
)
def test_another_value_states_something_else(sentence: str, other: str) -> None:
    """An amount, a number, an account, a name, a state."""
    assert stated(sentence) != stated(other)


def test_a_refusal_is_known_word_for_word() -> None:
    """Xero's words are what a person accepted: ours before them are not."""
    states = HoldCode.REJECTED.states
    assert states("Xero refused it: the name is taken.") == states("It was refused: the name is taken.")
    assert states("Xero refused it: the name is taken.") != states("Xero refused it: the account is closed.")


FOUND = Difference(
    "24-017", "bills", "claim 11", "Xero has 90.00 AUD, Procore 110.00 AUD.", Decimal("110.00"), Decimal("90.00"),
    (("claims", "11"),), (What.AMOUNT,), currency="AUD",
)  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"procore": Decimal("111.00")},
        {"xero": Decimal("91.00")},
        {"records": (("claims", "12"),), "title": "claim 12"},
        {"job_number": "24-018"},
        {"whats": (What.TAX,)},
        {"currency": "NZD"},
        {"sentence": "Xero has 90.00 AUD, Procore 120.00 AUD."},
        {"members": ("claim 12",)},
    ],
)
def test_a_difference_is_another_one_once_a_value_changes(other: dict[str, Any]) -> None:
    """And the same one in other words, or with its amounts at other decimals."""
    reworded = replace(FOUND, sentence="Xero has 90.00, while Procore has 110.00.", procore=Decimal(110))
    assert FOUND.id == reworded.id != replace(FOUND, **other).id


@pytest.mark.parametrize(
    ("now", "is_kept"),
    [
        ({}, True),
        ({"sentence": "Xero has 90.00 AUD, Procore 120.00 AUD."}, False),
        ({"procore": Decimal("111.00")}, False),
        ({"xero": Decimal("91.00")}, False),
    ],
)
def test_what_was_accepted_by_its_words_is_kept_while_each_value_is_proved(now: dict[str, Any], is_kept: bool) -> None:
    """Its amounts, too, of which the sentence need not speak: they are in the id of then."""
    one = replace(FOUND, sentence="90.00 AUD in Xero, 110.00 AUD in Procore.")
    before = "90.00 in Xero, 110.00 in Procore."
    said = {one.earlier_id(before): Accepted("Joan", None, "so", sentence=before)}
    assert (said_of(replace(one, **now), said) is not None) == is_kept
