"""What a person says of a record that may be in Xero already: it is that document, or it is another one.

Nothing is looked up in Xero for it: the next job does, and ties or sends the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, and_, or_, select
from sqlalchemy.orm import Session

from worker.facts import LIKE, OTHERS, SAME
from worker.holds import title
from worker.ledger.database import transaction
from worker.ledger.tables import Entry

#: Document to how much of it the record is, and how much it is.
Claims = dict[str, list[str]]


def say(engine: Engine, tenant_id: str, kind: str, procore_id: str, *, another: bool, by: str, at: datetime) -> str:
    """Write down what a person says. Returns which other record has the document already; blank when it is done."""
    with transaction(engine) as session:
        row = _row(session, tenant_id, kind, procore_id)
        if row is None:
            return ""
        like: dict[str, Any] = row.facts[LIKE]
        facts = {name: value for name, value in row.facts.items() if name not in (LIKE, SAME)}
        if another:
            facts[OTHERS] = [*facts.get(OTHERS, ()), *like["claims"]]
        elif owner := _owner(session, row, like["claims"]):
            return owner
        else:
            facts[SAME] = {**like, "by": by, "at": at.isoformat()}
        row.facts = facts
    return ""


def _row(session: Session, tenant_id: str, kind: str, procore_id: str) -> Entry | None:
    mine = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
    row = session.scalars(select(Entry).where(mine, Entry.state == "free").with_for_update()).one_or_none()
    return row if row is not None and row.facts.get(LIKE) else None


def _owner(session: Session, row: Entry, claims: Claims) -> str:
    """The record that has one of these documents, or so much of it that this one cannot be in it, too."""
    near = or_(Entry.xero_id.in_(list(claims)), and_(Entry.project_id == row.project_id, Entry.state == "free"))
    others = session.scalars(select(Entry).where(Entry.tenant_id == row.tenant_id, Entry.id != row.id, near)).all()
    for id_, (part, whole) in claims.items():
        if owner := next((one for one in others if one.xero_id == id_), None):
            return title(owner.kind, owner.procore_id)
        having = [(one, _part(one, id_)) for one in others if _part(one, id_)]
        if sum(said for _, said in having) + Decimal(part) > Decimal(whole):
            return title(having[0][0].kind, having[0][0].procore_id)
    return ""


def _part(entry: Entry, xero_id: str) -> Decimal:
    said: Sequence[str] = (entry.facts.get(SAME) or {}).get("claims", {}).get(xero_id, ("0",))
    return Decimal(said[0])
