"""Which lists a job reads, and what it notes about those that it read: when they are due again (`rhythm`)."""

from __future__ import annotations

from datetime import datetime

from worker.holds import HoldCode
from worker.ledger.lists import Listed
from worker.pipeline.read import lists, rhythm
from worker.pipeline.work import Work

#: Statuses of a claim whose approval is near.
_NEAR = ("under_review", "pending_owner_approval")


def is_nothing(work: Work) -> bool:
    """Whether the job reads no list at all: then it makes no call to Procore."""
    return work.due is not None and work.due.names is not None and not work.due.names


def is_all(work: Work) -> bool:
    """Whether the job reads every list of the project."""
    return work.due is None or work.due.names is None


def reads(work: Work, name: str) -> bool:
    """Whether this list is planned for this job. Of what has no list of its own, always."""
    names = work.due.names if work.due is not None else None
    return names is None or name in names or name not in (*rhythm.CAPS, *rhythm.WHOLE)


def note(work: Work, name: str, newest: datetime | None, read_at: datetime, calls: int, *, is_whole: bool) -> None:
    """Remember that the list was read, and what moved in it last; and the calls of a reading of everything."""
    if work.due is None or name not in (*rhythm.CAPS, *rhythm.WHOLE):
        return
    times = [at for at in (work.due.lists.changed_at(name), newest) if at is not None]
    changed_at = min(max(times), read_at) if times else None
    is_busy = changed_at is not None and read_at - changed_at < rhythm.BUSY
    compare_at = lists.compared_at(work, name, read_at) + lists.compare_every(work, name, changed_at)
    due_at = rhythm.next_due(
        name,
        read_at,
        changed_at,
        compare_at,
        work.due.every,
        is_near=name == "claims" and is_busy and _is_in_review(work),
        is_held=bool(work.holds.to_look_at(name)),
    )
    known = None if is_whole else work.due.lists.calls(name)
    work.due.lists.note(_listed(work, name, read_at, changed_at, due_at, compare_at, known or calls), work.now())


def note_refused(work: Work, name: str, read_at: datetime, calls: int) -> None:
    """Remember that Procore does not show the list, so that it is asked for again soon, but not in every pass."""
    if work.due is not None and name in (*rhythm.CAPS, *rhythm.WHOLE):
        changed_at, due_at = work.due.lists.changed_at(name), read_at + rhythm.CLOSED
        calls = work.due.lists.calls(name) or calls
        work.due.lists.note(_listed(work, name, read_at, changed_at, due_at, None, calls), work.now())


def _listed(
    work: Work,
    name: str,
    read_at: datetime,
    changed_at: datetime | None,
    due_at: datetime,
    compare_at: datetime | None,
    calls: int,
) -> Listed:
    rules = work.known.rules.digest
    return Listed(work.project.id, name, read_at, changed_at, due_at, compare_at, rules, calls)


def _is_in_review(work: Work) -> bool:
    return any(work.holds.says(HoldCode.NOT_APPROVED, f"'{status}'") for status in _NEAR)
