"""What an answer of Xero's proves of each document that was sent: a row for each rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_bill
from tests.unit.xero.answering import stored_bill
from worker.holds import HoldCode
from worker.pipeline.send.prove import Sent, prove
from worker.xero.documents import BILLS, CONTACTS

ONE, OTHER = a_bill().body(), replace(a_bill(), number="INV-2", url="https://procore/2").body()


def stored(body: dict[str, Any], xero_id: str = "bill-1", **fields: Any) -> dict[str, Any]:
    """As Xero answers it when it took all of it."""
    return {**stored_bill(body), "InvoiceID": xero_id, "TotalTax": Decimal("1.00"), **fields}


REFUSED = {"ValidationErrors": [{"Message": "The date is in a locked period."}], "HasErrors": True}
ROWS: dict[str, tuple[list[dict[str, Any]], str | None, HoldCode | None, bool]] = {
    "what is stored as it was sent is proved": ([stored(ONE)], "bill-1", None, True),
    "what is stored otherwise is held, and is there": (
        [stored(ONE, InvoiceNumber="INV-9", Url=ONE["Url"])],
        "bill-1",
        HoldCode.PROOF_FAILED,
        True,
    ),
    "so is one with another tax": ([stored(ONE, TotalTax=Decimal("1.01"))], "bill-1", HoldCode.PROOF_FAILED, True),
    "what Xero refused is held, and is not there": ([{**ONE, **REFUSED}], None, HoldCode.REJECTED, True),
    "what the answer does not mention nobody knows": ([], None, HoldCode.PROOF_FAILED, False),
    "another document's answer says nothing of this one": ([stored(OTHER)], None, HoldCode.PROOF_FAILED, False),
}


@pytest.mark.parametrize("rule", ROWS)
def test_each_rule(rule: str) -> None:
    """What became of it, whether its record is held, and whether anybody knows."""
    elements, xero_id, code, is_answered = ROWS[rule]
    (proof,) = prove(BILLS, [Sent("58820", ONE, Decimal("1.00"))], elements)
    assert (proof.xero_id, proof.reason and proof.reason.code, proof.is_answered) == (xero_id, code, is_answered)


def test_each_document_is_judged_by_its_own_answer() -> None:
    """A refused one stops itself, and not its neighbours, in whichever order they are answered."""
    sent = [Sent("1", ONE, Decimal("1.00")), Sent("2", OTHER, Decimal("1.00"))]
    for elements in ([{**ONE, **REFUSED}, stored(OTHER, "bill-2")], [stored(OTHER, "bill-2"), {**ONE, **REFUSED}]):
        one, other = prove(BILLS, sent, elements)
        assert (one.procore_id, one.xero_id, other.procore_id, other.xero_id) == ("1", None, "2", "bill-2")
        assert (one.reason is None, other.reason is None) == (False, True)


def test_one_that_is_answered_twice_is_no_others_answer() -> None:
    """Of the one that the answer has not nobody knows, though it has as many elements as went."""
    sent = [Sent("1", ONE, Decimal("1.00")), Sent("2", OTHER, Decimal("1.00"))]
    one, other = prove(BILLS, sent, [stored(ONE), stored(ONE)])
    assert (one.xero_id, one.reason, other.xero_id, other.is_answered) == ("bill-1", None, None, False)


def test_the_reason_is_in_the_words_of_xero() -> None:
    """A person reads what Xero said, without its full stop twice."""
    (proof,) = prove(BILLS, [Sent("1", ONE)], [{**ONE, **REFUSED}])
    assert proof.reason is not None
    assert "The date is in a locked period" in proof.reason.sentence
    assert ".." not in proof.reason.sentence


def test_a_contact_whose_name_is_taken_is_no_plain_refusal() -> None:
    """Its hold says what a person can do; a bill that Xero refuses in such words has no name to give."""
    said = {"Message": "The contact name Alpha is already assigned to another contact."}
    vendor = {"Name": "Alpha", "ContactNumber": "procore-1"}
    (proof,) = prove(CONTACTS, [Sent("1", vendor)], [{**vendor, "ValidationErrors": [said], "HasErrors": True}])
    assert proof.reason is not None
    assert (proof.reason.code, "'Alpha'" in proof.reason.sentence) == (HoldCode.NAME_TAKEN, True)
    (proof,) = prove(BILLS, [Sent("1", ONE)], [{**ONE, "ValidationErrors": [said], "HasErrors": True}])
    assert proof.reason is not None
    assert proof.reason.code is HoldCode.REJECTED
