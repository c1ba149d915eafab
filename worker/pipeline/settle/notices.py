"""What a person may want to see to, said without holding the record: what a contact does without since Xero refuses it,
a number that went twice, what another integration has exported, too, and suppliers without a valid ABN.

A notice beside the record's own outcome: it never counts as a record, and it goes with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from worker.counting import money
from worker.facts import NUMBER_REFUSED, PAYEE, TWICE, UNTRACKED
from worker.holds import HoldCode
from worker.pipeline.check.found import before_tax, number
from worker.pipeline.decide.record import exported_too
from worker.pipeline.settle import without_abn
from worker.pipeline.settle.without_abn import KIND
from worker.pipeline.values import Reason, Standing, because, expected_tax
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.xero.documents import Bill, Contact, Document


def tell(work: Work, standing: Sequence[Standing]) -> None:
    """Say what is missing on a contact in Xero, by the facts of the vendor's entry, or who else exported a record."""
    for one in standing:
        _tell(work, one)
        if one.is_new and isinstance(one.document, Bill):
            without_abn.tell(work, one.record, one.document)


def _tell(work: Work, one: Standing) -> None:
    record, document = one.record, one.document
    id_ = record.procore_id if isinstance(document, Contact) else f"{record.kind}/{record.procore_id}"
    if isinstance(document, Contact) and document.tax_number:
        without_abn.has_one(work, id_)
    reason = _missing(document, one.facts) if isinstance(document, Contact) else _of_document(work, one)
    if reason is None:
        work.holds.forget(KIND, [id_])
        return
    links = work.known.procore_url(record.page), work.xero_page(document.endpoint.wrapper, one.xero_id)
    work.holds.settle([said(KIND, id_, record.title, reason, *links)])


def _of_document(work: Work, one: Standing) -> Reason | None:
    return _sent_twice(work, one.document, one.facts) or exported_too(one.record) or _untracked(work, one.facts)


def _sent_twice(work: Work, document: Document, facts: Mapping[str, Any]) -> Reason | None:
    """Another record has its supplier, number and amount (`same_number`): as long as both are as they were, and the
    other one stands."""
    found = facts.get(TWICE)
    if not found or not isinstance(document, Bill):
        return None
    body, (kind, procore_id) = document.body(), found["of"]
    if (found["number"], Decimal(found["amount"])) != (number(body), before_tax(body, expected_tax(facts))):
        return None
    other = work.entries.known(kind, [procore_id]).get(procore_id)
    if other is not None and other.state == "free":
        return None
    amount = money(Decimal(found["amount"]), str(body.get("CurrencyCode") or work.settings.currency()))
    return because(HoldCode.SENT_TWICE, other=found["title"], number=found["number"], amount=amount)


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
