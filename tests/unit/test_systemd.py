"""The units of docs/systemd: systemd takes them, and they start what the containers start."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import compose
from tests.services import missing
from worker.cli import start

FOLDER = compose.ROOT / "docs" / "systemd"
GUIDE = (compose.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
NAMES = ("worker", "beat", "flower", "listen")
#: What has them all in one, and each of them.
UNITS = ("procore-xero", *(f"procore-xero-{name}" for name in NAMES))
#: Where the guide has the program put, and where it is put here.
PLACES = {"/opt/procore-xero/.venv/bin": str(Path(sys.executable).parent), "/opt/procore-xero": str(compose.ROOT)}


def _text(name: str) -> str:
    return (FOLDER / f"{name}.service").read_text(encoding="utf-8")


def _unit(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capital letters
    unit.read_string(_text(name))
    return unit


def _service(name: str) -> dict[str, Any]:
    return compose.read()["services"][name]  # type: ignore[no-any-return]


def test_each_process_has_one() -> None:
    """And one has them together; no more and no fewer, and the guide starts each."""
    assert {path.name for path in FOLDER.iterdir()} == {f"{unit}.service" for unit in UNITS}
    assert all(f"{unit}.service" in GUIDE for unit in UNITS)


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_it(name: str, tmp_path: Path) -> None:
    """It knows each option and its value, and finds the program, which is put where it is on this machine."""
    program = shutil.which("systemd-analyze")
    if program is None:
        missing("systemd-analyze")
    text = _text(name)
    for there, here in PLACES.items():
        text = text.replace(there, here)
    unit = tmp_path / f"{name}.service"
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run([program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", NAMES)
def test_it_starts_what_the_container_starts(name: str) -> None:
    """The same command; Flower's configuration from the checkout, and on this machine's own address."""
    _, *words = shlex.split(_unit(f"procore-xero-{name}")["Service"]["ExecStart"])
    in_container = {word.replace("/app/", "/opt/procore-xero/") for word in compose.words(_service(name))[1:]}
    assert {word.replace("127.0.0.1", "0.0.0.0") for word in words} == in_container  # noqa: S104 - the container's own


@pytest.mark.parametrize("name", UNITS)
def test_it_is_kept_up_and_may_write_in_one_folder_only(name: str) -> None:
    """A process that ends is started again, without end; and what it keeps lies in the folder that it starts in."""
    unit = _unit(name)
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["WorkingDirectory"] == f"/var/lib/{unit['Service']['StateDirectory']}"
    assert unit["Service"]["ProtectSystem"] == "strict"


def test_a_worker_has_the_time_to_end_its_request() -> None:
    """As long as its container has, and its processes are not ended before it has told them."""
    service = _unit("procore-xero-worker")["Service"]
    assert f"{service['TimeoutStopSec']}s" == _service("worker")["stop_grace_period"]
    assert service["KillMode"] == "mixed"


def test_all_together_have_the_time_that_start_gives_them() -> None:
    """Longer than `start` waits for a process, and it is `start` that ends them."""
    service = _unit("procore-xero")["Service"]
    assert shlex.split(service["ExecStart"])[1:] == ["start"]
    assert int(service["TimeoutStopSec"]) > start.GRACE_S
    assert service["KillMode"] == "mixed"
