"""Forgets, once a day, what ended longer ago than the setting HISTORY_DAYS says: in small parts, with pauses.

What it cannot do today it does tomorrow, so it is left at any point without harm.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import structlog

from tasks.policy import JobFailed, ends_red
from worker import stopping
from worker.assembly import Parts, parts
from worker.celery import app
from worker.ledger.forgetting import prune
from worker.local_time import local, zone

#: Seconds between two parts, in which those that wait for SQLite's one place to write get it.
PAUSE_S = 0.1

log = structlog.get_logger(__name__)


def forget(parts: Parts) -> str:
    """Forget what is old enough; returns a line about it. Raises WorkerStopped between two parts."""
    before = parts.now() - timedelta(days=parts.settings.history_days)
    gone: Counter[str] = Counter()
    for table, rows in prune(parts.engine, before):
        gone[table] += rows
        if rows:
            stopping.sleep(PAUSE_S)
    log.info("history", **gone)
    said = ", ".join(f"{rows:,} {table}" for table, rows in gone.items() if rows)
    return f"Forgotten, from before {local(before, zone(parts))}: {said or 'nothing'}"


@app.task(name="forget_history", max_retries=0, throws=(JobFailed,))
def forget_history() -> str:
    """Started by beat once a day."""
    with ends_red(log, "history kept"):
        return forget(parts())
