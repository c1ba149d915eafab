"""Bills and credit notes as they are written: elements, lines, sums, codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, messages, read
from worker.sandbox.xero.values import ZERO_GUID


@pytest.fixture
def xero() -> Xero:
    return Xero()


def refused(xero: Xero, **changes: Any) -> str:
    """What Xero says against a bill with these changes; empty when it is accepted."""
    return messages(xero.write("PUT", "Invoices", xero.a_bill(**changes))[0])


def test_mixed_batch_answers_per_element(xero: Xero) -> None:
    """summarizeErrors=false: 200, in request order, the bad one with a zero id and the state that was asked for."""
    rows = xero.write("PUT", "Invoices", xero.a_bill(), xero.a_bill(DueDate=None), xero.a_bill())
    assert [row["StatusAttributeString"] for row in rows] == ["OK", "ERROR", "OK"]
    assert [row["HasErrors"] for row in rows] == [False, True, False]
    assert (rows[1]["InvoiceID"], rows[1]["Status"]) == (ZERO_GUID, "AUTHORISED")
    assert messages(rows[1])


def test_summarised_errors_are_400_and_the_good_ones_are_saved(xero: Xero) -> None:
    """Left out, summarizeErrors is true: 400 with the bad elements, and the good bill stands all the same."""
    answer = xero.send("PUT", "Invoices", {"Invoices": [xero.a_bill(), xero.a_bill(DueDate=None)]})
    body = read(answer)
    assert (answer.status_code, body["ErrorNumber"], body["Type"]) == (400, 10, "ValidationException")
    assert [row["InvoiceID"] for row in body["Elements"]] == [ZERO_GUID]
    assert len(xero.rows("Invoices")) == 1


def test_51_elements_are_refused(xero: Xero) -> None:
    """At most 50 elements, and nothing of a longer request is saved; the journal counts them."""
    answer = xero.send("PUT", "Invoices", {"Invoices": [xero.a_bill()] * 51})
    assert answer.status_code == 400
    assert xero.journal()[-1]["elements"] == 51
    assert xero.rows("Invoices") == []


def test_request_over_the_size_is_refused(xero: Xero) -> None:
    """3.5 MB is the stricter reading of Xero's sizes."""
    assert xero.send("PUT", "Invoices", {"Invoices": [xero.a_bill(Url="x" * 3_500_000)]}).status_code == 400


@pytest.mark.parametrize(
    "broken",
    [
        {"Date": "2026-03-01 00:00:00"},
        {"Date": "01/03/2026"},
        {"LineItems": [{"UnitAmount": "12.50"}]},
        {"InvoiceNumber": 77},
        {"Contact": {"ContactID": "12"}},
        {"Contact": "Zoë"},
        {"LineItems": {"Description": "x"}},
        {"LineItems": ["x"]},
    ],
)
def test_unreadable_values_refuse_the_whole_call(xero: Xero, broken: dict[str, Any]) -> None:
    """Dates, numbers, texts and GUIDs of another shape are ErrorNumber 14 for the call."""
    answer = xero.send("PUT", "Invoices", {"Invoices": [xero.a_bill(), xero.a_bill(**broken)]}, summarizeErrors="false")
    assert (answer.status_code, read(answer)["ErrorNumber"]) == (400, 14)
    assert xero.rows("Invoices") == []


@pytest.mark.parametrize("missing", ["Contact", "DueDate", "LineItems"])
@pytest.mark.parametrize("status", ["AUTHORISED", "SUBMITTED"])
def test_complete_bill_needs_contact_due_date_and_lines(xero: Xero, missing: str, status: str) -> None:
    """The official minimum of a document that is more than a draft."""
    assert refused(xero, **{missing: None, "Status": status})


