"""The bodies that go to Xero: exactly what is meant, and nothing that Xero would take for more."""

from __future__ import annotations

from decimal import Decimal

from tests.factories import PROJECT, a_bill, a_line
from worker.http import exact_json
from worker.xero.documents import Contact, Option


def test_a_bill() -> None:
    """A bill names its contact by id alone, its tax basis, and on each line all four tracking fields."""
    assert exact_json.loads(exact_json.dumps(a_bill(a_line("10.00", tracking=(PROJECT,))).body())) == {
        "Type": "ACCPAY",
        "InvoiceNumber": "INV-1003",
        "DueDate": "2026-08-30",
        "Url": "https://procore.example/562/project/commitments/701973/requisitions/58820",
        "Contact": {"ContactID": "contact-881"},
        "Date": "2026-07-31",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "LineItems": [
            {
                "Description": "Slab on ground",
                "Quantity": 1,
                "UnitAmount": Decimal("10.00"),
                "AccountCode": "310",
                "TaxType": "INPUT",
                "Tracking": [
                    {
                        "TrackingCategoryID": "category-project",
                        "Name": "Project",
                        "TrackingOptionID": "option-24-017",
                        "Option": "24-017 Harbour Street Apartments",
                    }
                ],
            }
        ],
    }


def test_a_credit_note() -> None:
    """A credit note has its own number field, and neither due date nor address."""
    body = a_bill(credit=True, currency="NZD").body()
    assert (body["Type"], body["CreditNoteNumber"], body["CurrencyCode"]) == ("ACCPAYCREDIT", "INV-1003", "NZD")
    assert not {"InvoiceNumber", "DueDate", "Url"} & set(body)


def test_an_exact_quantity_goes_with_its_price() -> None:
    """Where quantity and price multiply out, both go."""
    body = a_line("10.00", quantity=Decimal("2.5"), unit_amount=Decimal("4.0000")).body()
    assert (body["Quantity"], body["UnitAmount"]) == (Decimal("2.5"), Decimal(4))


def test_stated_tax_is_never_sent() -> None:
    """Xero computes tax itself; Procore's figure is only compared."""
    assert a_bill(stated_tax=Decimal("1.00")).body() == a_bill().body()


def test_small_documents() -> None:
    """A contact without details and an option are their keys alone."""
    assert Contact("procore-1", "ACME").body() == {"ContactNumber": "procore-1", "Name": "ACME"}
    assert Option("category-1", "24-017").body() == {"Name": "24-017"}


def test_a_bill_is_compared_by_what_its_plain_bill_is() -> None:
    """Without the number that we gave and without sources, also where a text was cut to make room for one."""
    lines = [a_line(source="SC-001 claim 3"), a_line(description="x" * 5000, source="SC-001 claim 3"), a_line()]
    for credit in (False, True):
        bill = a_bill(*lines, number="24-017 SC-001 claim 3", plain_number="PC-58820", credit=credit)
        assert bill.compared() == bill.plain().compared()
        said = [line["Description"] for line in bill.compared()["LineItems"]]
        assert said == [line["Description"] for line in bill.plain().body()["LineItems"]]
