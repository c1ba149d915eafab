"""Random faults of requests that carry bills and payments of several projects."""

from __future__ import annotations

import pytest

from tests.integration.exploring import explore
from tests.integration.sharing import Sharing


@pytest.mark.deep
@pytest.mark.timeout(1800)  # what fails is made small first, which takes its time
@pytest.mark.parametrize("number", range(1, 4))
def test_whatever_happens_to_a_shared_request_each_is_there_once(number: int) -> None:
    """Refused in part, lost, cut, its worker killed or overtaken: each project's own is there once, and each job says
    what is so."""
    explore(Sharing, number, 50)
    assert Sharing.seen["requests of 2 from a shared pass: killed"]
