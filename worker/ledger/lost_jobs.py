"""Jobs that nobody works on though they wait or run: the broker lost their message, or they their worker."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, bindparam, not_, or_, select, update
from sqlalchemy.orm import Session

from worker.ledger.database import slices, transaction
from worker.ledger.lease import LEASE_IS_OVER, lease_at
from worker.ledger.tables import Job

#: Seconds after its countdown within which the message of a job that came back is surely there.
LATE_S = 60.0
#: Seconds after which the message of a job that was queued has surely been sent, if it could be.
SENT_S = 10.0


def requeue(
    engine: Engine,
    now: datetime,
    is_dead: Callable[[str], bool],
    older_than_s: float,
    queues: Collection[str],
    task_ids: Collection[str],
) -> list[Job]:
    """Give a new task id to each job that was lost: queued for long, or running without a worker; returns them.

    What came back is waited for less long: its message waits in the memory of one worker, and ends with it. Of
    these `queues` it is known which jobs have a message, `task_ids`; a job that has none is not waited for.
    """
    waited = or_(
        and_(Job.not_before.is_(None), Job.queued_at < now - timedelta(seconds=older_than_s)),
        Job.not_before < now - timedelta(seconds=min(older_than_s, LATE_S)),
    )
    lost = or_(and_(Job.state == "queued", waited), and_(Job.state == "running", LEASE_IS_OVER))
    with transaction(engine) as session:
        ids = session.scalars(select(Job.id).where(lost).order_by(Job.id), lease_at(now)).all()
        sent_by = now - timedelta(seconds=SENT_S)
        due = or_(and_(Job.not_before.is_(None), Job.queued_at < sent_by), Job.not_before < sent_by)
        due = and_(Job.state == "queued", due)
        told = select(Job.id, Job.task_id).where(due, Job.trigger.in_(queues)).order_by(Job.id)
        unsent = [job_id for job_id, task_id in session.execute(told) if task_id not in task_ids]
        alive = (Job.state == "running", not_(LEASE_IS_OVER))
        held = session.execute(select(Job.id, Job.owner).where(*alive), lease_at(now)).all()
    fresh = {"state": "queued", "owner": None, "queued_at": now, "not_before": None}
    found = _rename(engine, ids, lost, fresh, lease_at(now)) + _rename(engine, unsent, due, fresh)
    dead = [(job_id, owner) for job_id, owner in held if is_dead(str(owner))]
    return found + [job for job_id, owner in dead for job in _rename(engine, [job_id], _held_by(owner), fresh)]


def _rename(
    engine: Engine, ids: Sequence[int], where: Any, values: Mapping[str, Any], given: Mapping[str, Any] | None = None
) -> list[Job]:
    """Some hundreds at a time. `given` is what `where` names and does not say."""
    found: list[Job] = []
    for some in slices(ids):
        with transaction(engine) as session:
            found += _renamed(session, some, where, values, given or {})
    return found


def _renamed(
    session: Session, ids: Sequence[int], where: Any, values: Mapping[str, Any], given: Mapping[str, Any]
) -> list[Job]:
    """Give each of these jobs, as far as it is still so, a task id of its own and these values."""
    fresh = {str(uuid.uuid4()): job_id for job_id in ids}
    each = update(Job).where(Job.id == bindparam("job"), where).values(task_id=bindparam("fresh"), **values)
    names = [{"job": job_id, "fresh": task_id, **given} for task_id, job_id in fresh.items()]
    session.connection().execute(each, names)
    return list(session.scalars(select(Job).where(Job.task_id.in_(fresh)).order_by(Job.id)))


def _held_by(owner: str | None) -> Any:
    """Still this owner's run, and no later one's."""
    return and_(Job.state == "running", Job.owner == owner)
