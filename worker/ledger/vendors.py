"""Every vendor and its contact, for people: whom it is paid as, by what, and why it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select

from worker.facts import PAYEE
from worker.holds import HoldCode
from worker.ledger.database import transaction
from worker.ledger.tables import Entry, Hold

KIND = "vendors"


@dataclass(frozen=True, slots=True)
class VendorState:
    """One vendor in one organisation."""

    procore_id: str
    name: str
    tenant_id: str
    #: Its contact; blank when it has none.
    xero_id: str = ""
    #: What its entry says of the two; empty when it was not noted.
    shown: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    sentence: str = ""
    #: What a person may want to see to, though it goes.
    note: str = ""


def vendors(engine: Engine) -> list[VendorState]:
    """Those that have a contact, and those that are held, by name."""
    with transaction(engine) as session:
        entries = session.execute(
            select(Entry.procore_id, Entry.tenant_id, Entry.xero_id, Entry.facts).where(
                Entry.kind == KIND, Entry.state != "free"
            )
        ).all()
        open_ones = select(Hold).where(Hold.kind == KIND, Hold.closed_at.is_(None))
        last = session.scalars(open_ones.order_by(Hold.outcome.desc()))  # where it is held goes before where it is not
        holds = {(hold.tenant_id, hold.procore_id): hold for hold in last}
        noted = select(Hold).where(Hold.code == HoldCode.NO_ABN.code, Hold.closed_at.is_(None))
        notes = {(one.tenant_id, one.procore_id.rpartition("/")[2]): one.sentence for one in session.scalars(noted)}
    rows = {(row.tenant_id, row.procore_id): row for row in entries}
    found = []
    for tenant_id, procore_id in rows.keys() | holds.keys():
        row, hold = rows.get((tenant_id, procore_id)), holds.get((tenant_id, procore_id))
        shown = (row.facts.get(PAYEE) if row else None) or {}
        name = shown.get("vendor") or (hold.title.removeprefix("vendor ") if hold else "")
        said = (hold.code, hold.sentence) if hold else ("", "")
        note = notes.get((tenant_id, procore_id), "")
        found.append(VendorState(procore_id, name, tenant_id, (row.xero_id or "") if row else "", shown, *said, note))
    return sorted(found, key=lambda one: (one.name.casefold(), one.procore_id))
