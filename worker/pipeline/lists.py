"""When the lists that Procore cannot filter by change are read: vendors and cost codes, each of them whole.

They are many calls, and matter to the books when a claim or invoice names one of theirs: that is looked up just then
(`prepare`, `costing`), so that no record is ever held because a list was not read. The lists themselves are read every
LISTS_EVERY_HOURS, each project's at a time of its own, and sooner where somebody waits for them.
"""

from __future__ import annotations

from datetime import datetime

from worker.pipeline import daily
from worker.pipeline.work import Work


def is_due(work: Work, kind: str) -> bool:
    """Whether this job reads the list: when all is compared, when its time has come, and for records of the kind that
    are held or wait."""
    return (
        daily.is_due(_listed_at(work, kind), work.now(), work.lists_every)
        or work.is_full(kind)
        or bool(work.holds.to_look_at(kind))
    )


def note(work: Work, kind: str, read_at: datetime) -> None:
    """Remember that the list was read to its end; what was read before its time does not move its next one."""
    if not work.lists_every:
        return
    listed_at = daily.counts_as(_listed_at(work, kind), read_at, work.lists_every, work.project.id)
    work.cursors.set({f"{kind}:listed_at": listed_at.isoformat()})


def _listed_at(work: Work, kind: str) -> datetime | None:
    at = work.cursors.get(f"{kind}:listed_at")
    return datetime.fromisoformat(at) if at else None
