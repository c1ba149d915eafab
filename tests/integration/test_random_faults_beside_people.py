"""Random faults while persons work in Xero too: what they did stays, and what could not follow is held."""

from __future__ import annotations

import pytest

from tests.integration.exploring import SEEDS, explore
from tests.integration.touched import Touched


@pytest.mark.timeout(1800)  # what fails is made small first, which takes its time
@pytest.mark.parametrize(("number", "examples"), SEEDS)
def test_whatever_goes_wrong_people_keep_what_they_did(number: int, examples: int) -> None:
    """Never twice, silent or untrue; in the end what nobody touched is what its record says."""
    explore(Touched, number, examples)
