"""The worker as an operator meets it: told what is next, killed, stopped, left without its messages.

Whatever happens to it, nothing is sent twice and nothing is lost.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from tests.acceptance.conftest import Machine
from tests.services import eventually
from worker.cli.reconcile import compare
from worker.holds import Outcome
from worker.ledger.database import transaction, utcnow
from worker.ledger.holds import open_holds
from worker.ledger.standing import live_documents
from worker.ledger.tables import Job, RequestRow

pytestmark = pytest.mark.acceptance

#: The demo seed's eligible projects; the last one has two held records and ends red.
ENDS = {"24-017": "done", "24-021": "done", "25-003": "failed"}
#: Enough for the worker to be in the middle of a write when it is ended, and over before its lease is.
HELD_UP_S = 1.5
LEASE_S = 2.0


def _documents(machine: Machine) -> Iterator[tuple[str, str]]:
    """(id, what makes it the same document as another one) of everything in Xero's books."""
    xero: Mapping[str, Any] = machine.sandbox.dump()["xero"]
    for contact in xero["contacts"]:
        yield contact["ContactID"], f"contact {contact.get('ContactNumber') or contact['Name']}"
    for name, kind in (("invoices", "Invoice"), ("credit_notes", "CreditNote")):
        for row in xero[name]:
            yield row[f"{kind}ID"], f"bill {row['Contact']['ContactID']} {row[f'{kind}Number']}"
    for row in xero["payments"]:
        yield row["PaymentID"], f"payment {row['Invoice']['InvoiceID']} {row['Reference']}"


def _assert_once_and_to_the_cent(machine: Machine, before: set[str]) -> None:
    """Each record has one document, each new document one record, and the amounts are Procore's."""
    documents = dict(_documents(machine))
    assert {what for what, count in Counter(documents.values()).items() if count > 1} == set()
    live = list(live_documents(machine.parts.engine))
    assert documents.keys() - before <= {xero_id for *_, xero_id in live}

    books = machine.sandbox.dump()
    engine = machine.parts.engine
    held = {(one.kind, one.procore_id) for kind in (Outcome.HELD, Outcome.WAITING) for one in open_holds(engine, kind)}
    projects = {row.procore_id: row.job_number for row in machine.parts.projects.all() if row.state == "eligible"}
    lines = compare(projects, books["procore"], books["xero"], live, held)
    assert len(lines) == 9
    assert [line for line in lines if line.missing or line.difference] == []


def _in_the_middle_of_claims(machine: Machine) -> bool:
    with transaction(machine.parts.engine) as session:
        planned = select(RequestRow.id).where(RequestRow.kind == "claims", RequestRow.state == "planned")
        return session.scalar(planned) is not None


def _hold_up_claims(machine: Machine, seconds: float = HELD_UP_S) -> None:
    """The next write of bills takes long."""
    machine.fault_in_xero(kind="slow", method="PUT", path="Invoices", seconds=seconds)


def _leases_are_over(machine: Machine) -> bool:
    running = [job for job in machine.parts.jobs.latest().values() if job.state == "running"]
    return all(job.lease_until is None or job.lease_until < utcnow() for job in running)


def _states(machine: Machine) -> dict[str, str]:
    return {number: machine.wait_for_end(number).state for number in ENDS}


def test_a_job_sent_by_hand_goes_ahead_of_the_periodic_ones(machine: Machine) -> None:
    """What an operator sends is next, however many periodic jobs wait."""
    machine.discover_here()
    assert machine.messages("periodic") == 3
    assert "Queued: 25-003." in machine.run("-m", "worker.cli", "send", "25-003")
    machine.start_worker()
    assert _states(machine) == ENDS
    jobs = machine.parts.jobs.latest().values()
    first, *others = sorted(jobs, key=lambda job: job.started_at or utcnow())
    assert (first.job_number, first.trigger) == ("25-003", "manual")
    assert [job.trigger for job in others] == ["periodic", "periodic"]


