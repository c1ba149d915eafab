"""From when a list of Procore is read, and how far it was.

Vendors and cost codes, which Procore cannot filter by change, are read whole. They are many calls, and matter to the
books when a claim or invoice names one of theirs: that is looked up just then (`map`), so that no record
is ever held because a list was not read. The lists themselves are read every LISTS_EVERY_HOURS, each project's at a
time of its own, and sooner where somebody waits for them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from worker.pipeline.read import daily, rhythm
from worker.pipeline.work import Work

#: Lists are read again from a little before where they ended: clocks differ, and pages move while they are read.
OVERLAP = timedelta(minutes=5)

#: Procore's answers and its records do not differ by more in what time it is. What Procore has shown at one moment is
#: not read for ever after: an import of a thousand records in five minutes would be, in each job, until a newer one
#: comes.
SKEW = timedelta(hours=1)


def is_full(work: Work, kind: str) -> bool:
    """Whether this job reads everything of a kind."""
    return since(work, kind) is None


def was_read(work: Work, kind: str) -> bool:
    """Whether an earlier job has read the list."""
    return bool(work.cursors.get(f"{kind}:since"))


def since(work: Work, kind: str) -> datetime | None:
    """From when a list is read; None reads all of it: first time, once a day, after the rules changed, and for a
    person who started the job. Told once in a job, whatever the clock says later."""
    if kind not in work.from_procore.since:
        work.from_procore.since[kind] = _since(work, kind)
    return work.from_procore.since[kind]


def _since(work: Work, kind: str) -> datetime | None:
    at = work.cursors.get(f"{kind}:since")
    if work.by_hand and work.cursors.get(f"{kind}:by_hand") != work.by_hand:
        return None
    if not at or daily.is_due(_full_at(work, kind), work.now(), compare_every(work, kind)):
        return None
    return datetime.fromisoformat(at)


def _full_at(work: Work, kind: str) -> datetime | None:
    """When all of a list was read under these rules; None when it never was."""
    full_at = work.cursors.get(f"{kind}:full_at")
    is_same = work.cursors.get(f"{kind}:rules") == work.known.rules.digest
    return datetime.fromisoformat(full_at) if full_at and is_same else None


def compare_every(work: Work, kind: str = "", newest: datetime | None = None) -> timedelta:
    """The time between two readings of everything in a list, of which `newest` says when something moved last, if that
    is not known yet; without its name, of what goes with all lists of the project."""
    if work.due is None:
        return work.full_compare_every
    moved_at = newest or work.due.lists.moved_at(kind if kind in rhythm.CAPS else "")
    return rhythm.compare_every(work.full_compare_every, moved_at, work.now())


def compared_at(work: Work, kind: str, read_at: datetime) -> datetime:
    """When all of a list counts as read under these rules; `read_at` where it never was."""
    return _full_at(work, kind) or read_at


def note_read(work: Work, kind: str, newest: datetime | None, was_full: bool, started_at: datetime) -> None:
    """Remember how far a list was read, and that it was: not beyond what is left to the next pass."""
    values = {f"{kind}:rules": work.known.rules.digest}
    told, left = work.procore.api.clock.read(), work.from_procore.put_off.get(kind)
    began = min(started_at, told - (work.now() - started_at)) if told else started_at
    if (at := reached(newest, began, was_told=told is not None, was_full=was_full)) is not None:
        values[f"{kind}:since"] = (at if left is None else min(at, left - OVERLAP)).isoformat()
    if was_full:
        full_at = daily.counts_as(_full_at(work, kind), started_at, compare_every(work, kind), work.project.id)
        values[f"{kind}:full_at"] = full_at.isoformat()
        if work.by_hand:
            values[f"{kind}:by_hand"] = work.by_hand  # should the job come back, it need not be read again
    work.cursors.set(values)


def reached(newest: datetime | None, began: datetime, *, was_told: bool, was_full: bool) -> datetime | None:
    """From when a list is read next time, after a reading that began then and whose newest record changed at `newest`;
    None: from where this one was.

    That is from where Procore's own clock has come, as the newest record shows; a record that says it changed tomorrow
    does not hide today's. Or else it is an hour back of what its answers say (`was_told`), and never of our own clock
    alone: were that ahead, it would hide what changes meanwhile.
    """
    shown = [*([min(newest, began)] if newest else []), *([began - SKEW] if was_told else [])]
    return max(shown) - OVERLAP if shown and (newest is not None or was_full) else None


def is_due(work: Work, kind: str) -> bool:
    """Whether this job reads the list: when all is compared, when its time has come, and for records of the kind that
    are held or wait."""
    return (
        daily.is_due(_listed_at(work, kind), work.now(), work.lists_every)
        or is_full(work, kind)
        or bool(work.holds.to_look_at(kind))
    )


def note_whole(work: Work, kind: str, read_at: datetime) -> None:
    """Remember that the list was read to its end; what was read before its time does not move its next one."""
    if not work.lists_every:
        return
    listed_at = daily.counts_as(_listed_at(work, kind), read_at, work.lists_every, work.project.id)
    work.cursors.set({f"{kind}:listed_at": listed_at.isoformat()})


def _listed_at(work: Work, kind: str) -> datetime | None:
    at = work.cursors.get(f"{kind}:listed_at")
    return datetime.fromisoformat(at) if at else None
