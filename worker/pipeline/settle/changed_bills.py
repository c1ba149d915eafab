"""Bills and credit notes that changed in Procore, or by the mapping file: updated, or left and held with the reason.

One that has a payment, lies in a locked period, or was edited by a person since we wrote it is never changed
(promise 5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from worker.facts import CODED_BY, RECODE, RECODE_BY, TOLD
from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.check import bills, hands_off, otherwise
from worker.pipeline.decide.fingerprint import has_moved_alone
from worker.pipeline.draft import Draft
from worker.pipeline.look import documents, watched
from worker.pipeline.settle import contact_tax
from worker.pipeline.values import Reason
from worker.pipeline.verdicts import held, unchanged
from worker.pipeline.work import Stage, Work
from worker.xero.answers import Element
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill, Endpoint
from worker.xero.naming import named

Settled = tuple[list[Draft], list[Verdict]]


def settle(work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]) -> Settled:
    """The drafts that may be sent, and what became of the others."""
    changed = [draft for draft in drafts if draft.xero_id and isinstance(draft.document, Bill)]
    kept = [draft for draft in drafts if not (draft.xero_id and isinstance(draft.document, Bill))]
    verdicts: list[Verdict] = []
    for endpoint in (BILLS, CREDIT_NOTES):
        some = [one for one in changed if entries[one.procore_id].facts.get("wrapper") == endpoint.wrapper]
        there = documents.stored(work, endpoint, [str(draft.xero_id) for draft in some]) if some else {}
        for draft in some:
            row, entry = there.get(str(draft.xero_id), {"Status": "DELETED"}), entries[draft.procore_id]
            if (verdict := _settled(work, stage, endpoint, draft, entry, row)) is None:
                kept.append(draft)
            else:
                verdicts.append(verdict)
    return kept, verdicts


def _settled(work: Work, stage: Stage, endpoint: Endpoint, draft: Draft, entry: Entry, row: Element) -> Verdict | None:
    """What becomes of one beside `row`, the document as it is in Xero. None: it goes."""
    mapped = draft.document
    bills.name_accounts(draft, row, work.settings.chart().former_codes)
    may_be_there = bills.may_be_there(draft, endpoint, row)
    body = work.settings.chart().completed(draft.send, draft.document) if may_be_there else {}
    if may_be_there and bills.is_there(draft, endpoint, row, body):
        return _proved(work, stage, draft, entry)
    reason = hands_off.cannot_follow(draft.document.endpoint, endpoint, row)
    reason = reason or documents.touched(work, stage.name, endpoint, draft.procore_id, row)
    if reason is not None and may_be_there:
        last = documents.last_sent(work, stage.name, endpoint, draft.procore_id)
        if has_moved_alone(mapped, entry.fingerprint, last) or bills.is_in_line(draft, endpoint, row, body, last):
            return _proved(work, stage, draft, entry)
    if draft.kept is not None and not _recodes(work, stage, draft, entry, row, reason):
        if not draft.is_changed(entry.fingerprint):
            return unchanged(draft.record)
        draft.keep()
        contact_tax.fill_in(work, [draft])
    if reason is not None:
        if may_be_there and reason.code is HoldCode.CHANGED_AFTER_SENDING:
            payee = work.known.contact_name(body["Contact"]["ContactID"])
            reason = otherwise.beside(reason, endpoint, body, row, payee, _stated(draft))
        return held(work, draft.record, reason, entry)
    if draft.kept is not None:
        by = entry.facts.get(RECODE_BY) if entry.facts.get(RECODE) else None
        draft.facts[TOLD] = f"recoded by the mapping file of now{f', as {by} asked' if by else ''}"
    draft.send = bills.update(draft, endpoint, row)
    draft.facts["moved"] = entry.facts.get("moved")
    return None


def _stated(draft: Draft) -> Decimal | None:
    return draft.document.stated_tax if isinstance(draft.document, Bill) else None


def _proved(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict:
    """It is as Procore has it, whoever made it so."""
    work.entries.prove(stage.name, draft.procore_id, draft.fingerprint)
    watched.accept(work, stage.name, draft.procore_id)
    if CODED_BY in draft.facts and draft.facts[CODED_BY] != entry.facts.get(CODED_BY):
        work.entries.note(stage.name, draft.procore_id, {CODED_BY: draft.facts[CODED_BY], RECODE: None})
    return unchanged(draft.record)


def _recodes(work: Work, stage: Stage, draft: Draft, entry: Entry, row: Element, reason: Reason | None) -> bool:
    """Whether a bill that the mapping file of now codes otherwise follows it; why not is noted."""
    key = (draft.record.kind, draft.procore_id)
    if "Total" in row:
        work.recoding.named[key] = named(row)
    if why := bills.stays_coded(draft, entry.facts, row, reason, is_asked=work.recoding.is_asked):
        work.recoding.left[key] = why
        work.entries.note(stage.name, draft.procore_id, {"status": row.get("Status"), RECODE: None})
    return not why
