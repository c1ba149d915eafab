"""Whatever was claimed: after a sync a project's cost by cost code is the same on both sides, on every day."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.month_end import month_end
from tests.integration.conftest import MakeWorld
from tests.integration.retaining import seed
from tests.integration.test_retention_generated import EVERYTHING, FIRST, Does, claims_of


@given(does=EVERYTHING, month=st.integers(0, 4))
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_both_sides_cost_the_same_after_a_sync(
    a_world: MakeWorld, does: tuple[list[Does], list[Does]], month: int
) -> None:
    """But for what is held, which is named; and the bars are what the rows come to."""
    world = a_world(seed([*claims_of(501, does[0], 11, "on_release"), *claims_of(502, does[1], 21, "on_release")]))
    world.whole_pass()
    first = (FIRST + timedelta(days=30 * month)).replace(day=1)
    found = month_end(world.parts, first, "1.0")
    for project in found.costs:
        assert all(row.reasons for row in project.costs if row.month.difference or row.to_date.difference)
        if not world.holds():
            assert not [row for row in project.costs if row.month.difference or row.to_date.difference]
        for currency, (_, to_date) in project.totals.items():
            bars = [bar.sides for bar in project.bars if bar.currency == currency]
            assert sum(one.procore for one in bars) == to_date.procore
            assert sum(one.xero for one in bars) == to_date.xero
