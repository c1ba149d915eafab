"""The worker as an operator meets it: told what is next, killed, stopped, left without its messages.

Whatever happens to it, nothing is sent twice and nothing is lost.
"""

from __future__ import annotations

import signal
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import (
    ENDS,
    assert_once_and_to_the_cent,
    documents,
    hold_up_claims,
    in_the_middle_of_claims,
    let_claims_through,
    states,
)
from tests.breaking import Boundary
from tests.services import eventually
from worker.clock import MACHINE
from worker.ledger.database import transaction
from worker.ledger.tables import Job

pytestmark = pytest.mark.acceptance

LEASE_S = 2.0
#: Of one request: the first worker dies when it has planned it, each later one on the way of recovering it.
DEATHS = (
    f"{Boundary.CLAIMED}:",
    f"{Boundary.PLANNED}:^claims PUT /Invoices",
    f"{Boundary.REFRESHED}:^claims PUT /Invoices",
    f"{Boundary.HALF_SENT}:^claims PUT /Invoices",
    f"{Boundary.TAKEN}:^claims PUT /Invoices",
    f"{Boundary.ANSWERED}:^claims PUT /Invoices",
    f"{Boundary.CONFIRMED}:^claims PUT /Invoices",
    f"{Boundary.ENDING}:done",
)


def _leases_are_over(machine: Machine) -> bool:
    running = [job for job in machine.parts.jobs.latest().values() if job.state == "running"]
    return all(job.lease_until is None or job.lease_until < MACHINE.now() for job in running)


@pytest.mark.deep
def test_a_job_sent_by_hand_goes_ahead_of_the_periodic_ones(machine: Machine) -> None:
    """What an operator sends is next, however many periodic jobs wait."""
    machine.discover_here()
    assert machine.messages("periodic") == 3
    assert "Queued: 25-003." in machine.run("-m", "worker.cli", "send", "25-003")
    machine.start_worker()
    assert states(machine) == ENDS
    jobs = machine.parts.jobs.latest().values()
    first, *others = sorted(jobs, key=lambda job: job.started_at or MACHINE.now())
    assert (first.job_number, first.trigger) == ("25-003", "manual")
    assert [job.trigger for job in others] == ["periodic", "periodic"]


@pytest.mark.deep
@pytest.mark.parametrize("key_window_s", ["360", "1"], ids=["while the key holds", "after the key"])
def test_a_worker_killed_in_the_middle_of_a_write_sends_nothing_twice(machine: Machine, key_window_s: str) -> None:
    """After kill -9 the next pass finishes the job; what the dead worker had sent is found again, not sent again."""
    before = set(dict(documents(machine)))
    machine.system.env |= {"LEASE_S": str(LEASE_S), "KEY_WINDOW_S": key_window_s}
    limits = {"idempotency_s": float(key_window_s)}
    httpx.post(f"{machine.served.xero_url}/_sandbox/limits", json=limits).raise_for_status()
    hold_up_claims(machine)
    machine.start_worker()
    machine.discover()
    eventually(lambda: in_the_middle_of_claims(machine))
    machine.end_worker(signal.SIGKILL)
    let_claims_through(machine)

    machine.start_worker()
    eventually(lambda: _leases_are_over(machine))
    machine.discover()
    assert states(machine) == ENDS
    assert_once_and_to_the_cent(machine, before)


@pytest.mark.deep
def test_killed_at_every_boundary_a_job_still_ends_as_if_nothing_was(machine: Machine) -> None:
    """Nine workers at one job, one after the other: each takes up at once what the last one left, without its lease."""
    before = set(dict(documents(machine)))
    machine.run("-m", "worker.cli", "send", "24-021")
    for point in DEATHS:
        machine.start_mortal_worker(point)
        machine.wait_for_death()
    machine.start_worker()
    job = machine.wait_for_end("24-021")
    assert (job.state, job.attempt) == ("done", len(DEATHS) + 1)
    machine.discover()
    eventually(lambda: machine.job("25-003"))
    assert states(machine) == ENDS
    assert_once_and_to_the_cent(machine, before)


