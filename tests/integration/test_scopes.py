"""A scope that the login lacks is named, with what gives it; older apps go on with their broad one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_payment, a_seed
from worker.errors import AuthRejected, ScopeMissing
from worker.settings import Settings

NEEDED = str(Settings.model_fields["xero_scopes"].default).split()
BROAD = ["accounting.transactions", "accounting.contacts", "accounting.settings"]
LIVES_UNTIL = 1_820_793_600  # 2027-09-13, in unix seconds


def a_project_to_send() -> dict[str, Any]:
    return a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")])


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("scope", NEEDED)
def test_the_job_names_the_scope_that_is_missing(a_world: MakeWorld, scope: str, status: int) -> None:
    """Xero does not say which it is; the address does. The same for both of its answers."""
    world = a_world(a_project_to_send(), xero_scopes=" ".join(one for one in NEEDED if one != scope))
    world.xero_switch(missing_scope=status)
    with pytest.raises(ScopeMissing, match=rf"has not the scope {scope}, .*tick {scope}; put it into XERO_SCOPES; "):
        world.whole_pass()


def test_an_older_app_goes_on_with_its_broad_scope(a_world: MakeWorld) -> None:
    """Everything of a project arrives with it, until the day that Xero has named."""
    seed = deepcopy(a_project_to_send())
    seed["xero"]["credentials"]["scopes"] = " ".join(BROAD)
    world = a_world(seed, xero_scopes=" ".join(BROAD))
    world.whole_pass()
    assert (world.holds(), world.job(JOB_NUMBER).state) == ({}, "done")
    assert (len(world.documents("invoices")), len(world.documents("payments"))) == (1, 1)
    world.clock.advance(LIVES_UNTIL - world.clock.timestamp())
    world.enter("requisitions", a_claim(12))
    with pytest.raises(AuthRejected, match=r"scope"):
        world.whole_pass()
