"""Records through their stage: judged in batches, sent when there are fifty, and looked at again while they are held.

One bad record stops itself and what depends on it, not its neighbours (promise 7). Memory holds one page of records and
at most one request of drafts, however long the list is; of vendors and cost codes, which are small, the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from worker import logs
from worker.errors import ProjectBusy, Skippable
from worker.facts import CODED_BY, DOUBT, RECODE, WHY_GONE
from worker.holds import HoldCode, Outcome
from worker.ledger.entries import GONE
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline import instrument
from worker.pipeline.decide.record import decide
from worker.pipeline.draft import Draft
from worker.pipeline.map import coding
from worker.pipeline.map.coding import Mapped
from worker.pipeline.read import closed_tools, due, lists
from worker.pipeline.settle import (
    before_start,
    changed_documents,
    changed_payments,
    claim_totals,
    missing_records,
    named_options,
    names,
    no_abn,
    notices,
    same_number,
    undone_records,
)
from worker.pipeline.settle.sender import Sender
from worker.pipeline.values import Keep, Reason, Stop, Withdraw, Write, because, why
from worker.pipeline.verdicts import held, said, unchanged
from worker.pipeline.work import Row, Stage, Work
from worker.procore.records import Record, Unreadable
from worker.xero.documents import Bill, Document

BATCH = 100
#: The same for lists that are read whole: so many that what is looked up does not grow with the list.
WHOLE = 5_000
#: What is asked of drafts before they are sent: each says which of them may go, and why the others do not.
_BEFORE_SENDING = (claim_totals.settle, named_options.settle, changed_payments.resolve, changed_documents.resolve)


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
    carry(work, stage, missing_records.settle(work, stage, missing, is_full=since is None))
    for named, rows in (stage.settle(work) if stage.settle is not None else None) or ():
        with instrument.stage(work, named):
            carry(work, work.stages[named], rows)
    if not work.shown.any_of(stage.lists):
        due.note_refused(work, stage.name, started_at, work.procore.api.calls - made)
        return  # it is read from the same place again
    lists.note_read(work, stage.name, newest, since is None, started_at)
    if stage.whole:
        lists.note_whole(work, stage.name, started_at)
    due.note(work, stage.name, newest, started_at, work.procore.api.calls - made, is_whole=since is None)


def carry(work: Work, stage: Stage, rows: Iterable[Row], unseen: set[str] | None = None) -> datetime | None:
    """Take these records through the stage; returns the newest `updated_at` among them.

    Removes from `unseen` what it has seen. Raises ProjectBusy when another job is sending one of these documents.
    """
    sender = Sender(work, stage)
    newest: datetime | None = None
    passed: set[str] = set()
    busy = False
    for batch in _batches(work, rows, WHOLE if stage.whole else BATCH):
        for row in batch:
            if unseen is not None:
                unseen.discard(row.procore_id)
            if isinstance(row, Record) and row.updated_at and (newest is None or row.updated_at > newest):
                newest = row.updated_at
        work.seen[stage.name] = batch[-1].procore_id
        verdicts, drafts, elsewhere = _judge(work, stage, _once(batch, passed))
        busy = busy or elsewhere
        names.note(work, batch, verdicts, lists.is_full(work, stage.name))
        work.settle(verdicts)
        sender.add(drafts)
    busy = sender.flush() or busy
    if busy:
        raise ProjectBusy(f"Another job is sending some of these {stage.name} just now.", 2.0)
    return newest


def _once(batch: Sequence[Row], passed: set[str]) -> list[Row]:
    """Without what has passed already: a list that moves while it is paged shows a record twice. What changed in
    between is read again, since it is among the newest."""
    fresh = []
    for row in batch:
        if row.procore_id not in passed:
            passed.add(row.procore_id)
            fresh.append(row)
    return fresh


def _judge(work: Work, stage: Stage, batch: Sequence[Row]) -> tuple[list[Verdict], list[Draft], bool]:
    """What is said of these records, and those that are to be sent. True: another job is sending some."""
    verdicts = [_unreadable(row) for row in batch if isinstance(row, Unreadable)]
    records = [row for row in batch if isinstance(row, Record)]
    entries = work.entries.known(stage.name, [record.procore_id for record in records])
    records, early = before_start.left_out(work, records, entries)
    verdicts += early
    for named, rows in stage.prepare(work, records) if stage.prepare is not None else ():
        carry(work, work.stages[named], rows)
    drafts: list[Draft] = []
    withdrawals: list[undone_records.Case] = []
    elsewhere = False
    holds_exported = work.known.rules.documents.exported_elsewhere == "hold"
    for record in records:
        with logs.at(record=record.title):
            entry = entries.get(record.procore_id)
            if entry is not None and entry.facts.get(WHY_GONE):
                work.entries.note(stage.name, record.procore_id, {WHY_GONE: None})  # it is back
            found = _mapped(work, stage, record, entry)
            mapped = found.document if isinstance(found, Mapped) else found
            decided = decide(record, mapped, entry, holds_exported=holds_exported)
            if isinstance(decided, Write) and _is_gone(work, stage, record, entry):
                verdicts += work.holds.still(stage.name, [record.procore_id])
            elif isinstance(decided, Write) and isinstance(found, Mapped):
                drafts.append(_draft(work, stage, record, entry, found, decided))
            elif isinstance(decided, Stop):
                verdicts.append(held(work, record, decided.reason, entry))
            elif entry is None:
                continue
            elif isinstance(decided, Withdraw):
                withdrawals.append((record, entry, decided.reason))
            elif isinstance(decided, Keep) and isinstance(found, Mapped):
                verdicts += _kept(work, record, entry, found.document)
            elif work.holds.is_held(stage.name, record.procore_id):
                work.count(stage.name, Outcome.HELD)  # several documents fit: a person must choose
            else:
                elsewhere = True
    verdicts += undone_records.settle(work, stage, withdrawals)
    for ask in _BEFORE_SENDING:
        drafts, amiss = ask(work, stage, drafts, entries)
        verdicts += amiss
    return verdicts, drafts, elsewhere


def _mapped(work: Work, stage: Stage, record: Record, entry: Entry | None) -> Mapped | Reason:
    try:
        return coding.mapped(work, stage, record, entry)
    except Skippable as error:
        return why(error)


def _kept(work: Work, record: Record, entry: Entry, document: Document) -> list[Verdict]:
    """It is as it was, unless another one is held for it."""
    verdicts = same_number.still(work, record, entry) or [unchanged(record)]
    work.learn(record.kind, _trusted(work, entry, record))
    notices.tell(work, record, document, entry.xero_id, entry.facts)
    if isinstance(document, Bill) and record.procore_id in work.landed.get(record.kind, ()):
        no_abn.tell(work, record, document)
    return verdicts


def _draft(work: Work, stage: Stage, record: Record, entry: Entry | None, found: Mapped, decided: Write) -> Draft:
    draft = Draft.of(record, decided, entry.facts if entry else None)
    draft.rules, draft.kept = found.rules, found.kept
    if stage.facts is not None:
        draft.facts |= stage.facts(record)
    if isinstance(decided.document, Bill) and found.rules is None:
        draft.facts |= {CODED_BY: coding.mark(work), RECODE: None}
    return draft


def _is_gone(work: Work, stage: Stage, record: Record, entry: Entry | None) -> bool:
    """A person took its document out of Xero, which is final there and said already: looked at again once a day."""
    if entry is None or entry.fingerprint != GONE or work.by_hand or lists.is_full(work, stage.name):
        return False
    return work.holds.is_open(stage.name, record.procore_id, HoldCode.GONE_IN_XERO)


def _trusted(work: Work, entry: Entry, record: Record) -> Entry:
    """A vendor that is what it was before somebody doubted it."""
    if not entry.facts.get(DOUBT):
        return entry
    work.entries.note(record.kind, record.procore_id, {DOUBT: None})
    return replace(entry, facts={**entry.facts, DOUBT: None})


def _unreadable(row: Unreadable) -> Verdict:
    return said(row.kind, row.procore_id, row.title, because(HoldCode.RECORD_UNREADABLE, detail=row.detail))


def _batches(work: Work, rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = _beating(work, rows)
    while batch := list(islice(rest, size)):
        yield batch


def _beating(work: Work, rows: Iterable[Any]) -> Iterator[Any]:
    """The rows, with a heartbeat as often as a page comes."""
    for number, row in enumerate(rows):
        if number % BATCH == 0:
            work.heartbeat()
        yield row
