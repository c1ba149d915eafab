"""Whether anybody is there to run a job, and what to say to a person whose job nobody runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from worker.counting import counted

#: Seconds that running workers have to answer.
ANSWER_S = 1.0
NONE_RUNS = (
    "No worker answers, so nothing starts before one runs. `procore-xero start` starts one; `procore-xero doctor` "
    "looks at everything."
)


def answering() -> Sequence[str]:
    """The names of the workers that answer a ping, as beat does too; a broker that goes away meanwhile has none."""
    from celery.beat import NODENAME_DEFAULT  # type: ignore[attr-defined]  # newer than celery's types
    from kombu.exceptions import OperationalError

    from worker.celery import app

    asked_once = app.connection_for_write(transport_options={"max_retries": 0})
    with suppress(OSError, OperationalError), asked_once as broker:
        answered = app.control.inspect(timeout=ANSWER_S, connection=broker).ping() or {}
        return sorted(name for name in answered if not name.startswith(f"{NODENAME_DEFAULT}@"))
    return []


def why_none_starts() -> str:
    """Of a job that has waited for a while: no worker answers, or all are at other jobs."""
    if (count := len(answering())) == 0:
        return NONE_RUNS
    return f"{counted(count, 'worker')} running, at other jobs; it starts after them."
