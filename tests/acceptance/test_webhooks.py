"""From an approval in Procore to the bill in Xero: its message, the listener, a job, and a worker, as processes."""

from __future__ import annotations

import os
import signal

import httpx
import pytest

from tests.acceptance.conftest import Machine
from tests.acceptance.hooked import SECRET, approve_claim, approve_direct_cost, bills, listen, set_up, switch
from tests.acceptance.syncing import assert_once_and_to_the_cent, documents, states
from tests.services import PATIENCE_S, eventually, is_alive
from worker.cli.processes import free_port

pytestmark = pytest.mark.acceptance


@pytest.mark.deep
@pytest.mark.parametrize("read_lists", ["every_pass", "when_due"])
def test_an_approval_is_a_bill_without_a_pass(machine: Machine, read_lists: str) -> None:
    """A direct cost; a claim, where Procore has messages of them; and a project that is eligible now.

    Each message comes twice.
    """
    before = set(dict(documents(machine)))
    machine.system.env["READ_LISTS"] = read_lists
    machine.start_worker()
    machine.discover()
    eventually(lambda: machine.job("25-003"))
    states(machine)
    switch(machine, webhooks_of_requisitions=True, webhooks_twice=True)
    url = listen(machine)
    assert "Company: made" in set_up(machine, url)
    assert "Webhooks" in machine.says("doctor")

    approve_direct_cost(machine, 310421)
    machine.edit_procore("projects", "-", 310426, {"project_stage": {"id": 507, "name": "Send to Xero"}})
    eventually(lambda: "BGE-2301" in bills(machine))
    approve_claim(machine)
    assert len(machine.parts.passes.all()) == 1
    for number in ("24-017", "24-021", "24-026"):
        machine.wait_for_end(number)
    assert_once_and_to_the_cent(machine, before, job_numbers=4)
    assert "Company: taken down" in machine.says("hooks", "take-down")


@pytest.mark.deep
def test_without_redis_messages_are_taken_and_the_jobs_wait(machine: Machine) -> None:
    """A worker finds them in the ledger when Redis is back; and the listener can be stopped."""
    machine.discover_here()
    machine.parts.jobs.strand(0)
    for job in machine.parts.jobs.latest().values():
        machine.parts.jobs.claim(job.task_id, "here")
        machine.parts.jobs.end(job.id, "here", "done", "", {})
    machine.system.env["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    url = listen(machine, wait_s=0.0)
    message = {"company_id": "8014", "project_id": "310417", "resource_type": "Direct Costs"}
    for _ in range(3):
        answer = httpx.post(url, json=message, headers={"Authorization": f"Bearer {SECRET}"}, timeout=PATIENCE_S)
        assert answer.status_code == 204
    eventually(lambda: machine.parts.jobs.latest()["24-017"].state == "queued")
    pid = machine.system.processes.pids()["listen"]
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not is_alive(pid))
