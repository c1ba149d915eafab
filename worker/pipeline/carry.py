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
from worker.errors import ProjectBusy
from worker.facts import DOUBT, WHY_GONE
from worker.holds import HoldCode, Outcome
from worker.ledger.entries import GONE
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.decide import came_to_nothing
from worker.pipeline.decide.record import decide
from worker.pipeline.draft import Draft
from worker.pipeline.map import coding
from worker.pipeline.map.coding import Mapped
from worker.pipeline.read import lists
from worker.pipeline.settle import before_start, held_together, names, notices, sender, undone_records
from worker.pipeline.values import Decision, Keep, Reason, Standing, Stop, Withdraw, Write, because
from worker.pipeline.verdicts import held, said, unchanged
from worker.pipeline.work import Row, Stage, Work
from worker.procore.records import Record, Unreadable

BATCH = 100
#: The same for lists that are read whole: so many that what is looked up does not grow with the list.
WHOLE = 5_000
#: A record, what it becomes or why it becomes nothing, and what should happen with it.
Decided = tuple[Record, Mapped | Reason, Decision]


def carry(work: Work, stage: Stage, rows: Iterable[Row], unseen: set[str] | None = None) -> datetime | None:
    """Take these records through the stage; returns the newest `updated_at` among them.

    Removes from `unseen` what it has seen. Raises ProjectBusy when another job is sending one of these documents.
    """
    way = _Way(work, stage, set() if unseen is None else unseen)
    busy = sender.send(work, stage, map(way.drafts, _batches(work, rows, WHOLE if stage.whole else BATCH)))
    if busy or way.busy:
        raise ProjectBusy(f"Another job is sending some of these {stage.name} just now.", 2.0)
    return way.newest


