"""A job whose project has nothing that a job looks at, beside lists that are not due, ends without having begun.

Of most projects in most passes there is nothing, so all of it is asked in one statement, and in its transaction the job
ends. Both statements are built once, which takes longer than their answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, String, Text, and_, bindparam, exists, func, not_, or_, select, text, update

from worker.holds import Outcome
from worker.ledger.database import newest_revision, transaction
from worker.ledger.entry_statements import SHARED
from worker.ledger.standing import OWN_KINDS
from worker.ledger.tables import Entry, Hold, Job, ListRow, Organisation, ProjectRow, RequestRow, Table, Utc

#: As tables and not as objects, which take longer than the answer.
_JOBS, _PROJECTS, _LISTS, _REQUESTS, _HOLDS, _ENTRIES, _ORGANISATIONS = (
    Table.metadata.tables[one.__tablename__]
    for one in (Job, ProjectRow, ListRow, RequestRow, Hold, Entry, Organisation)
)
_TENANT, _NOW = bindparam("tenant_id", type_=String()), bindparam("now", type_=Utc())
#: A request whose outcome nobody knows; what is held, or said of it in another organisation; documents there.
_ANYTHING = or_(
    exists().where(
        _REQUESTS.c.state == "planned",
        _REQUESTS.c.tenant_id == _TENANT,
        or_(_REQUESTS.c.project_id == _PROJECTS.c.procore_id, _REQUESTS.c.kind.in_(SHARED)),
    ),
    exists().where(
        _HOLDS.c.project_id == _PROJECTS.c.procore_id,
        _HOLDS.c.closed_at.is_(None),
        or_(_HOLDS.c.outcome == str(Outcome.HELD), _HOLDS.c.tenant_id != _TENANT),
    ),
    exists().where(
        and_(_ENTRIES.c.project_id == _PROJECTS.c.procore_id, _ENTRIES.c.tenant_id != _TENANT),
        and_(_ENTRIES.c.kind.in_(OWN_KINDS), _ENTRIES.c.state != "free"),
    ),
)
_PARKED = exists().where(_ORGANISATIONS.c.tenant_id == _TENANT, _ORGANISATIONS.c.parked_until > _NOW)
_MIGRATED = text("EXISTS (SELECT 1 FROM alembic_version WHERE version_num = :revision)")
_TASK = bindparam("task", type_=String())
#: A job that was planned without a list, and has not begun before.
_WAITS = and_(_JOBS.c.task_id == _TASK, _JOBS.c.state == "queued", _JOBS.c.attempt == 0, _JOBS.c.lists == "")
_AT_REST = (
    select(_JOBS.c.id, _JOBS.c.job_number, _JOBS.c.pass_id, _PROJECTS.c.procore_id, _LISTS.c.name, _LISTS.c.due_at)
    .join(_PROJECTS, func.lower(_PROJECTS.c.job_number) == func.lower(_JOBS.c.job_number))
    .outerjoin(_LISTS, _LISTS.c.project_id == _PROJECTS.c.procore_id)
    .where(
        _WAITS,
        _PROJECTS.c.state == "eligible",
        _PROJECTS.c.organisation == bindparam("organisation", type_=String()),
        _PROJECTS.c.routed_by == bindparam("routed_by", type_=String()),
        and_(_MIGRATED, not_(_PARKED), not_(_ANYTHING)),
    )
    .order_by(_LISTS.c.due_at, _LISTS.c.name)
)
_END = (
    update(_JOBS)
    .where(_WAITS)
    .values(state="done", attempt=1, started_at=_NOW, finished_at=_NOW, message=bindparam("line", type_=Text()))
    .returning(_JOBS.c.id)
)


@dataclass(frozen=True, slots=True)
class Next:
    """The list of a project that comes due first; blank where none of it was ever read."""

    name: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rested:
    """A job that has ended so."""

    id: int
    job_number: str
    pass_id: int | None
    line: str


def end_at_rest(
    engine: Engine,
    task_id: str,
    tenant_id: str,
    organisation: str,
    routed_by: str,
    now: datetime,
    say: Callable[[str, Next], str],
) -> Rested | None:
    """End the job of this task where nothing of the one eligible project with its number is on its way to this
    organisation, held, or in another one. What `say` makes of the number and the next list is its line.

    None where there is anything, and where the job would not begin at all: it has ended, the tables are of another
    revision, Xero is parked, or who goes where has changed; each of which it finds out by itself.
    """
    given = {"task": task_id, "now": now}
    asked = {"tenant_id": tenant_id, "organisation": organisation, "routed_by": routed_by}
    with transaction(engine) as session:
        rows = session.execute(_AT_REST, {**given, **asked, "revision": newest_revision()}).all()
        if len({row.procore_id for row in rows}) != 1:
            return None
        first = rows[0]
        line = say(first.job_number, Next(first.name or "", first.due_at))
        ended = session.execute(_END, {**given, "line": line}).all()
    return Rested(first.id, first.job_number, first.pass_id, line) if ended else None
