"""The supervisor leaves nothing behind, whatever ends it."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.services import PATIENCE_S, eventually, family, is_alive
from worker.cli import processes
from worker.cli.processes import ProcessDied, Processes, free_port
from worker.errors import SyncError

#: Like a Celery worker with a pool: a process of its own below it, which does not care for SIGTERM.
PARENT = """
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]])
signal.pause()
"""
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
while True:
    signal.pause()
"""
FAMILY = [sys.executable, "-c", PARENT, STUBBORN]
SUPERVISOR = f"""
import os, sys, time
from pathlib import Path
from worker.cli.processes import Processes
with Processes(Path(sys.argv[1]), grace_s=0.2) as processes:
    processes.start("worker", {FAMILY!r}, os.environ)
    time.sleep(600)
"""


def _says(logs: Path, name: str, words: str) -> bool:
    log = logs / f"{name}.log"
    return log.exists() and words in log.read_text()


def _start_family(processes: Processes, logs: Path) -> list[int]:
    processes.start("worker", FAMILY, os.environ)
    eventually(lambda: _says(logs, "worker", "up"))
    pids = family(processes.pids()["worker"])
    assert len(pids) == 2
    return pids


def _all_gone(pids: list[int]) -> None:
    eventually(lambda: not any(map(is_alive, pids)))


def test_grandchildren_are_gone_after_a_normal_end(tmp_path: Path) -> None:
    """Nothing survives the block, not even a grandchild that ignores SIGTERM."""
    with Processes(tmp_path) as processes:
        pids = _start_family(processes, tmp_path)
    _all_gone(pids)
    assert processes.pids() == {}


def test_some_are_heard_and_the_others_have_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What a person reads is not mixed with what another program says; its last words are told all the same."""
    command = [sys.executable, "-c", "print('words')"]
    with Processes(tmp_path, aloud=("worker",)) as processes:
        processes.start("worker", command, os.environ)
        assert _last_words(processes) == "worker ended with exit code 0."
        processes.start("broker", command, os.environ)
        assert _last_words(processes).splitlines()[-1].strip() == "words"
    assert capfd.readouterr().out == "words\n"
    assert [log.name for log in tmp_path.iterdir()] == ["broker.log"]


def _last_words(processes: Processes) -> str:
    """Of a child that ends by itself."""
    with pytest.raises(ProcessDied) as death:
        eventually(processes.check)
    return str(death.value)


def test_grandchildren_are_gone_after_an_exception(tmp_path: Path) -> None:
    """An exception in the block stops everything and is not swallowed."""
    pids: list[int] = []

    def fail() -> None:
        with Processes(tmp_path) as processes:
            pids.extend(_start_family(processes, tmp_path))
            raise RuntimeError("demo failed")

    with pytest.raises(RuntimeError, match="demo failed"):
        fail()
    _all_gone(pids)


@contextmanager
def _supervisor(logs: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    own = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(logs)], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _says(logs, "worker", "up"))
        yield own, family(own.pid)
    finally:
        own.kill()
        own.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_us_ends_everything(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, `kill` and a closed terminal stop the children as a normal end does."""
    with _supervisor(tmp_path) as (own, pids):
        assert len(pids) == 3
        own.send_signal(number)
        assert own.wait(PATIENCE_S) != 0
        _all_gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child whose parent was killed with -9")
def test_kill_9_of_us_ends_the_children(tmp_path: Path) -> None:
    """Even when we cannot clean up, no child goes on alone."""
    with _supervisor(tmp_path) as (own, pids):
        child = next(pid for pid in pids if pid != own.pid)
        own.kill()
        own.wait()
        try:
            _all_gone([child])
        finally:
            for pid in filter(is_alive, pids):  # what only the group's end would have reached
                os.kill(pid, signal.SIGKILL)


