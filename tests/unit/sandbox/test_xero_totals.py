"""What makes the total of a document: lines that give their amount alone, rounding, numbers of deleted drafts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, messages

NOT_MODIFIABLE = "Invoice not of valid status for modification"


@pytest.fixture
def xero() -> Xero:
    return Xero()


def a_line_without(*fields: str, **given: Any) -> dict[str, Any]:
    return {key: value for key, value in a_line(**given).items() if key not in fields}


@pytest.mark.parametrize(
    ("line", "quantity", "unit"),
    [
        (a_line_without("Quantity", "UnitAmount", LineAmount=Decimal("100.00")), "1", "100"),
        (a_line_without("UnitAmount", Quantity=3, LineAmount=Decimal("100.00")), "3", "33.3333"),
        (a_line_without("Quantity", UnitAmount=8, LineAmount=Decimal("100.00")), "12.5", "8"),
        (a_line_without("UnitAmount", Quantity=7000, LineAmount=Decimal("100.00")), "7000", "0.0143"),
    ],
)
def test_line_amount_alone(xero: Xero, line: dict[str, Any], quantity: str, unit: str) -> None:
    """What is missing beside it is calculated, and the amount stays to the cent, written again too."""
    (bill,) = xero.write("PUT", "Invoices", xero.a_bill(LineItems=[line]), unitdp="4")
    assert not bill["HasErrors"], bill
    (made,) = bill["LineItems"]
    assert (made["Quantity"], made["UnitAmount"]) == (Decimal(quantity), Decimal(unit))
    assert (made["LineAmount"], bill["Total"]) == (Decimal("100.00"), Decimal("110.00"))
    (again,) = xero.write("POST", "Invoices", {"InvoiceID": bill["InvoiceID"], "DueDate": "2026-04-30"}, unitdp="4")
    assert again["Total"] == Decimal("110.00")


def rounded(xero: Xero, rounding: str, total: str, **changes: Any) -> dict[str, Any]:
    sums = {"SubTotal": Decimal("100.00"), "TotalTax": Decimal("10.00"), "Total": Decimal(total)}
    return xero.write("PUT", "Invoices", xero.a_bill(RoundingAmount=Decimal(rounding), **sums, **changes))[0]


def test_a_total_may_be_rounded_where_the_organisation_opted_in(xero: Xero) -> None:
    """RoundingAmount counts with all three sums, within 0.10; it is answered by id only."""
    assert "does not equal the sum" in messages(rounded(xero, "0.05", "110.05"))
    xero.switch(rounds_totals=True)
    bill = rounded(xero, "0.05", "110.05")
    assert (bill["Total"], bill["AmountDue"], bill["RoundingAmount"]) == (
        Decimal("110.05"), Decimal("110.05"), Decimal("0.05"),
    )  # fmt: skip
    assert "RoundingAmount" not in xero.rows("Invoices", page="1")[0]
    assert xero.bill(bill)["RoundingAmount"] == Decimal("0.05")
    (kept,) = xero.write("POST", "Invoices", {"InvoiceID": bill["InvoiceID"], "DueDate": "2026-04-30"})
    assert kept["Total"] == Decimal("110.05")
    assert Xero(xero.half.dump()).rows("Invoices")[0]["AmountDue"] == Decimal("110.05")


def test_rounding_has_its_limits(xero: Xero) -> None:
    """Too much of it is refused; without the sums, or in a draft, it does not count."""
    xero.switch(rounds_totals=True)
    assert "RoundingAmount must be between" in messages(rounded(xero, "0.11", "110.11"))
    assert "does not equal the sum" in messages(rounded(xero, "0.05", "110.06"))
    assert "does not equal the sum" in messages(rounded(xero, "0.05", "110.05", Status="DRAFT"))
    (bill,) = xero.write("PUT", "Invoices", xero.a_bill(RoundingAmount=Decimal("0.05")))
    assert bill["Total"] == Decimal("110.00")


@pytest.mark.parametrize("kind", ["ACCPAY", "ACCREC"])
def test_the_number_of_a_deleted_draft_is_refused(xero: Xero, kind: str) -> None:
    """For a new document of its type; where the switch is off it is free."""
    line = a_line(AccountCode="200") if kind == "ACCREC" else a_line()
    draft = xero.a_bill(Type=kind, Status="DRAFT", InvoiceNumber="D-1", LineItems=[line])
    made = xero.create_bill(**draft)
    xero.write("POST", "Invoices", {"InvoiceID": made["InvoiceID"], "Status": "DELETED"})
    assert NOT_MODIFIABLE in messages(xero.write("PUT", "Invoices", draft)[0])
    xero.create_bill(**{**draft, "InvoiceNumber": "D-2"})
    again = Xero(xero.half.dump())
    assert NOT_MODIFIABLE in messages(again.write("PUT", "Invoices", draft)[0])
    xero.switch(refuses_deleted_numbers=False)
    xero.create_bill(**draft)


def test_the_number_of_a_voided_bill_is_free(xero: Xero) -> None:
    """Bills are not unique by number."""
    bill = xero.create_bill()
    xero.write("POST", "Invoices", {"InvoiceID": bill["InvoiceID"], "Status": "VOIDED"})
    xero.create_bill()


def test_an_element_may_be_saved_and_called_an_error(xero: Xero) -> None:
    """The scripted fault: the first element says that Xero failed, and the bill stands."""
    xero.fault(kind="saved_but_error", method="PUT", path="Invoices")
    bad, good = xero.write("PUT", "Invoices", xero.a_bill(), xero.a_bill(InvoiceNumber="INV-78"))
    assert "An error occurred in Xero" in messages(bad)
    assert (bad["InvoiceID"], good["HasErrors"]) == ("00000000-0000-0000-0000-000000000000", False)
    assert [row["InvoiceNumber"] for row in xero.rows("Invoices")] == ["INV-77", "INV-78"]


def test_an_answer_may_leave_one_out(xero: Xero) -> None:
    """The scripted fault: both bills stand, and the answer shows the first."""
    xero.fault(kind="cut_short", method="PUT", path="Invoices")
    (shown,) = xero.write("PUT", "Invoices", xero.a_bill(), xero.a_bill(InvoiceNumber="INV-78"))
    assert shown["InvoiceNumber"] == "INV-77"
    assert [row["InvoiceNumber"] for row in xero.rows("Invoices")] == ["INV-77", "INV-78"]


def test_an_update_may_change_nothing_and_say_ok(xero: Xero) -> None:
    """The scripted fault: no error, and the answer shows what still stands."""
    bill = xero.create_bill()
    change = {"InvoiceID": bill["InvoiceID"], "DueDate": "2026-05-01"}
    xero.fault(kind="ok_but_unchanged", method="POST")
    (answer,) = xero.write("POST", "Invoices", change)
    assert (answer["HasErrors"], answer["DueDate"]) == (False, bill["DueDate"])
    assert xero.write("POST", "Invoices", change)[0]["DueDateString"] == "2026-05-01T00:00:00"
