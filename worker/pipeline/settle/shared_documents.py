"""Contacts, options and items, which projects share: adopted where Xero has them, and changed as far as nobody did so.

A contact keeps what a person typed: of an adopted one only the ContactNumber is ever written.
"""

from __future__ import annotations

from collections.abc import Mapping

from worker.errors import DocumentRejected
from worker.facts import DOUBT, RENAMED
from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.draft import Draft
from worker.pipeline.look import items, options
from worker.pipeline.settle import vendor_contacts
from worker.pipeline.values import why
from worker.pipeline.verdicts import held, unchanged
from worker.pipeline.work import Stage, Work
from worker.xero.answers import Element
from worker.xero.documents import Contact, Item, Option


def adopt(work: Work, stage: Stage, draft: Draft, entry: Entry | None) -> Verdict | None:
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


def change(work: Work, stage: Stage, draft: Draft, entry: Entry, contacts: Mapping[str, Element]) -> Verdict | None:
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
        return adopt(work, stage, draft, entry)
    if entry.facts.get("archived"):
        draft.send = {**draft.send, "Status": "ACTIVE"}
        draft.facts["archived"] = False
        return None
    if not options.is_active(row):
        reason = options.archived(work, option.category_id, row)
        return held(work, draft.record, why(reason))
    if options.keep_name(work, stage.name, entry, row):
        return unchanged(draft.record)
    return None


def _item_changed(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict | None:
    """Called otherwise in Procore: what a person did to it in Xero counts more."""
    id_ = draft.record.procore_id
    row = items.standing(work, {id_: entry})[id_]
    if row is None:
        options.untie(work, stage.name, entry)
        draft.xero_id = None
        return adopt(work, stage, draft, entry)
    if items.keep(work, entry, row):
        return unchanged(draft.record)
    draft.send = {**draft.send, "ItemID": entry.xero_id}
    return None
