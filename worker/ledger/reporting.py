"""What a pass did and what it left undone, read for a report. Records only: amounts are not in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from sqlalchemy import Engine, func, select

from worker.holds import Outcome
from worker.ledger import accepted
from worker.ledger.accepted import Acceptance
from worker.ledger.database import slices, transaction
from worker.ledger.hints import jobs_of_messages
from worker.ledger.history import held_after
from worker.ledger.moved import Move, moves
from worker.ledger.paused import Paused, paused
from worker.ledger.projects import FOR_A_PERSON, folded
from worker.ledger.tables import Hold, Job, Pass, ProjectRow


@dataclass(frozen=True)
class Did:
    """One job of a pass, with what it moved and what it left."""

    job: Job
    project: ProjectRow | None
    moved: Sequence[Move] = ()
    held: Sequence[Hold] = ()
    #: Those of `held` that were not held for the same reason before the pass.
    new: frozenset[int] = frozenset()
    waiting: int = 0
    #: Records that were held before the pass and are not any more.
    solved: int = 0
    #: The job before it, of any pass or none.
    before: Job | None = None


@dataclass(frozen=True)
class Happened:
    """A pass that is over: its jobs, the projects that it refused for a person to see to, and the pass before it."""

    this: Pass
    jobs: Sequence[Did] = ()
    refused: Sequence[Paused] = ()
    #: Those of `refused` that were not refused for the same reason before the pass.
    newly_refused: frozenset[int] = frozenset()
    before: Pass | None = None
    #: Which of the held records were acknowledged, by the hold's id.
    acknowledged: Mapping[int, Acceptance] = field(default_factory=dict)


@dataclass
class _Problems:
    """The holds of one project, as a pass found and left them."""

    since: datetime
    held: list[Hold] = field(default_factory=list)
    #: Held when the pass began, and closed since; some were opened again, with other words.
    closed: list[Hold] = field(default_factory=list)
    waiting: int = 0

    def note(self, hold: Hold) -> None:
        if hold.outcome == Outcome.HELD:
            self.held.append(hold)
        else:
            self.waiting += 1

    def new(self) -> frozenset[int]:
        known = {_same(hold) for hold in self.closed}
        return frozenset(one.id for one in self.held if one.opened_at >= self.since and _same(one) not in known)

    def solved(self) -> int:
        still = {(hold.kind, hold.procore_id) for hold in self.held}
        return len({(hold.kind, hold.procore_id) for hold in self.closed} - still)


Problems = dict[int, _Problems]


def happened(engine: Engine, over: Pass) -> Happened:
    """Everything to be told of a pass whose jobs have ended, and of jobs that messages started since the one before."""
    with transaction(engine) as session:
        jobs = list(session.scalars(select(Job).where(Job.pass_id == over.id).order_by(Job.job_number)))
        projects = session.scalars(select(ProjectRow).where(ProjectRow.state == "eligible"))
        by_number = {folded(row.job_number): row for row in projects}
        for_a_person = (ProjectRow.state != "eligible") & ProjectRow.code.in_(FOR_A_PERSON)
        refused = [Paused(row, "") for row in session.scalars(select(ProjectRow).where(for_a_person))]
        previous = session.scalar(select(Pass).where(Pass.id < over.id).order_by(Pass.id.desc()).limit(1))
        ended = (Pass.id < over.id, Pass.finished_at.is_not(None))
        last_end = session.scalar(select(Pass.finished_at).where(*ended).order_by(Pass.id.desc()).limit(1))
    between = jobs_of_messages(engine, last_end, over.finished_at or over.started_at) if last_end else []
    since = max(last_end, min(job.queued_at for job in between)) if last_end and between else over.started_at
    runs: dict[str, list[Job]] = {}
    for job in [*between, *jobs]:
        runs.setdefault(job.job_number, []).append(job)
    jobs = [runs[number][-1] for number in sorted(runs)]
    known = {one.row.procore_id for one in refused}
    refused += [one for one in paused(engine) if one.row.procore_id not in known]
    its = {job.id: by_number.get(folded(job.job_number)) for job in jobs}
    problems = _problems(engine, its, jobs, since)
    earlier = _earlier(engine, [its_runs[0] for its_runs in runs.values()])
    moved: dict[int, list[Move]] = {}
    for move in moves(engine, [run.id for its_runs in runs.values() for run in its_runs]):
        moved.setdefault(move.job_id, []).append(move)
    done = []
    for job in jobs:
        project = its[job.id]
        own = problems[project.procore_id] if project else _Problems(since)
        before = earlier.get(job.job_number)
        its_moves = [move for run in runs[job.job_number] for move in moved.get(run.id, ())]
        done.append(Did(job, project, its_moves, own.held, own.new(), own.waiting, own.solved(), before))
    rows = [one.row for one in refused]
    newly = frozenset(row.procore_id for row in rows if row.judged_at and row.judged_at >= over.started_at)
    numbers = {did.project.procore_id: did.project.job_number for did in done if did.project}
    day = (over.finished_at or over.started_at).date()
    acknowledged = accepted.of_holds(engine, chain.from_iterable(did.held for did in done), numbers, day)
    return Happened(over, done, refused, newly, previous, acknowledged)


def _problems(engine: Engine, its: Mapping[int, ProjectRow | None], jobs: Sequence[Job], since: datetime) -> Problems:
    """By project: what was held and waited when its job ended, and what was held before the pass and closed since."""
    found = {project.procore_id: _Problems(since) for project in its.values() if project is not None}
    for _, hold in held_after(engine, jobs):
        if hold.project_id in found:
            found[hold.project_id].note(hold)
    was_held = (Hold.outcome == str(Outcome.HELD), Hold.opened_at < since, Hold.closed_at >= since)
    with transaction(engine) as session:
        for some in slices(list(found)):
            for hold in session.scalars(select(Hold).where(Hold.project_id.in_(some), *was_held)):
                found[hold.project_id].closed.append(hold)
    return found


def _earlier(engine: Engine, jobs: Sequence[Job]) -> dict[str, Job]:
    """The last job of each of these job numbers before the first of these."""
    if not jobs:
        return {}
    first, numbers = min(job.id for job in jobs), [job.job_number for job in jobs]
    found: dict[str, Job] = {}
    with transaction(engine) as session:
        for some in slices(numbers):
            newest = select(func.max(Job.id)).where(Job.job_number.in_(some), Job.id < first).group_by(Job.job_number)
            found |= {job.job_number: job for job in session.scalars(select(Job).where(Job.id.in_(newest)))}
    return found


def _same(hold: Hold) -> tuple[str, str, str]:
    return hold.kind, hold.procore_id, hold.code
