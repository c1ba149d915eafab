"""What is said of a bill that is left as it is, for whoever changes it by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_bill, a_line
from tests.unit.xero.answering import stored_bill
from worker.holds import HoldCode
from worker.pipeline.check.otherwise import beside
from worker.pipeline.values import because
from worker.xero.documents import BILLS

REASON = because(HoldCode.CHANGED_AFTER_SENDING, why="it has a payment or a credit")
BILL = a_bill(a_line("1200.00"))
TAX = Decimal("120.00")


def said(**stored: Any) -> str:
    row = {**stored_bill(BILL.body()), "TotalTax": TAX, **stored}
    return beside(REASON, BILLS, BILL.body(), row, "Acme", TAX).sentence.partition("In Xero: ")[2]


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({}, ""),
        ({"SubTotal": "1000.00"}, "before tax 1,000.00 instead of 1,200.00."),
        ({"TotalTax": "100.00"}, "tax 100.00 instead of 120.00."),
        ({"Contact": {"ContactID": "another", "Name": "Bolt"}}, "payable to 'Bolt' instead of 'Acme'."),
        ({"InvoiceNumber": "A-1", "TotalTax": "0"}, "tax 0.00 instead of 120.00; number A-1 instead of INV-1003."),
        ({"Url": "https://elsewhere"}, "its lines have other texts or another coding."),
    ],
)
def test_what_is_to_be_changed(stored: dict[str, Any], words: str) -> None:
    """Amounts, who is paid, number and days; else what only the lines tell. Nothing of what is as it ought to be."""
    assert said(**stored) == words
