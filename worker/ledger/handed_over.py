"""New documents that their jobs handed over, to go in one request with those of other projects.

Nothing depends on it. Whatever becomes of a row here, the job that handed its document over comes back, and sends it
itself if it is not on its way by then; that no record goes twice is held by its entry, as ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, delete, exists, func, not_, or_, select, update
from sqlalchemy.orm import Session, aliased

from worker.ledger.database import insert_or_skip, on_rows, transaction
from worker.ledger.lease import LEASE_IS_OVER, lease_at
from worker.ledger.tables import HandedOverRow as Row
from worker.ledger.tables import Job, ProjectRow, RequestRow

_IS_OPEN = Row.request_id.is_(None)
#: Of one project, in whichever organisation.
_OF_PROJECT = (Row.project_id == bindparam("project"), _IS_OPEN)
#: Whether a row is taken by a job that runs. What a dead one had taken is free for its own job.
_IS_AT_WORK = and_(
    Row.taken_by.is_not(None), exists().where(Job.id == Row.taken_by, Job.state == "running", not_(LEASE_IS_OVER))
)
#: Built once: a job asks before each request.
_RECORDS = (*_OF_PROJECT, Row.kind == bindparam("kind"), Row.procore_id.in_(bindparam("ids", expanding=True)))
_OWN = select(Row.procore_id).where(*_RECORDS)
_TAKE_BACK = delete(Row).where(*_RECORDS, not_(_IS_AT_WORK)).returning(Row.procore_id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document of another project, as its job wrote it down."""

    procore_id: str
    project_id: int
    text: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Of the jobs of a pass: how many have begun, and how many have not; and in how many seconds the last of those that
    wait after fewer attempts than this one comes back."""

    begun: int
    to_begin: int
    back_in_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Carried:
    """Whose a document is that went in another job's request."""

    job_id: int
    project_id: int


