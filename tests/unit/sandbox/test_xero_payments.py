"""Payments: what may be paid, from where, and how bills close and open by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, messages


@pytest.fixture
def xero() -> Xero:
    return Xero()


def test_partial_and_final_payment(xero: Xero) -> None:
    """The bill stays AUTHORISED until nothing is due, and then is PAID."""
    bill = xero.create_bill()
    xero.pay(bill, Decimal("10.01"), Reference="chq 7")
    row = xero.bill(bill)
    assert (row["Status"], row["AmountPaid"], row["AmountDue"]) == ("AUTHORISED", Decimal("10.01"), Decimal("99.99"))
    assert not {"Status", "IsReconciled"} & set(row["Payments"][0])
    xero.pay(bill, Decimal("99.99"))
    row = xero.bill(bill)
    assert (row["Status"], row["AmountDue"]) == ("PAID", Decimal("0.00"))
    assert "FullyPaidOnDate" in row


def test_payment_names_its_bill_and_account(xero: Xero) -> None:
    """The answer shows the type, the bill in brief, and the account."""
    bill = xero.create_bill()
    payment = xero.pay(bill, 10)
    assert (payment["PaymentType"], payment["Status"]) == ("ACCPAYPAYMENT", "AUTHORISED")
    assert payment["Invoice"]["InvoiceID"] == bill["InvoiceID"]
    assert payment["Account"]["Code"] == "090"
    assert xero.rows(f"Payments/{payment['PaymentID']}")[0]["Amount"] == Decimal("10.00")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Amount": Decimal("110.01")}, "Payment amount exceeds the amount outstanding on this document"),
        ({"Amount": 0}, "greater than zero"),
        ({"Amount": Decimal("1.001")}, "2 decimal places"),
        ({"Account": {"Code": "320"}}, "neither a bank account"),
        ({"Account": {"Code": "777"}}, "Account must be valid"),
        ({"Account": None}, "Account must be valid"),
        ({"Date": None}, "Date must be specified"),
        ({"Date": "2025-06-30"}, "end of year lock date"),
        ({"Invoice": None}, "exactly one"),
        ({"Invoice": {"InvoiceNumber": "none"}}, "could not be found"),
        ({"PaymentID": "7e57a000-0000-4000-8000-00000000000e"}, "cannot be chosen"),
    ],
)
def test_wrong_payments_are_rejected(xero: Xero, changes: dict[str, Any], sentence: str) -> None:
    """Each rule has its sentence, and the bill stays open."""
    bill = xero.create_bill()
    payment = xero.pay(bill, 10, **changes)
    assert sentence in messages(payment)
    assert xero.bill(bill)["AmountPaid"] == 0


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "PAID", "VOIDED"])
def test_only_authorised_bills_can_be_paid(xero: Xero, status: str) -> None:
    """A bill that awaits approval, is paid or is void takes no payment."""
    bill = xero.create_bill(Status=status if status in ("DRAFT", "SUBMITTED") else "AUTHORISED")
    if status == "PAID":
        xero.pay(bill, 110)
    if status == "VOIDED":
        xero.write("POST", f"Invoices/{bill['InvoiceID']}", {"Status": "VOIDED"})
    assert messages(xero.pay(bill, 1)) == "Payments can only be made against Authorised documents"


def test_account_enabled_for_payments_will_do(xero: Xero) -> None:
    """Not only banks pay."""
    assert not xero.pay(xero.create_bill(), 1, Account={"Code": "835"})["HasValidationErrors"]


def test_ambiguous_bill_number_is_rejected(xero: Xero) -> None:
    """Bill numbers are not unique, so a payment by number may hit two."""
    xero.create_bill()
    assert not xero.pay({"InvoiceID": ""}, 1, Invoice={"InvoiceNumber": "INV-77"})["HasValidationErrors"]
    xero.create_bill()
    assert "more than one" in messages(xero.pay({"InvoiceID": ""}, 1, Invoice={"InvoiceNumber": "INV-77"}))


def test_second_payment_may_not_exceed_what_is_left(xero: Xero) -> None:
    """The measure is what is still due, not the bill's total."""
    bill = xero.create_bill()
    xero.pay(bill, 100)
    assert messages(xero.pay(bill, 11)) == "Payment amount exceeds the amount outstanding on this document"
    assert not xero.pay(bill, 10)["HasValidationErrors"]


def test_batch_that_together_exceeds_the_bill(xero: Xero) -> None:
    """Elements are applied in order: the second of two full payments is one too many."""
    bill = xero.create_bill()
    payment = {
        "Invoice": {"InvoiceID": bill["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-04-01",
        "Amount": 110,
    }
    rows = xero.write("PUT", "Payments", payment, payment)
    assert [row["StatusAttributeString"] for row in rows] == ["OK", "ERROR"]


def test_delete_opens_the_bill_again(xero: Xero) -> None:
    """A deleted payment keeps its row, and leaves the bill's list."""
    bill = xero.create_bill()
    payment = xero.pay(bill, 110)
    answer = xero.send("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    assert answer.status_code == 200
    row = xero.bill(bill)
    assert (row["Status"], row["AmountDue"], row["Payments"]) == ("AUTHORISED", Decimal("110.00"), [])
    assert xero.rows(f"Payments/{payment['PaymentID']}")[0]["Status"] == "DELETED"
    assert xero.send("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"}).status_code == 400


@pytest.mark.parametrize("touch", [True, False])
def test_whether_a_payment_moves_the_bills_stamp(xero: Xero, touch: bool) -> None:
    """It is not documented, so a switch says which; the payment's own stamp moves in any case."""
    xero.switch(payments_touch_documents=touch)
    bill = xero.create_bill()
    before = xero.bill(bill)["UpdatedDateUTC"]
    xero.clock.advance(60)
    payment = xero.pay(bill, 110)
    row = xero.bill(bill)
    assert (row["Status"], row["UpdatedDateUTC"] != before) == ("PAID", touch)
    assert payment["UpdatedDateUTC"] > before


@pytest.mark.parametrize(
    "body", [{"Status": "DELETED", "Amount": 1}, {"Amount": 1}, {"Payments": [{"Status": "DELETED"}]}]
)
def test_payment_takes_no_other_change(xero: Xero, body: dict[str, Any]) -> None:
    """Exactly {"Status": "DELETED"}, or Xero's sentence."""
    payment = xero.pay(xero.create_bill(), 1)
    answer = xero.send("POST", f"Payments/{payment['PaymentID']}", body)
    assert answer.status_code == 400
    assert "Only Status accepted for updates." in answer.text


def test_reconciled_payment_stays(xero: Xero) -> None:
    """A person must unreconcile it first."""
    payment = xero.pay(xero.create_bill(), 1)
    xero.edit("Payments", payment["PaymentID"], IsReconciled=True)
    assert xero.send("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"}).status_code == 400


def test_post_creates_one_payment(xero: Xero) -> None:
    """POST /Payments takes one; two are refused."""
    bill = xero.create_bill(LineItems=[a_line()])
    payment = {
        "Invoice": {"InvoiceID": bill["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-04-01",
        "Amount": 1,
    }
    assert xero.send("POST", "Payments", payment).status_code == 200
    assert xero.send("POST", "Payments", {"Payments": [payment, payment]}).status_code == 400
    assert xero.bill(bill)["AmountPaid"] == Decimal("1.00")
