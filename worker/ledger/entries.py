"""Which record is which document, and every write that is on its way: plan (commit) → send → confirm (commit).

Before anything is sent, one transaction writes the entries and the request with its exact body. Whatever happens then,
the entries stay `planned` until the answer is confirmed here, or until the request is resolved by looking in Xero.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, select, update
from sqlalchemy.orm import Session

from worker.errors import ProjectBusy
from worker.facts import MERGED_FROM
from worker.ledger import handed_over
from worker.ledger.database import insert_or_skip, on_rows, slices, transaction
from worker.ledger.entry_statements import (
    ANSWERED,
    CHANGE,
    IN_PROJECT,
    LIVE,
    LOCKED,
    NEW_REQUEST,
    OF_DOCUMENT,
    OF_IDS,
    OPEN_REQUEST,
    PLANNED,
    REQUEST,
    UNRESOLVED,
)
from worker.ledger.jobs import Jobs
from worker.ledger.landing import after, freed, moved
from worker.ledger.lease import lease_at
from worker.ledger.requests import Planned, Request, Result
from worker.ledger.tables import Entry, Job, RequestRow


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of a record."""

    procore_id: str
    state: str
    xero_id: str | None
    fingerprint: str | None
    facts: Mapping[str, Any]
    project_id: int


#: Records that one statement looks up.
MOST_IDS = 5_000
#: Instead of the fingerprint of a document that a person deleted or voided in Xero.
GONE = "gone"