def test_a_stubborn_child_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    """A child that ignores SIGTERM costs the grace period, not for ever."""
    with Processes(tmp_path, grace_s=0.3) as processes:
        processes.start("stubborn", [sys.executable, "-c", STUBBORN], os.environ)
        eventually(lambda: _says(tmp_path, "stubborn", "up"))
        pid = processes.pids()["stubborn"]
        before = time.monotonic()
        processes.stop()
    assert time.monotonic() - before >= 0.3
    _all_gone([pid])


def test_children_stop_in_reverse_order(tmp_path: Path) -> None:
    """What was started last, and depends on the others, stops first."""
    order = tmp_path / "order"
    script = """
import os, signal, sys
def stop(*_):
    with open(sys.argv[1], "a") as order:
        print(sys.argv[2], file=order)
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
signal.pause()
"""
    with Processes(tmp_path) as processes:
        for name in ("broker", "worker", "beat"):
            processes.start(name, [sys.executable, "-c", script, str(order), name], os.environ)
            eventually(partial(_says, tmp_path, name, "up"))
    assert order.read_text().split() == ["beat", "worker", "broker"]


def test_a_child_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    """An unexpected end is one sentence with name, exit code and the end of the log."""
    script = "import sys; [print('line', n) for n in range(100)]; sys.exit('no such broker')"
    with Processes(tmp_path) as processes:
        processes.start("worker", [sys.executable, "-c", script], os.environ)
        with pytest.raises(ProcessDied) as caught:
            eventually(lambda: processes.check())
        processes.check()
    message = str(caught.value)
    assert message.startswith("worker ended with exit code 1. ")
    assert "line 99" in message
    assert "no such broker" in message
    assert "line 50" not in message
    assert isinstance(caught.value, SyncError)


def test_a_child_that_was_killed_is_reported_by_signal(tmp_path: Path) -> None:
    """A child that somebody killed is told from one that failed, and its own children go too."""
    with Processes(tmp_path) as processes:
        pids = _start_family(processes, tmp_path)
        os.kill(processes.pids()["worker"], signal.SIGKILL)
        with pytest.raises(ProcessDied, match="worker was ended by SIGKILL"):
            eventually(lambda: processes.check())
        _all_gone(pids)


def test_a_program_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    """A command that is not installed is named."""
    with Processes(tmp_path) as processes, pytest.raises(ProcessDied, match="no program no-such-program"):
        processes.start("worker", ["no-such-program"], os.environ)


def test_a_child_sees_exactly_the_given_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of ours does not reach a child that was not given it."""
    monkeypatch.setenv("OUR_SECRET", "hidden")
    script = "import os; print('given', os.environ['GIVEN'], 'secret', os.environ.get('OUR_SECRET'))"
    with Processes(tmp_path) as processes:
        processes.start("child", [sys.executable, "-c", script], {"GIVEN": "yes"})
        eventually(lambda: _says(tmp_path, "child", "given yes secret None"))


def test_a_name_is_used_once(tmp_path: Path) -> None:
    """A second child under a running one's name would be lost from sight, so it is refused."""
    with Processes(tmp_path) as processes:
        processes.start("worker", [sys.executable, "-c", STUBBORN], os.environ)
        with pytest.raises(ValueError, match="worker"):
            processes.start("worker", [sys.executable, "-c", STUBBORN], os.environ)
        os.kill(processes.pids()["worker"], signal.SIGKILL)


def test_the_handlers_of_our_process_are_restored() -> None:
    """Afterwards SIGTERM does again what it did before."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with Processes(Path("unused")):
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_free_ports_are_free_and_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """None comes twice, and none that somebody has, or that a connection may be given before a server comes up."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        its_port = taken.getsockname()[1]
        monkeypatch.setattr(processes, "_numbers", itertools.count(processes._PORTS.index(its_port)))
        ports = {free_port() for _ in range(5)}
    assert len(ports) == 5
    assert its_port not in ports
    assert max(ports) < 32_768
