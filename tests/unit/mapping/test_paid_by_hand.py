"""What a payment of Procore's may be of what a person entered: by amounts, and never more than may be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from worker.mapping.paid_by_hand import Settlement, left, may_be

ON = date(2026, 8, 14)
PLENTY = Decimal(10_000)


def others(*amounts: str) -> list[Settlement]:
    """Payments by hand, a day apart, called a, b, c."""
    pairs = zip("abcdefghijklmnopqrstuvwxyz", amounts, strict=False)
    return [Settlement(name, name, Decimal(amount), date(2026, 8, 1 + n)) for n, (name, amount) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("amount", "by_hand", "beside", "due", "parts"),
    [
        ("50.00", ["50.00"], [], PLENTY, {"a": "50.00"}),
        ("50.00", ["49.99", "50.01"], [], PLENTY, {}),
        ("50.00", ["50.00", "50.00"], [], PLENTY, {"b": "50.00"}),
        ("50.00", ["20.00", "7.00", "30.00"], [], PLENTY, {"a": "20.00", "c": "30.00"}),
        ("50.00", ["70.00"], ["20.00"], PLENTY, {"a": "50.00"}),
        ("50.00", ["70.00"], ["15.00", "5.00"], PLENTY, {"a": "50.00"}),
        ("50.00", ["70.00"], ["19.00"], PLENTY, {}),
        ("50.00", ["70.00"], [], Decimal("40.00"), {"a": "50.00"}),
        ("50.00", ["30.00", "30.00"], [], Decimal("40.00"), {"a": "20.00", "b": "30.00"}),
        ("50.00", ["30.00"], [], Decimal("40.00"), {}),
        ("50.00", [], ["50.00"], Decimal("40.00"), {}),
    ],
)
def test_what_it_may_be(
    amount: str, by_hand: list[str], beside: list[str], due: Decimal, parts: dict[str, str]
) -> None:
    """One of its amount, the nearest in date; else several; else a part of one; else what covers it, if it is too
    large."""
    found = may_be(Decimal(amount), ON, others(*by_hand), list(map(Decimal, beside)), due)
    assert {one.id: str(part) for one, part in (found.parts if found else ())} == parts


def test_many_are_not_tried_in_every_sum() -> None:
    """Of thirty payments only sums of two are tried: the work stays small."""
    many = [Settlement(str(n), "", Decimal(2**n), ON) for n in range(30)]
    assert may_be(Decimal(0b11), ON, many, (), PLENTY) is not None
    assert may_be(Decimal(0b111), ON, many, (), PLENTY) is None


def test_what_is_another_records_is_not_there_twice() -> None:
    assert [one.amount for one in left(others("50.00", "20.00"), {"a": Decimal("30.00"), "b": Decimal("20.00")})] == [
        20
    ]
