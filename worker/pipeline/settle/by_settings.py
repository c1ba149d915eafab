"""Drafts by the organisation's settings in Xero: what these give a document before it goes, and what they forbid.

Settings are kept for a while (`look.settings`). What is refused for them, here or by Xero, is held only once they have
been read anew: until then it goes again, by what is there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.errors import DocumentRejected
from worker.facts import MARKS
from worker.holds import HoldCode
from worker.pipeline.check import bills, contacts
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.draft import Draft
from worker.pipeline.look.contacts import follow
from worker.pipeline.read import stated_zero
from worker.pipeline.settle import contact_tax, due_dates
from worker.pipeline.values import Proof, why
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.xero.chart import Chart
from worker.xero.documents import Bill, Contact, Item, Option


def ready(work: Work, stage: Stage, drafts: Sequence[Draft]) -> list[Draft]:
    """These drafts as they go. Those that the settings forbid are held, before they cost a call."""
    if not drafts:
        return []
    due_dates.fill_in(work, drafts)
    chart = work.settings.chart(to_write=True)
    going: list[Draft] = []
    for place, draft in enumerate(drafts):
        try:
            _complete(work, chart, draft)
        except DocumentRejected as reason:
            if work.settings.renew():
                return [*going, *ready(work, stage, [_anew(work, stage, one) for one in drafts[place:]])]
            work.settle([held(work, draft.record, why(reason))])
        else:
            going.append(draft)
    return going


def _complete(work: Work, chart: Chart, draft: Draft) -> None:
    """Raises DocumentRejected for what the settings forbid."""
    document = draft.document
    if isinstance(document, Bill) and work.known.rules.documents.locked_period == "move":
        bills.move(draft, document, chart.locked_until)
        document = draft.document
    taxes = chart.check(document)
    if isinstance(document, Bill) and document.says_no_tax and taxes is not None and taxes.total:
        stated_zero.check(work, draft.record, taxes.total)
    draft.send = chart.completed(draft.send, document)
    draft.facts["wrapper"] = document.endpoint.wrapper
    if isinstance(document, Bill) and taxes is not None:
        draft.send = chart.with_taxes(draft.send, document, taxes)
        draft.tax = taxes.total
        draft.facts |= {"tax": str(draft.tax), "status": document.status}
    if isinstance(document, Option | Item):
        draft.facts |= {"name": document.name, "named_by": work.project.id}
    if isinstance(document, Item):
        draft.facts["code"] = document.code
    if isinstance(document, Contact):
        draft.facts[MARKS] = contacts.marks(document)


def again(work: Work, stage: Stage, pairs: Sequence[tuple[Draft, Proof]]) -> dict[str, Draft]:
    """Those of these bills that Xero refused and that go once more, as they are now, by Procore id: where a person has
    merged the contact into another one, and new ones where the settings that they were checked by have moved."""
    refused = [
        (draft, draft.document)
        for draft, proof in pairs
        if proof.reason and proof.reason.code is HoldCode.REJECTED and isinstance(draft.document, Bill)
    ]
    archived = {proof.procore_id for _, proof in pairs if contacts.is_archived(proof.reason)}
    old = {bill.contact_id for draft, bill in refused if draft.procore_id in archived}
    merged = {contact_id for contact_id in sorted(old) if follow(work, contact_id)}
    has_moved = bool(refused) and work.settings.have_moved()
    return {
        draft.procore_id: _by_now(work, stage, draft)
        for draft, bill in refused
        if (has_moved and draft.xero_id is None) or (draft.procore_id in archived and bill.contact_id in merged)
    }


def _anew(work: Work, stage: Stage, draft: Draft) -> Draft:
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
