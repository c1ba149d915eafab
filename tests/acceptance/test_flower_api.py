"""What docs/flower.md says of Flower's API and login, done as it stands there; and what Flower knows after a crash."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.conftest import LOGIN, Machine, Running
from tests.acceptance.outages import Redis
from tests.services import PATIENCE_S, eventually, is_alive, missing
from worker.cli.processes import ProcessDied, Processes

pytestmark = pytest.mark.acceptance

PAGE = (Path(__file__).parents[2] / "docs" / "flower.md").read_text(encoding="utf-8")
#: Every command line in the page that asks Flower, in the page's order.
COMMANDS = re.findall(r"^curl .*localhost:5555.*$", PAGE, re.MULTILINE)


def _asked(system: Running, command: str, **words: str) -> Any:
    """What a command of the page answers on this machine: only address, login and the words in capitals differ."""
    if shutil.which("curl") is None:
        missing("curl on the PATH")
    words |= {"http://localhost:5555": str(system.flower.base_url).rstrip("/"), "USER:PASSWORD": ":".join(LOGIN)}
    for word, value in words.items():
        command = command.replace(word, value)
    done = subprocess.run(
        [*shlex.split(command), "-s", "-f"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    return json.loads(done.stdout)


def test_one_project_and_all_are_started_by_the_commands_in_the_readme(system: Running) -> None:
    """One job number, its end, and all projects: each command is run as it stands there."""
    one, end, all_ = COMMANDS
    task_id = _asked(system, one)["task-id"]
    job = system.wait_for_end("24-017")
    assert (job.task_id, job.state, job.trigger) == (task_id, "done", "manual")
    system.wait_for_flower(task_id, "SUCCESS")
    assert job.message in _asked(system, end, TASK_ID=task_id)["result"]

    task_id = _asked(system, all_)["task-id"]
    said = system.wait_for_flower(task_id, "SUCCESS")["result"]
    assert said == "'3 eligible, 3 started, 5 refused or paused'"
    assert [system.wait_for_end(number).state for number in ("24-017", "24-021", "25-003")] == [
        "done",
        "done",
        "failed",
    ]


@pytest.mark.deep
def test_a_killed_flower_comes_back_with_its_tasks(system: Running) -> None:
    """What Flower has seen is on disk within seconds, so that kill -9 costs no more than those."""
    task_id = _asked(system, COMMANDS[0])["task-id"]
    system.wait_for_end("24-017")
    system.wait_for_flower(task_id, "SUCCESS")
    for _ in range(2):  # the next one may have begun before
        last = _saved_at(system.system.directory)
        eventually(lambda last=last: _saved_at(system.system.directory) > last)  # type: ignore[misc]

    os.kill(system.system.processes.pids()["flower"], signal.SIGKILL)
    eventually(lambda: _has_died("flower", system.system.processes))
    system.flower.base_url = system.system.flower()
    _wait_for(system.flower, system.system.processes)
    assert system.flower.get(f"/api/task/info/{task_id}").json()["state"] == "SUCCESS"


@pytest.mark.deep
def test_flower_stops_though_redis_is_away(system: Running) -> None:
    """It asks nobody for anything then: whoever asks through Celery waits until Redis is back."""
    pid = system.system.processes.pids()["flower"]

    def live_on() -> None:  # longer than between two of Flower's own questions, if it had any
        saved_at = _saved_at(system.system.directory)
        eventually(lambda: _saved_at(system.system.directory) > saved_at + 6)

    with Redis.of(system) as broker:
        live_on()
        broker.kill()
        live_on()
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not is_alive(pid))


def test_the_options_for_oauth_in_the_docs_close_flower(machine: Machine) -> None:
    """With them whoever has not logged in at the provider is sent there, and starts nothing."""
    options = dict(re.findall(r"^(FLOWER_[A-Z0-9_]+)=(.+)$", PAGE.split("here for Google")[1], re.MULTILINE))
    machine.system.env.pop("FLOWER_LOGIN")
    machine.system.env |= {name: value.replace("…", "made-up") for name, value in options.items()}
    with httpx.Client(base_url=machine.system.flower(), timeout=PATIENCE_S) as flower:
        _wait_for(flower, machine.system.processes)
        assert flower.get("/projects").headers["location"].startswith("/login")
        provider = httpx.URL(flower.get("/login").headers["location"])
        assert provider.host == "accounts.google.com"
        assert provider.params["redirect_uri"] == options["FLOWER_OAUTH2_REDIRECT_URI"]
        assert flower.post("/projects", data={"action": "send_all"}).status_code == 403
        assert flower.post("/api/task/async-apply/discover", json={}).status_code == 403


def _saved_at(directory: Path) -> float:
    """When Flower last wrote its state; what a file is called after `flower-state` depends on the machine's dbm."""
    saved = [file for file in directory.glob("flower-state*") if ".tmp" not in file.name]
    return max((file.stat().st_mtime for file in saved), default=0.0)


def _has_died(name: str, processes: Processes) -> bool:
    with suppress(ProcessDied):
        processes.check()
    return name not in processes.pids()


def _wait_for(flower: httpx.Client, processes: Processes) -> None:
    def answers() -> bool:
        processes.check()
        with suppress(httpx.TransportError):
            return flower.get("/healthcheck").status_code == 200
        return False

    eventually(answers)
