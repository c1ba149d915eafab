"""The tax in amounts that have it in them: Xero's own to the cent, and Procore's within rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from worker.xero.taxes import CENT, Taxed, computed, is_rounding, taxed, to_the_cent

RATES = st.sampled_from([Decimal(10), Decimal(15), Decimal(20), Decimal("12.5"), Decimal(0)])
AMOUNTS = st.integers(1, 10_000_000).map(lambda number: Decimal(number) / 100)
LINES = st.lists(st.builds(taxed, AMOUNTS, RATES, inclusive=st.just(True)), min_size=1, max_size=30)


@given(LINES)
def test_before_tax_and_tax_come_to_the_amount(lines: list[Taxed]) -> None:
    """Tax on what is left is the tax that was taken out, but for half a cent."""
    for line in lines:
        before = line.amount - line.exact
        assert abs(before * line.rate / 100 - line.exact) < Decimal("1e-15")
        assert abs(line.tax - line.exact) <= Decimal("0.005")


@given(LINES)
def test_procores_tax_on_the_total_is_taken_to_the_cent(lines: list[Taxed]) -> None:
    """Rounded once; and what is further off than the lines explain is none of it."""
    stated = sum((line.exact for line in lines), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    assert is_rounding(lines, stated)
    assert sum(to_the_cent(lines, stated), Decimal(0)) == stated
    assert not is_rounding(lines, computed(lines) + CENT * (len(lines) + 1))
