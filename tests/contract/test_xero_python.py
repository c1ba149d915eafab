"""Xero's official Python client reads the sandbox over real HTTP, and sees what was written.

It was written by others against the real API, so it trips where the sandbox only suits our own client. It turns
money into floats on the way, which is why values are compared to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from xero_python.accounting import (
    Account,
    AccountingApi,
    Allocation,
    Allocations,
    BatchPayment,
    BatchPayments,
    HistoryRecord,
    HistoryRecords,
    Invoice,
    Payment,
)
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import HTTPStatusException

from tests.unit.sandbox.xero_driver import BASE, TENANT, Xero, a_line
from worker.sandbox import Sandbox
from worker.sandbox.server import Served

CLIENT = ("sandbox-xero-client", "sandbox-xero-secret")


def official_client(url: str) -> AccountingApi:
    """The official client with its own token request, pointed at the sandbox."""
    token: dict[str, Any] = {}
    configuration = Configuration(oauth2_token=OAuth2Token(client_id=CLIENT[0], client_secret=CLIENT[1]))
    client = ApiClient(configuration, oauth2_token_getter=lambda: token, oauth2_token_saver=token.update)
    token_api = TokenApi(client, *CLIENT)
    token_api.client_credentials_token_url = f"{url}/connect/token"
    token.update(token_api.get_client_credentials_token(app_store_billing=False))
    return AccountingApi(client, base_url=f"{url}{BASE}")


@pytest.fixture(scope="module")
def xero() -> Xero:
    return Xero()


@pytest.fixture(scope="module")
def official(xero: Xero) -> Iterator[AccountingApi]:
    with Served(xero.half.app, xero.half.app, 0, 0, "127.0.0.1") as served:
        yield official_client(served.xero_url)


@pytest.fixture(scope="module")
def bill(xero: Xero) -> dict[str, Any]:
    """A bill whose price does not divide evenly, with tracking and retention, partly paid."""
    lines = [
        a_line(Quantity=3, UnitAmount=Decimal("33.3333"), Tracking=[{"Name": "Project", "Option": "24-017"}]),
        a_line(Description="Retention", UnitAmount=Decimal("-5.05"), AccountCode="830"),
    ]
    body = xero.a_bill(LineItems=lines, Url="https://example.com/claims/3")
    written = xero.write("PUT", "Invoices", body, unitdp="4")[0]
    payment = xero.pay(written, Decimal("10.01"), Reference="chq 7")
    return {**xero.bill(written), "payment": payment}


def money(value: float) -> Decimal:
    """The client's float, back to the cent."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_organisation(official: AccountingApi) -> None:
    """Name, currency and lock date arrive."""
    found = official.get_organisations(TENANT).organisations[0]
    assert (found.name, found.base_currency.value) == ("Banksia Constructions", "AUD")
    assert found.end_of_year_lock_date == date(2025, 6, 30)


def test_accounts(official: AccountingApi) -> None:
    """Codes, types and states arrive, filtered by where."""
    found = official.get_accounts(TENANT, where='Type=="BANK"').accounts
    assert [(row.code, row.type.value, row.status) for row in found] == [("090", "BANK", "ACTIVE")]


def test_contacts(official: AccountingApi) -> None:
    """A page of contacts, and one by number."""
    page = official.get_contacts(TENANT, page=1, page_size=10)
    assert page.pagination.item_count == 1
    found = official.get_contact_by_contact_number(TENANT, "P-1").contacts[0]
    assert (found.name, found.contact_status) == ("Zoë Formwork Pty Ltd", "ACTIVE")


def test_tracking_categories(official: AccountingApi) -> None:
    """Categories with their options."""
    found = official.get_tracking_categories(TENANT).tracking_categories
    assert {row.name: [option.name for option in row.options] for row in found} == {
        "Project": ["24-017"],
        "Cost Codes": ["03-100 Concrete"],
    }


def test_invoice(official: AccountingApi, bill: dict[str, Any]) -> None:
    """Header, lines, tracking, totals and the thin payment agree with what was written."""
    found = official.get_invoice(TENANT, bill["InvoiceID"], unitdp=4).invoices[0]
    assert (found.invoice_number, found.type, found.status) == ("INV-77", "ACCPAY", "AUTHORISED")
    assert (found.date, found.due_date) == (date(2026, 3, 1), date(2026, 3, 31))
    assert found.url == "https://example.com/claims/3"
    assert [money(value) for value in (found.sub_total, found.total_tax, found.total, found.amount_due)] == [
        Decimal("94.95"),
        Decimal("10.00"),
        Decimal("104.95"),
        Decimal("94.94"),
    ]
    assert Decimal(str(found.line_items[0].unit_amount)) == Decimal("33.3333")
    assert (found.line_items[0].tracking[0].name, found.line_items[0].tracking[0].option) == ("Project", "24-017")
    assert money(found.payments[0].amount) == Decimal("10.01")


