"""Whatever claims withhold and release: after a sync the ledger's two sides are equal, to the cent, on every day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.retention import retention_ledger
from tests.integration.conftest import MakeWorld
from tests.integration.retaining import a_retaining_claim, seed
from tests.integration.test_retention import on_account
from tests.integration.world import MAPPING

FIRST = date(2026, 7, 31)
#: What one claim does: its work in cents, the percentage that it withholds, and of what is held the percentage that
#: it releases.
Does = tuple[int, int, int]
DOES = st.tuples(st.integers(-50_000, 200_000), st.integers(0, 10), st.sampled_from([0, 0, 50, 100]))
#: By commitment.
EVERYTHING = st.tuples(st.lists(DOES, min_size=1, max_size=4), st.lists(DOES, max_size=3))
TAXED = st.sampled_from(["on_release", "on_invoice"])
Test = Callable[..., None]


def claims_of(commitment: int, does: list[Does], first_id: int, tax: str) -> list[dict[str, Any]]:
    """As Procore would have them, a month apart."""
    held, made = Decimal(0), []
    for at, (work, percent, share) in enumerate(does):
        amount = Decimal(work) / 100
        withheld = (amount * percent / 100).quantize(Decimal("0.01"))
        released = max(Decimal(0), held * share / 100).quantize(Decimal("0.01"))
        held += withheld - released
        on = str(FIRST + timedelta(days=30 * at))
        amounts = [f"{one:.2f}" for one in (amount, withheld, released, held)]
        vendor = 1 if commitment == 501 else 2
        claim = a_retaining_claim(first_id + at, at + 1, *amounts, on=on, commitment=commitment, vendor=vendor)
        if tax == "on_invoice":
            stated = (amount / 10).quantize(Decimal("0.01"))
            claim["summary"]["tax_applicable_to_this_payment"] = str(stated)
        made.append(claim)
    return made


def both_sides_agree(a_world: MakeWorld, does: tuple[list[Does], list[Does]], tax: str, start: int, day: int) -> None:
    claims = [*claims_of(501, does[0], 11, tax), *claims_of(502, does[1], 21, tax)]
    world = a_world(seed(claims))
    mapping = MAPPING.replace('account = "830"', f'account = "830"\ntax = "{tax}"')
    not_before = FIRST + timedelta(days=start)
    world.mapping_file.write_text(f"{mapping}[documents]\nnot_before = {not_before}\n" if start else mapping)
    world.whole_pass()
    as_of = FIRST + timedelta(days=day)
    ledger = retention_ledger(world.parts, as_of=as_of)
    held = world.holds()
    for row in ledger.rows:
        assert bool(row.differences) or not row.figures.difference, row
        if not held:
            assert row.differences == [], row
    moved = sum((one.figures.xero_withheld - one.figures.xero_released for one in ledger.totals), Decimal(0))
    assert moved == on_account(world, as_of)
    feet = [[c for c in claims if c["commitment_id"] == id and c["billing_date"] <= str(as_of)] for id in (501, 502)]
    expected = sum(Decimal(its[-1]["summary"]["total_retainage"]) for its in feet if its)
    assert sum(row.figures.held for row in ledger.rows if row.job_number == "24-017") == expected
    if tax == "on_invoice":
        assert {row.figures.tax_deferred for row in ledger.rows} <= {Decimal(0)}


def _generated(examples: int) -> Callable[[Test], Test]:
    def decorated(test: Test) -> Test:
        fixtures = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
        drawn = given(does=EVERYTHING, tax=TAXED, start=st.sampled_from([0, 0, 15, 45]), day=st.integers(0, 150))
        return settings(max_examples=examples, deadline=None, suppress_health_check=fixtures)(drawn(test))

    return decorated


@_generated(6)
def test_both_sides_agree_after_a_sync(
    a_world: MakeWorld, does: tuple[list[Does], list[Does]], tax: str, start: int, day: int
) -> None:
    """Of a few drawn worlds; on which day, by which rule of tax, and from which start is drawn, too."""
    both_sides_agree(a_world, does, tax, start, day)


@pytest.mark.deep
@_generated(25)
def test_both_sides_agree_after_many_syncs(
    a_world: MakeWorld, does: tuple[list[Does], list[Does]], tax: str, start: int, day: int
) -> None:
    """The same of many."""
    both_sides_agree(a_world, does, tax, start, day)
