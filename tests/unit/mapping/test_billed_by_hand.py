"""Which bills of one supplier may be one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from worker.mapping.billed_by_hand import Billed, folded, is_one, why_alike

ON = date(2026, 7, 31)
OURS = Billed("INV-0012", ON, Decimal("110.00"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("INV 0012", "inv0012"),
        ("12", "0012"),
        ("#77", "77"),
        ("Invoice No. 12", "INV-0012"),
        ("TAX INVOICE 12", "12"),
        ("A/1-002", "a 1 2"),
        ("26.07", "26-7"),
        ("Ref: 9", "9"),
    ],
)
def test_written_otherwise(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(("one", "other"), [("12", "13"), ("A12", "B12"), ("120", "12"), ("INV-A", "A"), ("10", "1")])
def test_other_numbers(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_signs_alone_are_no_number() -> None:
    """Two bills that are called "-" and "#" are not one for that."""
    assert why_alike(Billed("-", ON, Decimal(1)), Billed("#", ON, Decimal(2))) == ""


def test_nothing_is_one_of_a_total_of_nothing_or_an_unknown_one() -> None:
    for total in (Decimal(0), None):
        assert why_alike(Billed("A", ON, total), Billed("B", ON, total)) == ""


def test_no_bill_from_before_the_period() -> None:
    theirs = Billed("12", date(2026, 6, 30), Decimal("110.00"))
    assert is_one(OURS, theirs, None)
    assert is_one(OURS, theirs, date(2026, 6, 30))
    assert not is_one(OURS, theirs, date(2026, 7, 1))