class _Way:
    """One list's way to what is to be sent: each phase takes a whole batch."""

    def __init__(self, work: Work, stage: Stage, unseen: set[str]) -> None:
        self._work = work
        self._stage = stage
        self._unseen = unseen
        self._passed: set[str] = set()
        self._is_full = lists.is_full(work, stage.name)
        self.newest: datetime | None = None
        #: Whether another job is sending some.
        self.busy = False

    def drafts(self, batch: Sequence[Row]) -> list[Draft]:
        """What of these records is to be sent. What is said of the others is written down."""
        work, stage = self._work, self._stage
        fresh = self._read(batch)
        records = [row for row in fresh if isinstance(row, Record)]
        entries = work.entries.known(stage.name, [record.procore_id for record in records])
        records, early = before_start.left_out(work, records, entries)
        for named, more in stage.prepare(work, records) if stage.prepare is not None else ():
            carry(work, work.stages[named], more)
        self._note_shown(records, entries)
        decided = self._decide(records, coding.mapped(work, stage, records, entries), entries)
        drafts, judged = self._sort(decided, entries)
        verdicts = [_unreadable(row) for row in fresh if isinstance(row, Unreadable)] + early + judged
        for settle in stage.before_sending if drafts else ():
            drafts, amiss = settle(work, stage, drafts, entries)
            verdicts += amiss
        names.note(work, batch, verdicts, self._is_full)
        work.settle(verdicts)
        return drafts

    def _read(self, batch: Sequence[Row]) -> list[Row]:
        """The batch without what has passed already: a list that moves while it is paged shows a record twice. What
        changed in between is read again, since it is among the newest."""
        fresh: dict[str, Row] = {}
        for row in batch:
            self._unseen.discard(row.procore_id)
            if isinstance(row, Record) and row.updated_at and (self.newest is None or row.updated_at > self.newest):
                self.newest = row.updated_at
            if row.procore_id not in self._passed:
                fresh.setdefault(row.procore_id, row)
        self._passed |= fresh.keys()
        self._work.from_procore.seen[self._stage.name] = batch[-1].procore_id
        return list(fresh.values())

    def _note_shown(self, records: Sequence[Record], entries: Mapping[str, Entry]) -> None:
        """Of a record that a list lacked and that is back nothing else is remembered."""
        for record in records:
            if (entry := entries.get(record.procore_id)) is not None and entry.facts.get(WHY_GONE):
                self._work.entries.note(self._stage.name, record.procore_id, {WHY_GONE: None})

    def _decide(
        self, records: Sequence[Record], found: Sequence[Mapped | Reason], entries: Mapping[str, Entry]
    ) -> list[Decided]:
        """What should happen with each, as far as the ledger knows."""
        holds_exported = self._work.known.rules.documents.exported_elsewhere == "hold"
        decided: list[Decided] = []
        for record, one in zip(records, found, strict=True):
            mapped, entry = one.document if isinstance(one, Mapped) else one, entries.get(record.procore_id)
            with logs.at(record=record.title):
                decided.append((record, one, decide(record, mapped, entry, holds_exported=holds_exported)))
        return decided

    def _sort(self, decided: Sequence[Decided], entries: Mapping[str, Entry]) -> tuple[list[Draft], list[Verdict]]:
        """The drafts among these, and what is said of the others."""
        work, stage = self._work, self._stage
        verdicts: list[Verdict] = []
        drafts: list[Draft] = []
        kept: list[tuple[Entry, Standing]] = []
        undone: list[undone_records.Case] = []
        for record, found, decision in decided:
            entry = entries.get(record.procore_id)
            if isinstance(decision, Write) and self._is_gone(record, entry):
                verdicts += work.holds.still(stage.name, [record.procore_id])
            elif isinstance(decision, Write) and entry and work.leaves(entry.facts, decision.fingerprint):
                verdicts.append(held(work, record, came_to_nothing.LEFT, entry))
            elif isinstance(decision, Write) and isinstance(found, Mapped):
                drafts.append(_draft(stage, record, entry, found, decision))
            elif isinstance(decision, Stop):
                verdicts.append(held(work, record, decision.reason, entry))
            elif entry is None:
                continue
            elif isinstance(decision, Withdraw):
                undone.append((record, entry, decision.reason))
            elif isinstance(decision, Keep) and isinstance(found, Mapped):
                is_new = record.procore_id in work.landed.get(record.kind, ())
                kept.append((entry, Standing(record, found.document, entry.xero_id, entry.facts, is_new)))
            elif work.holds.is_held(stage.name, record.procore_id):
                work.count(stage.name, Outcome.HELD)  # several documents fit: a person must choose
            else:
                self.busy = True
        verdicts += self._keep(kept)
        if undone:
            verdicts += undone_records.undone(work, stage, undone)
        return drafts, verdicts

    def _keep(self, kept: Sequence[tuple[Entry, Standing]]) -> list[Verdict]:
        """These are as they were, unless another one is held for it."""
        verdicts: list[Verdict] = []
        for entry, standing in kept:
            record = standing.record
            verdicts += held_together.still(self._work, record, entry) or [unchanged(record)]
            self._work.learn(record.kind, _trusted(self._work, entry, record))
        if kept:
            notices.tell(self._work, [standing for _, standing in kept])
        return verdicts

    def _is_gone(self, record: Record, entry: Entry | None) -> bool:
        """A person took its document out of Xero, which is final there and said already: looked at again once a day."""
        if entry is None or entry.fingerprint != GONE or self._work.by_hand or self._is_full:
            return False
        return self._work.holds.is_open(self._stage.name, record.procore_id, HoldCode.GONE_IN_XERO)


def _draft(stage: Stage, record: Record, entry: Entry | None, found: Mapped, decided: Write) -> Draft:
    draft = Draft.of(record, decided, entry.facts if entry else None)
    draft.rules, draft.kept = found.rules, found.kept
    if stage.facts is not None:
        draft.facts |= stage.facts(record)
    draft.facts |= found.facts
    return draft


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
