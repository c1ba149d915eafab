"""Which credit goes against which bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from worker.mapping.allocations import Open, Share, spread

START = date(2026, 7, 1)


def an_open(claim_id: int, amount: str, days: int = 0) -> Open:
    return Open(str(claim_id), f"xero-{claim_id}", START + timedelta(days), Decimal(amount))


def said(shares: Sequence[Share]) -> list[tuple[str, str]]:
    return [(share.id, str(share.amount)) for share in shares]


def test_the_oldest_goes_first_on_both_sides() -> None:
    """By date, then by the claim's number; what is left of a credit goes to the next bill."""
    notes = [an_open(30, "50.00", 9), an_open(20, "130.00", 5)]
    bills = [an_open(100, "40.00"), an_open(99, "70.00"), an_open(5, "60.00", 1)]
    assert said(spread(notes, bills)) == [("20/99", "70.00"), ("20/100", "40.00"), ("20/5", "20.00"), ("30/5", "40.00")]


def test_its_date_is_the_later_of_both() -> None:
    """Whichever that is."""
    (share,) = spread([an_open(20, "1.00", 3)], [an_open(10, "1.00", 7)])
    assert share.on == START + timedelta(7)
    (share,) = spread([an_open(20, "1.00", 7)], [an_open(10, "1.00", 3)])
    assert share.on == START + timedelta(7)


def test_a_pair_that_was_before_is_passed_over() -> None:
    """The credit goes to the next bill."""
    bills = [an_open(10, "5.00"), an_open(11, "5.00")]
    assert said(spread([an_open(20, "5.00")], bills, {"20/10"})) == [("20/11", "5.00")]


AMOUNTS = st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 5)), max_size=6)


@given(AMOUNTS, AMOUNTS)
def test_whatever_is_open_it_is_spread_once(credits: list[tuple[int, int]], dues: list[tuple[int, int]]) -> None:
    """Never above what is open of either, no pair twice, and nothing is left open on both sides."""
    notes = [an_open(n, str(Decimal(cents) / 100), on) for n, (cents, on) in enumerate(credits, 1)]
    bills = [an_open(n, str(Decimal(cents) / 100), on) for n, (cents, on) in enumerate(dues, 101)]
    shares = spread(notes, bills)
    assert len({share.id for share in shares}) == len(shares)
    assert all(share.amount > 0 for share in shares)
    for one in notes:
        assert sum(share.amount for share in shares if share.note == one) <= one.amount
    for one in bills:
        assert sum(share.amount for share in shares if share.bill == one) <= one.amount
    whole = min(sum(one.amount for one in notes), sum(one.amount for one in bills))
    assert sum(share.amount for share in shares) == whole
    assert shares == spread(notes[::-1], bills[::-1])
