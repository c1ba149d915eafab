"""Whether a project has anything that a job looks at beside its lists.

Of most projects in most passes there is nothing, so all of it is asked in one statement, which is built once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, String, and_, bindparam, exists, func, not_, or_, select, text

from worker.holds import Outcome
from worker.ledger.database import newest_revision, transaction
from worker.ledger.entries import SHARED
from worker.ledger.standing import OWN_KINDS
from worker.ledger.tables import Entry, Hold, ListRow, Organisation, ProjectRow, RequestRow, Utc

_TENANT, _NOW = bindparam("tenant_id", type_=String()), bindparam("now", type_=Utc())
#: A request whose outcome nobody knows; what is held, or said of it in another organisation; documents there.
_ANYTHING = or_(
    exists().where(
        RequestRow.state == "planned",
        RequestRow.tenant_id == _TENANT,
        or_(RequestRow.project_id == ProjectRow.procore_id, RequestRow.kind.in_(SHARED)),
    ),
    exists().where(
        Hold.project_id == ProjectRow.procore_id,
        Hold.closed_at.is_(None),
        or_(Hold.outcome == str(Outcome.HELD), Hold.tenant_id != _TENANT),
    ),
    exists().where(
        and_(Entry.project_id == ProjectRow.procore_id, Entry.tenant_id != _TENANT),
        and_(Entry.kind.in_(OWN_KINDS), Entry.state != "free"),
    ),
)
_PARKED = exists().where(Organisation.tenant_id == _TENANT, Organisation.parked_until > _NOW)
_MIGRATED = text("EXISTS (SELECT 1 FROM alembic_version WHERE version_num = :revision)")
_AT_REST = (
    select(ProjectRow.procore_id, ListRow.name, ListRow.due_at)
    .outerjoin(ListRow, ListRow.project_id == ProjectRow.procore_id)
    .where(
        func.lower(ProjectRow.job_number) == bindparam("job_number", type_=String()),
        ProjectRow.state == "eligible",
        ProjectRow.organisation == bindparam("organisation", type_=String()),
        ProjectRow.routed_by == bindparam("routed_by", type_=String()),
        and_(_MIGRATED, not_(_PARKED), not_(_ANYTHING)),
    )
    .order_by(ListRow.due_at, ListRow.name)
)


@dataclass(frozen=True, slots=True)
class Next:
    """The list of a project that comes due first; blank where none of it was ever read."""

    name: str = ""
    due_at: datetime | None = None


def next_if_at_rest(
    engine: Engine, tenant_id: str, job_number: str, organisation: str, routed_by: str, now: datetime
) -> Next | None:
    """The next list of the one eligible project with this number, where nothing of it is on its way to this
    organisation, held, or in another one. None where there is anything, and where a job would not begin at all: the
    tables are of another revision, Xero is parked, or who goes where has changed; each of which it finds out by itself.
    """
    given = {"tenant_id": tenant_id, "now": now, "organisation": organisation, "routed_by": routed_by}
    given |= {"job_number": job_number.strip().lower(), "revision": newest_revision()}
    with transaction(engine) as session:
        rows = session.execute(_AT_REST, given).all()
    if len({row.procore_id for row in rows}) != 1:
        return None
    return Next(rows[0].name or "", rows[0].due_at)
