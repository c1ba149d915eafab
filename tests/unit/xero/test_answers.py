"""How an element of Xero's answer is read: its faults before its fields, its days and its money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from worker.xero.answers import ZERO_GUID, amount, day, problems

ID = {"InvoiceID": "60aa"}


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (ID, []),
        ({**ID, "HasErrors": False, "ValidationErrors": [], "StatusAttributeString": "OK"}, []),
        ({**ID, "StatusAttributeString": "WARNING", "Warnings": [{"Message": "Only a warning"}]}, []),
        ({**ID, "StatusAttributeString": None}, []),
        ({**ID, "ValidationErrors": None, "LineItems": None, "Contact": None}, []),
        ({}, ["the answer carries no InvoiceID"]),
        ({"InvoiceID": ZERO_GUID}, ["the answer carries no InvoiceID"]),
        ({"InvoiceID": None}, ["the answer carries no InvoiceID"]),
        ({**ID, "HasErrors": True}, ["no reason given"]),
        ({**ID, "HasValidationErrors": True, "ValidationErrors": [{"Message": "Name taken"}]}, ["Name taken"]),
        ({**ID, "StatusAttributeString": "ERROR", "ValidationErrors": [{"Description": "Bad"}]}, ["Bad"]),
        ({**ID, "StatusAttributeString": "Error"}, ["no reason given"]),
        ({**ID, "ValidationErrors": [{"Message": "Twice"}, {"Message": "Twice"}]}, ["Twice"]),
        ({**ID, "LineItems": [{}, {"ValidationErrors": [{"Message": "Account 999"}]}]}, ["Account 999"]),
        ({**ID, "Contact": {"ValidationErrors": [{"Message": "Archived"}]}}, ["Archived"]),
        ({"InvoiceID": ZERO_GUID, "ValidationErrors": [{"Message": "Bad"}], "HasErrors": True}, ["Bad"]),
    ],
)
def test_why_an_element_was_not_taken(element: dict[str, Any], expected: list[str]) -> None:
    """Any flag, any error in any place, or a missing id is a failure; a warning is not."""
    assert problems(element, "InvoiceID") == expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"Date": "/Date(1789344000000+0000)/"}, date(2026, 9, 14)),
        ({"Date": "/Date(1789344000000)/"}, date(2026, 9, 14)),
        ({"Date": "/Date(1426849200000+1300)/"}, date(2015, 3, 21)),
        ({"Date": "/Date(1426896000000+1300)/"}, date(2015, 3, 21)),
        ({"Date": "/Date(1426914000000-0500)/"}, date(2015, 3, 21)),
        ({"Date": "/Date(-86400000+0000)/"}, date(1969, 12, 31)),
        ({"Date": "/Date(-2208988800000)/"}, date(1900, 1, 1)),
        ({"Date": "/Date(1789344000000+0000)/", "DateString": "2026-09-15T00:00:00"}, date(2026, 9, 15)),
        ({"Date": "2026-09-14"}, date(2026, 9, 14)),
        ({"Date": ""}, None),
        ({"Date": None}, None),
        ({}, None),
    ],
)
def test_days(element: dict[str, Any], expected: date | None) -> None:
    """Documents' dates are midnight UTC of their calendar day; before 1970 they are negative."""
    assert day(element, "Date") == expected


def test_money() -> None:
    """A money field that is not there is zero."""
    assert amount({"SubTotal": Decimal("10.00")}, "SubTotal") == Decimal("10.00")
    assert amount({"SubTotal": 10}, "SubTotal") == 10
    assert amount({"SubTotal": None}, "SubTotal") == amount({}, "SubTotal") == 0
