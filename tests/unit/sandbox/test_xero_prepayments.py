"""Prepayments of the sandbox's Xero: set against bills, within what both have open, and kept in a dump."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.unit.sandbox.xero_driver import SEED, Xero

ADVANCE = "00000000-0000-4000-8000-00000000000a"


def with_an_advance() -> tuple[Xero, dict[str, Any]]:
    """A bill, and a prepayment of 50.00 to its supplier."""
    xero = Xero(SEED)
    bill = xero.create_bill(InvoiceNumber="S-1")
    seed = xero.half.dump()
    contact = {"ContactID": bill["Contact"]["ContactID"]}
    row = {"PrepaymentID": ADVANCE, "Contact": contact, "Date": "2026-01-01", "Total": "50.00"}
    return Xero({**seed, "prepayments": [row]}), bill


def against(xero: Xero, bill: dict[str, Any], amount: str) -> int:
    body = {
        "Allocations": [{"Amount": Decimal(amount), "Date": "2026-08-01", "Invoice": {"InvoiceID": bill["InvoiceID"]}}]
    }
    return xero.send("PUT", f"Prepayments/{ADVANCE}/Allocations", body).status_code


def test_a_bill_shows_what_was_set_against_it() -> None:
    """It is open by so much less, and again after a restart."""
    xero, bill = with_an_advance()
    assert against(xero, bill, "20.00") == 200
    for one in (xero, Xero(xero.half.dump())):
        shown = one.bill(bill)
        assert [row["AppliedAmount"] for row in shown["Prepayments"]] == [20]
        assert (shown["AmountCredited"], shown["AmountDue"]) == (20, shown["Total"] - 20)
        (row,) = one.rows("Prepayments")
        assert row["RemainingCredit"] == 30


def test_no_more_than_is_left_goes() -> None:
    xero, bill = with_an_advance()
    assert against(xero, bill, "50.01") == 400
    assert against(xero, bill, "50.00") == 200
    assert against(xero, bill, "0.01") == 400
