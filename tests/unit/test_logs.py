"""What a log shows, and to whom."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from worker import logs
from worker.settings import LogFormat


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    structlog.reset_defaults()
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


@pytest.mark.parametrize("on_screen", [True, False])
def test_an_exception_is_logged_without_the_values_of_its_variables(
    on_screen: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it happened is there, for people and for machines; a client's local variables are its secrets."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: on_screen)
    logs.configure("INFO")
    token = "-".join(("s3cret", "token"))
    try:
        raise ValueError(f"after {len(token)} letters")
    except ValueError:
        structlog.get_logger("test").exception("unexpected")
        logging.getLogger("celery").exception("foreign")
    said = capsys.readouterr().err
    assert said.count("ValueError: after 12 letters") == 2
    assert "test_logs.py" in said
    assert token not in said


@pytest.mark.parametrize(
    ("wanted", "on_screen", "is_json"),
    [("auto", True, False), ("auto", False, True), ("json", True, True), ("console", False, False)],
)
def test_who_reads_the_log_decides_its_form(
    wanted: LogFormat,
    on_screen: bool,
    is_json: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lines for people on a terminal, objects for programs; LOG_FORMAT says otherwise."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: on_screen)
    logs.configure("INFO", wanted)
    structlog.get_logger("test").info("stage", sent=2)
    said = capsys.readouterr().err
    assert said.startswith("{") == is_json
    assert "stage" in said


def test_everything_that_is_said_is_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Celery's lines name their task, and warnings of libraries and texts of several lines break none."""
    logs.configure("INFO", "json")
    context = {"id": "1-2", "name": "sync_project", "args": "('24-017',)"}
    logging.getLogger("celery.worker.strategy").info("Task %(name)s[%(id)s] received", context, extra={"data": context})
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("two\nlines", stacklevel=1)
    structlog.get_logger("test").debug("not wanted")
    received, warning = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (received["task_id"], received["task"]) == ("1-2", "sync_project")
    assert "args" not in received
    assert "two\nlines" in warning["event"]


def test_a_log_goes_to_a_file_where_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As objects, also when somebody is at a terminal; and goes on in a new file when that one was moved away."""
    file = tmp_path / "worker.log"
    logs.configure("INFO", "auto", str(file))
    structlog.get_logger("test").info("first")
    file.rename(tmp_path / "worker.log.1")
    structlog.get_logger("test").info("second")
    assert json.loads((tmp_path / "worker.log.1").read_text(encoding="utf-8"))["event"] == "first"
    assert json.loads(file.read_text(encoding="utf-8"))["event"] == "second"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("task", "level", "is_said"),
    [("resume", logging.INFO, False), ("resume", logging.WARNING, True), ("sync_project", logging.INFO, True)],
)
def test_what_runs_every_few_seconds_is_told_when_it_fails(
    task: str, level: int, is_said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Celery's own lines about it would bury the others."""
    logs.configure("INFO", "json")
    logging.getLogger("celery").log(level, "Task %s", task, extra={"data": {"id": "1", "name": task}})
    assert bool(capsys.readouterr().err) is is_said
