"""What jobs ask of entries and requests at every turn, and write into them: statements, each of which is built once.

To build one takes longer than to have its answer.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, exists, insert, or_, select, update

from worker.ledger.lease import LEASE_IS_OVER
from worker.ledger.tables import Entry, Job, RequestRow, Table

#: Kinds whose documents all projects share: any job may finish what a dead job of another project began.
SHARED = ("vendors", "cost_codes")
#: Rows and not objects: a request of fifty documents is written in a third of the time.
_ENTRIES = Table.metadata.tables[Entry.__tablename__]
_REQUESTS = Table.metadata.tables[RequestRow.__tablename__]
CHANGE = update(_ENTRIES).where(_ENTRIES.c.id == bindparam("row"))
_KNOWN = (
    select(Entry.procore_id, Entry.state, Entry.xero_id, Entry.fingerprint, Entry.facts, Entry.project_id)
    .where(Entry.tenant_id == bindparam("tenant_id"), Entry.kind == bindparam("kind"))
    .order_by(Entry.id)
)
OF_IDS = _KNOWN.where(Entry.procore_id.in_(bindparam("ids", expanding=True)))
LIVE = _KNOWN.where(Entry.state == "live")
IN_PROJECT = _KNOWN.where(Entry.state == bindparam("state"), Entry.project_id == bindparam("project_id"))
OF_DOCUMENT = _KNOWN.where(Entry.xero_id == bindparam("xero_id"))
_ROWS = select(_ENTRIES).where(_ENTRIES.c.tenant_id == bindparam("tenant_id")).order_by(_ENTRIES.c.procore_id)
LOCKED = _ROWS.where(
    _ENTRIES.c.kind == bindparam("kind"), _ENTRIES.c.procore_id.in_(bindparam("ids", expanding=True))
).with_for_update()
PLANNED = _ROWS.where(_ENTRIES.c.request_id == bindparam("request"), _ENTRIES.c.state == "planned")
NEW_REQUEST = insert(_REQUESTS).returning(_REQUESTS.c.id)
REQUEST = update(_REQUESTS).where(_REQUESTS.c.id == bindparam("request"))
OPEN_REQUEST = REQUEST.where(_REQUESTS.c.state == "planned")
ANSWERED = OPEN_REQUEST.returning(_REQUESTS.c.moved)
_DEAD = or_(Job.id.is_(None), Job.state != "running", LEASE_IS_OVER)
_CARRIED = and_(
    Entry.request_id == RequestRow.id, Entry.state == "planned", Entry.project_id == bindparam("project_id")
)
_OWN = or_(RequestRow.project_id == bindparam("project_id"), exists().where(_CARRIED))
UNRESOLVED = (
    select(RequestRow)
    .outerjoin(Job, Job.id == RequestRow.job_id)
    .where(RequestRow.state == "planned", RequestRow.tenant_id == bindparam("tenant_id"))
    .where(
        or_(
            and_(_OWN, or_(RequestRow.job_id == bindparam("job_id"), _DEAD)),
            and_(_DEAD, RequestRow.kind.in_(SHARED)),
        )
    )
    .order_by(RequestRow.id)
)