class HandedOver:
    """What one job of one project hands over, and what it takes along for others of its organisation."""

    def __init__(self, engine: Engine, tenant_id: str, job: Job, project_id: int, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._tenant_id = tenant_id
        self._job = job
        self._project_id = project_id
        self._now = now

    @property
    def attempt(self) -> int:
        """How often this job has begun."""
        return self._job.attempt

    def others_come(self) -> bool:
        """Whether a pass started this job, and others of the pass come after it: they have begun less often, or run."""
        if self._job.trigger != "periodic" or self._job.pass_id is None:
            return False
        running = and_(Job.state == "running", not_(LEASE_IS_OVER))
        to_come = or_(and_(Job.state == "queued", Job.attempt < self._job.attempt), running)
        others = exists().where(Job.pass_id == self._job.pass_id, Job.id != self._job.id, to_come)
        with transaction(self._engine) as session:
            return bool(session.scalar(select(others), lease_at(self._now())))

    def under_way(self) -> UnderWay:
        """The pass of this job, as it is now."""
        is_waiting = and_(Job.state == "queued", Job.attempt < self._job.attempt)
        to_begin, waits = func.count().filter(is_waiting, Job.attempt == 0), Job.not_before.is_not(None)
        back_at = func.max(Job.not_before).filter(is_waiting, waits, Job.attempt > 0)
        query = select(func.count(), to_begin, back_at).where(Job.pass_id == self._job.pass_id)
        with transaction(self._engine) as session:
            total, left, last_at = session.execute(query).one()
        return UnderWay(total - left, left, (last_at - self._now()).total_seconds() if last_at else 0.0)

    def add(self, kind: str, texts: Mapping[str, str]) -> None:
        """These documents wait, by Procore id."""
        row = {"tenant_id": self._tenant_id, "kind": kind, "project_id": self._project_id, "job_id": self._job.id}
        waits = {**row, "waits_since": self._now()}
        with transaction(self._engine) as session:
            insert_or_skip(
                session, Row, [{**waits, "procore_id": id_, "document": text} for id_, text in texts.items()]
            )

    def is_taken(self) -> bool:
        """Whether a job that runs is taking along one that this job has handed over."""
        if self._job.attempt == 1:
            return False
        with transaction(self._engine) as session:
            taken = select(Row.id).where(*_OF_PROJECT, _IS_AT_WORK).limit(1)
            return session.scalar(taken, {"project": self._project_id, **lease_at(self._now())}) is not None

    def take_back(self, kind: str, ids: Sequence[str]) -> tuple[set[str], set[str]]:
        """This project's own job sends these, or what they have become. Returns those that had waited, and those that
        another job is taking along just now."""
        own = {"project": self._project_id, "kind": kind, "ids": ids}
        with on_rows(self._engine) as connection:
            waited = connection.scalars(_TAKE_BACK, {**own, **lease_at(self._now())}).all()
            return set(waited), set(connection.scalars(_OWN, own))

    def take(self, kind: str, most: int) -> list[Waiting]:
        """Documents of other projects that wait for a request of this kind, the oldest first: this job takes them
        along, and no other one does. Not of a project that goes elsewhere, or whose job is at work again."""
        own, theirs = aliased(ProjectRow), aliased(ProjectRow)
        here = select(own.organisation).where(own.procore_id == self._project_id).scalar_subquery()
        comes_back = exists().where(Job.id == Row.job_id, Job.state == "queued")
        goes_here = exists().where(
            theirs.procore_id == Row.project_id, theirs.state == "eligible", theirs.organisation == here
        )
        free = (Row.taken_by.is_(None), _IS_OPEN, comes_back, goes_here)
        mine = (Row.tenant_id == self._tenant_id, Row.kind == kind, Row.project_id != self._project_id)
        with transaction(self._engine) as session:
            some = select(Row.id).where(*mine, *free).order_by(Row.id).limit(most)
            if not (ids := session.scalars(some).all()):
                return []
            taken = update(Row).where(Row.id.in_(ids), *free).values(taken_by=self._job.id)
            rows = session.execute(taken.returning(Row.id, Row.procore_id, Row.project_id, Row.document)).all()
        return [Waiting(*row[1:]) for row in sorted(rows)]

    def let_go(self, kind: str, ids: Sequence[str]) -> None:
        """What was taken along and is in no request waits again."""
        with transaction(self._engine) as session:
            session.execute(update(Row).where(*self._taken(kind, ids)).values(taken_by=None))

    def leave(self, kind: str, ids: Sequence[str]) -> None:
        """What was taken along and is in no request is left to its own job, which looks at it more closely."""
        with transaction(self._engine) as session:
            session.execute(delete(Row).where(*self._taken(kind, ids)))

    def landed(self) -> dict[str, set[str]]:
        """By each kind of which this job has handed over something, what Xero has taken of it."""
        found: dict[str, set[str]] = defaultdict(set)
        if self._job.attempt == 1:
            return found
        taken = RequestRow.id == Row.request_id
        query = select(Row.kind, Row.procore_id, RequestRow.moved).outerjoin(RequestRow, taken)
        with transaction(self._engine) as session:
            for kind, procore_id, moved in session.execute(query.where(Row.job_id == self._job.id)):
                found[kind] |= {procore_id} & (moved or {}).keys()
        return found

    def _taken(self, kind: str, ids: Sequence[str]) -> tuple[Any, ...]:
        return (Row.taken_by == self._job.id, Row.kind == kind, Row.procore_id.in_(ids), _IS_OPEN)


def are_in(connection: Connection, request_id: int, job_id: int, kind: str, ids: Sequence[str]) -> bool:
    """Note that this request carries these, which this job took along. False when one of them is its own job's again;
    then nothing may be sent."""
    taken = (Row.taken_by == job_id, Row.kind == kind, Row.procore_id.in_(ids), _IS_OPEN)
    noted = update(Row).where(*taken).values(request_id=request_id, document="")
    return len(connection.execute(noted.returning(Row.id)).all()) == len(ids)


def carried(session: Session, job_ids: Sequence[int]) -> tuple[dict[tuple[int, str], Carried], set[int]]:
    """What went in a request of another job: by request and record, of all that these jobs carried or handed over; and
    the requests that carry what these jobs handed over."""
    columns = (Row.request_id, Row.procore_id, Row.job_id, Row.project_id)
    its = select(RequestRow.id).where(RequestRow.job_id.in_(job_ids))
    ours = and_(Row.job_id.in_(job_ids), not_(_IS_OPEN))
    rows = session.execute(select(*columns).where(or_(Row.request_id.in_(its), ours))).all()
    found = {(row.request_id, row.procore_id): Carried(row.job_id, row.project_id) for row in rows if row.request_id}
    return found, {row.request_id for row in rows if row.request_id and row.job_id in job_ids}


def forget(session: Session, request_ids: Any, before: datetime) -> None:
    """With the requests that nobody needs any more, a query, and what has waited since before then."""
    old = and_(_IS_OPEN, Row.waits_since < before)
    session.execute(delete(Row).where(or_(Row.request_id.in_(request_ids), old)))
