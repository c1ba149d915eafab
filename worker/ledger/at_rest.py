"""Whether a project has anything that a job looks at beside its lists.

Of most projects in most passes there is nothing, so it is asked in one statement.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Engine, String, and_, bindparam, exists, or_, select

from worker.holds import Outcome
from worker.ledger.database import transaction
from worker.ledger.entries import SHARED
from worker.ledger.standing import OWN_KINDS
from worker.ledger.tables import Entry, Hold, RequestRow

_PROJECT, _TENANT = bindparam("project_id", type_=BigInteger()), bindparam("tenant_id", type_=String())
#: A request whose outcome nobody knows; what is held, or said of it in another organisation; documents there.
_ANYTHING = select(
    or_(
        exists().where(
            RequestRow.state == "planned",
            RequestRow.tenant_id == _TENANT,
            or_(RequestRow.project_id == _PROJECT, RequestRow.kind.in_(SHARED)),
        ),
        exists().where(
            Hold.project_id == _PROJECT,
            Hold.closed_at.is_(None),
            or_(Hold.outcome == str(Outcome.HELD), Hold.tenant_id != _TENANT),
        ),
        exists().where(
            and_(Entry.project_id == _PROJECT, Entry.tenant_id != _TENANT),
            and_(Entry.kind.in_(OWN_KINDS), Entry.state != "free"),
        ),
    )
)


def is_at_rest(engine: Engine, tenant_id: str, project_id: int) -> bool:
    """Whether nothing of the project is on its way to this organisation, held, or in another one."""
    with transaction(engine) as session:
        return not session.scalar(_ANYTHING, {"project_id": project_id, "tenant_id": tenant_id})
