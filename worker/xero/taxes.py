"""The tax on a bill's lines: Xero's own figures, or Procore's to the cent where the two differ by rounding alone.

Xero rounds the tax of each line and adds up (xero-api.md §4.17). How Procore rounds is not documented: on the total, on
each line net of retention, or on lines and retention apart. Whichever it is, its figure lies within half a cent of the
exact tax for each amount that it may have rounded. Within that the bill is the supplier's tax invoice, and the cents
between the two are put on lines by `TaxAmount`, which Xero lets override its own figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

CENT = Decimal("0.01")
_HALF_A_CENT = Decimal("0.005")


class Taxed(NamedTuple):
    """A line's amount, its rate in percent, and of how many amounts in Procore it is made."""

    amount: Decimal
    rate: Decimal
    figures: int
    exact: Decimal
    #: As Xero computes it: in whole cents, half a cent away from zero.
    tax: Decimal


class Taxes(NamedTuple):
    """The tax of each line, and whether it is Xero's own figure on all of them."""

    lines: list[Decimal]
    total: Decimal
    by_xero: bool


def taxed(amount: Decimal, rate: Decimal, figures: int = 1, *, inclusive: bool = False) -> Taxed:
    """The tax on an amount, or `inclusive` the tax in it."""
    exact = amount * rate / (100 + rate if inclusive else 100)
    return Taxed(amount, rate, figures, exact, exact.quantize(CENT, ROUND_HALF_UP))


def computed(lines: Sequence[Taxed]) -> Decimal:
    """The tax that Xero computes by itself."""
    return sum((line.tax for line in lines), Decimal(0))


def is_rounding(lines: Sequence[Taxed], stated: Decimal, beyond: Decimal = Decimal(0)) -> bool:
    """Whether Procore's figure is the exact tax but for rounding, and for `beyond`, which the mapping file allows."""
    exact = sum((line.exact for line in lines), Decimal(0))
    rounded = sum(line.figures for line in lines if line.exact)
    return stated == exact or (rounded > 0 and abs(stated - exact) <= _HALF_A_CENT * rounded + beyond)


def to_the_cent(lines: Sequence[Taxed], stated: Decimal) -> list[Decimal]:
    """The tax of each line so that they add up to `stated`: a cent on each of the largest taxed lines, first to last.

    With more cents than lines it goes round again. Empty taxes stay empty; `is_rounding` was asked before.
    """
    taxes = [line.tax for line in lines]
    if stated == sum(taxes, Decimal(0)):
        return taxes
    taxed = [place for place, line in enumerate(lines) if line.exact]
    largest_first = sorted(taxed, key=lambda place: (-abs(lines[place].amount), place))
    missing = stated - sum(taxes, Decimal(0))
    step = CENT if missing > 0 else -CENT
    for number in range(int(abs(missing) / CENT)):
        taxes[largest_first[number % len(largest_first)]] += step
    return taxes
