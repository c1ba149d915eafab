"""Passes and jobs that were, the newest first: when, how long, how many calls, what moved. For people.

A job belongs to the pass that queued it, and ends once: a retry is a job of its own. What it moved is in the journal of
requests, what it left held in the holds' times; report and export read the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, and_, or_, select

from worker.holds import Outcome
from worker.ledger.database import slices, transaction
from worker.ledger.holds import concerns
from worker.ledger.jobs import ACTIVE
from worker.ledger.landing import WITHDRAWN
from worker.ledger.moved import moves, tallies
from worker.ledger.names import projects_with
from worker.ledger.projects import folded
from worker.ledger.tables import Hold, Job, Pass, ProjectRow
from worker.sought import Sought

#: A job that a person started, and no pass.
_BY_HAND = (Job.trigger == "manual", Job.pass_id.is_(None))
_ENDED = (Job.id, Job.job_number, Job.state, Job.finished_at, Job.only)

_HELD = (Hold.project_id, Hold.kind, Hold.procore_id, Hold.opened_at, Hold.closed_at)


@dataclass(frozen=True, slots=True)
class Run:
    """A pass (then `job_number` is blank) or one job; of a pass everything is the sum of its jobs and its own."""

    started_at: datetime
    pass_id: int | None
    job_number: str = ""
    project: str = ""
    trigger: str = "periodic"
    state: str = "done"
    #: None while it goes on.
    ended_at: datetime | None = None
    #: Calls by API.
    calls: Mapping[str, int] = field(default_factory=dict)
    moved: int = 0
    #: Documents that were taken out of Xero.
    withdrawn: int = 0
    held: int = 0
    message: str = ""
    #: Of a job, under which Flower shows it.
    task_id: str = ""
    #: Of a pass: how many jobs are in each state.
    jobs: Mapping[str, int] = field(default_factory=dict)

    @property
    def took_s(self) -> float | None:
        return None if self.ended_at is None else max(0.0, (self.ended_at - self.started_at).total_seconds())


def passes(engine: Engine, limit: int) -> list[Run]:
    """The newest passes and, between them, the jobs that a person started."""
    with transaction(engine) as session:
        rows = session.scalars(select(Pass).order_by(Pass.id.desc()).limit(limit)).all()
        by_hand = session.scalars(select(Job).where(*_BY_HAND).order_by(Job.id.desc()).limit(limit)).all()
        in_passes = Job.pass_id.in_([row.id for row in rows])
        jobs = session.execute(select(*_ENDED, Job.pass_id, Job.calls).where(in_passes)).all()
    did = tallies(engine, or_(in_passes, Job.id.in_([job.id for job in by_hand])))
    held = _held(engine, [*jobs, *by_hand])
    of_pass: dict[int, _Sum] = {row.id: _Sum(Counter(row.calls)) for row in rows}
    for job in jobs:
        of_pass[job.pass_id].add(job, did.get(job.id, {}), held[job.id])
    found = [_pass(row, of_pass[row.id]) for row in rows]
    found += [_job(job, did.get(job.id, {}), held[job.id]) for job in by_hand]
    return sorted(found, key=lambda run: run.started_at, reverse=True)[:limit]


def jobs_of(engine: Engine, job_number: str, limit: int) -> list[Run]:
    """The newest jobs of one job number."""
    return _runs(engine, newest_jobs(engine, job_number, limit))


def _runs(engine: Engine, jobs: Sequence[Job]) -> list[Run]:
    did, held = tallies(engine, Job.id.in_([job.id for job in jobs])), _held(engine, jobs)
    return [_job(job, did.get(job.id, {}), held[job.id]) for job in jobs]


def jobs_that_moved(engine: Engine, wanted: Sought, job_number: str, limit: int) -> list[Run]:
    """The newest jobs, of this number or of any, that wrote a document of a record which is called so."""
    query, ids = select(Job).order_by(Job.id.desc()), projects_with(engine, wanted)
    with transaction(engine) as session:
        numbers = session.scalars(select(ProjectRow.job_number).where(ProjectRow.procore_id.in_(ids)))
        its = {number for number in numbers if job_number in ("", number)}
        jobs = session.scalars(query.where(Job.job_number.in_(its))).all()
    did = {one.job_id for one in moves(engine, [job.id for job in jobs]) if wanted.fits(one.called, one.procore_id)}
    return _runs(engine, [job for job in jobs if job.id in did][:limit])


def newest_jobs(engine: Engine, job_number: str, limit: int) -> list[Job]:
    newest = select(Job).where(Job.job_number == job_number).order_by(Job.id.desc()).limit(limit)
    with transaction(engine) as session:
        return list(session.scalars(newest))


def held_after(engine: Engine, jobs: Sequence[Job]) -> list[tuple[Job, Hold]]:
    """What was held or waited when each of these jobs ended; of one that goes on, what is so now."""
    with transaction(engine) as session:
        rows = session.execute(select(ProjectRow.procore_id, ProjectRow.job_number)).all()
    its_project = {folded(row.job_number): row.procore_id for row in rows}
    wanted = {id_: job for job in jobs if (id_ := its_project.get(folded(job.job_number))) is not None}
    not_sent = Hold.outcome.in_((str(Outcome.HELD), str(Outcome.WAITING)))
    found: list[tuple[Job, Hold]] = []
    with transaction(engine) as session:
        for some in slices(list(wanted.items()), 100):
            then = or_(*(and_(Hold.project_id == id_, *_open_at(job.finished_at)) for id_, job in some))
            holds = session.scalars(select(Hold).where(not_sent, then).order_by(Hold.project_id, Hold.id))
            pairs = ((wanted[hold.project_id], hold) for hold in holds)
            found += [(job, hold) for job, hold in pairs if concerns(job.only, hold.kind, hold.procore_id)]
    return found


def held_at(engine: Engine, moment: datetime) -> list[Hold]:
    """What was held or waited at a moment, as far as the ledger still knows: closed holds are kept for a while."""
    not_sent = Hold.outcome.in_((str(Outcome.HELD), str(Outcome.WAITING)))
    with transaction(engine) as session:
        return list(session.scalars(select(Hold).where(not_sent, *_open_at(moment)).order_by(Hold.id)))


def _held(engine: Engine, jobs: Sequence[Job | Row[Any]]) -> Counter[int]:
    """By job, how many records were held when it ended, or are now: all of them from one reading."""
    oldest = min((job.finished_at for job in jobs if job.finished_at is not None), default=None)
    is_held = Hold.outcome == str(Outcome.HELD)
    since = Hold.closed_at.is_(None) if oldest is None else or_(Hold.closed_at.is_(None), Hold.closed_at > oldest)
    with transaction(engine) as session:
        numbers = session.execute(select(ProjectRow.procore_id, ProjectRow.job_number)).all()
        rows = session.execute(select(*_HELD).where(is_held, since)).all()
    by_number = {row.procore_id: folded(row.job_number) for row in numbers}
    spans: dict[str, list[Row[Any]]] = {}
    for row in rows:
        spans.setdefault(by_number.get(row.project_id, ""), []).append(row)
    return Counter(
        {
            job.id: sum(
                concerns(job.only, one.kind, one.procore_id) and _spans(job.finished_at, one.opened_at, one.closed_at)
                for one in spans.get(folded(job.job_number), ())
            )
            for job in jobs
            if job.job_number
        }
    )


def _spans(moment: datetime | None, opened_at: datetime, closed_at: datetime | None) -> bool:
    """As `_open_at` asks it of the database."""
    if moment is None:
        return closed_at is None
    return opened_at <= moment and (closed_at is None or closed_at > moment)


def _open_at(moment: datetime | None) -> Sequence[Any]:
    if moment is None:
        return (Hold.closed_at.is_(None),)
    return (Hold.opened_at <= moment, or_(Hold.closed_at.is_(None), Hold.closed_at > moment))


@dataclass
class _Sum:
    """What the jobs of a pass come to."""

    calls: Counter[str]
    states: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    held: int = 0
    ended_at: datetime | None = None

    def add(self, job: Row[Any], did: Mapping[str, int], held: int) -> None:
        self.states[job.state] += 1
        self.calls.update(job.calls)
        self.did.update(did)
        self.held += held
        if job.finished_at is not None and (self.ended_at is None or job.finished_at > self.ended_at):
            self.ended_at = job.finished_at


def _pass(row: Pass, total: _Sum) -> Run:
    goes_on = row.discovered_at is None or any(total.states[state] for state in ACTIVE)
    ended = [moment for moment in (row.discovered_at, total.ended_at) if moment is not None]
    worst = next((state for state in ("failed", "parked", "held") if total.states[state]), "done")
    state = "failed" if row.failed else worst
    return Run(
        row.started_at,
        row.id,
        state="running" if goes_on else state,
        ended_at=None if goes_on else max(ended),
        calls=total.calls,
        moved=_moved(total.did),
        withdrawn=total.did.get(WITHDRAWN, 0),
        held=total.held,
        message=row.message,
        jobs=total.states,
    )


def _job(job: Job, did: Mapping[str, int], held: int) -> Run:
    return Run(
        job.started_at or job.queued_at,
        job.pass_id,
        job.job_number,
        job.project_name,
        job.trigger,
        job.state,
        job.finished_at,
        job.calls,
        _moved(did),
        did.get(WITHDRAWN, 0),
        held,
        job.message,
        job.task_id,
    )


def _moved(did: Mapping[str, int]) -> int:
    """Documents that were created, changed or taken over."""
    return sum(count for done, count in did.items() if done != WITHDRAWN)
