"""What is still due on the bills and credit notes that payments are on, and whether a payment fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import stored
from worker.pipeline.values import Proof, Reason, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero import rounding
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, Payment


def documents(work: Work, payments: Iterable[Payment]) -> dict[str, Element]:
    """What these payments are on, by id."""
    listed = list(payments)
    bills = dict.fromkeys(payment.bill_id for payment in listed if not payment.credit)
    notes = dict.fromkeys(payment.bill_id for payment in listed if payment.credit)
    return {**(stored(work, BILLS, bills) if bills else {}), **(stored(work, CREDIT_NOTES, notes) if notes else {})}


def due(document: Element) -> Decimal:
    """What may still be paid; a voided bill may go on showing an amount due (xero-api.md §4.6)."""
    if document.get("Status") != "AUTHORISED":
        return Decimal("0.00")
    return amount(document, "RemainingCredit" if "CreditNoteID" in document else "AmountDue")


def beyond(work: Work, drafts: Sequence[Draft], paid: Mapping[str, Element]) -> list[Verdict]:
    """Why some of these payments do not go: on the documents as they were read just now less is due, so that Xero
    would refuse them, again in every pass. They are counted in the order in which they would be sent."""
    left = {id_: due(document) for id_, document in paid.items() if _says_what_is_due(document)}
    verdicts: list[Verdict] = []
    for draft in sorted(drafts, key=lambda draft: draft.record.procore_id):
        payment = draft.document
        if not isinstance(payment, Payment) or payment.bill_id not in left:
            continue
        if payment.amount > left[payment.bill_id]:
            reason = too_large(payment, left[payment.bill_id], paid[payment.bill_id])
            verdicts.append(held(work, draft.record, reason))
        else:
            left[payment.bill_id] -= payment.amount
    return verdicts


def too_large(payment: Payment, left: Decimal, document: Element) -> Reason:
    taxed = payment.before_tax
    said = payment.amount if taxed is None else f"{payment.amount} with tax ({taxed} before it, as Procore has it)"
    return because(HoldCode.PAYMENT_TOO_LARGE, amount=said, due=f"{left}{rounding.in_words(document)}")


def explained(work: Work, drafts: Sequence[Draft], proofs: Sequence[Proof]) -> Sequence[Proof]:
    """What became of these, where payments that Xero found too large say how much is due."""
    refused = {
        proof.procore_id: draft.document
        for draft, proof in zip(drafts, proofs, strict=True)
        if isinstance(draft.document, Payment) and _may_be_too_large(proof.reason)
    }
    if not refused:
        return proofs
    paid = documents(work, refused.values())
    reasons: dict[str, Reason] = {}
    for procore_id, payment in refused.items():
        document = paid.get(payment.bill_id, {})
        if payment.amount > due(document) and _says_what_is_due(document):
            reasons[procore_id] = too_large(payment, due(document), document)
    return [replace(one, reason=reasons.get(one.procore_id, one.reason)) for one in proofs]


def _says_what_is_due(document: Element) -> bool:
    """Of one that was voided, or is not approved, other words are said."""
    return document.get("Status") in ("AUTHORISED", "PAID")


def _may_be_too_large(reason: Reason | None) -> bool:
    """What is paid off is not open for payments any more, and Xero says so in other words (xero-api.md §4.8)."""
    words = ("exceeds the amount outstanding", "only be made against Authorised documents")
    return reason is not None and reason.code is HoldCode.REJECTED and any(text in reason.sentence for text in words)