@pytest.mark.parametrize("missing", ["Description", "Quantity", "UnitAmount", "AccountCode"])
def test_complete_line_needs_its_minimum(xero: Xero, missing: str) -> None:
    """Each line of it too; a draft may be incomplete."""
    lines = [{key: value for key, value in a_line().items() if key != missing}]
    assert refused(xero, LineItems=lines)
    assert not refused(xero, LineItems=lines, Status="DRAFT", DueDate=None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Type": "BILL"}, "Type 'BILL' is not valid"),
        ({"Status": "PAID"}, "Status 'PAID' is not valid"),
        ({"Status": "VOIDED"}, "Status 'VOIDED' is not valid"),
        ({"InvoiceID": "7e57a000-0000-4000-8000-00000000000e"}, "cannot be chosen"),
        ({"Url": "http://example.com"}, "https"),
        ({"Url": "https://example.com/xero/1"}, "'xero'"),
        ({"InvoiceNumber": "Straße 7"}, "printable ASCII"),
        ({"InvoiceNumber": "7" * 256}, "255"),
        ({"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"LineAmountTypes": "Gross"}, "LineAmountTypes 'Gross'"),
        ({"Date": "2025-06-30"}, "end of year lock date, currently set at 30-Jun-2025"),
        ({"Total": 109}, "The invoice total does not equal the sum of the lines."),
    ],
)
def test_wrong_headers_are_rejected(xero: Xero, changes: dict[str, Any], sentence: str) -> None:
    """Each rule of the header has its sentence."""
    assert sentence in refused(xero, **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"AccountCode": "777"}, "Account code '777' is not a valid code for this document."),
        ({"AccountCode": "090"}, "Account code '090' is not a valid code for this document."),
        ({"AccountCode": "800"}, "Account code '800' is not a valid code for this document."),
        ({"AccountCode": "999"}, "Account code '999' has been archived, or has been deleted."),
        ({"TaxType": "TAX001"}, "The TaxType code 'TAX001' does not exist"),
        ({"TaxType": "NOTAX"}, "The TaxType code 'NOTAX' does not exist"),
        ({"TaxType": "OUTPUT"}, "The TaxType code 'OUTPUT' cannot be used with account code '320'"),
        ({"AccountCode": "830", "TaxType": "INPUT"}, "cannot be used with account code '830'"),
        ({"Quantity": Decimal("1.00001")}, "4 decimal places"),
        ({"LineAmount": 99}, "The line total 99 does not match the expected line total 100.00"),
        ({"Description": "x" * 4001}, "4000"),
        ({"UnitAmount": Decimal("10000000000")}, "9999999999.99"),
        ({"DiscountRate": 5}, "Discounts"),
        ({"ItemCode": "nothing"}, "Item code 'nothing'"),
    ],
)
def test_wrong_lines_are_rejected(xero: Xero, changes: dict[str, Any], sentence: str) -> None:
    """Accounts, tax types and amounts of a line are checked against the books."""
    assert sentence in refused(xero, LineItems=[a_line(**changes)])


def test_negative_lines_pass_but_not_a_negative_total(xero: Xero) -> None:
    """Retention is a negative line; a bill below zero is a credit note."""
    assert not refused(xero, LineItems=[a_line(), a_line(UnitAmount=-50, AccountCode="830")])
    assert "must not be negative" in refused(xero, LineItems=[a_line(UnitAmount=-1)])


def test_tax_is_rounded_per_line_and_then_summed(xero: Xero) -> None:
    """Three half cents make three cents, not two."""
    lines = [a_line(UnitAmount=Decimal("0.05")) for _ in range(3)]
    bill = xero.create_bill(LineItems=lines)
    assert [line["TaxAmount"] for line in bill["LineItems"]] == [Decimal("0.01")] * 3
    assert (bill["SubTotal"], bill["TotalTax"], bill["Total"]) == (Decimal("0.15"), Decimal("0.03"), Decimal("0.18"))


@pytest.mark.parametrize(
    ("amount_types", "expected"),
    [
        ("Exclusive", ("100.00", "10.00", "110.00")),
        ("Inclusive", ("90.91", "9.09", "100.00")),
        ("NoTax", ("100", "0", "100")),
    ],
)
def test_line_amount_types(xero: Xero, amount_types: str, expected: tuple[str, str, str]) -> None:
    """Tax on top, within, or none."""
    bill = xero.create_bill(LineAmountTypes=amount_types)
    assert (bill["SubTotal"], bill["TotalTax"], bill["Total"]) == tuple(map(Decimal, expected))


def test_tax_type_defaults_from_the_account(xero: Xero) -> None:
    """A line without TaxType takes its account's."""
    lines = [a_line(), a_line(AccountCode="830", UnitAmount=-10)]
    assert [line["TaxType"] for line in xero.create_bill(LineItems=lines)["LineItems"]] == ["INPUT", "BASEXCLUDED"]


