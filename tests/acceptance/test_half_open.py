"""Worker and beat over connections of which nothing is heard any more, though nobody closed them."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import ENDS, states
from tests.half_open import way_to
from tests.services import eventually, is_alive
from worker.broker.client import connect

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]


def _passes(machine: Machine) -> int:
    return sum(one.discovered_at is not None for one in machine.parts.passes.all())


def test_within_a_minute_passes_are_sent_and_carried_again(machine: Machine) -> None:
    """With the seconds of everyday: neither process ends, and neither waits for ever."""
    port = machine.parts.settings.redis.port
    with way_to(port) as way:
        machine.system.env |= {"REDIS_URL": f"redis://127.0.0.1:{way.port}/0", "SYNC_EVERY_MINUTES": "0.05"}
        worker = machine.start_worker()
        machine.system.beat()
        eventually(lambda: _passes(machine) >= 1)
        assert states(machine) == ENDS
        with connect(machine.parts.settings) as client:
            way.lose()
            eventually(lambda: int(client.info("clients")["blocked_clients"]) == 0)
        so_far = _passes(machine)
        eventually(lambda: _passes(machine) > so_far)
        assert is_alive(worker)
        assert is_alive(machine.system.processes.pids()["beat"])


def test_a_worker_of_another_installation_takes_no_message(machine: Machine) -> None:
    """It ends with a sentence before it takes one; what waits is still there for those whose it is."""
    machine.discover_here()
    waiting = machine.messages("periodic")
    assert waiting > 0
    machine.system.env["DATABASE_URL"] += "-other"
    machine.run("-m", "worker.cli", "migrate")
    pid = machine.start_worker()
    eventually(lambda: not is_alive(pid))
    said = machine.worker_said()
    assert "serves another installation with another ledger" in said
    assert "INSTALLATION" in machine.says("doctor")
    assert machine.messages("periodic") == waiting
