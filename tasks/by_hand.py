"""Jobs that a person starts: one job number, all of them, or what failed. The command line and Flower both come here.

The row is written first and then published, ahead of the periodic ones. However often somebody asks, a job number has
one job.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import tasks.project  # noqa: F401 - registers the task that is published
from tasks import publishing
from tasks.eligibility import UNSEEN, one_eligible
from worker.assembly import Parts
from worker.errors import MissingReference
from worker.ledger.jobs import ACTIVE, Wanted
from worker.ledger.tables import Job

#: How alike a job number must be to be suggested; 24-107 is meant to find 24-017.
ALIKE = 0.6
#: Seconds for which a second click finds the job of the first; later it is published again, lest its message was lost.
SAME_CLICK_S = 10.0
#: Job numbers named in a sentence.
NAMED = 5
#: Said when there is nothing that all could mean.
NOTHING = "No eligible project is known yet. The next pass looks for them; or give one job number."


def one(parts: Parts, job_number: str) -> Wanted:
    """The one eligible project that is meant, as it is known, else as Procore says now.

    Raises MissingReference saying why there is none, and which job numbers look like it.
    """
    known = [row for row in parts.projects.numbered(job_number) if row.state == "eligible"]
    if len(known) == 1:
        return Wanted(known[0].job_number, known[0].name)
    try:
        found = one_eligible(parts, job_number)
    except MissingReference as refused:
        if near := _alike(parts, job_number):
            reason = f"{UNSEEN} Did you mean {' or '.join(near)}?"
            raise MissingReference(refused.code, job_number=job_number, reason=reason) from None
        raise
    return Wanted(found.job_number.strip(), found.name)


def _alike(parts: Parts, job_number: str) -> list[str]:
    """Known job numbers that look like one that is not known."""
    if parts.projects.numbered(job_number):
        return []
    numbers = sorted({row.job_number for row in parts.projects.all() if row.job_number})
    return difflib.get_close_matches(job_number, numbers, cutoff=ALIKE)


def send(parts: Parts, wanted: Wanted) -> Job:
    """Start this project's job, or move the one that waits to the front; one that runs already is left."""
    job = parts.jobs.hurry(wanted.job_number, wanted.project_name, SAME_CLICK_S)
    if job is None:
        return parts.jobs.latest()[wanted.job_number]
    publishing.publish([job], parts.settings)
    return job


def send_all(parts: Parts) -> list[Job]:
    """Start a job for every eligible project that has none waiting or running; returns all of theirs.

    Where all of them go, none has to be moved before the others.
    """
    wanted = [Wanted(row.job_number, row.name) for row in parts.projects.all() if row.state == "eligible"]
    started = parts.jobs.queue(wanted, "manual")
    publishing.publish(started, parts.settings)
    found = parts.jobs.latest() | {job.job_number: job for job in started}
    return [found[one.job_number] for one in wanted]


def retry_failed(parts: Parts) -> list[Job]:
    """Start every job that failed once more, of projects that are eligible; returns those that were started."""
    eligible = {row.job_number for row in parts.projects.all() if row.state == "eligible"}
    failed = [job.id for job in parts.jobs.latest().values() if job.state == "failed" and job.job_number in eligible]
    started = parts.jobs.retry_all(sorted(failed))
    publishing.publish(started, parts.settings)
    return started


def said(jobs: Sequence[Job]) -> str:
    """ "Queued: 24-017. Running already: 24-021." """
    queued = [job.job_number for job in jobs if job.state == "queued"]
    running = [job.job_number for job in jobs if job.state == "running"]
    ended = [job.job_number for job in jobs if job.state not in ACTIVE]
    named = (("Queued", queued), ("Running already", running), ("Ended already", ended))
    return " ".join(f"{word}: {_named(numbers)}." for word, numbers in named if numbers)


def _named(numbers: Sequence[str]) -> str:
    more = len(numbers) - NAMED
    return ", ".join(numbers[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
