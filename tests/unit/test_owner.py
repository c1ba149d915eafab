"""An owner's name says enough to tell that its process has ended, and nobody is called dead on a guess."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import eventually
from worker import owner

PRINT = "from worker.owner import owner_name; print(owner_name(), flush=True)"
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(),
    reason="without /proc nobody sees that a process has ended",
)


def of_a_process(then: str) -> tuple[subprocess.Popen[str], str]:
    """Another process and the name it gave itself; it does `then` and goes on to its end."""
    child = subprocess.Popen(
        [sys.executable, "-c", f"{PRINT}; {then}"], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    return child, child.stdout.readline().strip()


def test_a_name_fits_its_column_and_is_never_given_twice() -> None:
    """The job table keeps 64 characters; two runs of one process are two owners."""
    assert len(owner.owner_name()) <= 64
    assert owner.owner_name() != owner.owner_name()


def test_who_lives_is_not_dead() -> None:
    """We ourselves, and another process, until it is killed; also while nobody has counted it yet."""
    assert not owner.is_dead(owner.owner_name())
    child, name = of_a_process("input()")
    assert not owner.is_dead(name)
    child.kill()
    eventually(lambda: owner.is_dead(name))
    child.wait()
    assert owner.is_dead(name)


def test_a_pid_that_came_round_again_is_another_process() -> None:
    """Our own pid, but a process that began at another time."""
    host, pid, born, random = owner.owner_name().split(":")
    place, _, began = born.partition(".")
    assert owner.is_dead(f"{host}:{pid}:{place}.{int(began) - 1}:{random}")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "worker 1",
        "vm:4194999:deadbeef",  # a name of an earlier release
        "vm:4194999:00000000.17:deadbeef",  # another machine, boot or container
        "vm:4194999:.:deadbeef",  # a system that does not tell
        "vm:one:{place}.17:deadbeef",
    ],
)
def test_of_whom_nothing_can_be_known_nobody_is_dead(name: str) -> None:
    """Their lease runs out."""
    place = owner.owner_name().split(":")[2].partition(".")[0]
    assert not owner.is_dead(name.replace("{place}", place))


def test_without_proc_nobody_is_dead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On such a system names carry no place, and every lease runs out."""
    child, name = of_a_process("pass")
    child.wait()
    assert owner.is_dead(name)
    monkeypatch.setattr(owner, "_PROC", tmp_path)
    assert not owner.is_dead(name)
    assert not owner.is_dead(owner.owner_name())


def test_a_process_that_is_not_ours_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It may not be signalled, and its start may not be seen: that is not death."""
    name = owner.owner_name()

    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not owner.is_dead(name)
    monkeypatch.setattr(owner, "_began", lambda pid: "")
    assert not owner.is_dead(name)
