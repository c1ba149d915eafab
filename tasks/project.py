"""One project's sync: from the claim of its job to its last line. The retryable Celery task is at the bottom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from celery import Task

from tasks import policy
from tasks.eligibility import one_eligible, seen_lately
from tasks.policy import Report
from tasks.stages import BY_NAME, PROJECT, STAGES
from worker.assembly import Parts, parts
from worker.celery import app
from worker.errors import ConfigError, Retriable
from worker.holds import Outcome
from worker.http.plain_text import plain
from worker.ledger.holds import open_holds
from worker.ledger.tables import Job
from worker.owner import owner_name
from worker.pipeline import prepare, uploading
from worker.pipeline.carry import run
from worker.pipeline.recovery import recover
from worker.pipeline.work import Work, with_earlier
from worker.procore.records import LONGEST_KEY, LONGEST_NAME, Project

log = structlog.get_logger(__name__)


def sync(parts: Parts, job: Job, owner: str) -> Report:
    """Carry one project's records to Xero, in order; raises what stops the whole job."""
    parts.check()
    project = _project(parts, job)
    work = parts.work(job, owner, project, BY_NAME, _since(parts, job))
    try:
        all_stages(work)
    except Retriable:
        work.heartbeat()  # the job comes back, and counts from here
        raise
    counts = {kind: outcomes for kind, outcomes in with_earlier(work.counts, job.counts).items() if outcomes}
    held = open_holds(parts.engine, Outcome.HELD, project.id)
    line = policy.in_a_line(job.job_number, counts, [f"{hold.title} {hold.code}" for hold in held])
    return Report(counts, line, len(held))


def all_stages(work: Work) -> None:
    """Everything of one project, in order."""
    recover(work)
    run(work, PROJECT)
    prepare.project_option(work)
    for stage in STAGES:
        with structlog.contextvars.bound_contextvars(stage=stage.name):
            run(work, stage)
    uploading.run(work)


def _project(parts: Parts, job: Job) -> Project:
    """The project: as its pass saw it; or for a job enqueued by hand, as seen lately, else read and judged now."""
    known = [row for row in parts.projects.numbered(job.job_number) if row.state == "eligible"]
    if job.pass_id is not None and len(known) == 1:
        row = known[0]
        return Project(id=row.procore_id, name=row.name, project_number=row.job_number)
    return seen_lately(parts, job.job_number) or one_eligible(parts, job.job_number)


def _since(parts: Parts, job: Job) -> datetime:
    """Xero's settings may be as old as the pass; a manual job reads its own."""
    this_pass = parts.passes.get(job.pass_id) if job.pass_id is not None else None
    return this_pass.started_at if this_pass is not None and job.trigger == "periodic" else job.queued_at


def _check(job_number: object, project_name: object) -> None:
    """What somebody enqueued by hand may be anything that JSON can say."""
    for said, longest in ((job_number, LONGEST_KEY), (project_name, LONGEST_NAME)):
        if not isinstance(said, str) or said != plain(said) or len(said) > longest:
            raise policy.JobFailed("Enqueue a job with its job number and, if you like, the project's name, as texts.")


@app.task(
    name="sync_project",
    bind=True,
    throws=(policy.JobFailed,),  # an ending that we mean, not a crash: one line in the log
    max_retries=2,  # for a lost worker process; what comes back by policy is counted in the job table
    default_retry_delay=1,
    retry_on_worker_lost=True,
)
def sync_project(self: Task[Any, Any], job_number: str, project_name: str = "") -> str:
    """Sync the project with this job number; returns one line about what was done.

    Published by discovery, the command line or Flower. A message that no row of the job table waits for is either
    somebody's own (Flower's API: a row is made for it) or a stale copy (nothing is done).
    """
    _check(job_number, project_name)
    owner = owner_name()
    with structlog.contextvars.bound_contextvars(job=job_number, task_id=self.request.id):
        try:
            ours = parts()
        except ConfigError as error:
            raise policy.JobFailed(str(error)) from None
        job = policy.claim(ours, self, job_number, project_name, owner)
        if job is None:
            return f"{job_number}: nothing to do here; its job has another task."
        with structlog.contextvars.bound_contextvars(run=job.id):
            return policy.finish(ours, self, job, owner, sync)
