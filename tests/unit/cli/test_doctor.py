"""`doctor`: readable at 80 columns, for programs with --json, and an exit code that says whether anything is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.cli.conftest import Run
from worker.assembly import Parts
from worker.cli import broker, doctor
from worker.cli.exits import Exit
from worker.doctor.finding import Finding, ok, warn, wrong
from worker.errors import ConfigError

LONG = "The credentials work, but this app does not see company 8014; it sees 1 (Another Company), 2 (Yet Another)."


def say(monkeypatch: pytest.MonkeyPatch, *found: Finding) -> None:
    def examine(parts: Parts, fix: bool = False) -> Iterator[Finding]:
        yield from found

    monkeypatch.setattr(doctor, "examine", examine)


def test_wrong_is_exit_1_with_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line has state and name; a sentence that is too long goes on beneath itself; nothing passes column 80."""
    say(monkeypatch, ok("Stage", "It is there."), wrong("Procore", LONG, "Correct PROCORE_COMPANY_ID."))
    result = run("doctor")
    assert result.exit_code == Exit.FAILED
    lines = result.stdout.splitlines()
    assert lines[0] == "ok    Stage         It is there."
    assert lines[1].startswith("wrong Procore       The credentials work, but")
    assert lines[2].startswith(" " * 20)
    assert "To do: Correct PROCORE_COMPANY_ID." in result.stdout
    assert lines[-1] == "2 looked at: 1 wrong, 0 to keep an eye on."
    assert max(map(len, lines)) <= 80


def test_a_warning_is_not_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is wrong makes the command fail."""
    say(monkeypatch, warn("Worker", "None answered."))
    assert run("doctor").exit_code == Exit.DONE


def test_programs_get_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """--json prints the findings and nothing else; the exit code stays."""
    say(monkeypatch, wrong("Procore", LONG, "Correct it."))
    result = run("doctor", "--json")
    expected = {"about": "Procore", "state": "wrong", "sentence": LONG, "remedy": "Correct it."}
    assert (json.loads(result.stdout)["rows"], result.exit_code) == ([expected], Exit.FAILED)


def test_a_fresh_directory_is_told_everything_it_lacks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is set up there is a line for each thing to set up, and no traceback."""

    def no_broker(settings: object) -> str:
        raise ConfigError("Redis does not answer.")

    monkeypatch.setattr(doctor, "_broker", no_broker)
    monkeypatch.setattr(broker, "answers", lambda client: True)
    result = run("doctor", "--json")
    found = {row["about"]: row for row in json.loads(result.stdout)["rows"]}
    assert {name for name, row in found.items() if row["state"] == "wrong"} == {
        "Mapping file", "Database", "Procore", "Xero",
    }  # fmt: skip
    assert found["Broker"]["state"] == "warn"  # before the first start there is none
    assert result.exit_code == Exit.FAILED
