"""One project's sync: from the claim of its job to its last line. The retryable Celery task is at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from celery import Task
from structlog.contextvars import bind_contextvars

from tasks import policy, resting
from tasks.counts import Counts, with_earlier, with_landed
from tasks.eligibility import project_of, record_of
from tasks.policy import Report
from tasks.stages import PROJECT, STAGES
from tasks.turns import next_turn
from tasks.work import work_of
from worker import tracing
from worker.assembly import Parts, parts
from worker.celery import app
from worker.errors import ConfigError, ProjectBusy, Retriable
from worker.holds import HoldCode, Outcome, title
from worker.ledger import accepted
from worker.ledger import moved as ledger
from worker.ledger.at_rest import Next
from worker.ledger.holds import concerns, open_holds
from worker.ledger.landing import WITHDRAWN
from worker.ledger.lists import lists_of
from worker.ledger.tables import Hold, Job
from worker.ledger.urgent import urgent
from worker.local_time import today, zone
from worker.owner import owner_name
from worker.pipeline.map import prepare
from worker.pipeline.one_record import carry_one
from worker.pipeline.one_stage import run
from worker.pipeline.read import closed_tools, due
from worker.pipeline.send import allocations, uploads
from worker.pipeline.settle import gathering, other_organisation, same_number
from worker.pipeline.settle.recovery import recover
from worker.pipeline.work import Work
from worker.plain_text import plain
from worker.procore.records import LONGEST_KEY, LONGEST_NAME


def sync(parts: Parts, job: Job, owner: str) -> Report:
    """Carry one project's records to its organisation of Xero, in order; raises what stops the whole job."""
    with tracing.span("job", job=job.job_number, run=job.id, attempt=job.attempt, trigger=job.trigger) as said:
        report = _sync(parts, job, owner)
        said["held"] = report.held
        return report


def _sync(parts: Parts, job: Job, owner: str) -> Report:
    policy.refuse_while_parked(parts, job)
    parts.check()
    seen = project_of(parts, job)
    if seen.organisation != parts.name:
        raise ProjectBusy(f"{job.job_number} goes to another organisation of Xero since just now.", 2.0)
    project = record_of(seen)
    work = work_of(parts, job, owner, project, _since(parts, job))
    try:
        if job.only:
            carry_one(work, *job.only.split("/", 1))
        else:
            all_stages(work)
    except Retriable:
        work.heartbeat.write()  # the job comes back, and counts from here
        raise
    counts = with_landed(with_earlier(work.counts, job.counts), work.landed)
    counts = {kind: outcomes for kind, outcomes in counts.items() if outcomes}
    held = open_holds(parts.engine, Outcome.HELD, project.id) if work.holds.held() else []
    if job.only:  # what else is held has nothing to do with this job
        held = [one for one in held if concerns(job.only, one.kind, one.procore_id)]
    needing = _urgent(parts, seen.job_number, held, by_hand=job.trigger == "manual")
    gone = _taken_out(parts, work, job, counts)
    counts = {kind: _with_gone(outcomes, len(gone.get(kind, ()))) for kind, outcomes in counts.items()}
    line = policy.in_a_line(
        job.job_number,
        counts,
        [_named(hold) for hold in [*needing, *(one for one in held if one not in needing)]],
        list(chain(*gone.values())),
        _sent_twice(parts, work, job),
        done=not needing,
        unread=_next_turn(parts, project.id) if due.is_nothing(work) else "",
    )
    if job.only:
        line += f"; only {title(*job.only.split('/', 1))} was asked for"
    return Report(counts, line, len(held), [hold.id for hold in needing])


def _named(hold: Hold) -> str:
    """ "Clearspan Glazing, INV-2044 (claim 58820) account_missing" """
    name = hold.called.short
    return f"{name} ({hold.title}) {hold.code}" if name else f"{hold.title} {hold.code}"


def _urgent(parts: Parts, job_number: str, held: Sequence[Hold], *, by_hand: bool) -> list[Hold]:
    """Those of the open holds that need a person now."""
    if not held:
        return []
    known = accepted.acknowledged(parts.engine, today(parts)).get(job_number, {})
    return urgent(held, known, parts.now(), by_hand=by_hand)


def _next_turn(parts: Parts, project_id: int) -> str:
    first = next(iter(lists_of(parts.engine, project_id)), None)
    return next_turn(Next(first.name, first.due_at) if first else Next(), parts.now(), zone(parts))


def _taken_out(parts: Parts, work: Work, job: Job, counts: Counts) -> dict[str, list[str]]:
    """By kind what this job took out of Xero, in all its attempts, and what it finished of a dead one's. Of a payment
    that was made again nothing is said."""
    if not any(WITHDRAWN in outcomes for outcomes in counts.values()):
        return {}
    found = {(move.kind, move.procore_id): move.what for move in ledger.taken_out(ledger.moves(parts.engine, [job.id]))}
    found |= work.from_xero.taken_out
    said: dict[str, list[str]] = {}
    for kind in counts:
        live = work.entries.known(kind, [id_ for of, id_ in found if of == kind])
        ids = [id_ for of, id_ in found if of == kind and (id_ not in live or live[id_].state != "live")]
        said[kind] = [f"{found[kind, id_]} ({title(kind, id_)})" for id_ in ids]
    return said


def _sent_twice(parts: Parts, work: Work, job: Job) -> list[str]:
    """What this job sent, in all its attempts, though another record has its supplier, number and amount."""
    if not work.holds.says(HoldCode.SENT_TWICE, ""):
        return []
    moves = ledger.moves(parts.engine, [job.id])
    return [
        f"{move.called.short} ({title(move.kind, move.procore_id)}, {move.what})"
        for move in moves
        if move.what.startswith(same_number.SAME)
    ]


def _with_gone(outcomes: Mapping[str, int], gone: int) -> dict[str, int]:
    """The outcomes of a kind with so many that were taken out, and have not been made again."""
    others = {name: count for name, count in outcomes.items() if name != WITHDRAWN}
    return {**others, WITHDRAWN: gone} if gone else others


def all_stages(work: Work) -> None:
    """Everything of one project, in order."""
    if work.handed_over.is_taken():
        raise ProjectBusy("Another project's job takes along bills of this one just now.", 2.0)
    if other_organisation.is_held(work):
        return
    recover(work)
    work.landed = work.handed_over.landed()
    if due.is_nothing(work):
        return
    run(work, PROJECT)
    prepare.project_option(work)
    for stage in STAGES:
        if not work.handed.keys() & set(stage.needs):
            run(work, stage)
    if work.handed:
        raise gathering.waits(work)
    allocations.run(work)
    closed_tools.settle(work)
    uploads.run(work)


def _since(parts: Parts, job: Job) -> datetime:
    """Xero's settings may be as old as the pass, or as the last one for a job that a message started; a manual job
    reads its own."""
    if job.trigger == "manual":
        return job.queued_at
    if job.pass_id is not None:
        return parts.passes.began(job.pass_id) or job.queued_at
    last = parts.passes.latest()
    return last.started_at if last is not None else job.queued_at


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
    bind_contextvars(job=job_number)  # until the task ends, so that Celery's line about that has them too
    try:
        ours = parts()
        if (line := resting.ended(ours, str(self.request.id))) is not None:
            return line
        owner = owner_name()
        job = policy.claim(ours, self, job_number, project_name, owner)
    except ConfigError as error:
        raise policy.JobFailed(str(error)) from None
    if job is None:
        return f"{job_number}: nothing to do here; its job has another task."
    bind_contextvars(run=job.id, pass_id=job.pass_id)
    return policy.finish(ours, self, job, owner, sync)
