"""People act between passes: whatever they do, what was paid to whom agrees with Procore, or a hold names it."""

from __future__ import annotations

import pytest

from tests.integration.accounting import Accounting
from tests.integration.exploring import explore

#: Seeds with their numbers of examples: one for `make test`, and as many for `make test-deep` as go in 90 seconds.
SEEDS = [(0, 1), *(pytest.param(number, 20, marks=pytest.mark.deep) for number in (1, 2))]


@pytest.mark.timeout(1800)  # what fails is made small first, which takes its time
@pytest.mark.parametrize(("number", "examples"), SEEDS)
def test_what_was_paid_is_what_procore_says_or_a_hold_names_it(number: int, examples: int) -> None:
    """Per supplier; and no document leaves Xero but by a person, or with evidence in Procore."""
    explore(Accounting, number, examples, steps=12)
