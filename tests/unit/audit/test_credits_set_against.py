"""What a bill says of the credits that are set against it, as Xero answers it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from worker.audit.from_xero import Lines, bill
from worker.audit.options import Category
from worker.audit.xero_side import Credit

BILL: dict[str, Any] = {"InvoiceID": "b1", "Status": "PAID", "SubTotal": Decimal(100), "TotalTax": Decimal(10)}


def credits(**fields: Any) -> list[Credit]:
    return list(bill({**BILL, **fields}, Lines(Category("project"), Category("cost codes"))).credits)


def test_each_kind_is_read_with_its_amount() -> None:
    """Credit notes with their numbers, prepayments, overpayments; and what of the sum no list names."""
    note = {"CreditNoteID": "n1", "CreditNoteNumber": "CN-9", "AppliedAmount": Decimal(20)}
    over = {"OverpaymentID": "o1", "AppliedAmount": Decimal(5)}
    pre = {"PrepaymentID": "p1", "AppliedAmount": Decimal(30)}
    lists = {"CreditNotes": [note], "Overpayments": [over], "Prepayments": [pre]}
    assert credits(AmountCredited=Decimal(60), **lists) == [
        Credit("n1", "credit note CN-9", Decimal(20)),
        Credit("p1", "prepayment", Decimal(30)),
        Credit("o1", "overpayment", Decimal(5)),
        Credit("credit", "credit", Decimal(5)),
    ]


def test_a_bill_without_credits_has_none() -> None:
    """Empty lists, lists left out, an amount of nothing."""
    assert credits() == credits(AmountCredited=Decimal(0), CreditNotes=[], Overpayments=None) == []
