"""One stage of one job: the records that changed, then those that are held or wait, then those that are missing.

What each of them becomes is found out by `carry`; here is which are read, in which order, and how far they were read.
"""

from __future__ import annotations

from collections import Counter

from worker.pipeline import instrument
from worker.pipeline.carry import carry
from worker.pipeline.read import closed_tools, due, lists
from worker.pipeline.settle import missing_records
from worker.pipeline.work import Stage, Work


def run(work: Work, stage: Stage) -> None:
    """One stage of one job: what changed, then what is held or waits."""
    with instrument.stage(work, stage.name):
        _run(work, stage)


def _run(work: Work, stage: Stage) -> None:
    started_at = work.now()
    work.counts.setdefault(stage.name, Counter())  # so that the heartbeat says which stage it is
    if not due.reads(work, stage.name):
        return
    made = work.procore.api.calls
    if closed_tools.is_left_out(work, stage):
        due.note(work, stage.name, None, started_at, 0, is_whole=True)
        return
    if stage.whole and work.due is None and not lists.is_due(work, stage.name):
        return
    since = lists.since(work, stage.name)
    unseen = set(work.holds.to_look_at(stage.name))
    if since is None:
        unseen |= missing_records.expected(work, stage)
    newest = carry(work, stage, stage.read(work), unseen)
    if stage.name in work.handed:
        return  # the job comes back, and the list is read from the same place again
    if stage.find is not None and (asked := sorted(id_ for id_ in unseen if id_.isdigit())):
        carry(work, stage, stage.find(work, asked), unseen)
    missing = [id_ for id_ in unseen if id_.isdigit() or since is None]
    missing = closed_tools.out_of_reach(work, stage, missing)
    if shown := missing_records.missing(work, stage, missing, is_full=since is None):
        carry(work, stage, shown)
    for named, rows in (stage.settle(work) if stage.settle is not None else None) or ():
        with instrument.stage(work, named):
            carry(work, work.stages[named], rows)
    if not work.shown.any_of(stage.lists):
        due.note_refused(work, stage.name, started_at, work.procore.api.calls - made)
        return  # it is read from the same place again
    lists.note_read(work, stage.name, newest, since is None, started_at)
    if stage.whole:
        lists.note_whole(work, stage.name, started_at)
    moved_at = started_at if stage.name in work.from_procore.put_off else newest  # for the next pass to read it
    due.note(work, stage.name, moved_at, started_at, work.procore.api.calls - made, is_whole=since is None)
