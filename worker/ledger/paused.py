"""Projects that were begun and are not synced now, and what the last audit found still open in them.

A project that is over is not named for ever: once an audit has seen that nothing of it is open, nobody needs to know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from worker.ledger.database import insert_or_update, transaction
from worker.ledger.projects import PAUSED_WITH_BILLS
from worker.ledger.tables import Cursor, ProjectRow

#: The cursor that keeps it: when, and in words what; blank words: nothing.
_OPEN = "still open"
_LONGEST = 180


@dataclass(frozen=True, slots=True)
class Paused:
    """One project; `still_open` is blank where no audit has looked since it was paused."""

    row: ProjectRow
    still_open: str

    @property
    def reason(self) -> str:
        """Why it is not synced, and what is open of it."""
        return f"{self.row.reason} Still open: {self.still_open}." if self.still_open else self.row.reason


def note(engine: Engine, project_id: int, still_open: str, at: datetime) -> None:
    """What an audit found."""
    value = json.dumps({"at": at.isoformat(), "open": still_open[:_LONGEST]})
    with transaction(engine) as session:
        insert_or_update(session, Cursor, [{"project_id": project_id, "name": _OPEN, "value": value}])


def paused(engine: Engine) -> list[Paused]:
    """Those with bills in Xero that somebody is to know of, by job number."""
    with transaction(engine) as session:
        rows = list(session.scalars(select(ProjectRow).where(PAUSED_WITH_BILLS).order_by(ProjectRow.job_number)))
        noted = session.execute(select(Cursor.project_id, Cursor.value).where(Cursor.name == _OPEN))
        said = {row.project_id: json.loads(row.value) for row in noted}
    return list(_to_be_named(rows, said))


def _to_be_named(rows: Iterable[ProjectRow], noted: dict[int, dict[str, str]]) -> Iterable[Paused]:
    for row in rows:
        found = noted.get(row.procore_id)
        since = row.judged_at
        if found is None or (since is not None and datetime.fromisoformat(found["at"]) < since):
            yield Paused(row, "")
        elif found["open"]:
            yield Paused(row, found["open"])
