"""Batch payments: all of their payments or none, and taken back as a whole. History records beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import SEED, Xero, a_line, messages, read


@pytest.fixture
def xero() -> Xero:
    return Xero()


def a_batch(*paid: tuple[dict[str, Any], object], **changes: Any) -> dict[str, Any]:
    payments = [{"Invoice": {"InvoiceID": bill["InvoiceID"]}, "Amount": amount} for bill, amount in paid]
    return {"Account": {"Code": "090"}, "Date": "2026-04-01", "Reference": "Run 7", "Payments": payments, **changes}


def pay(xero: Xero, *paid: tuple[dict[str, Any], object], **changes: Any) -> dict[str, Any]:
    return xero.write("PUT", "BatchPayments", a_batch(*paid, **changes))[0]


def test_a_batch_pays_several_bills(xero: Xero) -> None:
    """Each member is a payment that names the batch; the batch names them, and its total."""
    first, second = xero.create_bill(), xero.create_bill(InvoiceNumber="INV-78")
    batch = pay(xero, (first, 110), (second, Decimal("10.50")))
    assert (batch["Type"], batch["Status"], batch["TotalAmount"]) == ("PAYBATCH", "AUTHORISED", Decimal("120.50"))
    assert [xero.bill(bill)["AmountDue"] for bill in (first, second)] == [Decimal("0.00"), Decimal("99.50")]
    members = xero.rows("Payments")
    assert {row["BatchPaymentID"] for row in members} == {batch["BatchPaymentID"]}
    assert {row["BatchPayment"]["TotalAmount"] for row in members} == {Decimal("120.50")}
    assert [row["BatchPaymentID"] for row in xero.rows("BatchPayments")] == [batch["BatchPaymentID"]]
    assert len(xero.rows(f"BatchPayments/{batch['BatchPaymentID']}")[0]["Payments"]) == 2


def test_one_bad_payment_refuses_the_batch(xero: Xero) -> None:
    """Nothing of it is made."""
    first, second = xero.create_bill(), xero.create_bill(InvoiceNumber="INV-78")
    assert "exceeds the amount outstanding" in messages(pay(xero, (first, 10), (second, 111)))
    assert "exceeds the amount outstanding" in messages(pay(xero, (first, 60), (first, 60)))
    assert xero.rows("Payments") == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Payments": []}, "needs payments"),
        ({"Payments": [{"CreditNote": {"CreditNoteNumber": "x"}, "Amount": 1}]}, "no credit notes"),
        ({"Date": "2025-06-30"}, "end of year lock date"),
        ({"Account": {"Code": "320"}}, "neither a bank account"),
        ({"Details": "x" * 19}, "Details must not exceed 18"),
        ({"BatchPaymentID": "7e57a000-0000-4000-8000-00000000000e"}, "cannot be chosen"),
    ],
)
def test_wrong_batches_are_rejected(xero: Xero, changes: dict[str, Any], sentence: str) -> None:
    """Each rule has its sentence."""
    assert sentence in messages(pay(xero, (xero.create_bill(), 1), **changes))


def test_bills_and_sales_invoices_do_not_mix(xero: Xero) -> None:
    """Nor does another currency go in a batch."""
    sale = xero.create_bill(Type="ACCREC", LineItems=[a_line(AccountCode="200")])
    assert "bills alone" in messages(pay(xero, (xero.create_bill(), 1), (sale, 1)))
    foreign = Xero({**SEED, "currencies": [{"Code": "USD", "Rate": "0.65"}]})
    assert "own currency only" in messages(pay(foreign, (foreign.create_bill(CurrencyCode="USD"), 1)))


def test_only_the_batch_can_be_taken_back(xero: Xero) -> None:
    """Not one of its payments; with the batch all of them go, and the bills are open."""
    bill = xero.create_bill()
    batch = pay(xero, (bill, 110))
    (member,) = xero.rows("Payments")
    refused = xero.send("POST", f"Payments/{member['PaymentID']}", {"Status": "DELETED"})
    assert "delete the batch payment" in refused.text
    wrong = xero.send("POST", f"BatchPayments/{batch['BatchPaymentID']}", {"Status": "DELETED", "Date": "2026-04-02"})
    assert "Only Status accepted" in wrong.text
    answer = xero.send("POST", "BatchPayments", {"BatchPaymentID": batch["BatchPaymentID"], "Status": "DELETED"})
    assert read(answer)["BatchPayments"][0]["Status"] == "DELETED"
    assert (xero.bill(bill)["Status"], xero.rows("Payments")[0]["Status"]) == ("AUTHORISED", "DELETED")
    again = xero.send("POST", f"BatchPayments/{batch['BatchPaymentID']}", {"Status": "DELETED"})
    assert "already been deleted" in again.text
    assert xero.send("GET", "BatchPayments/7e57a000-0000-4000-8000-00000000000e").status_code == 404


def test_a_reconciled_batch_stays(xero: Xero) -> None:
    """Its payments must be unreconciled first."""
    bill = xero.create_bill()
    batch = pay(xero, (bill, 110))
    xero.edit("payments", xero.rows("Payments")[0]["PaymentID"], IsReconciled=True)
    refused = xero.send("POST", f"BatchPayments/{batch['BatchPaymentID']}", {"Status": "DELETED"})
    assert "reconciled batch payment" in refused.text
    assert xero.bill(bill)["Status"] == "PAID"


def test_history_is_added_to_and_never_changed(xero: Xero) -> None:
    """The newest note stands first; one that is too long, or empty, is refused."""
    address = f"Invoices/{xero.create_bill()['InvoiceID']}/History"
    for details in ("Synced from Procore", "Held: x"):
        answer = xero.send("PUT", address, {"HistoryRecords": [{"Details": details}]})
        assert read(answer)["HistoryRecords"][0]["Details"] == details
    assert xero.send("PUT", address, {"HistoryRecords": [{"Details": "x" * 2501}]}).status_code == 400
    assert xero.send("PUT", address, {"HistoryRecords": [{"Details": " "}]}).status_code == 400
    notes = read(xero.send("GET", address))["HistoryRecords"]
    assert [(note["Details"], note["User"]) for note in notes] == [
        ("Held: x", "System Generated"),
        ("Synced from Procore", "System Generated"),
    ]
    assert xero.send("GET", "Invoices/7e57a000-0000-4000-8000-00000000000e/History").status_code == 404
    again = Xero(xero.half.dump())
    assert len(read(again.send("GET", address))["HistoryRecords"]) == 2


def test_a_dump_keeps_the_batch(xero: Xero) -> None:
    """Loaded again, its payments still cannot be deleted one by one."""
    pay(xero, (xero.create_bill(), 110))
    again = Xero(xero.half.dump())
    (member,) = again.rows("Payments")
    assert again.rows("BatchPayments")[0]["TotalAmount"] == Decimal("110.00")
    refused = again.send("POST", f"Payments/{member['PaymentID']}", {"Status": "DELETED"})
    assert "delete the batch payment" in refused.text
