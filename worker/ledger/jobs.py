"""The job table: who runs what, and what became of it. The truth, whatever the broker delivers, loses or repeats.

A job is queued → running → done | held | failed | parked. The row is committed first, then the message is published.
Every step is a compare-and-swap, so that two workers, two beats or five clicks make one run.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, bindparam, func, not_, select, update
from sqlalchemy.orm import Session

from worker.errors import ProjectBusy
from worker.ledger.database import insert_new, on_rows, slices, transaction
from worker.ledger.lease import JOBS, LONGEST_LEASE, OURS, START, STILL_OURS
from worker.ledger.lost_jobs import requeue
from worker.ledger.tables import Job

ACTIVE = ("queued", "running")
#: How a job ended that may be started again by Retry.
RETRYABLE = ("failed", "parked", "held")
_NEWEST_OF_ONE = select(Job).where(
    Job.id == select(func.max(Job.id)).where(Job.job_number == bindparam("only")).scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job to be queued."""

    job_number: str
    project_name: str
    #: The lists that it reads, between spaces; None: all of them.
    lists: str | None = None
    #: The one record that it carries, "claims/58820"; None: all of them.
    only: str | None = None


class _ElsewhereError(Exception):
    """Somebody else started a job again at the same moment."""


class Jobs:
    """Queues, claims and ends jobs. `is_dead` says of an owner whether its process has surely ended.

    `calls` says how many calls this process has made so far, by API: a job used those that were made since its claim.
    `holds` is told each time that this process takes or extends a lease, of so many seconds.
    """

    def __init__(
        self,
        engine: Engine,
        lease_s: float,
        now: Callable[[], datetime],
        is_dead: Callable[[str], bool] = lambda owner: False,
        calls: Callable[[], Mapping[str, int]] = dict,
        holds: Callable[[float], None] = lambda lease_s: None,
    ) -> None:
        self._engine = engine
        self._lease = timedelta(seconds=lease_s)
        self.now = now
        self._is_dead = is_dead
        self._calls = calls
        self._holds = holds
        #: By job: the calls of its earlier attempts, less those that this process had made when it began.
        self._before: dict[int, Counter[str]] = {}

    def queue(self, wanted: Sequence[Wanted], trigger: str, pass_id: int | None = None) -> list[Job]:
        """Insert a row for each job number that has none queued or running; returns the rows inserted."""
        return list(self.queue_in_parts(wanted, trigger, pass_id))

    def queue_in_parts(self, wanted: Sequence[Wanted], trigger: str, pass_id: int | None = None) -> Iterator[Job]:
        """The same, some hundreds at a time: each part is committed before its jobs are yielded, and then let go."""
        for some in slices(wanted):
            yield from self._insert(some, trigger, pass_id)

    def _insert(
        self, wanted: Sequence[Wanted], trigger: str, pass_id: int | None, task_id: str | None = None
    ) -> list[Job]:
        rows = [self._row(job, trigger, pass_id, task_id) for job in wanted]
        with transaction(self._engine) as session:
            return insert_new(session, Job, rows)

    def _row(self, job: Wanted, trigger: str, pass_id: int | None, task_id: str | None = None) -> dict[str, Any]:
        return {
            "job_number": job.job_number,
            "project_name": job.project_name,
            "pass_id": pass_id,
            "trigger": trigger,
            "state": "queued",
            "attempt": 0,
            "task_id": task_id or str(uuid.uuid4()),
            "queued_at": self.now(),
            "message": "",
            "counts": {},
            "lists": job.lists,
            "only": job.only,
        }

    def queue_as(self, task_id: str, job_number: str, project_name: str) -> None:
        """A row for a message that somebody published by hand; nothing when the job number is active already."""
        self._insert([Wanted(job_number, project_name)], "manual", None, task_id)

    def hurry(self, job_number: str, project_name: str, spared_s: float = 0.0) -> Job | None:
        """A manual job: queued anew, or taken over from one that still waits. None when it runs already.

        One that was hurried within the last `spared_s` seconds is left as it is, and the answer is None, too.
        """
        made = self.queue([Wanted(job_number, project_name)], "manual")
        if made:
            return made[0]
        is_fresh = Job.queued_at > self.now() - timedelta(seconds=spared_s)
        spared = and_(Job.trigger == "manual", Job.only.is_(None), is_fresh)
        waiting = and_(Job.job_number == job_number, Job.state == "queued", not_(spared))
        fresh = {"task_id": str(uuid.uuid4()), "queued_at": self.now(), "not_before": None, "lists": None}
        return self._swap(waiting, trigger="manual", only=None, **fresh)

    def retry(self, where: Mapping[str, object]) -> Job | None:
        """Start a job that ended ill again, as a job of its own: what the old one came to stays as it is. None when it
        did not end so, was started again already, or its job number is active.

        `where` names it by columns: {"task_id": …} or {"id": …}.
        """
        found = [getattr(Job, key) == value for key, value in where.items()]
        try:
            with transaction(self._engine) as session:
                return next(iter(self._again(session, and_(*found))), None)
        except _ElsewhereError:
            return None

    def retry_all(self, ids: Sequence[int]) -> list[Job]:
        """The same for these jobs, some hundreds at a time; returns those that were queued."""
        found: list[Job] = []
        for some in slices(ids):
            try:
                with transaction(self._engine) as session:
                    found += self._again(session, Job.id.in_(some))
            except _ElsewhereError:  # somebody else was at one of them: one by one, that it alone is left out
                found += [job for job_id in some if (job := self.retry({"id": job_id}))]
        return found

    def _again(self, session: Session, where: ColumnElement[bool]) -> list[Job]:
        """New jobs for these, as far as no other one of their number waits or runs. Raises _ElsewhereError when one of
        them was started again meanwhile."""
        ended = session.scalars(select(Job).where(where, Job.state.in_(RETRYABLE), Job.retried_as.is_(None))).all()
        old = {job.job_number: job.id for job in ended}
        rows = [self._row(Wanted(job.job_number, job.project_name, only=job.only), "manual", None) for job in ended]
        made = insert_new(session, Job, rows) if rows else []
        for job in made:
            mine = update(JOBS).where(JOBS.c.id == old[job.job_number], JOBS.c.retried_as.is_(None))
            if not session.execute(mine.values(retried_as=job.task_id).returning(JOBS.c.id)).all():
                raise _ElsewhereError
        return made

    def claim(self, task_id: str, owner: str, unended: str | None = None) -> Job | None:
        """Start the job of this message: queued → running, or taken over when its owner is dead or its lease ran out.

        `unended` is an owner that is known to have left it without a word, the ledger being away just then.
        None when the message is stale: its job has ended or was queued anew. Raises ProjectBusy while another
        worker holds it.
        """
        job = self._start(task_id, owner, unended)
        if job is not None:
            return job
        holder = self.find(task_id)
        if holder is None or holder.state != "running" or holder.lease_until is None:
            return None
        if self._is_dead(str(holder.owner)) and (job := self._start(task_id, owner, holder.owner)):
            return job
        left_s = (holder.lease_until - self.now()).total_seconds()
        raise ProjectBusy(f"{holder.job_number} is being synced by another worker.", max(1.0, left_s))

    def _start(self, task_id: str, owner: str, left: str | None) -> Job | None:
        now = self.now()
        given = {"task": task_id, "now": now, "latest": now + LONGEST_LEASE, "left": left}
        with on_rows(self._engine) as connection:
            row = connection.execute(START, {**given, "me": owner, "until": now + self._lease}).one_or_none()
        if row is None:
            return None
        job = Job(**row._mapping)
        self._holds(self._lease.total_seconds())
        self._before[job.id] = Counter(job.calls)
        self._before[job.id].subtract(self._calls())
        return job

    def _used(self, job_id: int) -> dict[str, dict[str, int]]:
        """The calls of a job of ours, as a value to be written; nothing of a job that somebody else began."""
        if job_id not in self._before:
            return {}
        used = self._before[job_id].copy()
        used.update(self._calls())
        return {"calls": dict(+used)}

    def find(self, task_id: str) -> Job | None:
        with transaction(self._engine) as session:
            return session.scalar(select(Job).where(Job.task_id == task_id))

    def extend(self, job_id: int, owner: str, counts: Mapping[str, Any] | None = None) -> None:
        """Say that we are still at it, and how far. Raises ProjectBusy when the job is no longer ours."""
        now = self.now()
        with on_rows(self._engine) as connection:
            self.extend_in(connection, now, job_id, owner, **({} if counts is None else {"counts": dict(counts)}))

    def extend_in(
        self, connection: Session | Connection, now: datetime, job_id: int, owner: str, **values: object
    ) -> None:
        """The same inside a transaction that must not commit unless the job is still ours."""
        values |= {"lease_until": now + self._lease, **self._used(job_id)}
        if not connection.execute(STILL_OURS, {"job": job_id, "me": owner, **values}).all():
            raise ProjectBusy("Another worker took this job over.", 5.0)
        self._holds(self._lease.total_seconds())

    def end(self, job_id: int, owner: str, state: str, message: str, counts: Mapping[str, Any]) -> None:
        """Done, held, failed or parked."""
        self._leave(
            job_id,
            owner,
            state=state,
            message=message,
            counts=dict(counts),
            finished_at=self.now(),
        )

    def put_back(self, job_id: int, owner: str, in_s: float, message: str) -> None:
        """Queued again: the same message is published again by whoever runs it."""
        now = self.now()
        not_before = now + timedelta(seconds=in_s)
        self._leave(job_id, owner, state="queued", message=message, not_before=not_before, queued_at=now)

    def _leave(self, job_id: int, owner: str, **values: Any) -> None:
        """A job of ours, if it is still, is nobody's from now on."""
        mine = {"job": job_id, "me": owner, "owner": None, "lease_until": None}
        with on_rows(self._engine) as connection:
            connection.execute(OURS, {**mine, **values, **self._used(job_id)})
        self._before.pop(job_id, None)

    def strand(
        self, older_than_s: float, queues: Collection[str] = (), task_ids: Collection[str] = frozenset()
    ) -> list[Job]:
        """Queue anew what the broker or its worker lost (`lost_jobs`)."""
        return requeue(self._engine, self.now(), self._is_dead, older_than_s, queues, task_ids)

    def latest(self, only: str | None = None) -> dict[str, Job]:
        """The newest job of each job number, or of `only` this one."""
        newest = _newest() if only is None else _NEWEST_OF_ONE
        with transaction(self._engine) as session:
            return {job.job_number: job for job in session.scalars(newest, {"only": only})}

    def of_pass(self, pass_id: int) -> list[Job]:
        with transaction(self._engine) as session:
            return list(session.scalars(select(Job).where(Job.pass_id == pass_id).order_by(Job.job_number)))

    def with_ids(self, ids: Sequence[int]) -> list[Job]:
        """These jobs as they are now, the oldest first."""
        with transaction(self._engine) as session:
            found = [
                job for some in slices(sorted(ids)) for job in session.scalars(select(Job).where(Job.id.in_(some)))
            ]
        return sorted(found, key=lambda job: job.id)

    def active(self, job_number: str) -> bool:
        with transaction(self._engine) as session:
            found = select(Job.id).where(Job.job_number == job_number, Job.state.in_(ACTIVE))
            return session.scalar(found) is not None

    def _swap(self, where: Any, **values: Any) -> Job | None:
        changed = update(Job).where(where).values(**values).returning(Job)
        with transaction(self._engine) as session:  # which holds no other copy of the job that would have to be mended
            return session.scalar(changed, execution_options={"synchronize_session": False})


@cache
def _newest() -> Select[tuple[Job]]:
    return select(Job).where(Job.id.in_(newest_ids()))


def newest_ids() -> Any:
    """The id of each job number's newest job: from number to number in an index, not over all jobs there ever were."""
    first = select(func.min(Job.job_number).label("job_number")).cte("numbers", recursive=True)
    after = select(func.min(Job.job_number)).where(Job.job_number > first.c.job_number).scalar_subquery()
    numbers = first.union_all(select(after).where(first.c.job_number.is_not(None)))
    newest = select(func.max(Job.id)).where(Job.job_number == numbers.c.job_number).scalar_subquery()
    return select(newest).where(numbers.c.job_number.is_not(None))
