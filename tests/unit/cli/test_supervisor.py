"""What ends is named and started again, alone, after a pause that grows; what cannot be helped ends all."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from tests.services import eventually, is_alive
from worker.cli.exits import RefusedError
from worker.cli.processes import Processes
from worker.cli.supervisor import FIRST_PAUSE_S, LONGEST_PAUSE_S, WELL_AFTER_S, Child, Supervisor

STAYS = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def supervisor(tmp_path: Path, clock: Clock) -> Iterator[Supervisor]:
    structlog.reset_defaults()
    with Processes(tmp_path, grace_s=0.2) as processes:
        yield Supervisor(processes, os.environ, clock)


def _kill(supervisor: Supervisor, name: str) -> int:
    pid = supervisor.processes.pids()[name]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid))
    return pid


def test_what_ended_is_named_and_starts_again_after_its_pause_while_the_others_stay(
    supervisor: Supervisor, clock: Clock
) -> None:
    """The loss of one process costs the others nothing."""
    supervisor.start("broker", STAYS)
    supervisor.start("worker", STAYS)
    other = supervisor.processes.pids()["broker"]
    dead = _kill(supervisor, "worker")
    with capture_logs() as lines:
        supervisor.look()
    assert lines[0]["process"] == "worker"
    assert "ended by SIGKILL" in lines[0]["how"]
    assert "worker" not in supervisor.processes.pids()
    clock.now += FIRST_PAUSE_S
    supervisor.look()
    assert supervisor.processes.pids()["worker"] != dead
    assert supervisor.processes.pids()["broker"] == other


def test_the_pause_doubles_to_a_minute_and_begins_anew_once_it_was_well() -> None:
    """What ends again and again does not keep the machine busy; one end a day costs a second."""
    child, now, pauses = Child(STAYS), 0.0, []
    for _ in range(9):
        child.started(now)
        child.ended(now := now + 5)
        pauses.append(child.pause_s)
        assert child.due_at == now + child.pause_s
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pauses[-1] == LONGEST_PAUSE_S
    child.started(now)
    child.ended(now + WELL_AFTER_S)
    assert child.pause_s == FIRST_PAUSE_S


def test_what_refuses_to_start_ends_all(supervisor: Supervisor) -> None:
    """Exit code 2 says that a setting is wrong, or that the broker is another ledger's: a person is needed."""
    supervisor.start("worker", [sys.executable, "-S", "-c", "raise SystemExit(2)"])
    with pytest.raises(RefusedError, match=r"worker ended with exit code 2"):
        eventually(supervisor.look)
