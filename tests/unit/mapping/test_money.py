"""Cents, and quantities that multiply out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from worker.mapping.money import cents, is_cents, multiplies_out


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("1.005", "1.01"),
        ("-1.005", "-1.01"),
        ("1.0049", "1.00"),
        ("2", "2.00"),
        ("999999999999.995", "1000000000000.00"),
    ],
)
def test_cents(amount: str, expected: str) -> None:
    """Half a cent goes away from zero, as Xero rounds."""
    assert str(cents(Decimal(amount))) == expected


@pytest.mark.parametrize(("amount", "expected"), [("10", True), ("10.10", True), ("10.1000", True), ("10.101", False)])
def test_is_cents(amount: str, expected: bool) -> None:
    """Trailing zeros are no fractions of a cent."""
    assert is_cents(Decimal(amount)) is expected


@pytest.mark.parametrize(
    ("quantity", "unit", "amount", "expected"),
    [
        ("3", "33.3333", "99.9999", True),
        ("3", "33.33333", "99.99999", False),
        ("2.00000", "5.00000", "10.00", True),
        ("3", "33.33", "100.00", False),
        (None, "1", "1", False),
        ("1", None, "1", False),
    ],
)
def test_multiplies_out(quantity: str | None, unit: str | None, amount: str, expected: bool) -> None:
    """Exact, and within the four decimals that Xero keeps."""
    numbers = [None if number is None else Decimal(number) for number in (quantity, unit)]
    assert multiplies_out(numbers[0], numbers[1], Decimal(amount)) is expected
