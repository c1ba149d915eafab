"""Bills that were refused, by Xero or before, for what has moved there since it was read: once they go again by what is
there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.holds import HoldCode
from worker.pipeline.check.contacts import is_archived
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.draft import Draft
from worker.pipeline.look.contacts import follow
from worker.pipeline.settle import contact_tax
from worker.pipeline.values import Proof
from worker.pipeline.work import Stage, Work
from worker.xero.documents import Bill


def again(work: Work, stage: Stage, drafts: Sequence[Draft], proofs: Sequence[Proof]) -> dict[str, Draft]:
    """Those of these that go again, as they are now, by Procore id: where a person has merged the contact into another
    one, and new ones where the settings that they were checked by have moved."""
    refused = [
        (draft, draft.document)
        for draft, proof in zip(drafts, proofs, strict=True)
        if proof.reason and proof.reason.code is HoldCode.REJECTED and isinstance(draft.document, Bill)
    ]
    archived = {proof.procore_id for proof in proofs if is_archived(proof.reason)}
    old = {bill.contact_id for draft, bill in refused if draft.procore_id in archived}
    merged = {contact_id for contact_id in sorted(old) if follow(work, contact_id)}
    has_moved = bool(refused) and work.settings.have_moved()
    return {
        draft.procore_id: _by_now(work, stage, draft)
        for draft, bill in refused
        if (has_moved and draft.xero_id is None) or (draft.procore_id in archived and bill.contact_id in merged)
    }


def anew(work: Work, stage: Stage, draft: Draft) -> Draft:
    """What is to be checked again by settings that were read just now: of a new bill its contact's, too."""
    return _by_now(work, stage, draft) if isinstance(draft.document, Bill) and draft.xero_id is None else draft


def _by_now(work: Work, stage: Stage, draft: Draft) -> Draft:
    """The same bill for the contact that is left, by the settings of now."""
    document = stage.to_document(draft.record, work.known)
    body = document.body()
    kept = [{key: line[key] for key in ("LineItemID",) if key in line} for line in draft.send["LineItems"]]
    lines = [{**ids, **line} for ids, line in zip(kept, body["LineItems"], strict=True)]
    send = {**draft.send, "Contact": body["Contact"], "LineItems": lines}
    new = replace(draft, document=document, fingerprint=fingerprint(document), send=send)
    contact_tax.fill_in(work, [new])
    return new
