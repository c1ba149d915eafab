"""One record and its document, for a person at the command line: which it is, and how the two are untied."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, and_, select, update

from worker.ledger.database import transaction
from worker.ledger.entries import WHY_GONE
from worker.ledger.landing import freed
from worker.ledger.tables import Entry


@dataclass(frozen=True, slots=True)
class Tied:
    """Which document a record has, and whose it is."""

    project_id: int
    xero_id: str
    wrapper: str


def tied(engine: Engine, tenant_id: str, kind: str, procore_id: str) -> Tied | None:
    """The document of this record; None when it has none, or is being sent."""
    mine = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
    with transaction(engine) as session:
        row = session.scalar(select(Entry).where(mine, Entry.state == "live"))
        return Tied(row.project_id, str(row.xero_id), str(row.facts.get("wrapper"))) if row else None


def release(engine: Engine, tenant_id: str, kind: str, procore_id: str, xero_id: str) -> bool:
    """Untie a record from a document that is gone, so that the next job sends it anew. False when a job is at it."""
    where = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
    with transaction(engine) as session:
        row = session.scalars(select(Entry).where(where).with_for_update()).one()
        if row.state != "live" or row.xero_id != xero_id:
            return False
        session.execute(update(Entry), [{"id": row.id, **freed(row)}])
    return True


def say_gone(engine: Engine, tenant_id: str, kind: str, procore_id: str, why: str) -> bool:
    """Note of a record that stands in Xero why it is gone in Procore. False when a job is at it."""
    where = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
    with transaction(engine) as session:
        row = session.scalars(select(Entry).where(where).with_for_update()).one()
        if row.state != "live":
            return False
        row.facts = {**row.facts, WHY_GONE: why}
    return True
