"""New records from before the start that the mapping file gives (`not_before`): they are left out, and added up.

What of ours stands in Xero is followed as before, so a date that is set later takes nothing out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import opening
from worker.pipeline.values import Reason, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.procore.records import Payment, Record


def left_out(work: Work, records: Sequence[Record], entries: Mapping[str, Entry]) -> tuple[list[Record], list[Verdict]]:
    """The records that are judged further, and why the others are not."""
    if work.known.rules.documents.not_before is None:
        _note(work, records, entries)
        return list(records), []
    kept: list[Record] = []
    verdicts: list[Verdict] = []
    for record in records:
        entry = entries.get(record.procore_id)
        why = None if entry is not None and entry.state in ("live", "planned") else _why(work, record)
        if why is None:
            kept.append(record)
            continue
        if why.code is not HoldCode.PAID_BEFORE_START:
            work.told.opening.add(record, work.settings.currency())
        verdicts.append(held(work, record, why))
    return kept, verdicts


def _note(work: Work, records: Sequence[Record], entries: Mapping[str, Entry]) -> None:
    """What is new, so that a plan can propose a start."""
    for record in records:
        on, entry = opening.dated(record), entries.get(record.procore_id)
        if on is not None and not isinstance(record, Payment) and (entry is None or entry.state != "live"):
            work.told.opening.new[record.kind, record.procore_id] = on


def _why(work: Work, record: Record) -> Reason | None:
    start, on = work.known.rules.documents.not_before, opening.dated(record)
    is_before = opening.is_before(record, start)
    if isinstance(record, Payment):
        if (claim_id := _claim(work, record)) is not None:
            return because(HoldCode.CLAIM_BEFORE_START, claim=claim_id, start=start)
        if is_before and record.requisition_id is not None:
            return because(HoldCode.PAID_BEFORE_START, date=on, start=start, claim=record.requisition_id)
    return because(HoldCode.BEFORE_START, date=on, start=start) if is_before else None


def _claim(work: Work, payment: Payment) -> str | None:
    """The claim from before the start that it pays."""
    if payment.requisition_id is not None:
        id_ = str(payment.requisition_id)
        is_out = id_ in work.told.opening.claim_ids or work.holds.is_open("claims", id_, HoldCode.BEFORE_START)
        return id_ if is_out else None
    number = payment.invoice_number or ""
    return f"'{number}'" if number and (payment.contract_id, number) in work.told.opening.numbers else None
