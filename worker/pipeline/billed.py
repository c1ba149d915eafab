"""Whether what a payment is on still has the currency that it was sent with: 10.00 in Procore is not USD 10.00."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline.existing import held
from worker.pipeline.lookup import last_written
from worker.pipeline.stage import Draft
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import BILLS, CREDIT_NOTES, Payment

CLAIMS = "claims"
Reason = tuple[HoldCode, str]


def judge(work: Work, drafts: Sequence[Draft], documents: Mapping[str, Element]) -> list[Verdict]:
    """Why some of these payments are not made. `documents`: what they are on, as read in Xero, by id."""
    pairs = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Payment)]
    reasons = [(draft, differs(work, payment, documents)) for draft, payment in pairs]
    return [held(work, draft.record, *reason) for draft, reason in reasons if reason is not None]


def differs(work: Work, payment: Payment, documents: Mapping[str, Element]) -> Reason | None:
    """Nothing is said of a document that this job made, or that a person entered: its own answer was compared."""
    document = documents.get(payment.bill_id, {})
    owner = work.entries.record_of([CLAIMS], payment.bill_id) if document.get("CurrencyCode") else None
    endpoint = CREDIT_NOTES if payment.credit else BILLS
    body = last_written(work, endpoint, CLAIMS, owner[1].procore_id) if owner else None
    if owner is None or body is None:
        return None
    sent = work.chart().with_currency(dict(body)).get("CurrencyCode")
    if sent is None or sent == document["CurrencyCode"]:
        return None
    code, difference = HoldCode.BILL_DIFFERS, f"CurrencyCode is {document['CurrencyCode']}, sent was {sent}"
    return code, code.sentence(claim=owner[1].procore_id, difference=difference)
