"""Whether a document that stands in Xero may be changed or taken out: a row for each rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories import a_bill, a_claim, a_line, an_invoice
from tests.unit.xero.answering import stored_bill
from worker.holds import HoldCode
from worker.pipeline.check import hands_off
from worker.pipeline.values import Reason, because
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS, Endpoint

BODY = a_bill(a_line("10.00")).body()
LOCKED = date(2026, 12, 31)
ITEM = a_bill(a_line("10.00", item_code="I-1")).body()


def a_stored(**fields: Any) -> dict[str, Any]:
    """The bill as Xero has it after we wrote it."""
    return {**stored_bill(BODY), **fields}


BILL_ROWS: dict[str, tuple[dict[str, Any], Any, date | None, HoldCode | None]] = {
    "what nobody touched may be changed": (a_stored(), BODY, None, None),
    "an open day is no lock": (a_stored(), BODY, date(2020, 1, 1), None),
    "in a locked period it stays": (a_stored(), BODY, LOCKED, HoldCode.LOCKED_PERIOD),
    "what a person edited is theirs": (a_stored(InvoiceNumber="X"), BODY, None, HoldCode.EDITED_IN_XERO),
    "so is what we do not know to have written": (a_stored(), None, None, HoldCode.EDITED_IN_XERO),
}


@pytest.mark.parametrize("rule", BILL_ROWS)
def test_a_bill(rule: str) -> None:
    """It is changed only where nobody and nothing has touched it."""
    stored, last, until, code = BILL_ROWS[rule]
    assert _code(hands_off.of_bill(BILLS, stored, last, until, {})) is code


@pytest.mark.parametrize(
    ("fields", "is_paid"),
    [
        ({}, False),
        ({"AmountPaid": "0.00"}, False),
        ({"AmountPaid": "0.01"}, True),
        ({"AmountCredited": "1.00"}, True),
        ({"AppliedAmount": "1.00"}, True),
        ({"Status": "PAID"}, True),
    ],
)
def test_what_is_paid_stays(fields: dict[str, Any], is_paid: bool) -> None:
    """Also by a credit, and by a cent."""
    assert (hands_off.paid({"Status": "AUTHORISED", **fields}) is not None) is is_paid


def test_an_item_that_a_person_recoded_is_no_edit() -> None:
    """The bill may show it under its old code or its new one."""
    stored = stored_bill(ITEM)
    stored["LineItems"][0]["ItemCode"] = "I-2"
    assert _code(hands_off.of_bill(BILLS, stored, ITEM, None, {})) is HoldCode.EDITED_IN_XERO
    assert hands_off.of_bill(BILLS, stored, ITEM, None, {"ItemCode": {"I-2": ("I-1",)}}) is None
    assert hands_off.of_bill(BILLS, stored, ITEM, None, {"ItemCode": {"I-1": ("I-2",)}}) is None


PAYMENT_ROWS: dict[str, tuple[dict[str, Any], date | None, HoldCode | None]] = {
    "one that nobody touched may be deleted": ({}, None, None),
    "one that is reconciled stays": ({"IsReconciled": True}, None, HoldCode.CHANGED_AFTER_SENDING),
    "one in a locked period stays": ({}, LOCKED, HoldCode.LOCKED_PERIOD),
    "on the day after it may be deleted": ({}, date(2026, 8, 13), None),
    "on the day itself it stays": ({}, date(2026, 8, 14), HoldCode.LOCKED_PERIOD),
}


@pytest.mark.parametrize("rule", PAYMENT_ROWS)
def test_a_payment(rule: str) -> None:
    """It is deleted as long as the bank and the books allow it."""
    fields, until, code = PAYMENT_ROWS[rule]
    assert _code(hands_off.of_payment({"PaymentID": "1", "DateString": "2026-08-14", **fields}, until)) is code


@pytest.mark.parametrize(
    ("setting", "status", "last"),
    [
        ("hold", "DRAFT", ""),
        ("hold", "AUTHORISED", ""),
        ("delete", "DRAFT", "DELETED"),
        ("delete", "SUBMITTED", "DELETED"),
        ("delete", "AUTHORISED", ""),
        ("void", "DRAFT", "DELETED"),
        ("void", "AUTHORISED", "VOIDED"),
    ],
)
def test_what_a_deleted_record_leaves(setting: str, status: str, last: str) -> None:
    """As the mapping file says, and as far as Xero deletes at all."""
    assert hands_off.last_status(setting, status) == last


def test_why_it_stays_says_what_xero_does_not_do() -> None:
    """A setting that Xero cannot follow is named; one that holds needs no more words."""
    assert "does not delete what is AUTHORISED" in hands_off.left("delete", "AUTHORISED").sentence
    assert "does not delete" not in hands_off.left("hold", "AUTHORISED").sentence


def test_a_bill_becomes_no_credit_note() -> None:
    """Nor is what a person took out made anew behind their back."""
    assert hands_off.cannot_follow(BILLS, BILLS, a_stored()) is None
    assert _code(hands_off.cannot_follow(CREDIT_NOTES, BILLS, a_stored())) is HoldCode.CHANGED_AFTER_SENDING
    for status in ("VOIDED", "DELETED"):
        assert _code(hands_off.cannot_follow(BILLS, BILLS, a_stored(Status=status))) is HoldCode.GONE_IN_XERO


def test_a_claim_that_was_sent_back() -> None:
    """A bill that nobody approved can follow; of an approved one both figures are shown."""
    not_approved, nothing = because(HoldCode.NOT_APPROVED, status="draft"), because(HoldCode.NOTHING_DUE)
    draft, approved = a_stored(Status="DRAFT"), a_stored(Status="AUTHORISED", SubTotal="10.00", Total="11.00")
    assert hands_off.sent_back(a_claim(), not_approved, draft).code is HoldCode.SENT_BACK
    for why, stored in ((not_approved, approved), (nothing, draft)):
        assert hands_off.sent_back(a_claim(), why, stored).code is HoldCode.SENT_BACK_TOO_LATE
    for record, said in ((a_claim("12.34"), "12.34"), (an_invoice("56.78"), "56.78")):
        sentence = hands_off.sent_back(record, not_approved, approved).sentence
        assert all(figure in sentence for figure in ("10.00", "11.00", said))


def _code(reason: Reason | None) -> HoldCode | None:
    return reason.code if reason else None


@pytest.mark.parametrize(
    ("endpoint", "status", "setting", "is_adopted", "way"),
    [
        (PAYMENTS, "AUTHORISED", "hold", False, "DELETED"),
        (PAYMENTS, "AUTHORISED", "void", True, None),
        (BILLS, "DRAFT", "delete", False, "DELETED"),
        (BILLS, "DRAFT", "delete", True, "DELETED"),
        (BILLS, "AUTHORISED", "void", False, "VOIDED"),
        (BILLS, "AUTHORISED", "delete", False, None),
        (CREDIT_NOTES, "DRAFT", "hold", False, None),
    ],
)
def test_the_way_out_of_the_books(
    endpoint: Endpoint, status: str, setting: str, is_adopted: bool, way: str | None
) -> None:
    """A payment that is undone is deleted unless a person entered it; of a bill the mapping file says it."""
    found = hands_off.way_out(endpoint, {"Status": status}, setting, is_adopted=is_adopted)
    assert (None if isinstance(found, Reason) else found) == way
