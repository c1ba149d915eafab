"""Contacts, options and items, which projects share: adopted where Xero has them, and changed as far as nobody did so.

What is decided of a vendor is kept as facts of its entry, so that it can be shown without asking anybody. A contact
keeps what a person typed: of an adopted one only the ContactNumber is ever written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.errors import DocumentRejected
from worker.facts import DOUBT, PAYEE, RENAMED, TOLD, UNTIED
from worker.holds import HoldCode, Outcome
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import projects
from worker.mapping.payees import By, folded, in_words, payee
from worker.pipeline.check import contacts
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.draft import Draft
from worker.pipeline.look import contacts as contacts_there
from worker.pipeline.look import items, options
from worker.pipeline.values import Reason, because, why
from worker.pipeline.verdicts import held, unchanged
from worker.pipeline.work import Stage, Work
from worker.xero.answers import Element
from worker.xero.documents import Contact, Item, Option

Settled = tuple[list[Draft], list[Verdict]]


def settle(work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]) -> Settled:
    """The drafts that may be sent, and what became of the others."""
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    there = _contacts(work, drafts, entries)
    for draft in drafts:
        entry, verdict = entries.get(draft.procore_id), None
        if not isinstance(draft.document, Contact | Item | Option) or draft.is_in_doubt():
            pass
        elif draft.xero_id is None:
            verdict = _adopted(work, stage, draft, entry)
        elif entry is not None and isinstance(draft.document, Contact):
            verdict = _contact_changed(work, stage, draft, draft.document, entry, there.get(str(entry.xero_id)))
        elif entry is not None:
            verdict = _coding_changed(work, stage, draft, entry)
        if verdict is None:
            kept.append(draft)
        else:
            verdicts.append(verdict)
    return kept, verdicts


def _contacts(work: Work, drafts: Sequence[Draft], entries: Mapping[str, Entry]) -> Mapping[str, Element]:
    """The contacts as they are in Xero that were made here and are to change now, by their ids."""
    known = [entries.get(draft.procore_id) for draft in drafts if isinstance(draft.document, Contact)]
    return contacts_there.stored(
        work, [entry.xero_id for entry in known if entry and entry.xero_id and not entry.facts.get("adopted")]
    )


def _adopted(work: Work, stage: Stage, draft: Draft, entry: Entry | None) -> Verdict | None:
    """A contact, item or option that Xero has already is tied to the record. None: nothing there, create it."""
    found: Element | None = None
    try:
        if isinstance(draft.document, Option | Item):
            found = options.adopt(work, stage.name, draft.procore_id, draft.document)
        elif isinstance(draft.document, Contact):
            found = _contact(work, draft, draft.document, entry)
    except DocumentRejected as reason:
        is_vendor = isinstance(draft.document, Contact)
        return held(work, draft.record, _unless_needed(work, draft.procore_id, reason) if is_vendor else why(reason))
    return _tied(work, stage, draft, found) if found else None


def _contact(work: Work, draft: Draft, vendor: Contact, entry: Entry | None) -> Element | None:
    """The contact that is tied to the vendor as it is; None where something is written: its number, or all of it.

    Raises DocumentRejected when a person must choose, or has untied the vendor and no other contact is there.
    """
    facts = entry.facts if entry else {}
    untied_from = facts.get(UNTIED)
    found = contacts_there.free(work, draft.procore_id, vendor, facts.get("earlier", ()) if untied_from else ())
    if found is None and untied_from:
        raise DocumentRejected(HoldCode.UNTIED, contact=untied_from)
    if found is None:
        work.settings.directory().reserve(draft.procore_id, vendor.name, vendor.tax_number or "")
        draft.facts[PAYEE] = payee(vendor, vendor.body(), By.MADE)
        return None
    contact, by = found
    shown = payee(vendor, contact, by)
    draft.facts |= {"adopted": True, UNTIED: None, PAYEE: shown, TOLD: in_words(shown)}
    if contact.get("ContactNumber") or by is By.MERGED:
        return contact
    draft.send = {"ContactID": contact["ContactID"], "ContactNumber": vendor.number}
    return None


def _unless_needed(work: Work, vendor_id: str, reason: DocumentRejected) -> Reason:
    """Why a vendor has no contact; it is held only in projects of which a record names it."""
    if vendor_id not in work.from_procore.vendors_asked and not work.holds.says(
        HoldCode.VENDOR_HELD, f"vendor {vendor_id} "
    ):
        work.told.vendors_unneeded.add(vendor_id)
        return because(HoldCode.VENDOR_NOT_NEEDED, why=reason.sentence)
    if vendor_id in work.told.vendors_unneeded:  # counted once
        work.told.vendors_unneeded.discard(vendor_id)
        counts = work.counts[contacts_there.KIND]
        counts[str(Outcome.IGNORED)] -= 1
        work.counts[contacts_there.KIND] = +counts
    return why(reason)


def _tied(work: Work, stage: Stage, draft: Draft, element: Element) -> Verdict | None:
    """Nothing is sent: the document is there, and the ledger now knows it."""
    endpoint = draft.document.endpoint
    named = {"name": element.get("Name"), "named_by": work.project.id}
    if isinstance(draft.document, Item):
        named |= {"code": element.get("Code"), RENAMED: element.get("Name") != draft.document.name}
    facts = {"wrapper": endpoint.wrapper, **named, **draft.facts}
    xero_id = str(element[endpoint.id_field])
    if work.entries.adopt(stage.name, draft.procore_id, xero_id, draft.fingerprint, facts):
        return unchanged(draft.record)
    return None


def _contact_changed(
    work: Work, stage: Stage, draft: Draft, vendor: Contact, entry: Entry, stored: Element | None
) -> Verdict | None:
    """Of a vendor. None: an update goes."""
    if stored is None and not entry.facts.get("adopted") and contacts_there.follow(work, str(entry.xero_id)):
        entry = replace(entry, facts={**entry.facts, "adopted": True})  # the one that is left is as people typed it
    try:
        _refuse_anothers_name(work, vendor, entry)
        change = contacts.change(vendor, entry, stored, work.known.country)
    except DocumentRejected as reason:
        if reason.code is not HoldCode.EDITED_IN_XERO:  # it is the same supplier still
            work.entries.note(stage.name, draft.procore_id, {DOUBT: reason.sentence})
        return held(work, draft.record, why(reason), entry)
    if change.body is None:
        work.entries.note(stage.name, draft.procore_id, change.facts)
        work.entries.prove(stage.name, draft.procore_id, draft.fingerprint)
        return unchanged(draft.record)
    draft.send, draft.facts = change.body, {**draft.facts, **change.facts}
    return None


def _refuse_anothers_name(work: Work, vendor: Contact, entry: Entry) -> None:
    """Raise DocumentRejected for a vendor that got the name of another contact, where no tax number says that it is
    still who it was: its record may be of the other one now, and nobody is paid on that."""
    before = entry.facts.get(PAYEE) or {}
    is_proved = bool(vendor.tax_number) and vendor.tax_number == before.get("proved")
    if is_proved or not before or folded(before["vendor"]) == folded(vendor.name):
        return
    own, other = str(entry.xero_id), work.settings.directory().named(vendor.name)
    if not other or other == own or (contacts_there.follow(work, own) and work.merged[own] == other):
        return
    why = f"this vendor is paid as '{before['contact']}'"
    raise DocumentRejected(HoldCode.NAME_TAKEN, name=vendor.name, why=why)


def _coding_changed(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict | None:
    """Of an option or item, called otherwise in Procore or there again: what a person did to it in Xero counts more.
    None: an update goes."""
    is_ours = entry.facts.get("named_by") in (None, work.project.id) and not entry.facts.get(RENAMED)
    if not is_ours and not entry.facts.get("archived"):
        return unchanged(draft.record)  # projects share it, and it is called as the one calls it that came first
    option = draft.document if isinstance(draft.document, Option) else None
    known = {draft.procore_id: entry}
    found = options.standing(work, option.category_id, known) if option else items.standing(work, known)
    row = found[draft.procore_id]
    if row is None:
        options.untie(work, stage.name, entry)
        draft.xero_id = None
        return _adopted(work, stage, draft, entry)
    if option is None:
        if items.keep(work, entry, row):
            return unchanged(draft.record)
        draft.send = {**draft.send, "ItemID": entry.xero_id}
        return None
    if entry.facts.get("archived"):
        draft.send = {**draft.send, "Status": "ACTIVE"}
        draft.facts["archived"] = False
        return None
    if not options.is_active(row):
        return held(work, draft.record, why(options.archived(work, option.category_id, row)))
    if options.keep_name(work, stage.name, entry, row):
        return unchanged(draft.record)
    if stage.name == options.PROJECTS and options.is_anothers_name(work, draft.procore_id, option):
        return _called_meanwhile(draft, option, row)
    return None


def _called_meanwhile(draft: Draft, option: Option, row: Element) -> Verdict | None:
    """Two projects exchange job numbers, and Xero takes a name once: until the other one has given its name up, this
    one is called by its Procore id, too. Its entry says so, so that a later job gives it its own name."""
    meanwhile = projects.meanwhile(option, draft.procore_id)
    if row["Name"] == meanwhile.name:
        return unchanged(draft.record)
    draft.document, draft.fingerprint, draft.send = meanwhile, fingerprint(meanwhile), meanwhile.body()
    return None
