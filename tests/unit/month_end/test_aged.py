"""What is owed as of a day, by how long it is past due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.audit.books import Books
from worker.audit.xero_side import Applied, Contact, Paid, Posted, XeroSide
from worker.month_end.aged import BUCKETS, by_supplier, open_bills, totals

DAY = date(2026, 10, 31)
TOTAL = Decimal("110.00")
BILL = Posted(
    *("b1", "INV-1", "c1", "AUTHORISED", Decimal("100.00"), Decimal("10.00")),
    currency="AUD",
    on=date(2026, 9, 1),
    due_on=DAY,
    owed=TOTAL,
)
NOTE = replace(BILL, id="n1", number="CN-1", credit=True, due_on=None)


def books(*documents: Posted, payments: Sequence[Paid] = ()) -> Books:
    contacts = [Contact("c1", "Steel"), Contact("c2", "Old Steel", merged_to="c1")]
    return Books(XeroSide(contacts=contacts, documents=documents, payments=payments, currency="AUD"))


def amounts(there: Books, day: date = DAY) -> list[Decimal]:
    return [one.amount for one in open_bills(there, day, "")]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (4000, 4)],
)
def test_a_bill_is_in_the_bucket_of_its_days_past_due(days: int, bucket: int) -> None:
    bill = replace(BILL, on=date(2010, 1, 1), due_on=DAY - timedelta(days=days))
    (one,) = open_bills(books(bill), DAY, "")
    assert (one.bucket, one.amount) == (bucket, TOTAL)
    (whole,) = totals([one])
    assert [bool(amount) for amount in whole.amounts] == [place == bucket for place in range(len(BUCKETS))]


@given(paid=st.lists(st.tuples(st.integers(1, 2000), st.integers(-20, 20)), max_size=5))
def test_open_is_the_total_less_what_was_paid_by_then(paid: list[tuple[int, int]]) -> None:
    """However much of it is paid now."""
    rows = [Paid(f"p{n}", "b1", "", Decimal(c) / 100, on=DAY + timedelta(days=d)) for n, (c, d) in enumerate(paid)]
    owed = TOTAL - sum((one.amount for one in rows), Decimal(0))
    by_then = sum((one.amount for one in rows if one.on and one.on <= DAY), Decimal(0))
    found = amounts(books(replace(BILL, owed=owed), payments=rows))
    assert found == [TOTAL - by_then] if TOTAL - by_then else found == []


def test_a_credit_that_was_set_against_a_bill_later_is_open_with_it() -> None:
    """Both are open before, and neither is after."""
    later = DAY + timedelta(days=3)
    there = books(replace(BILL, owed=Decimal(0)), replace(NOTE, owed=Decimal(0), applied=[Applied("b1", TOTAL, later)]))
    assert sorted(amounts(there)) == [-TOTAL, TOTAL]
    (whole,) = totals(open_bills(there, DAY, ""))
    assert (whole.amounts[0], whole.credits, whole.total) == (TOTAL, -TOTAL, Decimal(0))
    assert amounts(there, later) == []


def test_a_credit_without_a_day_counts_from_the_later_document() -> None:
    """As Xero dates an allocation."""
    note = replace(NOTE, on=DAY + timedelta(days=1), owed=Decimal(0), applied=[Applied("b1", TOTAL)])
    assert amounts(books(replace(BILL, owed=Decimal(0)), note)) == [TOTAL]


def test_a_prepayment_that_was_set_against_it_later_is_put_back() -> None:
    paid = replace(BILL, owed=Decimal("60.00"), applied=[Applied("b1", Decimal("50.00"), DAY + timedelta(days=1))])
    assert amounts(books(paid)) == [TOTAL]


@pytest.mark.parametrize(
    "bill",
    [
        replace(BILL, status="DRAFT"),
        replace(BILL, status="VOIDED"),  # Xero may show what was due on it
        replace(BILL, on=DAY + timedelta(days=1)),
        replace(BILL, owed=Decimal(0), status="PAID"),
    ],
)
def test_what_is_not_owed_yet_or_any_more_is_left_out(bill: Posted) -> None:
    assert amounts(books(bill)) == []


def test_currencies_are_never_added_and_merged_contacts_are_one() -> None:
    other = replace(BILL, id="b2", contact_id="c2")
    rows = by_supplier(open_bills(books(BILL, other, replace(BILL, id="b3", currency="USD")), DAY, ""))
    assert [(one.supplier, one.currency, one.total) for one in rows] == [
        ("Steel", "AUD", 2 * TOTAL),
        ("Steel", "USD", TOTAL),
    ]