@pytest.mark.deep
def test_a_worker_that_is_stopped_ends_between_two_requests(machine: Machine) -> None:
    """A deployment in the middle of a job: what is on its way arrives, nothing is begun, and the next worker goes on.

    The lease is long: nobody waits for it.
    """
    before = set(dict(documents(machine)))
    hold_up_claims(machine)
    machine.discover_here()
    machine.start_worker()
    eventually(lambda: in_the_middle_of_claims(machine))

    def its_request_goes_on() -> None:
        eventually(lambda: "Warm shutdown" in machine.worker_said())
        let_claims_through(machine)

    machine.end_worker(signal.SIGTERM, its_request_goes_on)
    assert not in_the_middle_of_claims(machine)
    (put_back,) = (job for job in machine.parts.jobs.latest().values() if job.attempt)
    assert (put_back.state, put_back.owner) == ("queued", None)
    assert "stopped" in put_back.message
    assert machine.messages("periodic") == 3

    machine.start_worker()
    assert states(machine) == ENDS
    assert machine.parts.jobs.with_ids([put_back.id])[0].attempt == 2
    assert_once_and_to_the_cent(machine, before)


@pytest.mark.deep
def test_a_worker_that_cannot_wait_puts_its_job_back(machine: Machine) -> None:
    """Stopped cold, in the middle of a request: the message is in the queue again, and the next worker finishes it."""
    before = set(dict(documents(machine)))
    machine.system.env |= {"REMAP_SIGTERM": "SIGQUIT"}
    hold_up_claims(machine)
    machine.discover_here()
    machine.start_worker("worker.soft_shutdown_timeout=0.5")
    eventually(lambda: in_the_middle_of_claims(machine))
    assert machine.messages("periodic") == 2
    machine.end_worker(signal.SIGTERM)
    let_claims_through(machine)
    assert machine.messages("periodic") == 3

    machine.start_worker()
    assert states(machine) == ENDS
    assert_once_and_to_the_cent(machine, before)


@pytest.mark.deep
def test_a_message_that_the_broker_lost_is_published_again(machine: Machine) -> None:
    """An empty broker loses no job: the next pass finds the rows that nobody works on."""
    machine.discover_here()
    machine.lose_all_messages()
    assert machine.messages("periodic") == 0
    with transaction(machine.parts.engine) as session:  # a message's life later
        session.execute(update(Job).values(queued_at=MACHINE.now() - timedelta(hours=1)))
    machine.start_worker()
    machine.discover()
    assert states(machine) == ENDS
    with transaction(machine.parts.engine) as session:
        assert len(session.scalars(select(Job.id)).all()) == 3


def test_two_passes_at_once_start_each_job_once(machine: Machine) -> None:
    """A second beat costs a pass that finds nothing to do."""
    for _ in range(2):
        machine.discover()
    machine.start_worker("-Q", "manual", "-c", "2")  # passes only: their jobs stay queued
    eventually(lambda: [one.discovered_at is not None for one in machine.parts.passes.all()] == [True, True])
    assert sorted(one.queued for one in machine.parts.passes.all()) == [0, 3]
    with transaction(machine.parts.engine) as session:
        assert sorted(session.scalars(select(Job.job_number))) == sorted(ENDS)
    assert machine.messages("periodic") == 3


@pytest.mark.deep
def test_a_job_enqueued_with_celerys_own_command_is_a_job_like_any_other(machine: Machine) -> None:
    """`celery call` is enough: the job has a row, and one that is refused ends red with its reason in one line."""
    machine.start_worker()
    call = ("-m", "celery", "-A", "worker.celery", "call", "sync_project", "--queue", "manual", "--args")
    asked = {number: machine.run(*call, f'["{number}"]').strip() for number in ("24-021", "24-026")}
    for number in asked:
        eventually(lambda number=number: machine.job(number))  # type: ignore[misc]
    jobs = {number: machine.wait_for_end(number) for number in asked}
    assert {number: job.task_id for number, job in jobs.items()} == asked
    assert [(job.state, job.trigger) for job in jobs.values()] == [("done", "manual"), ("failed", "manual")]
    refused = jobs["24-026"].message
    assert "Its stage is 'Course of Construction'" in refused
    assert "\n" not in refused
