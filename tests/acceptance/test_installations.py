"""What is installed without development's packages carries a whole pass: the image's lock file, and `pip install .`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import image
from tests.acceptance.conftest import Machine, page_of_flower
from tests.acceptance.syncing import ENDS, assert_once_and_to_the_cent, documents, states
from tests.services import PATIENCE_S, eventually
from worker.cli.processes import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.deep, pytest.mark.timeout(1800)]


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy, which building may write into."""
    return image.copied(tmp_path / "checkout")


@pytest.fixture(params=["worker/requirements.lock", "pip install ."])
def programs(request: pytest.FixtureRequest, index: None, checkout: Path, tmp_path: Path) -> Path:
    """The programs of a new virtual environment, made as the image and README say."""
    home = tmp_path / "installed"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=PATIENCE_S)
    into = ("--python", str(home / "bin" / "python"), "install")
    if request.param == "pip install .":
        _pip(*into, str(checkout))
    else:
        for path in map(checkout.joinpath, image.left_out()):
            (shutil.rmtree if path.is_dir() else Path.unlink)(path)
        _pip(*into, "--require-hashes", "--requirement", str(checkout / "worker" / "requirements.lock"))
        _pip(*into, "--no-deps", "--no-build-isolation", "--editable", str(checkout))
    return home / "bin"


def test_an_installation_carries_a_whole_pass(machine: Machine, programs: Path) -> None:
    """Beat starts it, the worker carries it, Flower shows it, a person sends once more: each by its own program."""
    before = set(dict(documents(machine)))
    system, port = machine.system, free_port()
    system.env |= {"PATH": f"{programs}:{system.env['PATH']}", "SYNC_EVERY_MINUTES": "60"}

    def start(name: str, *options: str) -> None:
        command = [str(programs / "celery"), "-A", "worker.celery", name, *options]
        system.processes.start(name, command, system.env, system.directory)

    def says(*words: str) -> str:
        command = [str(programs / "procore-xero"), *words]
        done = subprocess.run(
            command,
            env=system.env,
            cwd=system.directory,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr  # 1: two of the demo's records are held on purpose
        return done.stdout

    assert "up to date" in says("migrate")
    start("worker", "-Q", "manual,periodic", "-c", "2")
    start("flower", f"--conf={_flowerconfig(programs)}", "--address=127.0.0.1", f"--port={port}")
    start("beat", "-s", str(system.directory / "beat-schedule"))
    eventually(lambda: machine.job("25-003") is not None)
    assert states(machine) == ENDS
    assert_once_and_to_the_cent(machine, before)
    assert "24-017: " in says("send", "24-017", "--wait")
    assert "2 records are held." in says("problems")
    assert "24-017" in page_of_flower(port, "/projects")
    system.processes.check()


def _flowerconfig(programs: Path) -> str:
    """Where this installation has Flower's configuration."""
    where = "import worker.flower, pathlib; print(pathlib.Path(worker.flower.__file__).with_name('flowerconfig.py'))"
    return subprocess.run(
        [str(programs / "python"), "-c", where], capture_output=True, text=True, check=True, cwd="/", timeout=PATIENCE_S
    ).stdout.strip()
