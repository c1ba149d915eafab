"""Redis taken away under a worker: it carries on by itself, and the job table brings back what the broker lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.acceptance.conftest import Machine
from tests.acceptance.outages import Redis
from tests.acceptance.syncing import (
    ENDS,
    assert_once_and_to_the_cent,
    documents,
    hold_up_claims,
    in_the_middle_of_claims,
    let_claims_through,
    states,
)
from tests.services import eventually, is_alive

pytestmark = pytest.mark.acceptance

#: So that a job can end without Redis.
NO_LIMITS = {
    "XERO_CALLS_PER_MINUTE": "0",
    "XERO_CALLS_PER_DAY": "0",
    "XERO_CALLS_AT_ONCE": "0",
    "XERO_APP_CALLS_PER_MINUTE": "0",
    "PROCORE_CALLS_AT_ONCE": "0",
}


@contextmanager
def broker_lost_among_claims(machine: Machine) -> Iterator[tuple[Redis, int]]:
    """A worker's pid, and its broker, which was killed while the worker waited for Xero to take its claims."""
    hold_up_claims(machine)
    with Redis.of(machine) as broker:
        machine.discover_here()
        worker = machine.start_worker()
        eventually(lambda: in_the_middle_of_claims(machine))
        broker.kill()
        let_claims_through(machine)
        yield broker, worker


def test_a_job_that_ends_while_the_broker_is_away_has_ended(machine: Machine) -> None:
    """Its result cannot be stored, and the job table says it all the same; then the worker takes the next job."""
    before = set(dict(documents(machine)))
    machine.system.env |= NO_LIMITS
    with broker_lost_among_claims(machine) as (broker, worker):
        eventually(lambda: any(job.finished_at for job in machine.parts.jobs.latest().values()))
        (ended,) = (job for job in machine.parts.jobs.latest().values() if job.finished_at)
        assert ended.state == ENDS[ended.job_number]
        assert re.search(f"{ended.job_number}.* {ended.state}", machine.says("status"))
        broker.start()
        assert states(machine) == ENDS
        assert is_alive(worker)
        assert {job.attempt for job in machine.parts.jobs.latest().values()} == {1}
        assert_once_and_to_the_cent(machine, before)


@pytest.mark.deep
def test_a_broker_that_comes_back_empty_loses_no_job(machine: Machine) -> None:
    """Away longer than anybody tries again, and without queues and call budgets: the worker brings all back soon."""
    before = set(dict(documents(machine)))
    with broker_lost_among_claims(machine) as (broker, worker):
        eventually(lambda: {job.state for job in machine.parts.jobs.latest().values()} == {"queued"})
        assert any("Redis does not answer" in job.message for job in machine.parts.jobs.latest().values())
        broker.start(empty=True)
        latest = machine.parts.jobs.latest
        eventually(lambda: {number: job.state for number, job in latest().items()} == ENDS)
        assert is_alive(worker)
        assert_once_and_to_the_cent(machine, before)
