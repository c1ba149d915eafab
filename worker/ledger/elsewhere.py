"""What one project has in another organisation than the one it goes to now: it was sent there before it was moved.

Only money counts. A tracking option that is left behind is on no bill, and contacts belong to all projects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, bindparam, exists, or_, select, update

from worker import holds
from worker.ledger.database import on_rows, transaction
from worker.ledger.landing import freed
from worker.ledger.standing import OWN_KINDS
from worker.ledger.tables import Entry, Hold, Organisation


@dataclass(frozen=True, slots=True)
class Left:
    """A record whose document is in another organisation, or on its way there (then `xero_id` may be blank)."""

    tenant_id: str
    kind: str
    procore_id: str
    state: str
    xero_id: str
    #: What kind of document it is: Invoices, CreditNotes or Payments.
    wrapper: str

    @property
    def title(self) -> str:
        """How a person would call it: "claim 58820"."""
        return holds.title(self.kind, self.procore_id)


#: Of one project, and not of the organisation that it goes to. Built once: each job asks for it.
_ENTRIES = and_(Entry.project_id == bindparam("project"), Entry.tenant_id != bindparam("goes_to"))
_MONEY = and_(_ENTRIES, Entry.kind.in_(OWN_KINDS), Entry.state != "free")
_HOLDS = and_(Hold.project_id == bindparam("project"), Hold.tenant_id != bindparam("goes_to"), Hold.closed_at.is_(None))
_ANYTHING = select(or_(exists().where(_MONEY), exists().where(_HOLDS)))


class Elsewhere:
    """One project, seen from the organisation that it goes to."""

    def __init__(self, engine: Engine, tenant_id: str, project_id: int, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._names = {"project": project_id, "goes_to": tenant_id}

    def is_nothing(self) -> bool:
        """Whether nothing of the project is in another organisation, and nothing held there; as nearly always."""
        with on_rows(self._engine) as connection:
            return not connection.scalar(_ANYTHING, self._names)

    def left(self) -> list[Left]:
        """Every record of the project that another organisation has, or is being sent."""
        with transaction(self._engine) as session:
            rows = session.scalars(select(Entry).where(_MONEY).order_by(Entry.tenant_id, Entry.id), self._names).all()
        return [
            Left(row.tenant_id, row.kind, row.procore_id, row.state, row.xero_id or "", str(row.facts.get("wrapper")))
            for row in rows
        ]

    def let_go(self, left: Sequence[Left]) -> None:
        """Untie these records from documents that are gone: their next ones are in the organisation they go to now."""
        names = {(one.tenant_id, one.kind, one.procore_id, one.xero_id) for one in left}
        with transaction(self._engine) as session:
            rows = session.scalars(select(Entry).where(_ENTRIES, Entry.state == "live").with_for_update(), self._names)
            mine = [row for row in rows if (row.tenant_id, row.kind, row.procore_id, row.xero_id) in names]
            if mine:
                session.execute(update(Entry), [{"id": row.id, **freed(row)} for row in mine])

    def close_holds(self) -> None:
        """What was held there is not held any more: the project goes elsewhere."""
        with on_rows(self._engine) as connection:
            connection.execute(update(Hold).where(_HOLDS), {**self._names, "closed_at": self._now()})

    def organisation(self, tenant_id: str) -> Organisation:
        """An organisation that was written to, as it was called then."""
        with transaction(self._engine) as session:
            row = session.get(Organisation, tenant_id)
        return row or Organisation(tenant_id=tenant_id, name=tenant_id, short_code="")
