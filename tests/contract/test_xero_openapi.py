"""The sandbox's Xero answers what Xero's own OpenAPI file says, and takes what it says is taken.

The file is not ours to carry: XERO_OPENAPI names it, and without it these tests are skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.contract.openapi import Contract
from tests.unit.sandbox.xero_driver import BASE, Xero, a_line, read

ZERO_ID = "7e57a000-0000-4000-8000-00000000000e"


class Books:
    """One document of each kind, and the last calls that made them."""

    def __init__(self) -> None:
        self.xero = Xero()
        category = self.xero.category("Project")
        self.category_id = category["TrackingCategoryID"]
        self.option_id = category["Options"][0]["TrackingOptionID"]
        tracking = [{"Name": "Project", "Option": "24-017", "TrackingCategoryID": self.category_id}]
        line = a_line(Tracking=[{**tracking[0], "TrackingOptionID": self.option_id}], TaxType="INPUT")
        self.bill_body = self.xero.a_bill(LineItems=[line], Url="https://example.com/1", LineAmountTypes="Exclusive")
        self.bill = self.xero.create_bill(**self.bill_body)
        self.payment = self.xero.pay(self.bill, Decimal("10.01"))
        self.note_body = {
            "Type": "ACCPAYCREDIT",
            "Status": "AUTHORISED",
            "Contact": {"ContactID": self.xero.contact_id},
            "Date": "2026-03-01",
            "CreditNoteNumber": "CN-1",
            "LineItems": [line],
        }
        self.note = self.xero.write("PUT", "CreditNotes", self.note_body)[0]
        self.payment_body = {
            "Invoice": {"InvoiceID": self.bill["InvoiceID"]},
            "Account": {"Code": "090"},
            "Date": "2026-04-01",
            "Amount": Decimal("0.05"),
            "Reference": "chq 7",
        }
        self.allocation_body = {
            "Invoice": {"InvoiceID": self.bill["InvoiceID"]},
            "Amount": Decimal("1.00"),
            "Date": "2026-04-01",
        }
        self.batch_body = {
            "Account": {"Code": "090"},
            "Date": "2026-04-01",
            "Payments": [{"Invoice": {"InvoiceID": self.bill["InvoiceID"]}, "Amount": Decimal("0.07")}],
        }
        self.batch = self.xero.write("PUT", "BatchPayments", self.batch_body)[0]
        self.xero.send("PUT", f"Invoices/{self.bill['InvoiceID']}/History", {"HistoryRecords": [{"Details": "x"}]})
        self.item = self.xero.write("PUT", "Items", {"Code": "03-100", "Name": "Concrete"})[0]


READS: list[tuple[str, Callable[[Books], str]]] = [
    ("Organisation", lambda books: ""),
    ("Accounts", lambda books: ""),
    ("TaxRates", lambda books: ""),
    ("TaxRates", lambda books: "/INPUT"),
    ("Currencies", lambda books: ""),
    ("TrackingCategories", lambda books: "?includeArchived=true"),
    ("TrackingCategories", lambda books: f"/{books.category_id}"),
    ("Contacts", lambda books: ""),
    ("Contacts", lambda books: "?page=1"),
    ("Contacts", lambda books: "/P-1"),
    ("Invoices", lambda books: ""),
    ("Invoices", lambda books: "?page=1"),
    ("Invoices", lambda books: "?summaryOnly=true"),
    ("Invoices", lambda books: f"/{books.bill['InvoiceID']}"),
    ("CreditNotes", lambda books: "?page=1"),
    ("CreditNotes", lambda books: f"/{books.note['CreditNoteID']}"),
    ("Payments", lambda books: "?page=1"),
    ("Payments", lambda books: f"/{books.payment['PaymentID']}"),
    ("Items", lambda books: ""),
    ("Items", lambda books: "/03-100"),
    ("BatchPayments", lambda books: ""),
    ("BatchPayments", lambda books: f"/{books.batch['BatchPaymentID']}"),
    ("Invoices", lambda books: f"/{books.bill['InvoiceID']}/History"),
    ("Organisation", lambda books: "/Actions"),
]
WRITES: list[tuple[str, str, Callable[[Books], Any]]] = [
    ("PUT", "Contacts", lambda books: {"Contacts": [{"Name": "New Pty Ltd", "ContactNumber": "P-9"}]}),
    ("POST", "Contacts", lambda books: {"Contacts": [{"ContactID": books.xero.contact_id, "TaxNumber": "1"}]}),
    ("PUT", "Invoices", lambda books: {"Invoices": [books.bill_body, {**books.bill_body, "DueDate": None}]}),
    ("POST", "Invoices", lambda books: {"Invoices": [{"InvoiceID": ZERO_ID, "Status": "VOIDED"}]}),
    ("PUT", "CreditNotes", lambda books: {"CreditNotes": [books.note_body]}),
    ("PUT", "Payments", lambda books: {"Payments": [books.payment_body, {**books.payment_body, "Amount": 999}]}),
    ("PUT", "Items", lambda books: {"Items": [{"Code": "04-200", "Name": "Steel"}]}),
    ("PUT", "BatchPayments", lambda books: {"BatchPayments": [books.batch_body, {**books.batch_body, "Payments": []}]}),
]


@pytest.fixture(scope="module")
def books() -> Books:
    return Books()


def agrees(contract: Contract, answer: httpx.Response) -> None:
    """The answer's body is what the file says."""
    request = answer.request
    contract.check_response(request.method, request.url.path, answer.status_code, read(answer))


