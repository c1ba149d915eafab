"""How many calls the jobs and passes of each day used."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy import Engine, func, select

from worker.ledger.database import transaction
from worker.ledger.tables import Job, Pass


def calls_by_day(engine: Engine, since: datetime) -> dict[date, Counter[str]]:
    """By API. A job's calls count on the UTC day on which it ended, or began when it goes on."""
    ended = func.coalesce(Job.finished_at, Job.started_at, Job.queued_at, type_=Job.queued_at.type)
    of_jobs = select(ended, Job.calls).where(ended >= since)
    of_passes = select(Pass.started_at, Pass.calls).where(Pass.started_at >= since)
    found: dict[date, Counter[str]] = {}
    with transaction(engine) as session:
        for query in (of_jobs, of_passes):
            for at, calls in session.execute(query):
                found.setdefault(at.date(), Counter()).update(calls)
    return found


def calls_since(engine: Engine, of_passes: datetime, of_others: datetime, api: str) -> int:
    """Calls to one API by passes that were started since the one time and by jobs of passes that ended or go on since
    then; and by jobs that people or messages started, since the other time."""
    at = func.coalesce(Job.finished_at, Job.started_at, Job.queued_at, type_=Job.queued_at.type)
    queries = (
        select(Job.calls).where(at >= of_passes, Job.pass_id.is_not(None)),
        select(Job.calls).where(at >= of_others, Job.pass_id.is_(None)),
        select(Pass.calls).where(Pass.started_at >= of_passes),
    )
    with transaction(engine) as session:
        return sum(int(calls.get(api, 0)) for query in queries for calls in session.scalars(query))
