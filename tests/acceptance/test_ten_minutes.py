"""README's own set-up, typed: from a fresh clone with nothing but Python and make to bills in Xero."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.conftest import DEMO_MAPPING, LOGIN, Machine, page_of_flower
from tests.acceptance.syncing import ENDS, assert_once_and_to_the_cent, documents, states
from tests.services import PATIENCE_S, eventually, family, is_alive, missing
from worker.assembly import Parts
from worker.cli.processes import free_port
from worker.cli.sandbox import environment
from worker.settings import Settings

pytestmark = [pytest.mark.acceptance, pytest.mark.deep, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: Beside a shell, what every machine has; no Redis, no pip, no git.
PROGRAMS = ("make", "rm", "mkdir", "ln", "touch")


def blocks(language: str) -> list[list[str]]:
    """The lines of README's blocks of this kind."""
    found = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [block.splitlines() for block in found]


@pytest.fixture
def bare(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a machine with nothing but Python and make."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).symlink_to(shutil.which(name) or missing(name))
    (programs / "python3").symlink_to(os.path.realpath(sys._base_executable))  # type: ignore[attr-defined]
    home = tmp_path / "home"
    home.mkdir()
    reached = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {**reached, "HOME": str(home), "PATH": f"{home / '.local' / 'bin'}:{programs}", "LANG": "C.UTF-8"}


@pytest.fixture
def clone(index: None, tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    done = subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], capture_output=True, check=False)
    return folder if done.returncode == 0 else missing("A git repository around the tests")


def test_from_a_fresh_clone_to_bills_in_xero(
    machine: Machine, bare: Mapping[str, str], clone: Path, tmp_path: Path
) -> None:
    """Each command as README has it; what dies is started again, and nothing is sent twice or left running."""
    before = set(dict(documents(machine)))
    folder, port = tmp_path / "acme", free_port()
    folder.mkdir()

    def types(line: str, cwd: Path = folder) -> str:
        done = subprocess.run(
            shlex.split(line), cwd=cwd, env=bare, capture_output=True, text=True, timeout=400, stdin=subprocess.DEVNULL
        )
        assert done.returncode in (0, 1), f"{line}\n{done.stdout}{done.stderr}"  # 1: the demo's data holds two records
        return done.stdout

    (installs, *_), (init, migrate, doctor, plan, start) = blocks("sh")
    types(installs, clone)
    _write_settings(folder, machine)
    assert "mapping.toml" in types(init)
    shutil.copy(DEMO_MAPPING, folder / "mapping.toml")  # what the bookkeeper fills in
    assert str(folder / "procore-xero.db") in types(migrate)
    assert "ok" in types(doctor)
    assert "24-017" in types(plan)
    seen = replace(machine, parts=Parts(Settings(database_url=f"sqlite:///{folder}/procore-xero.db")))
    with (folder / "log").open("wb") as log:
        command = [*shlex.split(start), "--port", str(port)]
        running = subprocess.Popen(command, cwd=folder, env=bare, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _carries_on(seen, running.pid, lambda: types("procore-xero send 24-017 --wait"), folder, before)
        assert "2 records are held" in types("procore-xero problems")
        assert "24-017" in page_of_flower(port, "/projects")
        members = family(running.pid)
        running.terminate()
        assert running.wait(PATIENCE_S) == 0
        eventually(lambda: not any(map(is_alive, members)))
    finally:
        running.kill()
        seen.parts.engine.dispose()
    types("make uninstall", clone)
    assert not (Path(bare["HOME"]) / ".local" / "bin" / "procore-xero").exists()


def _write_settings(folder: Path, machine: Machine) -> None:
    """README's, with the sandboxes' addresses beside them."""
    (wanted,) = blocks("ini")
    given = environment(machine.served, machine.sandbox.dump()) | {"FLOWER_LOGIN": ":".join(LOGIN)}
    assert {line.partition("=")[0] for line in wanted} <= given.keys()
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()), encoding="utf-8")


def _carries_on(seen: Machine, pid: int, sends: Callable[[], str], folder: Path, before: set[str]) -> None:
    """A whole pass; then broker and worker are killed, and a job goes through all the same."""
    # what `plan` read just before is of the same minute at Xero, so that the first pass may have to wait for the next
    eventually(lambda: all(_has_ended(seen, number) for number in ENDS))
    assert states(seen) == ENDS
    assert_once_and_to_the_cent(seen, before)
    children = [one for one in family(pid)[1:] if _parent(one) == pid]
    broker, worker = (next(one for one in children if name in _command(one)) for name in ("valkey", " worker "))
    for one in (broker, worker):
        os.kill(one, signal.SIGKILL)
    eventually(lambda: (folder / "log").read_text().count('"process": "worker", "pid"') == 2)
    assert (folder / "log").read_text().count("ended by SIGKILL") == 2
    assert "24-017: " in sends()
    assert_once_and_to_the_cent(seen, before)


def _has_ended(seen: Machine, number: str) -> bool:
    job = seen.job(number)
    return job is not None and job.state not in ("queued", "running")


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
