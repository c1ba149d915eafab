"""What `pip install .`, `pipx install .` and `uv tool install .` install is whole, and works far from a checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.compose import ROOT
from tests.image import copied
from tests.services import PATIENCE_S

#: For whoever builds an image, writes a migration, or keeps the versions; no program reads them.
NOT_INSTALLED = {
    "worker/Dockerfile",
    "worker/requirements.lock",
    "worker/sandbox/requirements.lock",
    "worker/ledger/migrations/script.py.mako",
}
BUILD = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what the image gets of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    copied(folder / "checkout")
    command = [sys.executable, "-c", BUILD, str(folder)]
    done = subprocess.run(
        command, cwd=folder / "checkout", capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


def test_it_has_every_file_that_is_read(wheel: Path) -> None:
    """Templates, scripts, migrations, the mapping file to start from: one that is missing is missed by users first."""
    with zipfile.ZipFile(wheel) as archive:
        installed = set(archive.namelist())
    ours = {"beat_schedule.py"}
    for name in ("worker", "tasks"):
        paths = (path for path in (ROOT / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        ours |= {path.relative_to(ROOT).as_posix() for path in paths}
    assert ours - installed == NOT_INSTALLED


def test_it_makes_a_ledger_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    """With its own migrations and the schedule beside it, and nothing of the checkout."""
    site, here = tmp_path / "site", tmp_path / "here"
    here.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (here / ".env").write_text("DATABASE_URL=sqlite:///books.db\n", encoding="utf-8")
    code = (
        "import sys; site = sys.argv.pop(1); sys.path.insert(0, site)\n"
        "import beat_schedule, tasks.stages, worker.cli\n"
        "assert all(one.__file__.startswith(site) for one in (beat_schedule, tasks.stages, worker.cli))\n"
        "worker.cli.main()"
    )
    command = [sys.executable, "-c", code, str(site), "migrate"]
    done = subprocess.run(command, cwd=here, env={}, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    assert (here / "books.db").exists()
