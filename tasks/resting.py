"""A job that has nothing to do, as most of a pass whose lists are read when they are due: it must cost little."""

from __future__ import annotations

from contextlib import suppress

import structlog
from structlog.contextvars import bind_contextvars

from tasks.policy import with_clock
from tasks.turns import next_turn
from worker import tracing
from worker.assembly import Parts
from worker.errors import SyncError
from worker.ledger.at_rest import Rested, end_at_rest
from worker.local_time import zone
from worker.mapping import routing

log = structlog.get_logger(__name__)


def ended(parts: Parts, task_id: str) -> str | None:
    """The line of the job of this task, which has ended; None where there may be anything to do, or where anything is
    wrong: the ordinary way says of it what it is."""
    if parts.settings.read_lists != "when_due":
        return None
    with suppress(SyncError):
        for one in parts.each():
            if (rested := _end(one, task_id)) is not None:
                return _told(rested)
    return None


def _end(parts: Parts, task_id: str) -> Rested | None:
    parts.rules()
    now, at = parts.now(), zone(parts)
    where = (parts.organisation.tenant_id, parts.name, routing.digest(parts.routes()))
    return end_at_rest(
        parts.engine,
        task_id,
        *where,
        now,
        lambda number, following: with_clock(parts, f"{number}: {next_turn(following, now, at)}"),
    )


def _told(rested: Rested) -> str:
    """As of every job."""
    bind_contextvars(run=rested.id, pass_id=rested.pass_id)
    with tracing.span("job", job=rested.job_number, run=rested.id, attempt=1, trigger="periodic", held=0):
        log.info("job", state="done", line=rested.line)
    return rested.line
