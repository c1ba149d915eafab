"""A worker that starts takes up at once what died before it, and not with the next pass.

It finds rows of the job table that nobody works on; whether anything is sent for them is each job's own business.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task

from tasks import publishing
from tasks.policy import JobFailed
from worker.assembly import Parts, parts
from worker.celery import app
from worker.errors import SyncError

log = structlog.get_logger(__name__)


def resume_jobs(parts: Parts) -> str:
    """Publish again what dead workers and a lost message left behind; returns a line about it."""
    stranded = parts.jobs.strand(publishing.expiry_s(parts.settings))
    publishing.publish(stranded, parts.settings)
    numbers = ", ".join(job.job_number for job in stranded)
    log.info("resumed", jobs=len(stranded))
    return f"Taken up again: {numbers}" if stranded else "Nothing was left behind"


@app.task(name="resume", bind=True, max_retries=0, throws=(JobFailed,))
def resume(self: Task[Any, Any]) -> str:
    """Sent by each worker when it is ready. What it cannot do now, the next pass does."""
    try:
        return resume_jobs(parts())
    except SyncError as error:
        log.warning("nothing resumed", why=str(error))
        raise JobFailed(str(error)) from None
