"""How commands end: a sentence, an exit code, never a traceback."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.unit.cli.conftest import Run
from worker.cli import app, main
from worker.cli.exits import MEANINGS, Exit, RefusedError, code_of
from worker.cli.helping import EXAMPLES
from worker.errors import ApiUnavailable, AuthRejected, ConfigError, MissingReference, ProjectBusy, SyncError
from worker.holds import HoldCode
from worker.ledger import failures

ROOT = Path(app.__file__).parents[2]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("no such thing"), 2),
        (MissingReference(HoldCode.PROJECT_REFUSED, job_number="24-107", reason="Nobody knows it."), 2),
        (ConfigError("not set"), 2),
        (ApiUnavailable("no answer"), 3),
        (ProjectBusy("taken", 1.0), 3),
        (AuthRejected("wrong secret"), 4),
        (SyncError("something"), 4),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: SyncError, code: int) -> None:
    """A script can tell what to do next from the exit code alone."""
    assert code_of(error) == code


def test_help_names_every_exit_code(run: Run) -> None:
    """The exit codes are documented where they are looked for."""
    text = " ".join(run("--help").stdout.split())
    assert set(MEANINGS) == set(Exit)
    assert all(f"{code.value} {meaning}" in text for code, meaning in MEANINGS.items())


@pytest.mark.parametrize("command", ["status", "problems", "send --all"])
def test_a_ledger_without_tables_is_refused_in_one_sentence(run: Run, command: str) -> None:
    """Whoever forgot to migrate is told so."""
    Path("ledger.db").touch()
    result = run(*command.split())
    assert result.exit_code == Exit.REFUSED
    said = "The ledger's tables are missing or old. Run `procore-xero migrate` first. (no such table: alembic_version)"
    assert result.stderr == f"{said}\n"


def test_a_database_out_of_reach_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which database, and why not, without the driver's traceback."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{Path.cwd()}")
    result = run("status")
    assert result.exit_code == Exit.UNREACHABLE
    assert result.stderr == "The ledger's database cannot be used (unable to open database file).\n"


def test_a_full_disk_is_said_with_what_to_do() -> None:
    """SQLite has two sentences for it, and names no remedy."""
    for said in ("database or disk is full", "disk I/O error"):
        found = failures.meaning(OperationalError("", {}, sqlite3.OperationalError(said)))
        assert isinstance(found, ApiUnavailable)
        assert "make room there" in str(found)


def test_a_message_in_several_lines_is_printed_in_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a driver spreads over lines is still one sentence here."""

    def spread() -> None:
        raise ConfigError("connection failed:\n\tIs the server running?\n")

    monkeypatch.setattr("worker.settings.settings", spread)
    assert run("migrate").stderr == "connection failed: Is the server running?\n"


def test_a_wrong_setting_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that cannot be read names itself."""
    monkeypatch.setenv("WORKER_PROCESSES", "many")
    result = run("status")
    assert result.exit_code == Exit.REFUSED
    assert "WORKER_PROCESSES" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_wrong_usage_ends_in_2(run: Run) -> None:
    """Nothing is started by a mistyped command."""
    assert run("sned").exit_code == Exit.REFUSED


def test_a_mistake_of_ours_is_a_sentence_with_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even a bug shows no traceback, but says where it is."""

    def broken() -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("worker.settings.settings", broken)
    monkeypatch.setattr("worker.logs.configure", lambda level: None)
    monkeypatch.setattr(sys, "argv", ["procore-xero", "migrate"])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert left.value.code == Exit.OTHER
    assert said.startswith("Unexpected KeyError: 'surprise' (test_ending.py, line ")
    assert "Traceback" not in said


@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_has_ended_is_no_failure(reader: str) -> None:
    """As other programs end then: a script that stops on the first error can tell it from a failed job."""
    pipe = f"set -o pipefail; {shlex.quote(sys.executable)} -m worker.cli --help | {reader}"
    ended = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stderr) == (Exit.UNREAD, "")


def test_ctrl_c_ends_in_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is an ending like the others."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("worker.settings.settings", interrupted)
    result = run("migrate")
    assert result.exit_code == Exit.INTERRUPTED
    assert result.output == ""


def test_a_wrong_seed_for_the_demo_is_refused(run: Run) -> None:
    """The sandbox's own errors are sentences like ours."""
    result = run("demo", "--seed", "nowhere.json")
    assert result.exit_code == Exit.REFUSED
    assert result.stderr.startswith("The seed file nowhere.json cannot be read")


def test_the_version_is_that_of_the_project(run: Run) -> None:
    """It stands in one place; what is installed says the same."""
    project = tomllib.loads((Path(app.__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    result = run("--version")
    assert (result.stdout, result.exit_code) == (f"procore-xero {project['version']}\n", Exit.DONE)


def test_every_command_says_what_it_is_for(run: Run) -> None:
    """`--help` works everywhere, and without a ledger."""
    names = [*EXAMPLES]
    assert len(names) > 15
    assert all(run(name, "--help").exit_code == 0 for name in names)
    assert run("status", "-h").stdout == run("status", "--help").stdout
    assert "<bool>" not in "".join(run(name, "-h").stdout for name in names)
