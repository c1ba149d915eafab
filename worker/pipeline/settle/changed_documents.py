"""Documents that are in Xero already: adopt them, update them, or keep hands off and say why.

A bill that has a payment, lies in a locked period, or was edited by a person since we wrote it is never changed
(promise 5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.facts import CODED_BY, RECODE, RECODE_BY, TOLD
from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.check import hands_off, updates
from worker.pipeline.draft import Draft
from worker.pipeline.look import documents, watched
from worker.pipeline.look.documents import last_sent, look_up
from worker.pipeline.settle import contact_tax, shared_documents, vendor_contacts
from worker.pipeline.values import Reason, because, expected_tax
from worker.pipeline.verdicts import held, unchanged
from worker.pipeline.work import Stage, Work
from worker.xero import proof
from worker.xero.answers import Element
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill, Contact, Endpoint, Item, Option
from worker.xero.naming import named

Settled = tuple[list[Draft], list[Verdict]]


def resolve(work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]) -> Settled:
    """Which drafts may be sent, and what became of the others."""
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    bills: list[Draft] = []
    contact_tax.fill_in(work, drafts)
    contacts = vendor_contacts.standing(work, drafts, entries)
    for draft in drafts:
        entry = entries.get(draft.record.procore_id)
        outcome: Verdict | None
        if entry is not None and draft.is_in_doubt():
            outcome = _proved_again(work, stage, draft, entry)
        elif isinstance(draft.document, Contact | Item | Option) and draft.xero_id is None:
            outcome = shared_documents.adopt(work, stage, draft, entry)
        elif draft.xero_id is None or entry is None:
            outcome = None
        elif isinstance(draft.document, Bill):
            bills.append(draft)
            continue
        else:
            outcome = shared_documents.change(work, stage, draft, entry, contacts)
        if outcome is None:
            kept.append(draft)
        else:
            verdicts.append(outcome)
    for endpoint in (BILLS, CREDIT_NOTES):
        some = [draft for draft in bills if _is_at(entries[draft.record.procore_id], endpoint)]
        may, must_not = _untouched(work, stage, endpoint, some, entries)
        kept += may
        verdicts += must_not
    return kept, verdicts


def _untouched(
    work: Work, stage: Stage, endpoint: Endpoint, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> Settled:
    """Bills that changed in Procore: sent as updates where nobody and nothing has touched them in Xero."""
    ids = [draft.xero_id for draft in drafts if draft.xero_id]
    current = documents.stored(work, endpoint, ids) if ids else {}
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    for draft in drafts:
        stored = current.get(str(draft.xero_id), {"Status": "DELETED"})
        entry = entries[draft.record.procore_id]
        if updates.may_be_there(draft, endpoint, stored) and updates.is_there(
            draft, endpoint, stored, _completed(work, draft)
        ):
            work.entries.prove(stage.name, draft.record.procore_id, draft.fingerprint)
            watched.accept(work, stage.name, draft.record.procore_id)
            if CODED_BY in draft.facts and draft.facts[CODED_BY] != entry.facts.get(CODED_BY):
                work.entries.note(stage.name, draft.record.procore_id, {CODED_BY: draft.facts[CODED_BY], RECODE: None})
            done = unchanged(draft.record)
            verdicts.append(done)
            continue
        reason = hands_off.cannot_follow(draft.document.endpoint, endpoint, stored) or bill_stays(
            work, stage.name, endpoint, draft.record.procore_id, stored
        )
        if draft.kept is not None and "Total" in stored:
            work.recoding.named[draft.record.kind, draft.record.procore_id] = named(stored)
        if draft.kept is not None and (
            why := updates.stays_coded(draft, entry.facts, stored, reason, is_asked=work.recoding.is_asked)
        ):
            work.recoding.left[draft.record.kind, draft.record.procore_id] = why
            work.entries.note(stage.name, draft.record.procore_id, {"status": stored.get("Status"), RECODE: None})
            if not draft.is_changed(entry.fingerprint):
                done = unchanged(draft.record)
                verdicts.append(done)
                continue
            draft.keep()
            contact_tax.fill_in(work, [draft])
        if reason is None and draft.kept is not None:
            by = entry.facts.get(RECODE_BY) if entry.facts.get(RECODE) else None
            draft.facts[TOLD] = f"recoded by the mapping file of now{f', as {by} asked' if by else ''}"
        if reason is None:
            draft.send = updates.body(draft, endpoint, stored)
            draft.facts["moved"] = entry.facts.get("moved")
            kept.append(draft)
        else:
            verdicts.append(held(work, draft.record, reason, entry))
    return kept, verdicts


def _completed(work: Work, draft: Draft) -> Mapping[str, Any]:
    return work.settings.chart().completed(draft.send, draft.document)


def bill_stays(work: Work, kind: str, endpoint: Endpoint, procore_id: str, stored: Element) -> Reason | None:
    """Why a bill or credit note of ours is left as it is."""
    if reason := hands_off.paid(stored):
        return reason
    last = last_sent(work, kind, endpoint, procore_id)
    return hands_off.of_bill(
        endpoint, stored, last, work.settings.chart(to_change=True).locked_until, work.known.recoded
    )


def _proved_again(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict:
    """A document that Xero had stored otherwise than asked: is it right now?"""
    endpoint = draft.document.endpoint
    sent = last_sent(work, stage.name, endpoint, draft.record.procore_id) or _completed(work, draft)
    rows = [row for row in look_up(work, endpoint, [sent])[0] if row.get(endpoint.id_field) == entry.xero_id]
    if not rows:
        return held(work, draft.record, gone(work, stage.name, draft.record.procore_id), entry)
    found = proof.differences(endpoint, sent, rows[0], expected_tax(entry.facts))
    if not found:
        work.entries.prove(stage.name, draft.record.procore_id, draft.fingerprint)
        return unchanged(draft.record)
    return held(work, draft.record, because(HoldCode.PROOF_FAILED, difference="; ".join(found)), entry)


def gone(work: Work, kind: str, procore_id: str) -> Reason:
    """Why a record waits whose document is not there any more; it is noted, so that nothing is paid on it."""
    work.entries.note(kind, procore_id, {"status": "VOIDED"})
    return hands_off.gone({})


def _is_at(entry: Entry, endpoint: Endpoint) -> bool:
    return entry.facts.get("wrapper") == endpoint.wrapper
