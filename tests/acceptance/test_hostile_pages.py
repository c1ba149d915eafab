"""Names from Procore that are code elsewhere: they are text on Flower's pages and on a terminal."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.browser import chromium_program
from tests.acceptance.conftest import LOGIN, Running, a_machine, a_system
from tests.services import PATIENCE_S, eventually

pytestmark = pytest.mark.acceptance

CODE = "<img src=x onerror=\"document.title='executed'\"><script>document.title='executed'</script>{{1/0}}"
NUMBER = "31-007"
TERMINAL = "\x1b]0;title\x07\x1b[31mred\x9b31m[bold]b[/bold]\u202e"


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A project whose name, job number and held records are code, and the id of its red task."""
    with a_machine(tmp_path_factory.mktemp("hostile")) as machine, a_system(machine) as system:
        yield system, _failed_task(system)


def _failed_task(system: Running) -> str:
    projects = system.sandbox.dump()["procore"]["projects"]
    project = next(row for row in projects if row["project_number"] == "25-003")
    name = f"{CODE} {TERMINAL}"
    system.edit_procore("projects", "-", project["id"], {"name": name, "project_number": f"{NUMBER} {CODE}"})
    system.discover()
    number = f"{NUMBER} {CODE}"
    eventually(lambda: system.job(number))
    job = system.wait_for_end(number)
    assert job.state == "failed"
    system.wait_for_flower(job.task_id, "FAILURE")
    return job.task_id


def in_a_browser(system: Running, path: str, profile: Path) -> str:
    """The page after its scripts have run, as a browser has it then."""
    address = str(system.flower.base_url.join(path)).replace("://", f"://{':'.join(LOGIN)}@")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={profile}",
        "--virtual-time-budget=8000",
    ]
    command = [chromium_program(), *options, "--dump-dom", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout


@pytest.mark.deep
def test_pages_show_code_as_text(failed: tuple[Running, str], tmp_path: Path) -> None:
    """Flower's own pages and ours, as they are sent and as a browser has them after their scripts."""
    system, task_id = failed
    for path in (f"/task/{task_id}", "/tasks", "/workers"):
        sent = system.flower.get(path).text
        assert "<img src=x" not in sent
        assert "<script>document.title" not in sent
    assert "&lt;img src=x" in system.flower.get(f"/task/{task_id}").text
    for path, shown in ((f"/task/{task_id}", NUMBER), ("/tasks", task_id)):
        page = in_a_browser(system, path, tmp_path / "browser")
        assert shown in page
        assert "<title>executed" not in page
        assert not re.search(r"<img[^>]+onerror", page)


@pytest.mark.deep
def test_a_terminal_obeys_no_name(failed: tuple[Running, str]) -> None:
    """What the commands and the log print holds no control character but the ends of lines, and no markup is taken."""
    system, _ = failed
    for command in ("status", "problems", "plan"):
        said = system.says(command)
        assert NUMBER in said
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said)
    log = system.worker_said()
    assert NUMBER in log
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", log)
