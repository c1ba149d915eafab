"""How passes follow each other: when the last one came to its end, and what those at the same time of week moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import Engine, select

from worker.holds import Outcome
from worker.ledger.database import transaction
from worker.ledger.tables import Job, Pass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of the passes so far; everything is None or empty before the first one."""

    first_began_at: datetime | None = None
    #: Of the last pass that could start its jobs and whose jobs have all ended.
    last_finished_at: datetime | None = None
    last_began_at: datetime | None = None
    #: Records that it sent.
    last_moved: int = 0
    #: Why the newest pass of all started nothing; blank when it did.
    trouble: str = ""
    #: For each of the weeks before, what every pass around the same time sent.
    weeks: Sequence[Sequence[int]] = ()


def rhythm(engine: Engine, weeks: int, around: timedelta, zone: tzinfo) -> Rhythm:
    """Looks back so many weeks from the last pass that came to its end, at passes begun this near to its time by the
    clocks of people there: a week is an hour longer or shorter when these are put back or forward."""
    finished = (Pass.finished_at.is_not(None), Pass.failed.is_(False))
    with transaction(engine) as session:
        first = session.scalar(select(Pass.started_at).order_by(Pass.id).limit(1))
        last = session.scalar(select(Pass).where(*finished).order_by(Pass.finished_at.desc(), Pass.id.desc()).limit(1))
        newest = session.scalar(select(Pass).order_by(Pass.id.desc()).limit(1))
    trouble = newest.message if newest is not None and newest.failed else ""
    if last is None:
        return Rhythm(first, trouble=trouble)
    there = last.started_at.astimezone(zone)
    then = [(there - week * timedelta(weeks=1)).astimezone(UTC) for week in range(1, weeks + 1)]
    return Rhythm(
        first,
        last.finished_at,
        last.started_at,
        _sent(engine, [last.id])[0],
        trouble,
        [_sent(engine, _begun(engine, moment - around, moment + around)) for moment in then],
    )


def _begun(engine: Engine, since: datetime, until: datetime) -> list[int]:
    query = select(Pass.id).where(Pass.started_at.between(since, until), Pass.failed.is_(False))
    with transaction(engine) as session:
        return list(session.scalars(query.order_by(Pass.id)))


def _sent(engine: Engine, pass_ids: Sequence[int]) -> list[int]:
    """How many records the jobs of each of these passes sent."""
    total: dict[int, int] = defaultdict(int)
    with transaction(engine) as session:
        for pass_id, counts in session.execute(select(Job.pass_id, Job.counts).where(Job.pass_id.in_(pass_ids))):
            total[pass_id] += sum(outcomes.get(Outcome.SENT, 0) for outcomes in counts.values())
    return [total[pass_id] for pass_id in pass_ids]
