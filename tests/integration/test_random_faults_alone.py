"""Random faults while nobody works in Xero but the worker: the books end as if nothing had gone wrong."""

from __future__ import annotations

import pytest

from tests.integration.exploring import SEEDS, explore
from tests.integration.machine import Troubled


@pytest.mark.timeout(1800)  # what fails is made small first, which takes its time
@pytest.mark.parametrize(("number", "examples"), SEEDS)
def test_whatever_goes_wrong_the_books_end_equal(number: int, examples: int) -> None:
    """Never twice, silent or untrue; in the end every document is what its record says, and nothing more is sent."""
    explore(Troubled, number, examples)
