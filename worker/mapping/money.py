"""Arithmetic of money: cents, and quantities that multiply out exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_FOUR_PLACES = Decimal("0.0001")


def cents(amount: Decimal) -> Decimal:
    """The amount at two decimals, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def is_cents(amount: Decimal) -> bool:
    """Whether the amount is whole cents, so that nothing is lost by writing it with two decimals."""
    return amount == cents(amount)


def multiplies_out(quantity: Decimal | None, unit: Decimal | None, amount: Decimal) -> bool:
    """Whether quantity × unit price is the amount exactly, in the four decimals that Xero keeps (§4.6)."""
    if quantity is None or unit is None:
        return False
    return quantity * unit == amount and all(value == value.quantize(_FOUR_PLACES) for value in (quantity, unit))
