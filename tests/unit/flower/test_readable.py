"""Tasks as Flower shows them: a project and one line, whatever a worker sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flower.utils.template import humanize

from worker.flower.readable import readable

LINE = "25-003: 2 of 18 records held: claim 58853 vendor_missing"


def shown(name: str = "sync_project", **sent: Any) -> Any:
    texts = {"state": "FAILURE", "args": None, "result": None, "exception": None, "traceback": None}
    return readable(SimpleNamespace(name=name, **(texts | sent)))


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ("('25-003', 'Fairfield \"Fitout\"')", '25-003 · Fairfield "Fitout"'),
        ("['25-003']", "25-003"),
        ("('25-003', '')", "25-003"),
        ("('25-003', 'a very long na...", "('25-003', 'a very long na..."),  # cut short by Celery
        ("(25, None)", "(25, None)"),
        (None, None),
    ],
)
def test_arguments_are_job_number_and_name(args: str | None, text: str | None) -> None:
    """Who reads the list of tasks sees projects; what cannot be read is shown as it came."""
    assert shown(args=args).args == text


def test_every_time_is_told_alike() -> None:
    """When a message ends or goes on is no other kind of time; what cannot be read is shown as it came."""
    task = shown(expires="2026-11-30T03:44:26.164600+00:00", eta="soon")
    assert (task.expires, task.eta) == (humanize(1796010266.1646, type="time"), "soon")
    assert shown().expires is None


def test_other_tasks_keep_their_arguments() -> None:
    """Only our job's arguments are known to be a project."""
    assert shown("another", args="('a', 'b')").args == "('a', 'b')"
    assert shown("another", args="()").args == ""  # there is nothing to be shown


def test_a_result_is_its_line() -> None:
    """Without the quotes of a repr."""
    assert shown(result=repr(f"{LINE} 'x'")).result == f"{LINE} 'x'"
    assert shown(result="{'a': 1}").result == "{'a': 1}"


def test_a_failure_that_was_meant_is_its_line_alone() -> None:
    """Its traceback tells nothing but where we raised it."""
    task = shown(exception=f"JobFailed({LINE!r})", traceback="Traceback …")
    assert (task.result, task.exception, task.traceback) == (LINE, None, None)


def test_a_success_says_nothing_of_the_attempts_before_it() -> None:
    """A job that came back and ended well shows its own line."""
    task = shown(state="SUCCESS", result=repr(LINE), exception="JobFailed('Another job is sending it.')")
    assert (task.result, task.exception) == (LINE, None)


def test_a_crash_keeps_everything() -> None:
    """An error that nobody meant is shown with its traceback."""
    task = shown(exception="KeyError('x')", traceback="Traceback …")
    assert (task.result, task.exception, task.traceback) == (None, "KeyError('x')", "Traceback …")
