"""Jobs that a person starts: one job number, all of them, or what failed. The command line and Flower both come here.

The row is written first and then published, ahead of the periodic ones. However often somebody asks, a job number has
one job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import tasks.project  # noqa: F401 - registers the task that is published
from tasks import publishing
from tasks.eligibility import one_eligible
from worker.assembly import Parts
from worker.errors import SyncError
from worker.ledger.jobs import ACTIVE, Wanted
from worker.ledger.tables import Job

#: Seconds for which a second click finds the job of the first; later it is published again, lest its message was lost.
SAME_CLICK_S = 10.0
#: The kinds of which one record can go without the rest; the payment of a direct cost goes with its project.
ALONE = ("claims", "payments", "invoices")
#: Job numbers named in a sentence.
NAMED = 5
#: Said when there is nothing that all could mean.
NOTHING = "No eligible project is known yet. The next pass looks for them; or give one job number."
NONE_FAILED = "No job of an eligible project has failed or is parked."

_WHY_NOT = {
    "queued": "{job_number} is queued already and starts by itself.",
    "running": "{job_number} is running already.",
    "done": "{job_number} is done; there is nothing to retry.",
    # the row can be retried, but its job number is taken by a newer row
    "failed": "{job_number} is queued or running already, as a newer job.",
    "parked": "{job_number} is queued or running already, as a newer job.",
    "held": "{job_number} is queued or running already, as a newer job.",
}
_AGAIN = "{job_number} was started again already, as a newer job."
_UNKNOWN = "No failed job has this task id: the task is not a project's sync, or was forgotten."


class NothingToRetry(SyncError):
    """A job that is not at its end, or that ended well."""


class AnotherJob(SyncError):
    """A project has one job at a time, and this one does other things."""


def one(parts: Parts, job_number: str) -> Wanted:
    """The one eligible project that is meant, as it is known, else as Procore says now.

    Raises MissingReference saying why there is none, and which job numbers look like it.
    """
    known = [row for row in parts.projects.numbered(job_number) if row.state == "eligible"]
    if len(known) == 1:
        return Wanted(known[0].job_number, known[0].name)
    found = one_eligible(parts, job_number)
    return Wanted(found.job_number.strip(), found.name)


def send(parts: Parts, wanted: Wanted) -> Job:
    """Start this project's job, or move the one that waits to the front; one that runs already is left."""
    job = parts.jobs.hurry(wanted.job_number, wanted.project_name, SAME_CLICK_S)
    if job is None:
        return parts.jobs.latest(wanted.job_number)[wanted.job_number]
    publishing.publish([job], parts)
    return job


def send_only(parts: Parts, wanted: Wanted, kind: str, procore_id: str) -> Job:
    """Start a job that carries this record alone; its kind is one of `ALONE`. Raises AnotherJob while the project has
    another job."""
    made = parts.jobs.queue([replace(wanted, only=f"{kind}/{procore_id}")], "manual")
    if not made:
        raise AnotherJob(f"A job of {wanted.job_number} waits or runs already. Try again when it has ended.")
    publishing.publish(made, parts)
    return made[0]


def send_all(parts: Parts) -> list[Job]:
    """Start a job for every eligible project that has none waiting or running; returns all of theirs.

    Where all of them go, none has to be moved before the others.
    """
    wanted = [Wanted(row.job_number, row.name) for row in parts.projects.all() if row.state == "eligible"]
    if not wanted:
        return []
    started = parts.jobs.queue(wanted, "manual")
    publishing.publish(started, parts)
    found = parts.jobs.latest() | {job.job_number: job for job in started}
    return [found[one.job_number] for one in wanted]


def retry(parts: Parts, task_id: str) -> Job:
    """Start the failed, parked or held job of this task once more, as a job of its own.

    Raises NothingToRetry saying what the job does instead, or that there is none.
    """
    job = parts.jobs.retry({"task_id": task_id})
    if job is None:
        found = parts.jobs.find(task_id)
        if found is not None and found.retried_as:
            raise NothingToRetry(_AGAIN.format(job_number=found.job_number))
        raise NothingToRetry(_UNKNOWN if found is None else _WHY_NOT[found.state].format(job_number=found.job_number))
    publishing.publish([job], parts)
    return job


def failed(parts: Parts) -> list[Job]:
    """The jobs that `retry_failed` is about: those that failed or were parked, of projects that are eligible."""
    eligible = {row.job_number for row in parts.projects.all() if row.state == "eligible"}
    found = (job for job in parts.jobs.latest().values() if job.job_number in eligible)
    return [job for job in found if job.state in ("failed", "parked")]


def retry_failed(parts: Parts) -> list[Job]:
    """Start every one of them once more; returns those that were started."""
    started = parts.jobs.retry_all(sorted(job.id for job in failed(parts)))
    publishing.publish(started, parts)
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