@pytest.mark.parametrize(("collection", "rest"), READS)
def test_reads_agree(contract: Contract, books: Books, collection: str, rest: Callable[[Books], str]) -> None:
    """Every kind of list, page and single answer has the documented types."""
    answer = books.xero.http.get(f"{BASE}/{collection}{rest(books)}")
    assert answer.status_code == 200
    agrees(contract, answer)


@pytest.mark.parametrize(("method", "collection", "body"), WRITES)
def test_writes_agree(
    contract: Contract, books: Books, method: str, collection: str, body: Callable[[Books], Any]
) -> None:
    """Bodies are taken as documented, and answered as documented, rejected elements included."""
    sent = body(books)
    if not any(None in element.values() for element in sent[collection]):
        contract.check_request(method, f"/{collection}", sent)
    answer = books.xero.send(method, collection, sent, summarizeErrors="false")
    assert answer.status_code == 200
    agrees(contract, answer)


def test_summarised_errors_agree(contract: Contract, books: Books) -> None:
    """The 400 with Elements has the documented shape."""
    answer = books.xero.send("PUT", "Contacts", {"Contacts": [{"Name": "a  b"}]})
    assert answer.status_code == 400
    agrees(contract, answer)


def test_options_agree(contract: Contract, books: Books) -> None:
    """An option is created by the documented body."""
    path, body = f"TrackingCategories/{books.category_id}/Options", {"Name": "25-100"}
    contract.check_request("PUT", f"/{path}", body)
    agrees(contract, books.xero.send("PUT", path, body))


@pytest.mark.parametrize("collection", ["Invoices", "CreditNotes"])
def test_attachments_agree(contract: Contract, collection: str) -> None:
    """A file is attached and listed with the documented answers, and refused with the documented 400."""
    books = Books()
    document_id = books.bill["InvoiceID"] if collection == "Invoices" else books.note["CreditNoteID"]
    path = f"{BASE}/{collection}/{document_id}/Attachments"
    headers = {"Content-Type": "application/pdf"}
    agrees(contract, books.xero.http.put(f"{path}/claim-3.pdf", content=b"%PDF-1.4", headers=headers))
    agrees(contract, books.xero.http.post(f"{path}/claim-3.pdf", content=b"%PDF-1.4", headers=headers))
    agrees(contract, books.xero.http.put(f"{path}/claim-3.exe", content=b"%PDF-1.4", headers=headers))
    agrees(contract, books.xero.http.get(path))


def test_payment_delete_agrees(contract: Contract) -> None:
    """A payment is deleted by the documented body."""
    books = Books()
    path, body = f"Payments/{books.payment['PaymentID']}", {"Status": "DELETED"}
    contract.check_request("POST", f"/{path}", body)
    agrees(contract, books.xero.send("POST", path, body))


@pytest.mark.parametrize(
    "wrong",
    [
        {"Invoices": [{"Total": "12.50"}]},
        {"Invoices": [{"Type": "BILL"}]},
        {"Invoices": [{"InvoiceNumber": "7" * 256}]},
        {"Invoices": [{"LineItems": [{"Trackings": []}]}]},
    ],
)
def test_wrong_bodies_are_seen(contract: Contract, wrong: dict[str, Any]) -> None:
    """The check can fail: text for money, an unknown type, a long number, an unknown field."""
    with pytest.raises(AssertionError):
        contract.check_request("PUT", "/Invoices", wrong)


def test_unknown_address_is_seen(contract: Contract) -> None:
    """An address that the file does not have is an error."""
    with pytest.raises(AssertionError, match="has no DELETE /Invoices"):
        contract.check_request("DELETE", "/Invoices", {})


def test_allocations_agree(contract: Contract, books: Books) -> None:
    """Made, refused, shown by both documents, and taken back."""
    note_id = books.note["CreditNoteID"]
    sent = {"Allocations": [books.allocation_body, {**books.allocation_body, "Amount": Decimal("999.00")}]}
    address = f"CreditNotes/{note_id}/Allocations"
    contract.check_request("PUT", f"/{address}", sent)
    answer = books.xero.send("PUT", address, sent, summarizeErrors="false")
    agrees(contract, answer)
    for shown in (f"CreditNotes/{note_id}", f"Invoices/{books.bill['InvoiceID']}"):
        agrees(contract, books.xero.http.get(f"{BASE}/{shown}"))
    (note,) = books.xero.rows(f"CreditNotes/{note_id}")
    made = note["Allocations"][0]["AllocationID"]
    agrees(contract, books.xero.send("DELETE", f"{address}/{made}"))


def test_a_deleted_batch_payment_agrees(contract: Contract, books: Books) -> None:
    """By its address."""
    batch = books.xero.write("PUT", "BatchPayments", books.batch_body)[0]
    address = f"BatchPayments/{batch['BatchPaymentID']}"
    contract.check_request("POST", f"/{address}", {"Status": "DELETED"})
    agrees(contract, books.xero.send("POST", address, {"Status": "DELETED"}))


def test_history_agrees(contract: Contract, books: Books) -> None:
    """A note, as it is written and answered."""
    answer = books.xero.send("PUT", f"Contacts/{books.xero.contact_id}/History", {"HistoryRecords": [{"Details": "x"}]})
    agrees(contract, answer)


def test_deleted_tracking_agrees(contract: Contract, books: Books) -> None:
    """An unused option, and an unused category."""
    category = books.xero.category("Cost Codes")
    address = f"TrackingCategories/{category['TrackingCategoryID']}"
    option = category["Options"][0]["TrackingOptionID"]
    agrees(contract, books.xero.send("DELETE", f"{address}/Options/{option}"))
    agrees(contract, books.xero.send("DELETE", address))
