"""What people have accepted of what an audit finds: differences that they acknowledged, documents that they said to be
a record's, contacts that they tied. Who, when and why, as far as it was noted; never what is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, or_, select

from worker.facts import PAYEE, SAME, TIED
from worker.ledger.database import insert_or_skip, slices, transaction
from worker.ledger.tables import Acknowledged, Entry

#: By what a contact was found that may be called otherwise.
BY_TAX_NUMBER = "tax number"
#: What is an entry's document because the mapping file, or a person, took it for that.
ADOPTED = "adopted"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted something, when, and why; blank, or None, where it was not noted."""

    by: str = ""
    at: datetime | None = None
    why: str = ""


def acknowledge(engine: Engine, job_number: str, found: Sequence[tuple[str, str, str]], said: Acceptance) -> int:
    """Keep these differences, each by id, title and sentence, as accepted. Returns how many were not so before."""
    row = {"job_number": job_number, "by": said.by[:100], "why": said.why, "at": said.at}
    rows = [row | {"difference": id_, "title": title[:400], "sentence": text} for id_, title, text in found]
    with transaction(engine) as session:
        return insert_or_skip(session, Acknowledged, rows)


def acknowledged(engine: Engine) -> dict[str, dict[str, Acceptance]]:
    """Job number to the differences that were acknowledged, by id."""
    found: dict[str, dict[str, Acceptance]] = {}
    with transaction(engine) as session:
        for row in session.scalars(select(Acknowledged)):
            found.setdefault(row.job_number, {})[row.difference] = Acceptance(row.by, row.at, row.why)
    return found


def same(engine: Engine, tenant_id: str, records: Iterable[Key]) -> dict[Key, tuple[frozenset[str], Acceptance]]:
    """Record to the documents in Xero that it was said to be, of those that did not come from here."""
    found: dict[Key, tuple[frozenset[str], Acceptance]] = {}
    for row in _entries(engine, tenant_id, records):
        said = row.facts.get(SAME) or {}
        is_adopted = row.state == "live" and row.xero_id is not None and bool(row.facts.get(ADOPTED))
        ids = {str(row.xero_id)} if is_adopted else set(said.get("claims", {})) if row.state == "free" else set()
        if ids:
            rule = Acceptance("the mapping file", None, 'already_in_xero = "adopt"')
            by = _acceptance(said, "match") if said else rule
            found[row.kind, row.procore_id] = (frozenset(ids), by)
    return found


def payees(
    engine: Engine, tenant_id: str, vendors: Iterable[str]
) -> Mapping[str, tuple[frozenset[str], str, Acceptance]]:
    """Vendor to the contacts that it has and had, where a person tied them; or to the name under which its contact was
    found by its tax number."""
    found: dict[str, tuple[frozenset[str], str, Acceptance]] = {}
    for row in _entries(engine, tenant_id, (("vendors", id_) for id_ in vendors)):
        shown, tied = row.facts.get(PAYEE) or {}, row.facts.get(TIED)
        if row.state == "live" and shown:
            ids = frozenset([str(row.xero_id), *row.facts.get("earlier", ())])
            if tied:
                found[row.procore_id] = (ids, "", _acceptance(tied, "tie"))
            elif shown["by"] == BY_TAX_NUMBER:
                by = Acceptance("its tax number", None, "the contact had it, and this name, when the two were tied")
                found[row.procore_id] = (frozenset[str](), str(shown.get("contact") or ""), by)
    return found


def _acceptance(said: Mapping[str, Any], command: str) -> Acceptance:
    at = datetime.fromisoformat(said["at"]) if said.get("at") else None
    return Acceptance(str(said.get("by") or "a person"), at, f"said by `{command}`")


def _entries(engine: Engine, tenant_id: str, records: Iterable[Key]) -> list[Entry]:
    by_kind: dict[str, list[str]] = {}
    for kind, procore_id in records:
        by_kind.setdefault(kind, []).append(procore_id)
    rows: list[Entry] = []
    with transaction(engine) as session:
        for kind, ids in by_kind.items():
            for some in slices(ids):
                mine = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, Entry.procore_id.in_(some))
                rows += session.scalars(select(Entry).where(mine, or_(Entry.state == "live", Entry.state == "free")))
    return rows
