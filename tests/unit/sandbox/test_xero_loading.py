"""A seed's Xero half becomes books, and books a seed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from tests.unit.sandbox.xero_driver import SEED, Xero, a_line
from worker.sandbox.seed import SeedError

BILL = {
    "Type": "ACCPAY",
    "Contact": {"Name": "Zoë Formwork Pty Ltd"},
    "Date": "2024-01-05",
    "DueDate": "2024-02-05",
    "InvoiceNumber": "OLD-1",
    "LineItems": [a_line(AccountCode="999", TaxType="INPUT")],
}
PAYMENT = {
    "Invoice": {"InvoiceNumber": "OLD-1"},
    "Account": {"Code": "090"},
    "Date": "2024-02-01",
    "Amount": Decimal("30.00"),
}


def seeded(**lists: list[dict[str, Any]]) -> Xero:
    """Xero over the small seed and these rows."""
    return Xero({**SEED, **lists})


def test_totals_ids_and_dates_are_computed() -> None:
    """A seed's bill gives only what a person knows; lock dates and archived accounts do not stop it."""
    row = seeded(invoices=[BILL], payments=[PAYMENT]).rows("Invoices", page="1")[0]
    assert (row["Status"], row["Total"], row["AmountDue"]) == ("AUTHORISED", Decimal("110.00"), Decimal("80.00"))
    assert row["InvoiceID"]
    assert row["LineItems"][0]["TaxAmount"] == Decimal("10.00")


def test_amounts_may_be_text() -> None:
    """Money in a seed may be a decimal string."""
    bill = {**BILL, "LineItems": [a_line(UnitAmount="33.33")]}
    assert seeded(invoices=[bill]).rows("Invoices")[0]["Total"] == Decimal("36.66")


def test_paid_bill_without_payments_owes_nothing() -> None:
    """An old bill may just be PAID."""
    row = seeded(invoices=[{**BILL, "Status": "PAID"}]).rows("Invoices")[0]
    assert (row["Status"], row["AmountDue"], row["AmountPaid"]) == ("PAID", Decimal("0.00"), Decimal("110.00"))


def test_dump_loads_as_a_seed_again() -> None:
    """What a dump says, loaded again, says the same: payments, tracking, archives and stamps included."""
    xero = seeded(invoices=[BILL], payments=[PAYMENT])
    tracking = [{"Name": "Project", "Option": "24-017"}]
    bill = xero.create_bill(LineItems=[a_line(Tracking=tracking, UnitAmount=Decimal("3333.33"))])
    deleted = xero.pay(bill, 5)
    xero.send("POST", f"Payments/{deleted['PaymentID']}", {"Status": "DELETED"})
    xero.pay(bill, 7)
    void = xero.create_bill()
    xero.write("POST", f"Invoices/{void['InvoiceID']}", {"Status": "VOIDED"})
    project = xero.category("Project")
    option = next(row for row in project["Options"] if row["Name"] == "24-017")
    path = f"TrackingCategories/{project['TrackingCategoryID']}/Options/{option['TrackingOptionID']}"
    xero.send("POST", path, {"Status": "ARCHIVED"})
    xero.write("POST", "Contacts", {"ContactID": xero.contact_id, "ContactStatus": "ARCHIVED"})
    dumped = simplejson.loads(simplejson.dumps(xero.half.dump(), use_decimal=True), use_decimal=True)
    again = simplejson.loads(simplejson.dumps(Xero(dumped).half.dump(), use_decimal=True), use_decimal=True)
    assert again == dumped


def test_dump_is_served() -> None:
    """The control interface shows the same dump."""
    xero = seeded(invoices=[BILL])
    assert xero.http.get("/_sandbox/dump").json()["invoices"][0]["InvoiceNumber"] == "OLD-1"


@pytest.mark.parametrize(
    ("lists", "place"),
    [
        ({"invoices": [{**BILL, "LineItems": [a_line(AccountCode="777")]}]}, "xero.invoices.0"),
        ({"invoices": [BILL, {**BILL, "Contact": {}}]}, "xero.invoices.1"),
        ({"payments": [PAYMENT]}, "xero.payments.0"),
    ],
)
def test_impossible_rows_are_named(lists: dict[str, list[dict[str, Any]]], place: str) -> None:
    """A row that cannot be is a SeedError that says where it stands."""
    with pytest.raises(SeedError, match=place):
        seeded(**lists)