def test_invoices_by_filter(official: AccountingApi, bill: dict[str, Any]) -> None:
    """The official client's own way to filter finds the bill."""
    found = official.get_invoices(TENANT, i_ds=[bill["InvoiceID"]], statuses=["AUTHORISED"], page=1).invoices
    assert [row.invoice_id for row in found] == [bill["InvoiceID"]]
    later = datetime.now(UTC) + timedelta(days=1)
    assert official.get_invoices(TENANT, if_modified_since=later.replace(microsecond=0, tzinfo=None)).invoices == []


def test_payment(official: AccountingApi, bill: dict[str, Any]) -> None:
    """The payment names its bill, date, amount and reference."""
    found = official.get_payment(TENANT, bill["payment"]["PaymentID"]).payments[0]
    assert (found.payment_type, found.status, found.reference) == ("ACCPAYPAYMENT", "AUTHORISED", "chq 7")
    assert (money(found.amount), found.date) == (Decimal("10.01"), date(2026, 4, 1))
    assert found.invoice.invoice_id == bill["InvoiceID"]


def test_credit_note(official: AccountingApi, xero: Xero) -> None:
    """A supplier's credit note with its remaining credit."""
    note = {
        "Type": "ACCPAYCREDIT",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": xero.contact_id},
        "Date": "2026-03-01",
        "CreditNoteNumber": "CN-1",
        "LineItems": [a_line()],
    }
    written = xero.write("PUT", "CreditNotes", note)[0]
    found = official.get_credit_note(TENANT, written["CreditNoteID"]).credit_notes[0]
    assert (found.credit_note_number, found.type) == ("CN-1", "ACCPAYCREDIT")
    assert money(found.remaining_credit) == Decimal("110.00")


def test_tax_rates_of_the_demo() -> None:
    """The client knows every one of their types: it refuses a whole list for one that it does not."""
    sandbox = Sandbox()
    with sandbox.serve() as served:
        found = official_client(served.xero_url).get_tax_rates(sandbox.dump()["xero"]["tenant_id"]).tax_rates
    assert {row.tax_type: row.status for row in found}["TAX001"] == "DELETED"


def test_a_file(official: AccountingApi, xero: Xero) -> None:
    """The client calls every file application/octet-stream; its name says what it is."""
    written = xero.create_bill(InvoiceNumber="INV-F")
    official.create_invoice_attachment_by_file_name(TENANT, written["InvoiceID"], "a.pdf", b"%PDF-1.4")
    (found,) = official.get_invoice_attachments(TENANT, written["InvoiceID"]).attachments
    assert (found.file_name, found.mime_type, found.content_length) == ("a.pdf", "application/pdf", 8)


def test_batch_payment_history_and_allocation(official: AccountingApi, xero: Xero) -> None:
    """Made by the client, and read by it."""
    written = xero.create_bill(InvoiceNumber="INV-B")
    paid = Payment(invoice=Invoice(invoice_id=written["InvoiceID"]), amount=10)
    batch = BatchPayment(account=Account(code="090"), date=date(2026, 4, 1), payments=[paid])
    official.create_batch_payment(TENANT, BatchPayments(batch_payments=[batch]))
    found = official.get_batch_payments(TENANT).batch_payments[-1]
    assert (found.type, found.status, money(found.total_amount)) == ("PAYBATCH", "AUTHORISED", Decimal("10.00"))
    notes = HistoryRecords(history_records=[HistoryRecord(details="Synced from Procore")])
    official.create_invoice_history(TENANT, written["InvoiceID"], notes)
    history = official.get_invoice_history(TENANT, written["InvoiceID"]).history_records
    assert [row.details for row in history] == ["Synced from Procore"]
    credit = xero.write("PUT", "CreditNotes", {**xero.a_bill(Type="ACCPAYCREDIT"), "CreditNoteNumber": "CN-9"})[0]
    allocation = Allocation(invoice=Invoice(invoice_id=written["InvoiceID"]), amount=5, date=date(2026, 4, 1))
    official.create_credit_note_allocation(TENANT, credit["CreditNoteID"], Allocations(allocations=[allocation]))
    assert money(official.get_invoice(TENANT, written["InvoiceID"]).invoices[0].amount_due) == Decimal("95.00")


def test_missing_document_reaches_the_client(official: AccountingApi) -> None:
    """An empty 404 raises what the client raises against the real API."""
    with pytest.raises(HTTPStatusException) as missing:
        official.get_invoice(TENANT, "7e57a000-0000-4000-8000-00000000000e")
    assert missing.value.status == 404


def test_rate_limit_is_obeyed_by_the_client(official: AccountingApi, xero: Xero) -> None:
    """The 429 carries what the client's own transport needs to come back by itself."""
    xero.fault(kind="status", status=429, headers={"Retry-After": "0"})
    official.get_organisations(TENANT)
    assert [entry["status"] for entry in xero.journal()[-2:]] == [429, 200]
