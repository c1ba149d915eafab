"""One record and its document, for a person at the command line: which it is, and how the two are untied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, select, update
from sqlalchemy.orm import Session

from worker.facts import (
    DOUBT,
    NUMBER_REFUSED,
    PAYEE,
    RECODE,
    RECODE_BY,
    TIED,
    UNTIED,
    WHY_GONE,
)
from worker.ledger.database import insert_or_skip, slices, transaction
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


def whose(engine: Engine, xero_id: str) -> tuple[int, str, str] | None:
    """Project, kind and number in Procore of the record whose document this is; None where it is nobody's."""
    columns = (Entry.project_id, Entry.kind, Entry.procore_id)
    with transaction(engine) as session:
        row = session.execute(select(*columns).where(Entry.xero_id == xero_id, Entry.state == "live").limit(1)).first()
        return (row[0], row[1], row[2]) if row else None


def options(engine: Engine, tenant_id: str) -> dict[str, tuple[str, str]]:
    """The documents of projects and cost codes, by their ids in Xero: each is a kind, and its id in Procore."""
    columns = (Entry.xero_id, Entry.kind, Entry.procore_id)
    mine = and_(Entry.tenant_id == tenant_id, Entry.kind.in_(("projects", "cost_codes")), Entry.state == "live")
    with transaction(engine) as session:
        return {row[0]: (row[1], row[2]) for row in session.execute(select(*columns).where(mine))}


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


def say_recode(
    engine: Engine, tenant_id: str, kind: str, procore_ids: Collection[str], mark: str, by: str
) -> Collection[str]:
    """Note of these records that their bills are to be coded by the rules of this mark, as this user says.

    Returns those of which it is not noted: a job is at them just now.
    """
    done: set[str] = set()
    with transaction(engine) as session:
        for some in slices(sorted(procore_ids)):
            where = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, Entry.procore_id.in_(some))
            for row in session.scalars(select(Entry).where(where, Entry.state == "live").with_for_update()):
                row.facts = {**row.facts, RECODE: mark, RECODE_BY: by}
                done.add(row.procore_id)
    return set(procore_ids) - done


def tie_vendor(
    engine: Engine,
    tenant_id: str,
    vendor_id: str,
    contact_id: str,
    shown: Mapping[str, Any],
    project_id: int,
    said: Mapping[str, str],
) -> bool:
    """This vendor is paid as this contact from now on; what stands on another one stays. False when a job is at it.

    `project_id` is that of the project with which a vendor stands that was never sent, `said` who says it, and when.
    """
    facts = {"wrapper": "Contacts", "adopted": True, PAYEE: dict(shown), TIED: dict(said)}
    facts |= dict.fromkeys((DOUBT, NUMBER_REFUSED, UNTIED))
    tied = {"state": "live", "xero_id": contact_id, "fingerprint": ""}  # so that the next job looks at it
    new = {"tenant_id": tenant_id, "kind": "vendors", "procore_id": vendor_id, "project_id": project_id}
    new |= {"position": 0, "written_position": 0, "planned_facts": {}, "facts": facts, **tied}
    with transaction(engine) as session:
        row = _vendor(session, tenant_id, vendor_id)
        if row is None:
            return insert_or_skip(session, Entry, [new]) == 1
        if row.state == "planned":
            return False
        if row.xero_id not in (None, contact_id):
            facts["earlier"] = [*row.facts.get("earlier", ()), row.xero_id]
        session.execute(update(Entry), [{"id": row.id, **tied, "facts": {**row.facts, **facts}}])
    return True


def untie_vendor(engine: Engine, tenant_id: str, vendor_id: str) -> bool:
    """This vendor is not paid as its contact any more, nor found to be it again; what stands in Xero stays. False when
    it has none, or a job is at it."""
    with transaction(engine) as session:
        row = _vendor(session, tenant_id, vendor_id)
        if row is None or row.state != "live":
            return False
        free = freed(row)
        free["facts"][UNTIED] = (row.facts.get(PAYEE) or {}).get("contact") or row.xero_id
        session.execute(update(Entry), [{"id": row.id, **free}])
    return True


def _vendor(session: Session, tenant_id: str, vendor_id: str) -> Entry | None:
    this = and_(Entry.tenant_id == tenant_id, Entry.kind == "vendors", Entry.procore_id == vendor_id)
    return session.scalar(select(Entry).where(this).with_for_update())
