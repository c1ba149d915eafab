"""The lease of who runs a job: when it is over, and the statements by which it is taken and left."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, update

from worker.ledger.tables import Job, Table

#: No setting is meant to make a lease longer.
LONGEST_LEASE = timedelta(days=1)
#: It ran out, or ends so late that only a wrong clock can have written it.
LEASE_IS_OVER = or_(Job.lease_until < bindparam("now"), Job.lease_until > bindparam("latest"))
#: For rows and not objects: it is written with every request.
JOBS = Table.metadata.tables[Job.__tablename__]
#: A job that waits, or runs for somebody whose lease is over or who is known to have left. This and the next are built
#: once, which takes longer than the ledger's answer, and are asked for each job.
START = (
    update(JOBS)
    .where(
        JOBS.c.task_id == bindparam("task"),
        or_(
            JOBS.c.state == "queued",
            and_(
                JOBS.c.state == "running",
                or_(
                    JOBS.c.lease_until < bindparam("now"),
                    JOBS.c.lease_until > bindparam("latest"),
                    JOBS.c.owner == bindparam("left"),
                ),
            ),
        ),
    )
    .values(
        state="running",
        owner=bindparam("me"),
        lease_until=bindparam("until"),
        started_at=bindparam("now"),
        attempt=JOBS.c.attempt + 1,
    )
    .returning(JOBS)
)
#: A job of ours, if it still is.
OURS = update(JOBS).where(JOBS.c.id == bindparam("job"), JOBS.c.owner == bindparam("me"))
STILL_OURS = OURS.where(JOBS.c.state == "running").returning(JOBS.c.id)


def lease_at(now: datetime) -> dict[str, datetime]:
    """What a statement with LEASE_IS_OVER is given."""
    return {"now": now, "latest": now + LONGEST_LEASE}
