"""What webhook messages change here: a list is due now, and the job that waits reads it as well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Engine, select, update

from worker.ledger.database import transaction
from worker.ledger.jobs import ACTIVE
from worker.ledger.tables import Entry, Hold, Job, ListRow, Organisation, ProjectRow


def projects_of_vendor(engine: Engine, vendor_id: int) -> set[int]:
    """The project that carried it to Xero last, and those in which it is held or waits."""
    named = {"kind": "vendors", "procore_id": str(vendor_id)}
    ours = select(Organisation.tenant_id)  # of whichever organisation: an index begins with it
    with transaction(engine) as session:
        sent = session.scalars(select(Entry.project_id).where(Entry.tenant_id.in_(ours)).filter_by(**named)).all()
        mine = (Hold.tenant_id.in_(ours), Hold.closed_at.is_(None))
        held = session.scalars(select(Hold.project_id).where(*mine).filter_by(**named)).all()
    return {*sent, *held}


def make_due(engine: Engine, names: Mapping[int, Collection[str]], now: datetime) -> None:
    """These lists of these projects are due, as far as they were ever read."""
    with transaction(engine) as session:
        for project_id in sorted(names):  # in one order, so that two who do this do not wait for each other
            mine = (ListRow.project_id == project_id, ListRow.name.in_(names[project_id]), ListRow.due_at > now)
            session.execute(update(ListRow).where(*mine).values(due_at=now))


def joins(engine: Engine, job_number: str, names: Collection[str] | None, since: datetime) -> bool:
    """Whether the project's job reads these lists, all of them where `names` is None: it waits and is told to, or it
    began after `since`. Not when it runs for longer, or there is none."""
    with transaction(engine) as session:
        active = select(Job).where(Job.job_number == job_number, Job.state.in_(ACTIVE))
        job = session.scalar(active.with_for_update())
        if job is None or job.only is not None:
            return False
        planned = None if job.lists is None else set(job.lists.split())
        if planned is None or (names is not None and planned.issuperset(names)):
            return job.state == "queued" or (job.started_at is not None and job.started_at > since)
        lists = None if names is None else " ".join(sorted(planned.union(names)))
        waiting = update(Job).where(Job.id == job.id, Job.state == "queued", Job.lists == job.lists)
        return session.scalar(waiting.values(lists=lists).returning(Job.id)) is not None


def under_way(engine: Engine) -> list[tuple[int, set[str] | None]]:
    """The project of each job that messages have started and that has not ended, and its lists; None: all of them."""
    theirs = (Job.state.in_(ACTIVE), Job.pass_id.is_(None), Job.trigger == "periodic")
    of = ProjectRow.job_number == Job.job_number
    with transaction(engine) as session:
        rows = session.execute(select(ProjectRow.procore_id, Job.lists).join(ProjectRow, of).where(*theirs))
        return [(project_id, None if lists is None else set(lists.split())) for project_id, lists in rows]


def jobs_of_messages(engine: Engine, since: datetime, until: datetime) -> list[Job]:
    """Those that messages started, in no pass, and that ended after the one time and by the other."""
    in_no_pass = (Job.pass_id.is_(None), Job.trigger == "periodic")
    with transaction(engine) as session:
        ended = (Job.finished_at > since, Job.finished_at <= until)
        return list(session.scalars(select(Job).where(*in_no_pass, *ended).order_by(Job.id)))
