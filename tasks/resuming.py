"""A worker that starts takes up at once what died before it, and not with the next pass.

It finds rows of the job table that nobody works on; whether anything is sent for them is each job's own business.
"""

from __future__ import annotations

import structlog

from tasks import publishing
from tasks.policy import JobFailed, ends_red
from worker.assembly import Parts, parts
from worker.celery import app

log = structlog.get_logger(__name__)


def resume_jobs(parts: Parts) -> str:
    """Publish again what dead workers and a lost message left behind; returns a line about it."""
    stranded = parts.jobs.strand(publishing.expiry_s(parts.settings))
    publishing.publish(stranded, parts.settings)
    numbers = ", ".join(job.job_number for job in stranded)
    log.info("resumed", jobs=len(stranded))
    return f"Taken up again: {numbers}" if stranded else "Nothing was left behind"


@app.task(name="resume", max_retries=0, throws=(JobFailed,))
def resume() -> str:
    """Sent by each worker when it is ready. What it cannot do now, the next pass does."""
    with ends_red(log, "nothing resumed"):
        return resume_jobs(parts())
