"""Payments to payments: on the right bill, from the right bank account, or held."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_payment, known, rules
from tests.unit.mapping.outcomes import is_held
from worker.errors import Skippable
from worker.holds import HoldCode
from worker.mapping.payments import claim_of, to_document
from worker.mapping.references import SentBill
from worker.procore.records import Payment

CREDIT = SentBill("note-58820", "AUTHORISED", credit=True)


def test_an_ordinary_payment() -> None:
    """A payment names its bill, its bank account, and the Procore payment by which it is found again."""
    assert to_document(a_payment("10.00"), known()).body() == {
        "Invoice": {"InvoiceID": "bill-58820"},
        "Account": {"Code": "091"},
        "Date": "2026-08-14",
        "Amount": a_payment("10.00").amount,
        "Reference": "Procore payment 1551516",
    }


def test_a_refund_is_on_the_credit_note() -> None:
    """A negative claim is paid with a negative amount; Xero refunds its credit note with the positive one."""
    document = to_document(a_payment("-10.00"), known(bills={"58820": CREDIT}))
    assert document.body()["CreditNote"] == {"CreditNoteID": "note-58820"}
    assert "Invoice" not in document.body()
    assert document.amount == Decimal("10.00")


@pytest.mark.parametrize("requisition_id", [None, ""])
def test_the_claim_by_invoice_number(requisition_id: str | None) -> None:
    """A payment that names no claim pays the only claim of its contract with its invoice number."""
    payment = a_payment(requisition_id=requisition_id, invoice_number="INV-1003")
    assert claim_of(payment, known()) == "58820"


@pytest.mark.parametrize(
    ("fields", "numbered", "count"),
    [
        ({"invoice_number": "INV-9"}, {}, "0"),
        ({"invoice_number": ""}, {(701973, ""): {"58820"}}, "0"),
        ({"invoice_number": "INV-1003"}, {(701973, "INV-1003"): {"58820", "58821"}}, "2"),
        ({"invoice_number": "INV-1003", "contract_id": 5}, {(701973, "INV-1003"): {"58820"}}, "0"),
    ],
)
def test_a_payment_without_one_claim_is_held(fields: dict[str, Any], numbered: dict[Any, Any], count: str) -> None:
    """No claim, a blank number, several claims, or another contract's: a person chooses."""
    with is_held(HoldCode.PAYMENT_UNMATCHED, f"fits {count} claims"):
        to_document(a_payment(requisition_id=None, **fields), known(claims_numbered=numbered))


@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({"check_number": "100731"}, "090"),
        ({"payment_method": "check"}, "090"),
        ({}, "091"),
        ({"payment_method": "credit_card"}, "091"),
        ({"payment_method": "electronic", "check_number": "100731"}, "091"),
    ],
)
def test_bank_account_by_method(fields: dict[str, Any], account: str) -> None:
    """The method decides the bank account; a check is told by its number where the method is not given."""
    assert to_document(a_payment(**fields), known()).account_code == account


def test_the_check_number_leads_the_reference() -> None:
    """The bookkeeper finds the payment on the bank statement by its check number."""
    assert to_document(a_payment(check_number="100731"), known()).reference == "Check 100731, Procore payment 1551516"


@pytest.mark.parametrize("status", ["approved", "paid"])
def test_made_payments_go(status: str) -> None:
    """A payment that Procore counts as made is carried."""
    assert to_document(a_payment(status=status), known()).bill_id == "bill-58820"


@pytest.mark.parametrize("status", ["unpaid", "in_review", "rejected", "failed"])
def test_payments_not_made_do_not_go(status: str) -> None:
    """A payment that is not made, or was undone, is left out without a fuss."""
    with is_held(HoldCode.NOT_APPROVED, status):
        to_document(a_payment(status=status), known())


PAY = {"external_payment_id": "2169c3f0-5ee4-4eec-8e3c-9644db424550"}


@pytest.mark.parametrize(
    "fields", [{"status": "processing"}, {"status": "processing", **PAY}, {"status": "approved", **PAY}]
)
@pytest.mark.parametrize("settled", [None, "1970-01-01T00:00:00Z"])
def test_a_payment_under_way_waits(fields: dict[str, Any], settled: str | None) -> None:
    """Procore Pay pays what is approved later; a day that means "none" is none."""
    with is_held(HoldCode.PAYMENT_UNDER_WAY, fields["status"]):
        to_document(a_payment(**fields, date_payment_settled=settled), known())


@pytest.mark.parametrize("status", ["approved", "processing", "paid"])
def test_a_payment_that_is_settled_is_made(status: str) -> None:
    """Whatever its status still says."""
    settled = {"date_payment_settled": "2026-08-14T09:00:00Z"}
    assert to_document(a_payment(status=status, **PAY, **settled), known()).bill_id == "bill-58820"


