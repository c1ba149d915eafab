"""A vendor's contact in Xero beside the vendor: what an update says, and what Xero refuses of it.

A contact stays as a person typed it but for what changed in Procore; one that was adopted stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.errors import DocumentRejected
from worker.facts import DOUBT, MARKS, PAYEE, TOLD
from worker.holds import HoldCode
from worker.mapping import tax_numbers
from worker.mapping.payees import By, payee
from worker.pipeline.check.found import Body
from worker.pipeline.draft import Draft
from worker.pipeline.values import Entry, Reason
from worker.xero import contact_fields
from worker.xero.answers import Element
from worker.xero.contact_fields import Part
from worker.xero.documents import Contact


@dataclass(frozen=True, slots=True)
class Change:
    """What the vendor's entry says from now on, and what goes to Xero, if anything does."""

    facts: Mapping[str, Any]
    body: Body | None = None


def change(vendor: Contact, entry: Entry, stored: Element | None, country: str) -> Change:
    """What becomes of a contact whose vendor changed in Procore; `stored` is the contact as it is in Xero.

    Raises DocumentRejected when its tax number says that it is somebody else now, or when a person has changed in Xero
    what is to change.
    """
    before, is_adopted = entry.facts.get(PAYEE) or {}, bool(entry.facts.get("adopted"))
    _check_number(before, vendor, country)
    body = vendor.body()
    there = {"Name": before.get("contact"), "TaxNumber": before.get("contact_number")}
    shown = payee(vendor, there if is_adopted else {**there, **body}, By(before.get("by", By.UNKNOWN)), before)
    facts = {PAYEE: shown, DOUBT: None}
    if is_adopted:
        return Change(facts)
    fields = _fresh(entry.facts.get(MARKS) or {}, contact_fields.parts(body), stored)
    fresh = {name: value for name, value in body.items() if name in fields}
    if not fresh:
        return Change({**facts, MARKS: marks(vendor)})
    update = contact_fields.beside(fresh, stored or {})
    told = {**facts, TOLD: _renamed(before, fresh)}
    return Change(told, {**update, "ContactNumber": vendor.number, "ContactID": entry.xero_id})


def marks(contact: Contact) -> dict[str, str]:
    """A mark of each field: it tells what changed in Procore since it was written, and what in Xero."""
    return {name: part.mark for name, part in contact_fields.parts(contact.body()).items()}


def is_archived(reason: Reason | None) -> bool:
    """Whether Xero refused a document because its contact is archived (xero-api.md §4.1)."""
    return reason is not None and reason.code is HoldCode.REJECTED and "archived contact" in reason.sentence


def is_refused_number(draft: Draft, reason: Reason | None) -> bool:
    """Whether all that Xero refused is to write a vendor's number on a good contact; an archived one is none.

    A stored website or e-mail that Xero does not like makes any write of that contact fail (Xero-NetStandard#434,
    xeroizer#477).
    """
    is_number = draft.xero_id is None and isinstance(draft.document, Contact) and "ContactID" in draft.send
    is_refused = reason is not None and reason.code is HoldCode.REJECTED
    return is_number and is_refused and not is_archived(reason)


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


def _renamed(before: Mapping[str, Any], fresh: Mapping[str, Any]) -> str:
    """What changes about whom people think they pay, for the report: bills may be open."""
    pairs = (("name", "vendor", "Name"), ("e-mail", "email", "EmailAddress"))
    said = [f"{what}: {before.get(key) or 'none'} -> {fresh[field]}" for what, key, field in pairs if field in fresh]
    return "; ".join(said)
