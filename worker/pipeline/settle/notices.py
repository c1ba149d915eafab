"""What a person may want to see to, said without holding the record: what a contact does without since Xero refuses it,
and what another integration has exported, too.

A notice beside the record's own outcome: it never counts as a record, and it goes with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.facts import NUMBER_REFUSED, PAYEE, UNTRACKED
from worker.holds import HoldCode
from worker.pipeline.decide import exported
from worker.pipeline.settle import no_abn, sent_twice
from worker.pipeline.values import Reason, because
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.procore.records import Record
from worker.xero.documents import Contact, Document

KIND = "left_out"


def tell(work: Work, record: Record, document: Document, xero_id: str | None, facts: Mapping[str, Any]) -> None:
    """Say what is missing on the contact in Xero, by the facts of the vendor's entry, or who else exported a record."""
    id_ = record.procore_id if isinstance(document, Contact) else f"{record.kind}/{record.procore_id}"
    if isinstance(document, Contact) and document.tax_number:
        no_abn.forget(work, id_)
    reason = _missing(document, facts) if isinstance(document, Contact) else _of_document(work, record, document, facts)
    if reason is None:
        work.holds.forget(KIND, [id_])
        return
    links = work.known.procore_url(record.page), work.xero_page(document.endpoint.wrapper, xero_id)
    work.holds.settle([said(KIND, id_, record.title, reason, *links)])


def _of_document(work: Work, record: Record, document: Document, facts: Mapping[str, Any]) -> Reason | None:
    return sent_twice.said(work, document, facts) or exported.too(record) or _untracked(work, facts)


def _untracked(work: Work, facts: Mapping[str, Any]) -> Reason | None:
    """Of a document that a person entered and that is a record's now."""
    if not facts.get(UNTRACKED) or work.known.project is None:
        return None
    return because(HoldCode.TRACKING_LEFT_OUT, option=work.known.project.option)


def _missing(contact: Contact, facts: Mapping[str, Any]) -> Reason | None:
    """Of a contact that was adopted only the number was to be written."""
    if facts.get(NUMBER_REFUSED):
        return because(HoldCode.CONTACT_NUMBER_LEFT_OUT, contact=facts[PAYEE]["contact"], why=facts[NUMBER_REFUSED])
    if contact.email_left_out and not facts.get("adopted"):
        return because(HoldCode.EMAIL_LEFT_OUT, email=contact.email_left_out)
    return None
