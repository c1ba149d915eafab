"""What a plan says about a document: new ones in a line, changes as old and new."""

from __future__ import annotations

from typing import Any

import pytest

from worker.plan.wording import changes, described

Body = dict[str, Any]


def a_line(description: str = "Slab", amount: str = "100.00", **fields: Any) -> Body:
    tracked = [{"TrackingCategoryID": "p", "Option": "24-017 Tower", "TrackingOptionID": "o"}]
    ordinary = {"Description": description, "Quantity": 1, "UnitAmount": amount, "AccountCode": "320"}
    return {**ordinary, "TaxType": "INPUT", "Tracking": tracked, **fields}


def a_bill(*lines: Body, **fields: Any) -> Body:
    ordinary = {"Type": "ACCPAY", "InvoiceNumber": "INV-1", "Date": "2026-07-31", "DueDate": "2026-08-30"}
    return {**ordinary, "Status": "AUTHORISED", "LineItems": list(lines or [a_line()]), **fields}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (a_bill(), "bill INV-1 of 2026-07-31: 100.00 AUD before tax, 1 line, AUTHORISED"),
        (
            {
                "Type": "ACCPAYCREDIT",
                "CreditNoteNumber": "CN",
                "Date": "2026-07-31",
                "Status": "DRAFT",
                "LineItems": [],
            },
            "credit note CN of 2026-07-31: 0.00 AUD before tax, 0 lines, DRAFT",
        ),
        (
            {"Amount": "1200.5", "Date": "2026-08-14", "Account": {"Code": "090"}, "Reference": "Procore payment 21"},
            "1,200.50 AUD on 2026-08-14 from 090, Procore payment 21",
        ),
        ({"ContactNumber": "procore-1", "Name": "Supplier"}, "Supplier, procore-1"),
        ({"Name": "24-017 Tower"}, "24-017 Tower"),
        ({"Code": "03-300", "Name": "Concrete"}, "03-300, Concrete"),
    ],
)
def test_a_new_document_is_one_line(body: Body, said: str) -> None:
    assert described(body, "AUD") == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (a_bill(), a_bill(), []),
        (a_bill(), {**a_bill(), "InvoiceID": "b"}, []),
        (a_bill(), a_bill(Date="2026-08-01"), ["date: 2026-07-31 -> 2026-08-01"]),
        (
            a_bill(),
            a_bill(a_line(amount="120.00")),
            ["line 'Slab': amount 100.00 AUD -> 120.00 AUD", "total before tax: 100.00 AUD -> 120.00 AUD"],
        ),
        (a_bill(), a_bill(a_line(AccountCode="325")), ["line 'Slab': account 320 -> 325"]),
        (a_bill(), a_bill(a_line(LineItemID="l")), []),
        (
            a_bill(),
            a_bill(a_line(), a_line("Wall", "5.00")),
            ["new line: 'Wall' 5.00 AUD on account 320", "total before tax: 100.00 AUD -> 105.00 AUD"],
        ),
        (
            a_bill(a_line(), a_line("Wall", "5.00")),
            a_bill(),
            ["line left out: 'Wall' 5.00 AUD on account 320", "total before tax: 105.00 AUD -> 100.00 AUD"],
        ),
        (a_bill(a_line(), a_line("Wall", "5.00")), a_bill(a_line("Wall", "5.00"), a_line()), []),
        ({"Name": "Old"}, {"Name": "New", "ContactID": "c"}, ["name: Old -> New"]),
        ({}, {"TaxNumber": "51"}, ["tax number: nothing -> 51"]),
    ],
)
def test_a_change_is_old_and_new(old: Body, new: Body, said: list[str]) -> None:
    """Ids and the order of lines are not changes; a line is known by its description."""
    assert changes(old, new, "AUD") == said
