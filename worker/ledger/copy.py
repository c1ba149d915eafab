"""A copy of the ledger in this process's memory, to rehearse in: it has what a job reads, and goes with the process.

Only rows that a job looks at are copied: of requests those that are on their way, and those that wrote a document which
may have to be compared with what we wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, or_, select
from sqlalchemy.orm import Session

from worker.ledger.database import open_engine, slices, transaction
from worker.ledger.entries import SHARED
from worker.ledger.tables import (
    AttachmentRow,
    Cursor,
    Entry,
    Hold,
    Job,
    Organisation,
    ProjectRow,
    Reference,
    RequestRow,
    Table,
)

Rows = Sequence[Mapping[str, Any]]


def in_memory(engine: Engine, now: datetime) -> Engine:
    """A ledger with the same content, of which nobody else knows. Its jobs are those that send at this moment."""
    copy = open_engine("sqlite://")
    Table.metadata.create_all(copy)
    with transaction(engine) as source:
        tables = list(_content(source, now))
    with transaction(copy) as target:
        for table, rows in tables:
            for some in slices(rows):
                target.execute(insert(table), [dict(row) for row in some])
    return copy


def _content(source: Session, now: datetime) -> Iterable[tuple[type[Table], Rows]]:
    """Each table's rows, those first that others refer to."""
    written = select(Entry.written_request_id).where(Entry.kind.not_in((*SHARED, "projects")))
    wanted = or_(RequestRow.state == "planned", RequestRow.id.in_(written))
    requests = _rows(source, RequestRow, wanted)
    sending = {row["job_id"] for row in requests if row["state"] == "planned"}
    jobs = _rows(source, Job, Job.state == "running", Job.lease_until > now)
    yield Organisation, _rows(source, Organisation)
    yield ProjectRow, _rows(source, ProjectRow)
    yield Job, [{**row, "pass_id": None} for row in jobs if row["id"] in sending]
    yield RequestRow, requests
    kept = {row["id"] for row in requests}
    yield Entry, [_without_lost(row, kept) for row in _rows(source, Entry)]
    yield AttachmentRow, _rows(source, AttachmentRow)
    yield Hold, _rows(source, Hold, Hold.closed_at.is_(None))
    yield Cursor, _rows(source, Cursor)
    yield Reference, _rows(source, Reference)


def _rows(source: Session, table: type[Table], *where: Any) -> Rows:
    return [dict(row) for row in source.execute(select(table.__table__).where(*where)).mappings()]


def _without_lost(entry: Mapping[str, Any], requests: set[int]) -> dict[str, Any]:
    """References only to requests that were copied."""
    names = ("request_id", "written_request_id")
    return {**entry, **{name: entry[name] if entry[name] in requests else None for name in names}}