class Entries:
    """The entries of one organisation, as one job of one project works on them."""

    def __init__(
        self,
        engine: Engine,
        tenant_id: str,
        jobs: Jobs,
        job: Job,
        owner: str,
        project_id: int,
        now: Callable[[], datetime],
        progress: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """`progress` counts what the job has done so far, for whoever watches its row."""
        self._engine = engine
        self._tenant_id = tenant_id
        self._jobs = jobs
        self._job = job
        self._owner = owner
        self._project_id = project_id
        self._now = now
        self._progress = progress

    def known(self, kind: str, ids: Iterable[str]) -> dict[str, Known]:
        """The entries of these records, by Procore id."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Known] = {}
        with on_rows(self._engine) as connection:
            for some in slices(wanted, MOST_IDS):
                found |= self._select(connection, OF_IDS, kind=kind, ids=some)
        return found

    def live(self, kind: str) -> dict[str, Known]:
        """All live entries of a kind: for the few hundred options that all projects share."""
        with on_rows(self._engine) as connection:
            return self._select(connection, LIVE, kind=kind)

    def live_in_project(self, kind: str) -> dict[str, Known]:
        return self._in_project(kind, "live")

    def free_in_project(self, kind: str) -> dict[str, Known]:
        """The entries of records that have no document: of which something is noted, or whose document is gone."""
        return self._in_project(kind, "free")

    def plan(
        self, kind: str, method: str, path: str, items: Sequence[Planned], render: Callable[[list[Planned]], str]
    ) -> tuple[Request | None, list[Planned]]:
        """Journal one request; returns it, and the items that another job is sending at this moment.

        Raises ProjectBusy when the job is no longer ours.
        """
        ordered = sorted(items, key=lambda item: item.procore_id)  # one order for all, so that no two jobs deadlock
        while True:
            now, counts = self._now(), dict(self._progress())
            write = {"kind": kind, "method": method, "path": path, "planned_at": now}
            try:
                with on_rows(self._engine) as connection:
                    self._jobs.extend_in(connection, now, self._job.id, self._owner, counts=counts)
                    return self._plan(connection, write, ordered, render)
            except _MadeMeanwhile:
                continue

    def _plan(
        self,
        connection: Connection,
        write: Mapping[str, Any],
        items: Sequence[Planned],
        render: Callable[[list[Planned]], str],
    ) -> tuple[Request | None, list[Planned]]:
        rows = self._lock_rows(connection, write["kind"], [item.procore_id for item in items])
        ours = [item for item in items if _is_free(rows.get(item.procore_id), item)]
        busy = [item for item in items if not _is_free(rows.get(item.procore_id), item)]
        if not ours:
            return None, busy
        request = self._journal(connection, write, render(ours), tuple(ours))
        along = [item.procore_id for item in ours if item.project_id is not None]
        if along and not handed_over.are_in(connection, request.id, self._job.id, request.kind, along):
            raise ProjectBusy("The job of another project is at its own documents again.", 2.0)
        new: list[dict[str, Any]] = []
        known: list[dict[str, Any]] = []
        for position, item in enumerate(ours):
            planned = {
                "state": "planned",
                "request_id": request.id,
                "position": position,
                "planned_fingerprint": item.fingerprint,
                "planned_facts": dict(item.facts),
            }
            if item.procore_id in rows:
                known.append({"row": rows[item.procore_id].id, **planned})
            else:
                new.append(self._new_row(write["kind"], item.procore_id, item.project_id) | planned)
        if new and insert_or_skip(connection, Entry, new) < len(new):
            raise _MadeMeanwhile
        if known:
            connection.execute(CHANGE, known)
        return request, busy

    def confirm(self, request: Request, results: Sequence[Result], *, done: bool = True) -> bool:
        """Write down what became of members. `done=False` leaves the others planned, for a look-up later.

        False when somebody else resolved the request meanwhile; then nothing is written.
        """
        state, now = "answered" if done else "planned", self._now()
        with on_rows(self._engine) as connection:
            ended = {"request": request.id, "state": state, "answered_at": now}
            journalled = connection.execute(ANSWERED, ended).first()
            if journalled is None:
                return False
            known = self._planned(connection, request.id)
            rows = {row.procore_id: row for row in known}
            ours = [(rows[result.procore_id], result) for result in results if result.procore_id in rows]
            if ours:
                did = {row.procore_id: what for row, result in ours if (what := moved(row, result))}
                whose = {} if journalled.moved else {"job_id": self._job.id}  # a dead job's pass has been told
                connection.execute(REQUEST, {"request": request.id, "moved": {**journalled.moved, **did}, **whose})
                connection.execute(CHANGE, [{"row": row.id, **after(row, result)} for row, result in ours])
        return True

    def adopt(self, kind: str, procore_id: str, xero_id: str, fingerprint: str, facts: Mapping[str, Any]) -> bool:
        """Tie a record to a document that is in Xero already, without sending anything. False when it is being sent."""
        tied = {"state": "live", "xero_id": xero_id, "fingerprint": fingerprint}
        with on_rows(self._engine) as connection:
            row = self._lock_rows(connection, kind, [procore_id]).get(procore_id)
            if row is None:
                new = {"position": 0, "facts": dict(facts), "planned_facts": {}, **tied}
                return insert_or_skip(connection, Entry, [self._new_row(kind, procore_id) | new]) == 1
            if row.state != "free":
                return False
            connection.execute(CHANGE, [{"row": row.id, **tied, "facts": {**row.facts, **facts}}])
        return True

    def untie(self, kind: str, procore_id: str, xero_id: str) -> None:
        """This document of the record is not there any more, or another record's: the next one is another document."""
        with on_rows(self._engine) as connection:
            row = self._lock_rows(connection, kind, [procore_id]).get(procore_id)
            if row is not None and row.state == "live" and row.xero_id == xero_id:
                connection.execute(CHANGE, [{"row": row.id, **freed(row)}])

    def record_of(self, kinds: Sequence[str], xero_id: str) -> tuple[str, Known] | None:
        """The kind and entry of the first record of one of these kinds that has this document, of whatever project."""
        with on_rows(self._engine) as connection:
            for kind in kinds:
                for known in self._select(connection, OF_DOCUMENT, kind=kind, xero_id=xero_id).values():
                    return kind, known
        return None

    def prove(self, kind: str, procore_id: str, fingerprint: str) -> None:
        """The document is what was asked for after all."""
        where = and_(Entry.tenant_id == self._tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
        with transaction(self._engine) as session:
            session.execute(update(Entry).where(where, Entry.state == "live").values(fingerprint=fingerprint))

    def doubt(self, kind: str, procore_id: str) -> None:
        """The document is gone in Xero: should the record go again, it is looked at and not taken for unchanged."""
        self.prove(kind, procore_id, GONE)

    def point(self, kind: str, old_id: str, new_id: str) -> None:
        """Records tied to one document are another one's now: a person merged the two. It is not ours to change."""
        where = and_(Entry.tenant_id == self._tenant_id, Entry.kind == kind, Entry.xero_id == old_id)
        with transaction(self._engine) as session:
            for row in session.scalars(select(Entry).where(where, Entry.state == "live").with_for_update()):
                merged = [*row.facts.get(MERGED_FROM, ()), old_id]
                row.xero_id, row.facts = new_id, {**row.facts, "adopted": True, MERGED_FROM: merged}

    def note(self, kind: str, procore_id: str, facts: Mapping[str, Any]) -> None:
        """Remember something that was read in Xero about a live document."""
        with transaction(self._engine) as session:
            where = and_(Entry.tenant_id == self._tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
            row = session.scalars(select(Entry).where(where).with_for_update()).one()
            row.facts = {**row.facts, **facts}

    def note_free(self, kind: str, procore_id: str, facts: Mapping[str, Any]) -> None:
        """Remember something about a record that has no document; nothing where it has one meanwhile."""
        with on_rows(self._engine) as connection:
            row = self._lock_rows(connection, kind, [procore_id]).get(procore_id)
            if row is None:
                new = {"state": "free", "position": 0, "facts": dict(facts), "planned_facts": {}}
                insert_or_skip(connection, Entry, [self._new_row(kind, procore_id) | new])
            elif row.state == "free":
                connection.execute(CHANGE, [{"row": row.id, "facts": {**row.facts, **facts}}])

    def date(self, request: Request, planned_at: datetime) -> None:
        """It counts as planned then."""
        with on_rows(self._engine) as connection:
            connection.execute(OPEN_REQUEST, {"request": request.id, "planned_at": planned_at})

    def unresolved(self) -> list[Request]:
        """Requests whose outcome nobody knows: this project's own, those of dead jobs that carry a record of it, and
        those for shared documents."""
        given = {"tenant_id": self._tenant_id, "project_id": self._project_id, "job_id": self._job.id}
        with transaction(self._engine) as session:
            rows = session.scalars(UNRESOLVED, {**given, **lease_at(self._now())}).all()
            return [self._load(session, row) for row in rows]

    def last_body(self, kind: str, procore_id: str) -> tuple[str, int] | None:
        """The request body that Xero took last for this document, and its position in it."""
        with transaction(self._engine) as session:
            found = session.execute(
                select(RequestRow.body, Entry.written_position)
                .join(Entry, Entry.written_request_id == RequestRow.id)
                .where(Entry.tenant_id == self._tenant_id, Entry.kind == kind, Entry.procore_id == procore_id)
            ).first()
            return (found[0], found[1]) if found else None

    def _in_project(self, kind: str, state: str) -> dict[str, Known]:
        with on_rows(self._engine) as connection:
            return self._select(connection, IN_PROJECT, kind=kind, state=state, project_id=self._project_id)

    def _load(self, session: Session, row: RequestRow) -> Request:
        entries = sorted(self._planned(session.connection(), row.id), key=lambda entry: entry.position)
        members = tuple(
            Planned(entry.procore_id, entry.planned_fingerprint or "", {}, entry.xero_id, entry.planned_facts)
            for entry in entries
        )
        positions = tuple(entry.position for entry in entries)
        return Request(row.id, row.kind, row.key, row.method, row.path, row.body, row.planned_at, members, positions)

    def _new_row(self, kind: str, procore_id: str, project_id: int | None = None) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant_id,
            "kind": kind,
            "procore_id": procore_id,
            "project_id": self._project_id if project_id is None else project_id,
            "written_position": 0,
            "facts": {},
        }

    def _lock_rows(self, connection: Connection, kind: str, ids: Sequence[str]) -> dict[str, Row[Any]]:
        rows = connection.execute(LOCKED, {"tenant_id": self._tenant_id, "kind": kind, "ids": ids})
        return {row.procore_id: row for row in rows}

    def _planned(self, connection: Connection, request_id: int) -> Sequence[Row[Any]]:
        return connection.execute(PLANNED, {"tenant_id": self._tenant_id, "request": request_id}).all()

    def _journal(
        self, connection: Connection, write: Mapping[str, Any], body: str, members: tuple[Planned, ...]
    ) -> Request:
        """The key names this very write: keys are unique per app, so the organisation is part of it (§3)."""
        key = f"{self._tenant_id}-{uuid.uuid4()}"
        row = {
            "tenant_id": self._tenant_id,
            "project_id": self._project_id,
            "job_id": self._job.id,
            "key": key,
            "body": body,
            "state": "planned",
            **write,
        }
        request_id = connection.execute(NEW_REQUEST, row).scalar_one()
        positions = tuple(range(len(members)))
        return Request(id=request_id, key=key, body=body, members=members, positions=positions, **write)

    def _select(self, connection: Connection, query: Select[Any], **given: object) -> dict[str, Known]:
        return {row[0]: Known(*row) for row in connection.execute(query, {"tenant_id": self._tenant_id, **given})}


class _MadeMeanwhile(Exception):
    """Another job made the entry of one of these records between our look and our writing: nothing is written."""


def _is_free(row: Row[Any] | None, item: Planned) -> bool:
    """Nobody is sending it, and it is what we last saw: not there for a create, this very document for an update."""
    return item.xero_id is None if row is None else bool(row.state != "planned" and row.xero_id == item.xero_id)
