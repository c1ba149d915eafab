"""Paid direct costs to payments: the whole bill, on the payment date, from the account that the mapping file gives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import an_invoice, known, rules
from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping.invoice_payments import to_document
from worker.mapping.references import Known, SentBill
from worker.procore.records import InvoicePayment

BILL = SentBill("bill-9001", "AUTHORISED", total=Decimal("55.00"))


def paid(**fields: Any) -> InvoicePayment:
    return InvoicePayment.of(an_invoice("50.00", **{"payment_date": "2026-07-25", **fields}))


def knowing(bill: SentBill | None = BILL, **invoices: Any) -> Known:
    bills = {"9001": bill} if bill else {}
    return known(invoice_bills=bills, rules=rules(invoices={"paid": "pay", **invoices}))


def test_it_pays_its_bill_as_a_whole() -> None:
    """By its total with tax; the reference names the direct cost, by which it is found again."""
    assert to_document(paid(), knowing()).body() == {
        "Invoice": {"InvoiceID": "bill-9001"},
        "Account": {"Code": "091"},
        "Date": "2026-07-25",
        "Amount": Decimal("55.00"),
        "Reference": "Procore direct cost 9001",
    }


def test_from_an_account_of_its_own() -> None:
    """Before the default of all payments."""
    assert to_document(paid(), knowing(bank_account="095")).account_code == "095"


def test_of_a_credit_it_is_the_refund() -> None:
    """What a supplier pays back."""
    note = SentBill("note-9001", "AUTHORISED", credit=True, total=Decimal("55.00"))
    assert to_document(paid(), knowing(note)).body()["CreditNote"] == {"CreditNoteID": "note-9001"}


@pytest.mark.parametrize(
    ("payment", "bill", "code", "word"),
    [
        (paid(payment_date=None), BILL, HoldCode.NOT_PAID, "no payment date"),
        (paid(deleted_at="2026-08-01T00:00:00Z"), BILL, HoldCode.DELETED, "deleted"),
        (paid(), None, HoldCode.CLAIM_NOT_SENT, "Its invoice 9001"),
        (paid(), SentBill("b", "VOIDED", total=Decimal(1)), HoldCode.CLAIM_NOT_SENT, "invoice 9001"),
        (paid(), SentBill("b", "DRAFT", total=Decimal(1)), HoldCode.BILL_AWAITING_APPROVAL, "invoice 9001 is DRAFT"),
        (paid(), SentBill("b", "AUTHORISED", in_doubt=True), HoldCode.BILL_DIFFERS, "its own hold"),
        (paid(), SentBill("b", "AUTHORISED"), HoldCode.BILL_DIFFERS, "does not show its total"),
    ],
)
def test_what_cannot_be_paid(payment: InvoicePayment, bill: SentBill | None, code: HoldCode, word: str) -> None:
    """Each with its reason."""
    with is_held(code, word):
        to_document(payment, knowing(bill))


def test_without_an_account_it_is_held() -> None:
    """No account is guessed."""
    with is_held(HoldCode.BANK_ACCOUNT_MISSING, "direct costs"):
        to_document(paid(), known(invoice_bills={"9001": BILL}, rules=rules(bank_accounts={})))
