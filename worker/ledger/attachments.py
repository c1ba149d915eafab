"""Which files of records are at their documents in Xero, and which are on their way there.

planned → sending (committed) → the file goes → sent (committed). One that is found `sending` may have arrived: it is
looked for at its document before it goes again. Content and addresses of files are not remembered.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, and_, delete, select, update

from worker.ledger.database import insert_or_skip, slices, transaction
from worker.ledger.jobs import Jobs
from worker.ledger.tables import AttachmentRow, Job

#: Those that are still to go.
OPEN = ("planned", "sending")


@dataclass(frozen=True, slots=True)
class File:
    """One attachment of one record."""

    procore_id: str
    attachment_id: str
    #: The document that it goes to, or is at.
    xero_id: str
    #: As it is called in Xero.
    name: str
    state: str = "planned"
    #: In bytes, once it was read.
    size: int = 0


#: By record, then by attachment.
Found = dict[str, dict[str, File]]


class Attachments:
    """The attachments of one organisation, as one job of one project works on them."""

    def __init__(self, engine: Engine, tenant_id: str, jobs: Jobs, job: Job, owner: str, project_id: int) -> None:
        self._engine = engine
        self._tenant_id = tenant_id
        self._jobs = jobs
        self._job = job
        self._owner = owner
        self._project_id = project_id

    def of(self, kind: str, ids: Iterable[str]) -> Found:
        """What is known of the files of these records."""
        found: Found = {}
        for some in slices(list(dict.fromkeys(ids))):
            found |= self._select(kind, AttachmentRow.procore_id.in_(some))
        return found

    def outstanding(self, kind: str) -> Found:
        """The project's files that are still to go, whichever job planned them."""
        return self._select(kind, AttachmentRow.state.in_(OPEN), AttachmentRow.project_id == self._project_id)

    def plan(self, kind: str, files: Sequence[File]) -> None:
        """These are to go to the documents named, whatever was known of them before."""
        if not files:
            return
        rows = [{**self._key(kind, file), "project_id": self._project_id, **_values(file)} for file in files]
        with transaction(self._engine) as session:
            for some in slices(rows):
                insert_or_skip(session, AttachmentRow, some)
            for file in files:
                session.execute(update(AttachmentRow).where(self._is(kind, file)).values(**_values(file)))

    def begin(self, kind: str, file: File, size: int) -> str:
        """The file is about to go; returns the key that it goes under. Raises ProjectBusy when the job is not ours."""
        now = self._jobs.now()
        with transaction(self._engine) as session:
            self._jobs.extend_in(session, now, self._job.id, self._owner)
            sending = _values(replace(file, state="sending", size=size))
            session.execute(update(AttachmentRow).where(self._is(kind, file)).values(**sending))
        return f"{self._tenant_id}-{uuid.uuid4()}"

    def settle(self, kind: str, file: File, state: str, size: int) -> None:
        """What became of it: sent, left_out, or planned again because it surely did not arrive."""
        with transaction(self._engine) as session:
            session.execute(update(AttachmentRow).where(self._is(kind, file)).values(state=state, size=size))

    def forget(self, kind: str, files: Iterable[File]) -> None:
        """These are not to go any more."""
        going = list(files)
        if not going:
            return
        with transaction(self._engine) as session:
            for file in going:
                session.execute(delete(AttachmentRow).where(self._is(kind, file)))

    def _select(self, kind: str, *where: Any) -> Found:
        mine = and_(AttachmentRow.tenant_id == self._tenant_id, AttachmentRow.kind == kind, *where)
        found: Found = {}
        with transaction(self._engine) as session:
            for row in session.scalars(select(AttachmentRow).where(mine).order_by(AttachmentRow.id)):
                file = File(row.procore_id, row.attachment_id, row.xero_id, row.name, row.state, row.size)
                found.setdefault(row.procore_id, {})[row.attachment_id] = file
        return found

    def _key(self, kind: str, file: File) -> dict[str, Any]:
        names = {"procore_id": file.procore_id, "attachment_id": file.attachment_id}
        return {"tenant_id": self._tenant_id, "kind": kind, **names}

    def _is(self, kind: str, file: File) -> Any:
        return and_(*(getattr(AttachmentRow, name) == value for name, value in self._key(kind, file).items()))


def _values(file: File) -> dict[str, Any]:
    return {"xero_id": file.xero_id, "name": file.name, "state": file.state, "size": file.size}
