"""What a job does with each kind of error. The job table is written first; Celery's state only repeats it.

Retriable        queued again, the same message comes back after a countdown
  day limit      the organisation is parked until a stored time; the job ends parked, red in Flower, and a later pass
                 starts it anew. What a person starts is tried all the same
  long outage    the same, after several attempts
Login lapsed     the same: nothing is started before a person has connected again
Fatal, unknown   failed, a person is needed
records held     failed with one readable line while one of them needs a person now (`worker.ledger.urgent`), else held:
                 done, and said to be; waiting records leave it green

Tasks beside the jobs (a pass, the daily ones) fail with the error's sentence; the next one tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from celery import Task
from celery.exceptions import Ignore

from tasks.counts import Counts, records
from tasks.eligibility import parts_for
from worker import clock_check, logins
from worker.assembly import Parts
from worker.counting import counted
from worker.errors import (
    ApiUnavailable,
    LoginLapsed,
    OutcomeUnknown,
    ProjectBusy,
    RateLimited,
    Retriable,
    SyncError,
    WorkerStopped,
)
from worker.ledger.tables import Job
from worker.ledger.urgent import note_reddened
from worker.local_time import local, zone
from worker.plain_text import plain

#: Attempts of one job at an API that does not answer, before its organisation is parked.
OUTAGE_ATTEMPTS = 6
#: Starts of one job in all; beyond them it is taken for one that kills its worker.
MOST_ATTEMPTS = 30
#: Seconds that an organisation is parked after a long outage.
OUTAGE_PARK_S = 1800.0
#: No message carries a longer countdown: it must stay below the broker's visibility timeout.
LONGEST_COUNTDOWN_S = 600.0
#: Header of a message whose last run has ended without its job's row saying so; names that run's owner.
UNENDED = "unended"
#: Held records named in a job's line.
NAMED = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What one job did: counts by stage and outcome, and the readable line."""

    counts: dict[str, dict[str, int]]
    line: str
    held: int
    #: Ids of the holds that need a person now.
    urgent: Sequence[int] = ()


Sync = Callable[[Parts, Job, str], Report]


class JobFailed(Exception):
    """A job that failed; its one line says why."""


class _Parked(SyncError):
    """The organisation is not called before a stored time, unless a person asks for it."""


@contextmanager
def ends_red(logger: Any, event: str) -> Iterator[None]:
    """Around a task beside the jobs: an error of ours is its one line, and the log says what did not happen."""
    try:
        yield
    except SyncError as error:
        logger.warning(event, why=str(error))
        raise JobFailed(str(error)) from None


def claim(parts: Parts, task: Task[Any, Any], job_number: str, project_name: str, owner: str) -> Job | None:
    """The job of this message, started. Raises Retry while another worker holds it.

    None when another message has become its job's: it was hurried, retried, or asked for while it was active. Raises
    Ignore for the copy of a message whose job has ended: what Celery knows of that stays as it is.
    """
    task_id = str(task.request.id)
    try:
        job = parts.jobs.claim(task_id, owner, unended=_headers(task).get(UNENDED))
        if job is None and not _is_ours(task) and parts.jobs.find(task_id) is None:
            parts.jobs.queue_as(task_id, job_number.strip(), project_name)
            job = parts.jobs.claim(task_id, owner)
    except Retriable as busy:
        raise _again(task, busy, busy.retry_in_s) from None
    if job is None and parts.jobs.find(task_id) is not None:
        log.info("nothing to do: this job has ended")
        raise Ignore
    return job


def finish(parts: Parts, task: Task[Any, Any], job: Job, owner: str, sync: Sync) -> str:
    """Run the job and write down how it ended; while the ledger is away, the message comes back for that."""
    try:
        return _run(parts, task, job, owner, sync)
    except Retriable as away:
        log.warning("the job's end could not be written down", why=str(away))
        raise _again(task, away, away.retry_in_s, **{UNENDED: owner}) from None


def _run(parts: Parts, task: Task[Any, Any], job: Job, owner: str, sync: Sync) -> str:
    try:
        _refuse_to_loop(job)
        parts = parts_for(parts, job)
        report = sync(parts, job, owner)
    except _Parked as parked:
        raise JobFailed(_end(parts, job, owner, "parked", str(parked))) from None
    except Retriable as error:
        raise _come_back(parts, task, job, owner, error) from None
    except LoginLapsed as error:
        raise _wait_for_login(parts, job, owner, error) from None
    except SyncError as error:
        raise _failed(parts, job, owner, str(error)) from None
    except Exception as error:
        log.exception("unexpected")
        sentence = plain(f"Unexpected {type(error).__name__}: {error}. See the log.")
        raise _failed(parts, job, owner, sentence) from error
    line = end(parts, job, owner, report)
    if report.urgent:
        raise JobFailed(line)
    return line


def end(parts: Parts, job: Job, owner: str, report: Report) -> str:
    """Write down how a job ended that came to its last record: failed, held or done; returns its line."""
    state = "failed" if report.urgent else "held" if report.held else "done"
    line = _end(parts, job, owner, state, report.line, report.counts)
    note_reddened(parts.engine, report.urgent, parts.now())
    return line


