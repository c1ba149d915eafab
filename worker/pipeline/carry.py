"""Records through their stage, a batch at a time: mapped, decided, looked up, checked and sent when there are fifty.

One bad record stops itself and what depends on it, not its neighbours (promise 7). Memory holds one page of records and
at most one request of drafts, however long the list is; of vendors and cost codes, which are small, the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from worker.pipeline.decide.record import decide
from worker.pipeline.draft import Draft
from worker.pipeline.map import coding
from worker.pipeline.map.coding import Mapped
from worker.pipeline.read import lists
from worker.pipeline.settle import before_start, names, no_abn, notices, same_number, undone_records
from worker.pipeline.settle.sender import Sender
from worker.pipeline.values import Decision, Keep, Reason, Stop, Withdraw, Write, because, why
from worker.pipeline.verdicts import held, said, unchanged
from worker.pipeline.work import Row, Stage, Work
from worker.procore.records import Record, Unreadable
from worker.xero.documents import Bill, Document

BATCH = 100
#: The same for lists that are read whole: so many that what is looked up does not grow with the list.
WHOLE = 5_000


def carry(work: Work, stage: Stage, rows: Iterable[Row], unseen: set[str] | None = None) -> datetime | None:
    """Take these records through the stage; returns the newest `updated_at` among them.

    Removes from `unseen` what it has seen. Raises ProjectBusy when another job is sending one of these documents.
    """
    sender = Sender(work, stage)
    newest: datetime | None = None
    passed: set[str] = set()
    busy, everything = False, lists.is_full(work, stage.name)
    for batch in _batches(work, rows, WHOLE if stage.whole else BATCH):
        for row in batch:
            if unseen is not None:
                unseen.discard(row.procore_id)
            if isinstance(row, Record) and row.updated_at and (newest is None or row.updated_at > newest):
                newest = row.updated_at
        work.from_procore.seen[stage.name] = batch[-1].procore_id
        fresh = _once(batch, passed)
        verdicts = [_unreadable(row) for row in fresh if isinstance(row, Unreadable)]
        records = [row for row in fresh if isinstance(row, Record)]
        entries = work.entries.known(stage.name, [record.procore_id for record in records])
        records, early = before_start.left_out(work, records, entries)
        for named, more in stage.prepare(work, records) if stage.prepare is not None else ():
            carry(work, work.stages[named], more)
        judged, drafts, elsewhere = _judge(work, stage, records, entries)
        verdicts += [*early, *judged]
        busy = busy or elsewhere
        names.note(work, batch, verdicts, everything)
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


def _judge(
    work: Work, stage: Stage, records: Sequence[Record], entries: Mapping[str, Entry]
) -> tuple[list[Verdict], list[Draft], bool]:
    """What is said of these records, and those that are to be sent. True: another job is sending some."""
    verdicts: list[Verdict] = []
    drafts: list[Draft] = []
    withdrawals: list[undone_records.Case] = []
    elsewhere = False
    for record, found, decision in list(_decided(work, stage, records, entries)):
        entry = entries.get(record.procore_id)
        if isinstance(decision, Write) and _is_gone(work, stage, record, entry):
            verdicts += work.holds.still(stage.name, [record.procore_id])
        elif isinstance(decision, Write) and isinstance(found, Mapped):
            drafts.append(_draft(work, stage, record, entry, found, decision))
        elif isinstance(decision, Stop):
            verdicts.append(held(work, record, decision.reason, entry))
        elif entry is None:
            continue
        elif isinstance(decision, Withdraw):
            withdrawals.append((record, entry, decision.reason))
        elif isinstance(decision, Keep) and isinstance(found, Mapped):
            verdicts += _kept(work, record, entry, found.document)
        elif work.holds.is_held(stage.name, record.procore_id):
            work.count(stage.name, Outcome.HELD)  # several documents fit: a person must choose
        else:
            elsewhere = True
    if withdrawals:
        verdicts += undone_records.settle(work, stage, withdrawals)
    for settle in stage.before_sending if drafts else ():
        drafts, amiss = settle(work, stage, drafts, entries)
        verdicts += amiss
    return verdicts, drafts, elsewhere


def _decided(
    work: Work, stage: Stage, records: Sequence[Record], entries: Mapping[str, Entry]
) -> Iterator[tuple[Record, Mapped | Reason, Decision]]:
    """What each of them becomes, or why it becomes nothing, and what should happen with it as far as the ledger knows.
    Of one that a list lacked and that is back nothing else is remembered."""
    holds_exported = work.known.rules.documents.exported_elsewhere == "hold"
    for record in records:
        entry = entries.get(record.procore_id)
        with logs.at(record=record.title):
            if entry is not None and entry.facts.get(WHY_GONE):
                work.entries.note(stage.name, record.procore_id, {WHY_GONE: None})
            found = _mapped(work, stage, record, entry)
            mapped = found.document if isinstance(found, Mapped) else found
            decision = decide(record, mapped, entry, holds_exported=holds_exported)
        yield record, found, decision


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
