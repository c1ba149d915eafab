"""Processes that put themselves into the background: what they log and what they keep is where it was asked for."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import ENDS, states
from tests.services import eventually, family, is_alive

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]

Start = Callable[..., Path]


@pytest.fixture
def start(machine: Machine) -> Iterator[Start]:
    """Runs a command of Celery that returns when it has put something into the background; the file of its log."""
    files: list[Path] = []

    def started(name: str, *words: str) -> Path:
        files.append(machine.system.directory / f"{name}.pid")
        log = machine.system.directory / f"{name}.log"
        machine.run("-m", "celery", "-A", "worker.celery", *words, f"--pidfile={files[-1]}", f"--logfile={log}")
        return log

    yield started
    for file in files:
        if file.exists():
            pids = family(int(file.read_text()))
            os.kill(pids[0], signal.SIGTERM)
            eventually(lambda pids=pids: not any(map(is_alive, pids)))  # type: ignore[misc]


def _lines(log: Path) -> list[dict[str, Any]]:
    """Those that are written to their end."""
    whole, _, _ = log.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def test_a_worker_and_a_beat_that_detach_keep_their_logs(machine: Machine, start: Start, tmp_path: Path) -> None:
    """Also the lines of the processes that run the jobs; and STATE_DIR is where beat keeps what it must remember."""
    state = tmp_path / "state"
    state.mkdir()
    machine.system.env["STATE_DIR"] = str(state)
    beat = start("beat", "beat", "--detach")
    worker = start("worker", "worker", "-Q", "manual,periodic", "-c", "1", "--detach")
    eventually(lambda: machine.parts.passes.all())
    assert states(machine) == ENDS
    eventually(lambda: {line.get("job") for line in _lines(worker) if line["event"] == "job"} >= ENDS.keys())
    assert any(line["event"] == "this beat sends" for line in _lines(beat))
    assert [file.name for file in state.iterdir() if file.name.startswith("celerybeat-schedule")]
    assert not list(machine.system.directory.glob("celerybeat-schedule*"))


def test_so_do_those_of_celery_multi(machine: Machine, start: Start) -> None:
    """Which gives each worker a name of its own."""
    log = start("first", "multi", "start", "first", "-Q", "manual,periodic", "-c", "1")
    machine.discover()
    assert states(machine) == ENDS
    eventually(lambda: {line.get("job") for line in _lines(log) if line["event"] == "job"} >= ENDS.keys())
