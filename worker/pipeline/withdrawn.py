"""Records whose document is in Xero and that now would not go: sent back for revision, undone, or deleted in Procore.

What becomes of a bill depends on how far it is in Xero; nothing that a person or the bank has touched is ever taken
back. A payment that is undone is deleted as long as it is not reconciled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline import existing, repaying, withdrawing
from worker.pipeline.lookup import VOID, stored
from worker.pipeline.values import MONEY, Reason, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.procore.records import Claim, Invoice, Record
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS

Case = tuple[Record, Entry, Reason]


def settle(work: Work, stage: Stage, cases: Sequence[Case]) -> list[Verdict]:
    """What becomes of these records, which the mapping leaves out for the reason given."""
    found = standing(work, {record.procore_id: entry for record, entry, _ in cases})
    return [_settled(work, stage, case, found.get(case[0].procore_id)) for case in cases]


def standing(work: Work, entries: Mapping[str, Entry]) -> dict[str, Element]:
    """The documents of these entries that Xero still has, neither voided nor deleted, by Procore id."""
    found: dict[str, Element] = {}
    for wrapper, endpoint in MONEY.items():
        ids = {str(entry.xero_id): id_ for id_, entry in entries.items() if entry.facts.get("wrapper") == wrapper}
        rows = stored(work, endpoint, list(ids)) if ids else {}
        found |= {ids[xero_id]: row for xero_id, row in rows.items() if row.get("Status") not in VOID}
    return found


def taken_back(work: Work, stage: Stage, procore_id: str, entry: Entry, document: Element) -> Reason | None:
    """Take the document of a record that Procore deleted or undid out of Xero. Returns why it must stay."""
    endpoint, last = MONEY[str(entry.facts["wrapper"])], "DELETED"
    if endpoint == PAYMENTS:
        reason = repaying.entered_by_hand() if entry.facts.get("adopted") else repaying.locked(work, document)
    else:
        setting, status = work.known.rules.documents.deleted_in_procore, str(document.get("Status"))
        last = last_status(setting, status)
        sent = existing.last_sent(work, stage, endpoint, procore_id)
        reason = existing.hands_off(work, endpoint, document, sent) if last else _left(setting, status)
    return reason or withdrawing.take_back(work, stage.name, procore_id, endpoint, document, last)


def last_status(setting: str, status: str) -> str:
    """The status that takes a bill or credit note out of the books, from the one it has (xero-api.md §4.6).

    Blank where it stays: by the mapping file, or because Xero does not delete what is approved. What is paid is not
    looked at here.
    """
    if setting == "hold":
        return ""
    if status in ("DRAFT", "SUBMITTED"):
        return "DELETED"
    return "VOIDED" if setting == "void" else ""


def _left(setting: str, status: str) -> Reason:
    left = f", and Xero does not delete what is {status}" if setting == "delete" else ""
    return because(HoldCode.CHANGED_AFTER_SENDING, why=f"Procore no longer has it{left}")


def _settled(work: Work, stage: Stage, case: Case, document: Element | None) -> Verdict:
    record, entry, left_out = case
    if document is None:  # out of both systems; a person took it out of Xero, so it does not come back by itself
        work.entries.doubt(stage.name, record.procore_id)
        return held(work, record, left_out)
    if entry.facts["wrapper"] != PAYMENTS.wrapper and left_out.code is not HoldCode.DELETED:
        return held(work, record, _sent_back(record, left_out, document), entry)
    if reason := taken_back(work, stage, record.procore_id, entry, document):
        return held(work, record, reason, entry)
    return held(work, record, left_out)


def _sent_back(record: Record, left_out: Reason, document: Element) -> Reason:
    """A bill that nobody has approved yet can follow; of an approved one both figures are shown."""
    status = str(document.get("Status"))
    if left_out.code is HoldCode.NOT_APPROVED and status in ("DRAFT", "SUBMITTED"):
        return because(HoldCode.SENT_BACK, why=left_out.sentence, status=status)
    figures = {"net": document.get("SubTotal"), "total": document.get("Total"), "procore": _says(record)}
    return because(HoldCode.SENT_BACK_TOO_LATE, why=left_out.sentence, status=status, **figures)


def _says(record: Record) -> str:
    """Procore's own figure of a claim or invoice."""
    said = record.summary.current_payment_due if isinstance(record, Claim) else None
    if isinstance(record, Invoice):
        said = record.grand_total if record.amount is None else record.amount
    return "no amount" if said is None else str(said)
