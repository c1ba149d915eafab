"""A worker whose jobs stand still: in calls whose answers drip, and where nothing ends them but itself."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path

import pytest

from tests import dripping
from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import ENDS, assert_once_and_to_the_cent, documents, states
from tests.dripping import DRIPS, HOST, serving
from tests.services import PATIENCE_S

pytestmark = pytest.mark.acceptance


@pytest.mark.deep
def test_a_worker_in_a_call_that_drips_can_be_stopped(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is over in its time, and the job goes back; it used to last as long as the other side liked."""
    monkeypatch.setattr(dripping, "ENOUGH_S", 10 * PATIENCE_S)
    asked = threading.Event()

    def drip(connection: socket.socket, stopped: threading.Event) -> None:
        asked.set()
        DRIPS["early hints"](connection, stopped)

    with serving(drip) as port:
        machine.discover_here()
        machine.system.env |= {"PROCORE_API_URL": f"http://{HOST}:{port}", "HTTP_TIMEOUT_S": "2"}
        machine.start_worker()
        assert asked.wait(PATIENCE_S)
        machine.end_worker(signal.SIGTERM)
    assert {job.state for job in machine.parts.jobs.latest().values()} == {"queued"}


@pytest.mark.deep
def test_a_job_that_stands_still_is_ended_and_taken_over(machine: Machine, tmp_path: Path) -> None:
    """Nothing else would free its process: it ends with the job, another comes in its place, and the job goes on."""
    before = set(dict(documents(machine)))
    root = str(Path(__file__).parents[2])
    machine.system.env |= {"PYTHONPATH": root, "HANGS": str(tmp_path / "hangs"), "LEASE_S": "2"}
    machine.discover_here()
    machine.start_worker("-c", "1", app="tests.hanging")
    assert states(machine) == ENDS
    assert sorted(job.attempt for job in machine.parts.jobs.latest().values()) == [1, 1, 2]
    assert_once_and_to_the_cent(machine, before)
    log = machine.worker_said()
    assert "tests/hanging.py" in log
