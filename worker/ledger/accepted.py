"""What people have accepted: differences of an audit and held records that they acknowledged, documents that they said
to be a record's, contacts that they tied. Who, when and why, as far as it was noted; never what is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, and_, delete, or_, select

from worker.facts import PAYEE, SAME, TIED
from worker.ledger.database import insert_or_skip, slices, transaction
from worker.ledger.tables import Acknowledged, Entry, Hold
from worker.stated import said_of, stated

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
    #: The last day on which it holds; None: without end.
    until: date | None = None
    #: What was accepted, in the words of then.
    sentence: str = ""

    @property
    def said(self) -> str:
        """ "acknowledged by ann until 2026-08-31: the claim is corrected next month" """
        until = f" until {self.until.isoformat()}" if self.until else ""
        return f"acknowledged by {self.by}{until}: {self.why}"


def acknowledge(engine: Engine, job_number: str, found: Sequence[tuple[str, str, str]], said: Acceptance) -> None:
    """Keep these differences or held records, each by id, title and sentence, as accepted; the last word counts."""
    row = {"job_number": job_number, "by": said.by[:100], "why": said.why, "at": said.at, "until": said.until}
    rows = [row | {"difference": id_, "title": title[:400], "sentence": text} for id_, title, text in found]
    again = {id_ for id_, _, _ in found}
    in_words = {(title[:400], stated(text)) for _, title, text in found}  # by an id of every word
    with transaction(engine) as session:
        kept = session.scalars(select(Acknowledged).where(Acknowledged.job_number == job_number))
        before = [row.id for row in kept if row.difference in again or (row.title, stated(row.sentence)) in in_words]
        session.execute(delete(Acknowledged).where(Acknowledged.id.in_(before)))
        insert_or_skip(session, Acknowledged, rows)


def acknowledged(engine: Engine, today: date) -> dict[str, dict[str, Acceptance]]:
    """Job number to what was acknowledged and still is on this day, by id."""
    still = or_(Acknowledged.until.is_(None), Acknowledged.until >= today)
    found: dict[str, dict[str, Acceptance]] = {}
    with transaction(engine) as session:
        for row in session.scalars(select(Acknowledged).where(still)):
            said = Acceptance(row.by, row.at, row.why, row.until, row.sentence)
            found.setdefault(row.job_number, {})[row.difference] = said
    return found


def of_holds(
    engine: Engine, holds: Iterable[Hold], job_numbers: Mapping[int, str], today: date
) -> dict[int, Acceptance]:
    """Hold's id to its acknowledgement, of those that have one; `job_numbers` are those of projects, by Procore id."""
    known = acknowledged(engine, today)
    pairs = ((hold.id, said_of(hold, known.get(job_numbers.get(hold.project_id, ""), {}))) for hold in holds)
    return {id_: said for id_, said in pairs if said is not None}


def same(engine: Engine, tenant_id: str, records: Iterable[Key]) -> dict[Key, tuple[frozenset[str], Acceptance]]:
    """Record to the documents in Xero that it was said to be, of those that this worker did not send."""
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
