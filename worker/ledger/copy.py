"""A copy of the ledger in this process's memory, to rehearse in: it has what a job reads, and goes with the process.

What all projects share is copied first, what is one project's when that project comes, and a record of another project
when it is asked for, which is hardly ever. Rows that the copy has are never copied again: what was rehearsed stays.
Only as many rows are in between at a time as fit into a slice, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from worker.ledger.database import open_engine, slices, transaction
from worker.ledger.entry_statements import SHARED
from worker.ledger.standing import OWN_KINDS
from worker.ledger.tables import (
    AttachmentRow,
    Cursor,
    Entry,
    Hold,
    Job,
    NameRow,
    Organisation,
    ProjectRow,
    Reference,
    RequestRow,
    Table,
)

#: Rows that are in between at a time; of requests, which hold up to 50 documents each, fewer.
SLICE, REQUESTS = 500, 20
#: Jobs and requests that are made in the copy are numbered from here: none is taken for one that is copied later.
FIRST = 2**62
#: Rows that no other row names by their number.
_UNNAMED = (Entry, AttachmentRow, Hold)

Row = dict[str, Any]


class Copy:
    """A ledger of which nobody else knows. Its jobs are those that send at this moment."""

    def __init__(self, source: Engine, now: datetime) -> None:
        self.engine = open_engine("sqlite://")
        self._source = source
        self._now = now
        #: The requests that were copied; references to others are left out.
        self._requests: set[int] = set()
        Table.metadata.create_all(self.engine)
        with self._copying() as both:
            both.target.execute(insert(Job), [_first_job(now)])
            both.target.execute(insert(RequestRow), [_first_request(now)])
            for table in (Organisation, ProjectRow, Reference):
                both.copy(table)
            self._copy_planned(both, RequestRow.kind.in_(SHARED))
            organisations = Entry.tenant_id.in_(select(Organisation.tenant_id))
            self._copy_entries(both, organisations, Entry.kind.in_(SHARED))

    def add(self, project_id: int) -> None:
        """What a job of this project reads of its own."""
        own, sends = Entry.project_id == project_id, RequestRow.project_id == project_id
        planned = select(RequestRow.id).where(sends, RequestRow.state == "planned")
        with self._copying() as both:
            self._copy_planned(both, sends)
            self._copy_written(both, own, Entry.kind.in_(OWN_KINDS))
            self._copy_entries(both, own)
            self._copy_entries(both, Entry.request_id.in_(planned))
            both.copy(AttachmentRow, AttachmentRow.project_id == project_id)
            both.copy(Hold, Hold.project_id == project_id, Hold.closed_at.is_(None))
            both.copy(NameRow, NameRow.project_id == project_id)
            both.copy(Cursor, Cursor.project_id == project_id)

    def take(self, tenant_id: str, kind: str, ids: Sequence[str]) -> bool:
        """Whichever of these records the ledger knows, whatever project they are of. Whether there are any."""
        return sum(self._take(tenant_id, kind, Entry.procore_id.in_(some)) for some in slices(ids)) > 0

    def take_tied(self, tenant_id: str, kind: str, xero_id: str) -> bool:
        """The same for whichever records of a kind have this document."""
        return self._take(tenant_id, kind, Entry.xero_id == xero_id)

    def _take(self, tenant_id: str, kind: str, which: Any) -> bool:
        these = and_(Entry.tenant_id == tenant_id, Entry.kind == kind, which)
        with self._copying() as both:
            found = both.source.scalars(select(Entry.procore_id).where(these)).all()
            if not found:
                return False
            self._copy_written(both, these)
            self._copy_entries(both, these)
            files = and_(AttachmentRow.tenant_id == tenant_id, AttachmentRow.kind == kind)
            both.copy(AttachmentRow, files, AttachmentRow.procore_id.in_(found))
        return True

    def _copy_planned(self, both: _Both, whose: Any) -> None:
        """Requests that are on their way, and the jobs that send them."""
        planned = and_(RequestRow.state == "planned", whose)
        self._copy_requests(both, planned)
        sending = and_(Job.state == "running", Job.lease_until > self._now)
        jobs = Job.id.in_(select(RequestRow.job_id).where(planned))
        both.copy(Job, sending, jobs, changed=lambda row: {**row, "pass_id": None})

    def _copy_written(self, both: _Both, *whose: Any) -> None:
        """Requests that these entries were written with last."""
        ids = both.source.scalars(select(Entry.written_request_id).where(*whose).distinct())
        for some in slices(sorted(id_ for id_ in ids if id_ is not None)):
            self._copy_requests(both, RequestRow.id.in_(some))

    def _copy_requests(self, both: _Both, *where: Any) -> None:
        def noted(row: Row) -> Row:
            self._requests.add(row["id"])
            return row

        both.copy(RequestRow, *where, changed=noted, size=REQUESTS)

    def _copy_entries(self, both: _Both, *where: Any) -> None:
        both.copy(Entry, *where, changed=self._without_lost)

    def _without_lost(self, entry: Row) -> Row:
        """References only to requests that were copied."""
        names = ("request_id", "written_request_id")
        return {**entry, **{name: entry[name] if entry[name] in self._requests else None for name in names}}

    @contextmanager
    def _copying(self) -> Iterator[_Both]:
        with transaction(self._source) as source, transaction(self.engine) as target:
            yield _Both(source, target)


@dataclass(frozen=True, slots=True)
class _Both:
    """The ledger and the copy, while rows go from one to the other."""

    source: Session
    target: Session

    def copy(self, table: type[Table], *where: Any, changed: Any = dict, size: int = SLICE) -> None:
        """These rows, as far as the copy does not have them, in the order in which they were made."""
        columns, key = table.__table__, table.__table__.primary_key
        query = select(columns).where(*where).order_by(*key).execution_options(yield_per=size)
        new = sqlite.insert(table).on_conflict_do_nothing()
        for some in self.source.execute(query).mappings().partitions():
            rows = [_renumbered(table, changed(dict(row))) for row in some]
            self.target.connection().execute(new, rows)


def _renumbered(table: type[Table], row: Row) -> Row:
    """Without its number, where the copy gives it one of its own."""
    return {name: value for name, value in row.items() if name != "id"} if table in _UNNAMED else row


def _first_job(now: datetime) -> Mapping[str, Any]:
    return {
        "id": FIRST,
        "job_number": "",
        "trigger": "manual",
        "state": "done",
        "task_id": "",
        "queued_at": now,
        "finished_at": now,
    }


def _first_request(now: datetime) -> Mapping[str, Any]:
    names = ("tenant_id", "kind", "key", "method", "path", "body")
    numbers = {"id": FIRST, "project_id": 0, "job_id": FIRST}
    return {**numbers, **dict.fromkeys(names, ""), "state": "answered", "planned_at": now}
