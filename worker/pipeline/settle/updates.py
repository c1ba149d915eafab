"""Documents that are in Xero already: adopt them, update them, or keep hands off and say why.

A bill that has a payment, lies in a locked period, or was edited by a person since we wrote it is never changed
(promise 5). A contact keeps what a person typed: of an adopted one only the ContactNumber is ever written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.errors import DocumentRejected
from worker.facts import CODED_BY, DOUBT, RECODE, RECODE_BY, RENAMED, TOLD
from worker.holds import HoldCode, Outcome
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.check import hands_off
from worker.pipeline.check.found import VOID
from worker.pipeline.draft import Draft
from worker.pipeline.look import documents, items, options, watched
from worker.pipeline.look.documents import last_sent, look_up
from worker.pipeline.settle import contact_tax, vendor_contacts
from worker.pipeline.values import Reason, because, expected_tax, why
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
            outcome = _adopted(work, stage, draft, entry)
        elif draft.xero_id is None or entry is None:
            outcome = None
        elif isinstance(draft.document, Bill):
            bills.append(draft)
            continue
        else:
            outcome = _changed(work, stage, draft, entry, contacts)
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


def _adopted(work: Work, stage: Stage, draft: Draft, entry: Entry | None) -> Verdict | None:
    """A contact, item or option that Xero has already is tied to the record. None: nothing there, create it."""
    found: Element | None = None
    try:
        if isinstance(draft.document, Option | Item):
            found = options.adopt(work, stage.name, draft.record.procore_id, draft.document)
        elif isinstance(draft.document, Contact):
            found = vendor_contacts.adopt(work, draft, draft.document, entry)
    except DocumentRejected as reason:
        if isinstance(draft.document, Contact):
            return held(work, draft.record, vendor_contacts.unless_needed(work, draft.record.procore_id, reason))
        return held(work, draft.record, why(reason))
    return _tied(work, stage, draft, found) if found else None


def _tied(work: Work, stage: Stage, draft: Draft, element: Element) -> Verdict | None:
    """Nothing is sent: the document is there, and the ledger now knows it."""
    endpoint = draft.document.endpoint
    named = {"name": element.get("Name"), "named_by": work.project.id}
    if isinstance(draft.document, Item):
        named |= {"code": element.get("Code"), RENAMED: element.get("Name") != draft.document.name}
    facts = {"wrapper": endpoint.wrapper, **named, **draft.facts}
    xero_id = str(element[endpoint.id_field])
    if work.entries.adopt(stage.name, draft.record.procore_id, xero_id, draft.fingerprint, facts):
        return unchanged(draft.record)
    return None


def _changed(work: Work, stage: Stage, draft: Draft, entry: Entry, contacts: Mapping[str, Element]) -> Verdict | None:
    """A contact, item or option that changed in Procore. None: it may be sent as an update."""
    if isinstance(draft.document, Option | Item):
        # shared by projects that may call it differently: it is called as the one calls it that came first
        is_ours = entry.facts.get("named_by") in (None, work.project.id) and not entry.facts.get(RENAMED)
        if not is_ours and not entry.facts.get("archived"):
            return unchanged(draft.record)
        if isinstance(draft.document, Option):
            return _option_changed(work, stage, draft, entry, draft.document)
        return _item_changed(work, stage, draft, entry)
    if isinstance(draft.document, Contact):
        try:
            stored = contacts.get(str(entry.xero_id))
            return (
                None if vendor_contacts.change(work, draft, draft.document, entry, stored) else unchanged(draft.record)
            )
        except DocumentRejected as reason:
            if reason.code is not HoldCode.EDITED_IN_XERO:  # it is the same supplier still
                work.entries.note(stage.name, draft.record.procore_id, {DOUBT: reason.sentence})
            return held(work, draft.record, why(reason), entry)
    return None


def _option_changed(work: Work, stage: Stage, draft: Draft, entry: Entry, option: Option) -> Verdict | None:
    """Called otherwise in Procore, or there again: what a person did to it in Xero counts more."""
    id_ = draft.record.procore_id
    row = options.standing(work, option.category_id, {id_: entry})[id_]
    if row is None:
        options.untie(work, stage.name, entry)
        draft.xero_id = None
        return _adopted(work, stage, draft, entry)
    if entry.facts.get("archived"):
        draft.send = {**draft.send, "Status": "ACTIVE"}
        draft.facts["archived"] = False
        return None
    if not options.is_active(row):
        reason = options.archived(work, option.category_id, row)
        return held(work, draft.record, why(reason))
    if options.keep_name(work, stage.name, entry, row):
        return Verdict(draft.record.kind, id_, draft.record.title, Outcome.UNCHANGED)
    return None


def _item_changed(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict | None:
    """Called otherwise in Procore: what a person did to it in Xero counts more."""
    id_ = draft.record.procore_id
    row = items.standing(work, {id_: entry})[id_]
    if row is None:
        options.untie(work, stage.name, entry)
        draft.xero_id = None
        return _adopted(work, stage, draft, entry)
    if items.keep(work, entry, row):
        return Verdict(draft.record.kind, id_, draft.record.title, Outcome.UNCHANGED)
    draft.send = {**draft.send, "ItemID": entry.xero_id}
    return None


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
        if _is_what_it_should_be(work, endpoint, draft, stored):
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
        if draft.kept is not None and (why := _stays_coded(work, draft, entry, stored, reason)):
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
            draft.send = _with_line_ids(endpoint, draft, stored)
            draft.facts["moved"] = entry.facts.get("moved")
            kept.append(draft)
        else:
            verdicts.append(held(work, draft.record, reason, entry))
    return kept, verdicts


def _stays_coded(work: Work, draft: Draft, entry: Entry, stored: Element, reason: Reason | None) -> str:
    """Why a bill that was to be recoded is left as it is coded; blank where nothing is in the way."""
    if reason is not None:
        is_short = reason.code is HoldCode.CHANGED_AFTER_SENDING
        return reason.sentence.rpartition(": ")[2] if is_short else reason.sentence
    is_said = work.recoding.is_asked or entry.facts.get(RECODE) == draft.facts.get(CODED_BY)
    return "" if is_said or stored.get("Status") == "DRAFT" else "It is not a draft any more."


def _is_what_it_should_be(work: Work, endpoint: Endpoint, draft: Draft, stored: Element) -> bool:
    """Somebody has made the change already: a person by hand, or we, before an old ledger was put back."""
    if draft.document.endpoint != endpoint or stored.get("Status") in VOID:
        return False
    stated = draft.document.stated_tax if isinstance(draft.document, Bill) else None
    return not proof.differences(endpoint, _completed(work, draft), stored, stated)


def _completed(work: Work, draft: Draft) -> Mapping[str, Any]:
    return work.settings.chart().completed(draft.send, draft.document)


def bill_stays(work: Work, kind: str, endpoint: Endpoint, procore_id: str, stored: Element) -> Reason | None:
    """Why a bill or credit note of ours is left as it is."""
    if reason := hands_off.paid(stored):
        return reason
    last = last_sent(work, kind, endpoint, procore_id)
    return hands_off.of_bill(endpoint, stored, last, work.settings.chart().locked_until, work.known.recoded)


def _with_line_ids(endpoint: Endpoint, draft: Draft, stored: Element) -> dict[str, Any]:
    """An update by id. Lines keep their ids when their number is the same; else all are replaced (§4.6)."""
    body = {endpoint.id_field: draft.xero_id, **draft.send}
    if stored.get("Status") == "AUTHORISED":
        body["Status"] = "AUTHORISED"  # approved in Xero meanwhile: it does not go back
    rows: list[Element] = stored.get("LineItems") or []
    if len(rows) == len(body["LineItems"]):
        pairs = zip(rows, body["LineItems"], strict=True)
        body["LineItems"] = [{"LineItemID": row.get("LineItemID"), **line} for row, line in pairs]
    return body


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