def in_a_line(
    job_number: str,
    counts: Counts,
    held: Sequence[str],
    gone: Sequence[str] = (),
    twice: Sequence[str] = (),
    *,
    done: bool = False,
    unread: str = "",
) -> str:
    """ "24-017: 2 of 31 records held: claim 58820 (Clearspan Glazing, INV-2044) account_missing; …"

    `gone` was taken out of Xero, and `twice` was sent though it may be there already. `done` says that nothing of what
    is held needs a person now, and `unread` why no list was read."""
    total = records(counts)
    out = f"; {len(gone)} taken out of Xero: {_named(gone)}" if gone else ""
    out += f"; {len(twice)} sent that may be another one: {_named(twice)}" if twice else ""
    out += f"; {unread}" if unread else ""
    if held:  # of lists that were not read, too
        count = f"{len(held)} of {counted(total, 'record')}" if total >= len(held) else counted(len(held), "record")
        return f"{job_number}: {'done, ' if done else ''}{count} held: {_named(held)}{out}"
    if unread and not total:
        return f"{job_number}: {out.removeprefix('; ')}"
    by_outcome = {
        name: sum(outcomes.get(name, 0) for outcomes in counts.values())
        for name in ("sent", "unchanged", "waiting", "ignored")
    }
    said = ", ".join(f"{count} {name}" for name, count in by_outcome.items() if count or name in ("sent", "unchanged"))
    return f"{job_number}: {counted(total, 'record')}: {said}{out}"


def _named(records: Sequence[str]) -> str:
    return "; ".join(records[:NAMED]) + ("; …" if len(records) > NAMED else "")


def _refuse_to_loop(job: Job) -> None:
    if job.attempt > MOST_ATTEMPTS:
        raise SyncError(f"Started {job.attempt - 1} times without coming to an end. See the log, then retry.")


def refuse_while_parked(parts: Parts, job: Job) -> None:
    """End the job parked. What a person starts is tried: they may know that it is over."""
    parked = parts.organisations.parked(parts.organisation.tenant_id)
    if parked is not None and parked.parked_until is not None and job.trigger != "manual":
        raise _Parked(f"Parked until {local(parked.parked_until, zone(parts))}: {parked.parked_why}")


def _come_back(parts: Parts, task: Task[Any, Any], job: Job, owner: str, error: Retriable) -> Exception:
    limit = isinstance(error, RateLimited) and error.retry_in_s > parts.settings.longest_wait_s
    outage = isinstance(error, ApiUnavailable) and job.attempt >= OUTAGE_ATTEMPTS
    known = parts.known_organisation()
    if known is not None and (limit or (outage and not isinstance(error, OutcomeUnknown))):
        until = parts.organisations.park(known.tenant_id, error.retry_in_s if limit else OUTAGE_PARK_S, str(error))
        return JobFailed(_end(parts, job, owner, "parked", f"Parked until {local(until, zone(parts))}: {error}"))
    # who waits for another job looks again sooner, and yet has starts left when that one waits out a minute limit
    slowest = 5 if isinstance(error, ProjectBusy) else 9
    in_s = min(max(error.retry_in_s, 2.0 ** min(job.attempt, slowest)), LONGEST_COUNTDOWN_S)
    if isinstance(error, WorkerStopped):
        in_s = 0.0
    parts.jobs.put_back(job.id, owner, in_s, str(error))
    log.info("comes back", in_s=in_s, why=str(error))
    return _again(task, error, in_s)


def _wait_for_login(parts: Parts, job: Job, owner: str, lapsed: LoginLapsed) -> JobFailed:
    if logins.park(parts, lapsed) is None:
        return _failed(parts, job, owner, str(lapsed))
    return JobFailed(_end(parts, job, owner, "parked", f"Parked: {lapsed}"))


def _again(task: Task[Any, Any], error: Retriable, in_s: float, **headers: str) -> Exception:
    """The same message after a countdown. Whether the job still waits for it is the job table's to say.

    It does not expire: its job has begun, and no pass starts another one for it.
    """
    options: dict[str, Any] = {"expires": None, "headers": _headers(task) | headers}
    countdown = min(in_s, LONGEST_COUNTDOWN_S)
    return task.retry(exc=JobFailed(str(error)), countdown=countdown, max_retries=10_000, throw=False, **options)


def _end(parts: Parts, job: Job, owner: str, state: str, line: str, counts: Mapping[str, Any] | None = None) -> str:
    line = with_clock(parts, line)
    parts.jobs.end(job.id, owner, state, line, counts or {})
    log.info("job", state=state, line=line)
    return line


def with_clock(parts: Parts, line: str) -> str:
    """The line of a job, and that this machine's clock is off, where it is."""
    off = clock_check.sentence(parts)
    if not off:
        return line
    log.warning("the clock is off", why=off)
    return f"{line.rstrip('.')}. {off}"


def _failed(parts: Parts, job: Job, owner: str, line: str, counts: Mapping[str, Any] | None = None) -> JobFailed:
    return JobFailed(_end(parts, job, owner, "failed", line, counts))


def _is_ours(task: Task[Any, Any]) -> bool:
    """Whether the message was published for a row of the job table."""
    return "job_id" in _headers(task)


def _headers(task: Task[Any, Any]) -> dict[str, str]:
    return dict(task.request.headers or {})
