"""Whether what a payment is on still has the currency that it was sent with: 10.00 in Procore is not USD 10.00; and,
where it is paid as a whole, its total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode, title
from worker.ledger.holds import Verdict
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import last_written
from worker.pipeline.values import Reason, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, Payment
from worker.xero.rounding import in_words

CLAIMS, INVOICES = BILLED = ("claims", "invoices")


def judge(work: Work, drafts: Sequence[Draft], documents: Mapping[str, Element]) -> list[Verdict]:
    """Why some of these payments are not made. `documents`: what they are on, as read in Xero, by id."""
    pairs = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Payment)]
    reasons = [(draft, differs(work, payment, documents)) for draft, payment in pairs]
    return [held(work, draft.record, reason) for draft, reason in reasons if reason is not None]


def differs(work: Work, payment: Payment, documents: Mapping[str, Element]) -> Reason | None:
    """Nothing is said of a document that this job made, or that a person entered: its own answer was compared."""
    document = documents.get(payment.bill_id, {})
    owner = work.entries.record_of(BILLED, payment.bill_id) if document.get("CurrencyCode") else None
    if owner is None:
        return None
    kind, entry = owner
    total = amount(document, "Total")
    if kind == INVOICES and total != payment.amount:
        return _differs(kind, entry.procore_id, f"Total is {total}{in_words(document)}, sent was {payment.amount}")
    body = last_written(work, CREDIT_NOTES if payment.credit else BILLS, kind, entry.procore_id)
    sent = work.settings.chart().with_currency(dict(body)).get("CurrencyCode") if body else None
    if sent is None or sent == document["CurrencyCode"]:
        return None
    return _differs(kind, entry.procore_id, f"CurrencyCode is {document['CurrencyCode']}, sent was {sent}")


def _differs(kind: str, procore_id: str, difference: str) -> Reason:
    return because(HoldCode.BILL_DIFFERS, claim=title(kind, procore_id), difference=difference)