def test_unit_amount_is_rounded_to_cents_without_unitdp(xero: Xero) -> None:
    """3 x 33.3333 is 100.00 with unitdp=4 and 99.99 without."""
    bill = xero.a_bill(LineItems=[a_line(Quantity=3, UnitAmount=Decimal("33.3333"))])
    totals = [xero.write("PUT", "Invoices", bill, **query)[0]["SubTotal"] for query in ({}, {"unitdp": "4"})]
    assert totals == [Decimal("99.99"), Decimal("100.00")]


def test_bill_numbers_need_not_be_unique(xero: Xero) -> None:
    """Two bills may have one number; two sales invoices may not."""
    assert xero.create_bill()["InvoiceID"] != xero.create_bill()["InvoiceID"]
    sale = xero.a_bill(Type="ACCREC", LineItems=[a_line(AccountCode="200")])
    first, second = xero.write("PUT", "Invoices", sale, sale)
    assert not first["HasErrors"]
    assert messages(second) == "Invoice # must be unique."


def test_reference_is_not_kept_on_a_bill(xero: Xero) -> None:
    """Reference belongs to sales invoices; a sale without number gets one."""
    assert xero.create_bill(Reference="Claim 3")["Reference"] == ""
    lines = [a_line(AccountCode="200")]
    sale = xero.create_bill(Type="ACCREC", InvoiceNumber=None, Reference="Ours", LineItems=lines)
    assert (sale["Reference"], sale["InvoiceNumber"]) == ("Ours", "INV-0001")


def test_bare_document_is_accepted(xero: Xero) -> None:
    """A single document need not be wrapped."""
    assert xero.send("PUT", "Invoices", xero.a_bill()).status_code == 200


def test_credit_note_counts_down_its_remaining_credit(xero: Xero) -> None:
    """A supplier's credit note needs no due date, and its amounts are positive."""
    note = {
        "Type": "ACCPAYCREDIT",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": xero.contact_id},
        "Date": "2026-03-01",
        "CreditNoteNumber": "CN-1",
        "LineItems": [a_line()],
    }
    negative = {**note, "LineItems": [a_line(UnitAmount=-1)]}
    good, bad = xero.write("PUT", "CreditNotes", note, negative)
    assert (good["Total"], good["RemainingCredit"]) == (Decimal("110.00"), Decimal("110.00"))
    assert bad["HasErrors"]
    refund = {
        "CreditNote": {"CreditNoteID": good["CreditNoteID"]},
        "Account": {"Code": "090"},
        "Date": "2026-04-01",
        "Amount": 110,
    }
    assert xero.write("PUT", "Payments", refund)[0]["PaymentType"] == "APCREDITPAYMENT"
    note_now = xero.rows(f"CreditNotes/{good['CreditNoteID']}")[0]
    assert (note_now["Status"], note_now["RemainingCredit"]) == ("PAID", Decimal("0.00"))


def test_item_fills_what_the_line_leaves_out(xero: Xero) -> None:
    """An ItemCode brings description, price and account."""
    details = {"UnitPrice": Decimal("12.50"), "AccountCode": "320"}
    item = {"Code": "03-100", "Name": "Concrete", "PurchaseDescription": "Concrete works", "PurchaseDetails": details}
    assert xero.send("PUT", "Items", {"Items": [item]}).status_code == 200
    line = xero.create_bill(LineItems=[{"ItemCode": "03-100", "Quantity": 2}])["LineItems"][0]
    assert (line["Description"], line["LineAmount"], line["AccountCode"]) == ("Concrete works", Decimal("25.00"), "320")


def test_item_codes_are_unique_and_short(xero: Xero) -> None:
    """PUT refuses a used code, POST updates it."""
    xero.write("PUT", "Items", {"Code": "abc"})
    used, long = xero.write("PUT", "Items", {"Code": "abc"}, {"Code": "x" * 31})
    assert messages(used) == "Price List Item with Code 'abc' already exists"
    assert messages(long)
    xero.write("POST", "Items", {"Code": "ABC", "Name": "Renamed"})
    assert [row["Name"] for row in xero.rows("Items")] == ["Renamed"]
    assert xero.rows("Items/abc")[0]["Name"] == "Renamed"


def test_items_may_be_more_in_one_request(xero: Xero) -> None:
    """500 items at most, where other documents are 50."""
    items = [{"Code": f"03-{number}"} for number in range(501)]
    assert xero.send("PUT", "Items", {"Items": items}).status_code == 400
    assert xero.rows("Items") == []
    assert xero.send("PUT", "Items", {"Items": items[:500]}).status_code == 200
    assert len(xero.rows("Items")) == 500
