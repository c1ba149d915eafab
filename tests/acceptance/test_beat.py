"""Two real beats on one broker: one sends, the other waits for its end."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter

import pytest

from tests.acceptance.conftest import Machine
from tests.services import PATIENCE_S, eventually, is_alive
from worker.broker.client import connect
from worker.http import exact_json

pytestmark = pytest.mark.acceptance

LEASE_S = 4.0
#: Longer than a test waits.
LONG_S = 2 * PATIENCE_S
BETWEEN_PASSES_S = 0.6


def _start(machine: Machine, name: str, lease_s: float = LEASE_S) -> int:
    """A beat of this name, which is up when this returns; its pid."""
    system = machine.system
    system.env |= {"LEASE_S": str(lease_s), "SYNC_EVERY_MINUTES": str(BETWEEN_PASSES_S / 60)}
    command = ["-m", "celery", "-A", "worker.celery", "beat", "-s", str(system.directory / name)]
    system.processes.start(name, [sys.executable, *command], system.env, system.directory)
    log = system.directory / "logs" / f"{name}.log"
    eventually(lambda: "beat: Starting" in log.read_text(encoding="utf-8"))
    return system.processes.pids()[name]


def _sent(machine: Machine) -> Counter[int]:
    """Passes that were sent and that nobody took, by the pid of the beat that sent them."""
    with connect(machine.parts.settings) as client:
        messages = client.lrange(machine.key("manual"), 0, -1)
    headers = [exact_json.loads(message)["headers"] for message in messages]
    assert {header["task"] for header in headers} <= {"discover"}
    return Counter(int(header["origin"].removeprefix("gen").split("@")[0]) for header in headers)


@pytest.mark.deep
def test_of_two_beats_one_sends_and_the_other_takes_over(machine: Machine) -> None:
    """The second beat sends nothing while the first lives, and the passes go on when the first is killed."""
    first = _start(machine, "first")
    eventually(lambda: _sent(machine)[first] >= 1)
    second = _start(machine, "second")
    so_far = _sent(machine)[first]
    eventually(lambda: _sent(machine)[first] >= so_far + 1.5 * LEASE_S / BETWEEN_PASSES_S)
    assert _sent(machine).keys() == {first}

    os.kill(first, signal.SIGKILL)
    eventually(lambda: not is_alive(first))
    ended_with = _sent(machine)[first]
    eventually(lambda: _sent(machine)[second] >= 3)
    assert _sent(machine)[first] == ended_with


def test_a_beat_that_is_stopped_leaves_at_once(machine: Machine) -> None:
    """After an orderly end, as in an update, nobody waits for the lease to run out."""
    first = _start(machine, "first", lease_s=LONG_S)
    eventually(lambda: _sent(machine)[first] >= 1)
    second = _start(machine, "second", lease_s=LONG_S)
    os.kill(first, signal.SIGTERM)
    eventually(lambda: _sent(machine)[second] >= 1)


@pytest.mark.deep
def test_beats_go_on_when_the_broker_comes_back_empty(machine: Machine) -> None:
    """A lease that Redis has forgotten is taken anew, by one of the two."""
    pids = {_start(machine, "first"), _start(machine, "second")}
    eventually(lambda: sum(_sent(machine).values()) >= 1)
    machine.lose_all_messages()
    eventually(lambda: sum(_sent(machine).values()) >= 5)
    assert len(_sent(machine)) == 1
    assert _sent(machine).keys() <= pids
