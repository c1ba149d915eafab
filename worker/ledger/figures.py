"""The whole ledger in a few figures, for whoever watches it. Amounts are not among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select

from worker.ledger.database import transaction
from worker.ledger.jobs import ACTIVE
from worker.ledger.tables import Entry, Hold, Job, Pass


@dataclass(frozen=True, slots=True)
class Figures:
    """How it stands now."""

    #: Records that are in Xero, by kind.
    documents: Mapping[str, int]
    #: Records that are not, by kind, outcome and code.
    holds: Mapping[tuple[str, str, str], int]
    #: Jobs that are queued or running.
    jobs: Mapping[str, int]
    oldest_queued_at: datetime | None
    #: When the last pass that could start its jobs was over.
    last_pass_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ended:
    """One run of a job that is over."""

    job_id: int
    started_at: datetime | None
    finished_at: datetime
    state: str
    counts: Mapping[str, Mapping[str, int]]
    calls: Mapping[str, int]

    @property
    def run(self) -> tuple[int, datetime]:
        """A job that is retried runs again under its id."""
        return self.job_id, self.finished_at


def figures(engine: Engine) -> Figures:
    documents = select(Entry.kind, func.count()).where(Entry.state == "live").group_by(Entry.kind)
    why = (Hold.kind, Hold.outcome, Hold.code)
    holds = select(*why, func.count()).where(Hold.closed_at.is_(None)).group_by(*why)
    jobs = select(Job.state, func.count()).where(Job.state.in_(ACTIVE)).group_by(Job.state)
    with transaction(engine) as session:
        return Figures(
            dict(session.execute(documents).tuples().all()),
            {(kind, outcome, code): count for kind, outcome, code, count in session.execute(holds)},
            dict.fromkeys(ACTIVE, 0) | dict(session.execute(jobs).tuples().all()),
            session.scalar(select(func.min(Job.queued_at)).where(Job.state == "queued")),
            session.scalar(select(func.max(Pass.finished_at)).where(Pass.failed.is_(False))),
        )


def ended_since(engine: Engine, at: datetime) -> list[Ended]:
    """Every run of a job that was over at this time or later."""
    columns: tuple[Any, ...] = (Job.id, Job.started_at, Job.finished_at, Job.state, Job.counts, Job.calls)
    with transaction(engine) as session:
        return [Ended(*row) for row in session.execute(select(*columns).where(Job.finished_at >= at))]