@pytest.mark.parametrize("key_window_s", ["360", "1"], ids=["while the key holds", "after the key"])
def test_a_worker_killed_in_the_middle_of_a_write_sends_nothing_twice(machine: Machine, key_window_s: str) -> None:
    """After kill -9 the next pass finishes the job; what the dead worker had sent is found again, not sent again."""
    before = dict(_documents(machine)).keys()
    machine.system.env |= {"LEASE_S": str(LEASE_S), "KEY_WINDOW_S": key_window_s}
    limits = {"idempotency_s": float(key_window_s)}
    httpx.post(f"{machine.served.xero_url}/_sandbox/limits", json=limits).raise_for_status()
    _hold_up_claims(machine)
    machine.start_worker()
    machine.discover()
    eventually(lambda: _in_the_middle_of_claims(machine), within_s=30)
    machine.end_worker(signal.SIGKILL)

    machine.start_worker()
    eventually(lambda: _leases_are_over(machine))
    machine.discover()
    assert _states(machine) == ENDS
    _assert_once_and_to_the_cent(machine, set(before))


def test_a_worker_that_is_stopped_puts_its_job_back(machine: Machine) -> None:
    """A deployment in the middle of a job: its message is in the queue again, and the next worker finishes it."""
    before = dict(_documents(machine)).keys()
    machine.system.env |= {"LEASE_S": str(LEASE_S), "REMAP_SIGTERM": "SIGQUIT"}
    _hold_up_claims(machine, HELD_UP_S * 2)
    machine.discover_here()
    machine.start_worker("worker.soft_shutdown_timeout=0.5")
    eventually(lambda: _in_the_middle_of_claims(machine), within_s=30)
    assert machine.messages("periodic") == 2
    machine.end_worker(signal.SIGTERM)
    assert machine.messages("periodic") == 3

    machine.start_worker()
    assert _states(machine) == ENDS
    _assert_once_and_to_the_cent(machine, set(before))


def test_a_message_that_the_broker_lost_is_published_again(machine: Machine) -> None:
    """An empty broker loses no job: the next pass finds the rows that nobody works on."""
    machine.discover_here()
    machine.lose_all_messages()
    assert machine.messages("periodic") == 0
    with transaction(machine.parts.engine) as session:  # a message's life later
        session.execute(update(Job).values(queued_at=utcnow() - timedelta(hours=1)))
    machine.start_worker()
    machine.discover()
    assert _states(machine) == ENDS
    with transaction(machine.parts.engine) as session:
        assert len(session.scalars(select(Job.id)).all()) == 3


def test_two_passes_at_once_start_each_job_once(machine: Machine) -> None:
    """A second beat costs a pass that finds nothing to do."""
    for _ in range(2):
        machine.discover()
    machine.start_worker("-Q", "manual", "-c", "2")  # passes only: their jobs stay queued
    eventually(lambda: [one.discovered_at is not None for one in machine.parts.passes.all()] == [True, True], 60)
    assert sorted(one.queued for one in machine.parts.passes.all()) == [0, 3]
    with transaction(machine.parts.engine) as session:
        assert sorted(session.scalars(select(Job.job_number))) == sorted(ENDS)
    assert machine.messages("periodic") == 3


def test_a_job_enqueued_with_celerys_own_command_is_a_job_like_any_other(machine: Machine) -> None:
    """`celery call` is enough: the job has a row, and one that is refused ends red with its reason in one line."""
    machine.start_worker()
    call = ("-m", "celery", "-A", "worker.celery", "call", "sync_project", "--queue", "manual", "--args")
    asked = {number: machine.run(*call, f'["{number}"]').strip() for number in ("24-021", "24-026")}
    for number in asked:
        eventually(lambda number=number: machine.job(number), within_s=30)  # type: ignore[misc]
    jobs = {number: machine.wait_for_end(number) for number in asked}
    assert {number: job.task_id for number, job in jobs.items()} == asked
    assert [(job.state, job.trigger) for job in jobs.values()] == [("done", "manual"), ("failed", "manual")]
    refused = jobs["24-026"].message
    assert "Its stage is 'Course of Construction'" in refused
    assert "\n" not in refused
