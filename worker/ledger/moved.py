"""What jobs did to documents in Xero, read from the journal of requests: one line per document and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Text, cast, or_, select

from worker.called import UNNAMED, Called
from worker.ledger import handed_over
from worker.ledger.database import slices, transaction
from worker.ledger.handed_over import Carried
from worker.ledger.landing import WITHDRAWN
from worker.ledger.names import names
from worker.ledger.projects import short_codes
from worker.ledger.tables import Entry, Job, RequestRow


@dataclass(frozen=True, slots=True)
class Move:
    """One document that was created, updated, adopted or withdrawn."""

    project_id: int
    job_id: int
    kind: str
    procore_id: str
    done: str
    xero_id: str
    #: The request's address, which tells the kind of document.
    path: str
    #: What Procore's page of a claim or payment lies below; blank for other records.
    contract_id: str = ""
    #: The organisation that it went to, and its short code where there are several.
    tenant_id: str = ""
    short_code: str = ""
    #: When Xero's answer came.
    at: datetime | None = None
    #: What the document was called, of one that was withdrawn; of a contact whom it pays, or what changed.
    what: str = ""
    #: What the record is called by people.
    called: Called = UNNAMED


def moves(engine: Engine, job_ids: Sequence[int]) -> list[Move]:
    """Everything that these jobs moved, in the order in which Xero took it."""
    found: list[Move] = []
    for some in slices(sorted(job_ids)):
        found += _of(engine, some)
    return found


def tallies(engine: Engine, which: ColumnElement[bool]) -> dict[int, Counter[str]]:
    """By job how many documents it created, updated, adopted and withdrew; `which` jobs, by their columns."""
    query = select(RequestRow.job_id, RequestRow.moved).join(Job, Job.id == RequestRow.job_id)
    found: dict[int, Counter[str]] = {}
    with transaction(engine) as session:
        for job_id, moved in session.execute(query.where(which, RequestRow.state != "abandoned")):
            found.setdefault(job_id, Counter()).update(what["done"] for what in moved.values())
    return found


def taken_out(found: Sequence[Move]) -> list[Move]:
    """Those of these moves that took a document out of Xero for good: its record made no other one after it."""
    last = {(move.kind, move.procore_id): move for move in found}
    return [move for move in last.values() if move.done == WITHDRAWN]


def taken_out_since(engine: Engine, since: datetime) -> list[Move]:
    """What all jobs that ended since then took out of Xero, the newest last."""
    counts = cast(Job.counts, Text)
    may_have = or_(counts.contains(f'"{WITHDRAWN}"'), counts == "{}")  # one that failed as a whole has counted nothing
    with transaction(engine) as session:
        ids = session.scalars(select(Job.id).where(Job.finished_at >= since, may_have)).all()
    return taken_out(moves(engine, ids))


def _of(engine: Engine, job_ids: Sequence[int]) -> list[Move]:
    """One that went in the request of another job is that of the job whose record it is."""
    codes = short_codes(engine)
    whose = (RequestRow.id, RequestRow.tenant_id, RequestRow.job_id, RequestRow.project_id, RequestRow.kind)
    with transaction(engine) as session:
        carried, others = handed_over.carried(session, job_ids)
        what = select(*whose, RequestRow.path, RequestRow.moved, RequestRow.answered_at)
        these = or_(RequestRow.job_id.in_(job_ids), RequestRow.id.in_(others))
        query = what.where(these, RequestRow.state != "abandoned")
        rows = session.execute(query.order_by(RequestRow.id)).all()
    its = {
        (row.id, id_): carried.get((row.id, id_), Carried(row.job_id, row.project_id))
        for row in rows
        for id_ in row.moved
    }
    its = {key: one for key, one in its.items() if one.job_id in job_ids}
    records = {(row.kind, procore_id) for row in rows for procore_id in row.moved if (row.id, procore_id) in its}
    contracts, called = _contracts(engine, records), names(engine, records)
    return [
        Move(
            its[row.id, procore_id].project_id,
            its[row.id, procore_id].job_id,
            row.kind,
            procore_id,
            what["done"],
            what["xero_id"],
            row.path,
            contracts.get((row.kind, procore_id), ""),
            row.tenant_id,
            codes.get(row.tenant_id, ""),
            row.answered_at,
            what.get("what", ""),
            called.get((row.kind, procore_id), UNNAMED),
        )
        for row in rows
        for procore_id, what in row.moved.items()
        if (row.id, procore_id) in its
    ]


def _contracts(engine: Engine, records: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The contract of each claim and payment."""
    found: dict[tuple[str, str], str] = {}
    for kind in ("claims", "payments"):
        with transaction(engine) as session:
            for some in slices(sorted(id_ for of, id_ in records if of == kind)):
                rows = session.execute(
                    select(Entry.procore_id, Entry.facts).where(Entry.kind == kind, Entry.procore_id.in_(some))
                )
                found |= {(kind, row.procore_id): str(row.facts.get("contract_id") or "") for row in rows}
    return found
