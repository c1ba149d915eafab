"""Records that now would not go, though their document may be in Xero: sent back for revision, undone, deleted.

What becomes of a bill depends on how far it is in Xero; nothing that a person or the bank has touched is ever taken
back. A payment that is undone is deleted as long as it is not reconciled.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.check import hands_off
from worker.pipeline.look.documents import standing, touched
from worker.pipeline.send import withdrawals
from worker.pipeline.values import MONEY, Reason
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.procore.records import Record
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS

Case = tuple[Record, Entry, Reason]


def undone(work: Work, stage: Stage, cases: Sequence[Case]) -> list[Verdict]:
    """What becomes of these records, which the mapping leaves out for the reason given."""
    found = standing(work, {record.procore_id: entry for record, entry, _ in cases})
    return [_undone(work, stage, case, found.get(case[0].procore_id)) for case in cases]


def taken_back(work: Work, stage: Stage, procore_id: str, entry: Entry, document: Element) -> Reason | None:
    """Take the document of a record that Procore deleted or undid out of Xero. Returns why it must stay."""
    endpoint, setting = MONEY[str(entry.facts["wrapper"])], work.known.rules.documents.deleted_in_procore
    way = hands_off.way_out(endpoint, document, setting, is_adopted=bool(entry.facts.get("adopted")))
    if isinstance(way, Reason):
        return way
    reason = touched(work, stage.name, endpoint, procore_id, document)
    return reason or withdrawals.take_back(work, stage.name, procore_id, endpoint, document, way)


def _undone(work: Work, stage: Stage, case: Case, document: Element | None) -> Verdict:
    record, entry, left_out = case
    if document is None:  # out of both systems; a person took it out of Xero, so it does not come back by itself
        work.entries.doubt(stage.name, record.procore_id)
        return held(work, record, left_out)
    if entry.facts["wrapper"] != PAYMENTS.wrapper and left_out.code is not HoldCode.DELETED:
        return held(work, record, hands_off.sent_back(record, left_out, document), entry)
    if reason := taken_back(work, stage, record.procore_id, entry, document):
        return held(work, record, reason, entry)
    return held(work, record, left_out)
