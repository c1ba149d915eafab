"""PostgreSQL restarted under a worker: it carries on by itself, and nothing is lost or sent twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Machine
from tests.acceptance.outages import Postgres, with_its_ledger_on
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

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres.started() as server:
        yield server


def test_a_database_that_restarts_costs_time_and_no_document(machine: Machine, postgres: Postgres) -> None:
    """In the middle of a write, so that not even the job's end can be noted, and again while the worker is idle."""
    before = set(dict(documents(machine)))
    with with_its_ledger_on(machine, postgres) as machine:
        hold_up_claims(machine)
        worker = machine.start_worker()
        machine.discover()
        eventually(lambda: in_the_middle_of_claims(machine))
        postgres.stop()
        let_claims_through(machine)
        eventually(lambda: "could not be written down" in machine.worker_said())
        postgres.start()
        assert states(machine) == ENDS
        assert max(job.attempt for job in machine.parts.jobs.latest().values()) == 2
        assert_once_and_to_the_cent(machine, before)

        postgres.stop()
        postgres.start()
        sent = set(dict(documents(machine)))
        machine.discover()
        eventually(lambda: [one.queued for one in machine.parts.passes.all()] == [3, 3])
        assert states(machine) == ENDS
        assert set(dict(documents(machine))) == sent
        assert is_alive(worker)
