"""What Celery on Redis does not promise, made good by the job table: messages lost, repeated, or deadly."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tasks.policy import MOST_ATTEMPTS
from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import (
    ENDS,
    assert_once_and_to_the_cent,
    documents,
    hold_up_claims,
    let_claims_through,
    states,
)
from tests.services import eventually, is_alive
from worker.broker import aside
from worker.broker.client import connect
from worker.clock import MACHINE
from worker.ledger.database import transaction
from worker.ledger.tables import Job

pytestmark = pytest.mark.acceptance


def _note(machine: Machine, job_number: str, **values: object) -> None:
    """What the row would say by now, had the test the time to wait."""
    with transaction(machine.parts.engine) as session:
        session.execute(update(Job).where(Job.job_number == job_number).values(**values))


@pytest.mark.deep
def test_a_message_that_died_with_its_worker_is_published_again(machine: Machine) -> None:
    """Taken from the queue, noted by nobody: the next worker that starts finds the row, and the job runs once.

    What lies first in the queue and is no message is set aside, and ends no worker.
    """
    before = set(dict(documents(machine)))
    machine.discover_here()
    with connect(machine.parts.settings) as client:
        assert client.rpop(machine.key("periodic")) is not None
        client.rpush(machine.key("periodic"), "no message")
    lost, *waiting = sorted(machine.parts.jobs.latest().values(), key=lambda job: job.id)
    _note(machine, lost.job_number, queued_at=MACHINE.now() - timedelta(hours=1))

    machine.start_worker()
    assert states(machine) == ENDS
    now = machine.parts.jobs.latest()
    assert {number: job.attempt for number, job in now.items()} == dict.fromkeys(ENDS, 1)
    assert now[lost.job_number].task_id != lost.task_id
    assert [now[job.job_number].task_id for job in waiting] == [job.task_id for job in waiting]
    assert aside.count(machine.parts.broker, machine.parts.settings.key_prefix) == 1
    assert_once_and_to_the_cent(machine, before)


def test_a_process_of_the_pool_that_dies_as_it_starts_is_replaced(machine: Machine) -> None:
    """Where memory is short it is the first that is killed; Celery's own worker would end of that."""
    died = machine.system.directory / "died"
    machine.system.env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "DIED": str(died)}
    pid = machine.start_worker(app="tests.dying_child")
    machine.discover()
    assert states(machine) == ENDS
    assert died.exists()
    assert is_alive(pid)


@pytest.mark.deep
def test_a_job_that_kills_its_process_ends_and_the_others_go_on(machine: Machine) -> None:
    """After its last start it is red with a sentence, and when the cause is gone a person starts it again."""
    before = set(dict(documents(machine)))
    machine.discover_here()
    _note(machine, "24-021", attempt=MOST_ATTEMPTS - 2)
    machine.system.env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "POISON": "24-021"}
    worker = machine.start_worker(app="tests.poison")
    assert states(machine) == ENDS | {"24-021": "failed"}
    job = machine.wait_for_end("24-021")
    assert (job.attempt, job.message) == (
        MOST_ATTEMPTS + 1,
        f"Started {MOST_ATTEMPTS} times without coming to an end. See the log, then retry.",
    )
    eventually(lambda: machine.worker_said().count("signal 9 (SIGKILL)") >= 2)
    assert is_alive(worker)

    machine.system.processes.stop()
    machine.start_worker()
    machine.run("-m", "worker.cli", "send", "24-021")
    assert states(machine) == ENDS
    assert_once_and_to_the_cent(machine, before)


@pytest.mark.deep
def test_a_second_delivery_while_the_first_still_runs_does_no_harm(machine: Machine) -> None:
    """The broker delivers again what takes long; the copy finds its job taken, and later ended."""
    before = set(dict(documents(machine)))
    machine.system.env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "LEASE_S": "20"}
    hold_up_claims(machine)
    machine.start_worker("-c", "2", app="tests.impatient")
    machine.run("-m", "worker.cli", "send", "24-017")
    eventually(lambda: "is being synced by another worker" in machine.worker_said())
    let_claims_through(machine)
    job = machine.wait_for_end("24-017")
    assert (job.state, job.attempt) == ("done", 1)
    eventually(lambda: "nothing to do: this job has ended" in machine.worker_said())
    machine.discover()
    eventually(lambda: machine.job("25-003"))
    assert states(machine) == ENDS
    assert_once_and_to_the_cent(machine, before)
