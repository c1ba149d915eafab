"""A vendor's contact in Xero: found or made, and then left as a person typed it but for what changed in Procore.

What is decided here is kept as facts of the vendor's entry, so that it can be shown without asking anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from worker.errors import DocumentRejected
from worker.facts import DOUBT, MARKS, PAYEE, TOLD, UNTIED
from worker.holds import HoldCode, Outcome
from worker.ledger.entries import Known as Entry
from worker.mapping import tax_numbers
from worker.mapping.payees import By, in_words, payee
from worker.pipeline.draft import Draft
from worker.pipeline.look import documents, merged_contacts
from worker.pipeline.values import Reason, because, why
from worker.pipeline.work import Work
from worker.xero import contact_fields
from worker.xero.answers import Element
from worker.xero.contact_fields import Part
from worker.xero.documents import Contact

KIND = "vendors"


def adopt(work: Work, draft: Draft, vendor: Contact, entry: Entry | None) -> Element | None:
    """The contact that is tied to the vendor as it is; None where something is written: its number, or all of it.

    Raises DocumentRejected when a person must choose, or has untied the vendor and no other contact is there.
    """
    facts = entry.facts if entry else {}
    untied_from = facts.get(UNTIED)
    vendor_id = draft.record.procore_id
    found = _free_contact(work, vendor_id, vendor, facts.get("earlier", ()) if untied_from else ())
    if found is None and untied_from:
        raise DocumentRejected(HoldCode.UNTIED, contact=untied_from)
    if found is None:
        work.settings.directory().reserve(vendor_id, vendor.name)
        draft.facts[PAYEE] = payee(vendor, vendor.body(), By.MADE)
        return None
    contact, by = found
    shown = payee(vendor, contact, by)
    draft.facts |= {"adopted": True, UNTIED: None, PAYEE: shown, TOLD: in_words(shown)}
    if contact.get("ContactNumber") or by is By.MERGED:
        return contact
    draft.send = {"ContactID": contact["ContactID"], "ContactNumber": vendor.number}
    return None


def standing(work: Work, drafts: Iterable[Draft], entries: Mapping[str, Entry]) -> Mapping[str, Element]:
    """The contacts as they are in Xero that were made here and are to change now, by their ids."""
    known = [entries.get(draft.record.procore_id) for draft in drafts if isinstance(draft.document, Contact)]
    ids = [entry.xero_id for entry in known if entry and entry.xero_id and not entry.facts.get("adopted")]
    return documents.contacts(work, ids) if ids else {}


def change(work: Work, draft: Draft, vendor: Contact, entry: Entry, stored: Element | None) -> bool:
    """Whether an update goes, of a vendor that changed in Procore: a contact that was adopted stays as it was typed.

    Raises DocumentRejected when its tax number says that it is somebody else now, or when a person has changed in
    `stored`, the contact as it is in Xero, what is to change.
    """
    before, is_adopted = entry.facts.get(PAYEE) or {}, bool(entry.facts.get("adopted"))
    _check_number(before, vendor, work.known.country)
    there = {"Name": before.get("contact"), "TaxNumber": before.get("contact_number")}
    shown = payee(vendor, there if is_adopted else {**there, **vendor.body()}, By(before.get("by", By.UNKNOWN)), before)
    if is_adopted:
        work.entries.note(KIND, draft.record.procore_id, {PAYEE: shown, DOUBT: None})
        work.entries.prove(KIND, draft.record.procore_id, draft.fingerprint)
        return False
    fields = _fresh(entry.facts.get(MARKS) or {}, contact_fields.parts(draft.send), stored)
    fresh = {name: value for name, value in draft.send.items() if name in fields}
    if not fresh:
        work.entries.note(KIND, draft.record.procore_id, {PAYEE: shown, DOUBT: None, MARKS: marks(vendor)})
        work.entries.prove(KIND, draft.record.procore_id, draft.fingerprint)
        return False
    body = contact_fields.beside(fresh, stored or {})
    draft.send = {**body, "ContactNumber": vendor.number, "ContactID": entry.xero_id}
    draft.facts |= {PAYEE: shown, DOUBT: None, TOLD: _renamed(before, fresh)}
    return True


def _fresh(written: Mapping[str, str], now: Mapping[str, Part], stored: Element | None) -> set[str]:
    """Xero's fields that an update carries: those that changed in Procore since they were written, and that nobody has
    brought into line in Xero. Raises DocumentRejected where a person has entered something else there."""
    changed = {part.field for name, part in now.items() if written.get(name) != part.mark}
    if stored is None or not written:
        return changed
    there = contact_fields.parts(stored)
    differs = {name: part for name, part in now.items() if not contact_fields.is_same(part, there.get(name))}
    edited = [
        f"{name} is {there[name].shown if name in there else 'blank'}, Procore says {part.shown}"
        for name, part in differs.items()
        if part.field in changed and _is_edited(written.get(name), part, there.get(name))
    ]
    if edited:
        raise DocumentRejected(HoldCode.EDITED_IN_XERO, difference="; ".join(edited))
    return {part.field for part in differs.values()} & changed


def _is_edited(written: str | None, now: Part, there: Part | None) -> bool:
    """Whether what stands there is neither what was written nor what is to be; a number in stars is not known."""
    if there is None:
        return written is not None
    is_masked = "*" in there.shown
    return not is_masked and there.mark not in (written, now.mark)


def is_refused_number(draft: Draft, reason: Reason | None) -> bool:
    """Whether all that Xero refused is to write a vendor's number on a good contact; an archived one is none.

    A stored website or e-mail that Xero does not like makes any write of that contact fail (Xero-NetStandard#434,
    xeroizer#477).
    """
    is_number = draft.xero_id is None and isinstance(draft.document, Contact) and "ContactID" in draft.send
    return (
        is_number
        and reason is not None
        and reason.code is HoldCode.REJECTED
        and not merged_contacts.is_archived(reason)
    )


def marks(contact: Contact) -> dict[str, str]:
    """A mark of each field: it tells what changed in Procore since it was written, and what in Xero."""
    return {name: part.mark for name, part in contact_fields.parts(contact.body()).items()}


def unless_needed(work: Work, vendor_id: str, reason: DocumentRejected) -> Reason:
    """Why a vendor has no contact; it is held only in projects of which a record names it."""
    if vendor_id not in work.vendors_asked and not work.holds.says(HoldCode.VENDOR_HELD, f"vendor {vendor_id} "):
        work.vendors_unneeded.add(vendor_id)
        return because(HoldCode.VENDOR_NOT_NEEDED, why=reason.sentence)
    if vendor_id in work.vendors_unneeded:  # counted once
        work.vendors_unneeded.discard(vendor_id)
        work.counts[KIND][str(Outcome.IGNORED)] -= 1
        work.counts[KIND] = +work.counts[KIND]
    return why(reason)


def _free_contact(work: Work, vendor_id: str, vendor: Contact, without: Collection[str]) -> tuple[Element, By] | None:
    """The contact that this vendor adopts: the first that fits and is no other vendor's. It is nobody else's then."""
    directory = work.settings.directory()
    if (left := directory.merged(vendor.number)) and left["ContactID"] not in without:
        return left, By.MERGED  # two vendors may share it: a person said that they are one
    while found := directory.find(vendor, without):
        owner = work.entries.record_of([KIND], str(found[0]["ContactID"]))
        directory.give(found[0], owner[1].procore_id if owner else vendor_id)
        if owner is None:
            return found
    return None


def _check_number(before: Mapping[str, Any], vendor: Contact, country: str) -> None:
    """Another valid tax number is another legal entity, whatever it is called."""
    now, proved = vendor.tax_number, before.get("proved")
    if now is None or now == proved or not before:
        return
    if proved:
        raise DocumentRejected(HoldCode.TAX_NUMBER_CHANGED, before=proved, now=now, contact=before["contact"])
    there = tax_numbers.read(before["contact_number"], country)
    if there is not None and there.digits != now:
        raise DocumentRejected(
            HoldCode.TAX_NUMBERS_DIFFER, contact=before["contact"], xero=before["contact_number"], procore=now
        )


def _renamed(before: Mapping[str, Any], fresh: Mapping[str, Any]) -> str:
    """What changes about whom people think they pay, for the report: bills may be open."""
    pairs = (("name", "vendor", "Name"), ("e-mail", "email", "EmailAddress"))
    said = [f"{what}: {before.get(key) or 'none'} -> {fresh[field]}" for what, key, field in pairs if field in fresh]
    return "; ".join(said)