def test_procore_pay_has_made_what_is_paid() -> None:
    """Also where its answer does not say when it was settled."""
    assert to_document(a_payment(status="paid", **PAY), known()).bill_id == "bill-58820"


@pytest.mark.parametrize("status", ["unpaid", "in_review", "rejected", "failed"])
def test_a_payment_that_is_undone_is_not_made(status: str) -> None:
    """Also when it was settled before: it came back."""
    with is_held(HoldCode.NOT_APPROVED, status):
        to_document(a_payment(status=status, **PAY, date_payment_settled="2026-08-14T09:00:00Z"), known())


@pytest.mark.parametrize(
    ("payment", "knowing", "code", "word"),
    [
        (a_payment(deleted_at="2026-08-01T00:00:00Z"), {}, HoldCode.DELETED, "deleted"),
        (a_payment(status="pondered"), {}, HoldCode.VALUE_UNKNOWN, "pondered"),
        (a_payment(date="1970-01-01"), {}, HoldCode.DATE_MISSING, "payment date"),
        (a_payment("0.00"), {}, HoldCode.VALUE_UNKNOWN, "0.00"),
        (a_payment("-5.00"), {}, HoldCode.VALUE_UNKNOWN, "-5.00"),
        (a_payment("5.001"), {}, HoldCode.VALUE_UNKNOWN, "5.001"),
        (a_payment("10.00"), {"bills": {"58820": CREDIT}}, HoldCode.VALUE_UNKNOWN, "on a claim that is negative"),
        (a_payment(), {"bills": {"58820": SentBill("n", "DRAFT", True)}}, HoldCode.BILL_AWAITING_APPROVAL, "DRAFT"),
        (a_payment(), {"bills": {}}, HoldCode.CLAIM_NOT_SENT, "58820"),
        (a_payment(), {"bills": {"58820": SentBill("b", "VOIDED")}}, HoldCode.CLAIM_NOT_SENT, "58820"),
        (a_payment(), {"bills": {"58820": SentBill("b", "DELETED")}}, HoldCode.CLAIM_NOT_SENT, "58820"),
        (a_payment(), {"bills": {"58820": SentBill("b", "DRAFT")}}, HoldCode.BILL_AWAITING_APPROVAL, "58820 is DRAFT"),
        (a_payment(), {"bills": {"58820": SentBill("b", "SUBMITTED")}}, HoldCode.BILL_AWAITING_APPROVAL, "SUBMITTED"),
        (a_payment(), {"rules": rules(bank_accounts={"check": "090"})}, HoldCode.BANK_ACCOUNT_MISSING, "electronic"),
    ],
)
def test_what_cannot_be_carried_is_held(payment: Payment, knowing: dict[str, Any], code: HoldCode, word: str) -> None:
    """Each thing that is missing or wrong has its own code and names itself; nothing is guessed."""
    with is_held(code, word):
        to_document(payment, known(**knowing))


def test_one_cent_is_paid() -> None:
    """Nothing is too small to be paid but nothing."""
    assert to_document(a_payment("0.01"), known()).amount == Decimal("0.01")


def test_a_payments_method_is_kept_with_it() -> None:
    """Another account for the same method is no change of the payment; another method is."""
    assert to_document(a_payment(), known()).method == "electronic"
    assert to_document(a_payment(check_number="100731"), known()).method == "check"


@pytest.mark.parametrize(
    ("payment", "knowing", "sentence"),
    [
        (a_payment("0.00"), {}, "Its amount is '0.00', which is not a value we know."),
        (
            a_payment("10.00"),
            {"bills": {"58820": CREDIT}},
            "Its amount, on a claim that is negative, is '10.00', which is not a value we know.",
        ),
        (a_payment(date="1970-01-01"), {}, "The payment date is blank."),
    ],
)
def test_a_held_payment_says_what_is_wrong(payment: Payment, knowing: dict[str, Any], sentence: str) -> None:
    """The whole sentence, as an operator reads it."""
    with pytest.raises(Skippable) as held:
        to_document(payment, known(**knowing))
    assert held.value.sentence == sentence


@pytest.mark.parametrize(("number", "said"), [("INV-9", "'INV-9'"), ("", "'(blank)'"), (None, "'(blank)'")])
def test_an_unmatched_payment_names_its_number(number: str | None, said: str) -> None:
    """A blank number is said to be blank."""
    with is_held(HoldCode.PAYMENT_UNMATCHED, said):
        to_document(a_payment(requisition_id=None, invoice_number=number), known())
