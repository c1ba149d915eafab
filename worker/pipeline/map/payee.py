"""Whom a bill is payable to that stands in Xero already: the contact that its vendor had when it was sent.

A person may tie the vendor to another contact, or untie it, and Procore may say that it is somebody else now. What
stands in Xero stays; what is new goes to the contact that the vendor has now, if it has one.
"""

from __future__ import annotations

from dataclasses import replace

from worker.facts import DOUBT, MERGED_FROM, PAYEE
from worker.ledger.entries import Known as Entry
from worker.mapping.references import Known
from worker.pipeline.decide.fingerprint import mark_of
from worker.pipeline.look.documents import last_written
from worker.pipeline.work import Stage, Work
from worker.procore.records import Claim, Invoice, Record
from worker.xero.documents import BILLS, CREDIT_NOTES, Document


def note(work: Work, vendor_id: str, entry: Entry) -> None:
    """Which contact a vendor has, and which it had before, or has without being trusted."""
    work.known.payees[vendor_id] = entry.facts.get(PAYEE) or {}
    doubted = bool(entry.facts.get(DOUBT))
    if entry.state == "live" and entry.xero_id and not doubted:
        work.known.contacts[vendor_id] = entry.xero_id
    if entry.xero_id:
        work.merged |= dict.fromkeys(entry.facts.get(MERGED_FROM, ()), entry.xero_id)
    had = [*entry.facts.get("earlier", ()), *([entry.xero_id] if doubted else [])]
    if had:
        work.known.had[vendor_id] = tuple(map(str, had))


def document_of(work: Work, stage: Stage, record: Record, entry: Entry | None, known: Known) -> Document:
    """What the record becomes in Xero. Raises Skippable, as its stage's mapping does."""
    if entry is None or entry.state != "live" or not isinstance(record, Claim | Invoice):
        return stage.to_document(record, known)
    had = known.had.get(str(record.vendor_id))
    if not had:
        return stage.to_document(record, known)
    documents = {contact_id: _to(known, stage, record, contact_id) for contact_id in had}
    same = [document for document in documents.values() if mark_of(document, entry.fingerprint) == entry.fingerprint]
    if same:
        return same[0]
    document = stage.to_document(record, known)  # changed: not while nobody knows whom it is payable to
    return documents.get(_paid_by_it(work, entry, record), document)


def _to(known: Known, stage: Stage, record: Claim | Invoice, contact_id: str) -> Document:
    contacts = {**known.contacts, str(record.vendor_id): contact_id}
    return stage.to_document(record, replace(known, contacts=contacts))


def _paid_by_it(work: Work, entry: Entry, record: Record) -> str:
    """The contact on what we wrote last; blank where that is not known."""
    endpoint = CREDIT_NOTES if entry.facts.get("wrapper") == CREDIT_NOTES.wrapper else BILLS
    body = last_written(work, endpoint, record.kind, record.procore_id)
    return str(body["Contact"]["ContactID"]) if body else ""
