"""What died with a worker, and what could not be sent while Redis was away, is taken up soon, not with the next pass.

It finds rows of the job table that nobody works on; whether anything is sent for them is each job's own business.
"""

from __future__ import annotations

import structlog

from tasks import publishing
from tasks.policy import JobFailed, ends_red
from worker.assembly import Parts, parts
from worker.broker import waiting
from worker.celery import app

log = structlog.get_logger(__name__)


def resume_jobs(parts: Parts) -> str:
    """Publish again what dead workers and a lost message left behind; returns a line about it."""
    found = waiting.look(parts.broker, parts.settings.key_prefix)
    stranded = parts.jobs.strand(publishing.expiry_s(parts.settings), found.queues, found.task_ids)
    publishing.publish(stranded, parts)
    numbers = ", ".join(job.job_number for job in stranded)
    if stranded:
        log.info("resumed", jobs=len(stranded))
    return f"Taken up again: {numbers}" if stranded else "Nothing was left behind"


@app.task(name="resume", max_retries=0, throws=(JobFailed,), ignore_result=True, send_events=False)
def resume() -> str:
    """Sent by each worker when it is ready, and every few seconds while it has a process free. Flower is not told."""
    with ends_red(log, "nothing resumed"):
        return resume_jobs(parts())
