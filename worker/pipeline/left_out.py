"""What Xero refuses and a contact does without, said to a person without holding the vendor.

A notice beside the vendor's own outcome: it never counts as a record, and it goes when the contact is whole.
"""

from __future__ import annotations

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline.work import Work
from worker.procore.records import Record
from worker.xero.documents import Contact, Document

KIND = "left_out"


def tell(work: Work, record: Record, document: Document, xero_id: str | None, *, adopted: bool) -> None:
    """Say what is missing on the contact in Xero. Of one that was adopted nothing was to be written anyway."""
    if not isinstance(document, Contact):
        return
    if not document.email_left_out or adopted:
        work.holds.forget(KIND, [record.procore_id])
        return
    code = HoldCode.EMAIL_LEFT_OUT
    sentence = code.sentence(email=document.email_left_out)
    links = work.known.procore_url(record.page), work.xero_page(document.endpoint.wrapper, xero_id)
    work.holds.settle([Verdict(KIND, record.procore_id, record.title, code.outcome, code, sentence, *links)])
