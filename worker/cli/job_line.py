"""What `status` says of a job, on one line: its state, and why."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from worker.local_time import goes_on

if TYPE_CHECKING:
    from worker.ledger.tables import Job


def in_words(job: Job, at: tzinfo) -> str:
    """State and line, without the job number: "failed, 2 of 15 records held: …", "parked until 14:32 AEDT: …"."""
    said = job.message.removeprefix(f"{job.job_number}: ")
    if job.state in ("held", "parked"):  # the line begins with it
        return f"{said[:1].lower()}{said[1:]}" or job.state
    if said and job.state == "queued":
        said = goes_on(said, job.not_before, at)
    return ", ".join(filter(None, (job.state, said)))
