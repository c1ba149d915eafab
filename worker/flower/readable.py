"""A task as a person reads it in Flower: its project, and one line about how it ended, for success and failure alike.

Flower shows what a worker sent about a task: the reprs of its arguments and of its result, or of an exception, with a
traceback. Of a job that ended as we meant it, one line says everything. This is for the eye alone: what Flower keeps,
and its API, stay as they are, and nothing is ever started from these texts.
"""

from __future__ import annotations

import ast
from datetime import datetime
from typing import Any

from celery.states import SUCCESS
from flower.utils.template import humanize

#: The task whose arguments are a job number and a project's name.
JOB = "sync_project"
#: How the repr of our one meant failure begins; what stands in it is the job's line.
MEANT = "JobFailed("
#: The repr of no arguments.
NONE = "()"
#: Times that Flower shows as they were sent, in UTC; its others it tells in Celery's zone, which is the organisation's.
_AS_SENT = ("eta", "expires")


def readable(task: Any) -> Any:
    """Flower's `format_task`: gets a copy of a task, and returns it with the texts that are to be shown."""
    if task.name == JOB:
        task.args = _joined(task.args)
    if task.args == NONE:
        task.args = ""
    for name in _AS_SENT:
        setattr(task, name, _told(getattr(task, name, None)))
    if task.state == SUCCESS:  # what an earlier attempt came back with is over
        task.exception = task.traceback = None
    said = task.exception or ""
    if said.startswith(MEANT) and said.endswith(")"):
        task.exception = None
        task.traceback = None  # of a line that we raised ourselves it tells nothing
        task.result = _text(said.removeprefix(MEANT).removesuffix(")"))
    elif task.result is not None:
        task.result = _text(task.result)
    return task


def _joined(shown: Any) -> Any:
    """ "24-017 · Northbank Apartments" """
    values = _value(shown)
    if isinstance(values, tuple | list) and all(isinstance(value, str) for value in values):
        return " · ".join(value for value in values if value)
    return shown


def _text(shown: Any) -> Any:
    text = _value(shown)
    return text if isinstance(text, str) else shown


def _told(sent: Any) -> Any:
    """As Flower tells its other times; what is no time stays as it came."""
    try:
        return humanize(datetime.fromisoformat(sent).timestamp(), type="time")
    except (ValueError, TypeError):
        return sent


def _value(shown: Any) -> Any:
    """The value whose repr this is; None when it is not one, or was cut short."""
    try:
        return ast.literal_eval(shown)
    except (ValueError, SyntaxError, TypeError):
        return None
