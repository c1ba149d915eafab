"""New payments beside what stands on the same document: which may go, which are in Xero already, and which may be.

What may be the same is held, until a person says what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from worker.counting import money
from worker.holds import HoldCode
from worker.mapping import paid_by_hand
from worker.mapping.money import CENT
from worker.mapping.paid_by_hand import ZERO, Likeness
from worker.pipeline.check import said
from worker.pipeline.check.found import VOID
from worker.pipeline.check.paid import Paid
from worker.pipeline.draft import Draft
from worker.pipeline.values import Doubt, Link, Proof, Reason, Stop, because
from worker.xero import proof
from worker.xero.answers import Element, amount, currency_code
from worker.xero.documents import PAYMENTS, Payment
from worker.xero.rounding import in_words

Stopped = Iterator[tuple[Draft, Stop]]
#: Statuses in which a document says what is due on it; of one that was voided, or is not approved, Xero says more.
_OPEN = ("AUTHORISED", "PAID")


def left_out(drafts: Sequence[Draft]) -> Stopped:
    """Those that a person said to be what no payment can be tied to: several payments, a part of one, a credit."""
    for draft in drafts:
        if said.same(draft) and not said.document(draft):
            yield draft, Stop(because(HoldCode.PAID_BY_HAND))


def differing(drafts: Sequence[Draft], paid: Paid) -> Stopped:
    """Those on what is not as it was sent."""
    for draft, payment in _payments(drafts):
        if reason := differs(payment, paid):
            yield draft, Stop(reason)


def differs(payment: Payment, paid: Paid) -> Reason | None:
    """Whether what a payment is on has another currency than it was sent with: 10.00 in Procore is not USD 10.00; or is
    payable to somebody else; or, where it is paid as a whole, has another total. Nothing is said of a document that
    this job made, or a person entered: its own answer was compared; nor of one that is voided, which Xero refuses."""
    document, sent = paid.documents.get(payment.bill_id, {}), paid.sent.get(payment.bill_id)
    if not document.get("CurrencyCode") or sent is None or document.get("Status") in VOID:
        return None
    total, currency = amount(document, "Total"), document["CurrencyCode"]
    if sent.is_whole and total != payment.amount:
        sent_was = money(payment.amount, currency)
        difference = f"Total is {money(total, currency)}{in_words(document)}, sent was {sent_was}"
    elif sent.currency not in (None, currency):
        difference = f"CurrencyCode is {currency}, sent was {sent.currency}"
    elif sent.payable_to:
        difference = f"it is payable to {sent.payable_to} now"
    else:
        return None
    return because(HoldCode.BILL_DIFFERS, claim=sent.title, difference=difference)


def is_plain(payment: Payment, left: Mapping[str, Decimal], paid: Paid) -> bool:
    """Whether nothing has to be asked about a payment: its document was read just now and is open, as it was sent,
    settled by records' payments alone, and of it as much is `left`."""
    if payment.bill_id not in paid.documents or payment.credit or payment.before_tax is not None:
        return False
    is_settled_otherwise = paid.settlements(payment.bill_id) or differs(payment, paid)
    return not is_settled_otherwise and 0 < payment.amount <= left[payment.bill_id]


def check(draft: Draft, strange: Sequence[Element], *, adopts: bool) -> Link | Stop | None:
    """Which of the payments that are no record's is this one; None where none is, so that it goes. With `adopts` the
    mapping file takes what a person entered for it."""
    ours = [row for row in strange if proof.same(PAYMENTS, draft.send, row)]
    if len(ours) > 1:
        return Stop(because(HoldCode.AMBIGUOUS, count=len(ours), what="this worker sent all of them"))
    if ours:
        return Link(ours[0], differences=proof.differences(PAYMENTS, draft.send, ours[0], draft.tax))
    taken = [row for row in strange if str(row["PaymentID"]) == said.document(draft)]
    if not taken and adopts:
        taken = _equal(draft, strange)
    return Link(taken[0], adopted=True) if taken else None


def _equal(draft: Draft, strange: Sequence[Element]) -> list[Element]:
    """The payment of as much on the same document, if it is but one."""
    same = [row for row in strange if proof.paid_id(row) == proof.paid_id(draft.send)]
    equal = [row for row in same if amount(row, "Amount") == draft.send["Amount"]]
    return equal if len(equal) == 1 else []


def doubtful(drafts: Sequence[Draft], paid: Paid) -> Iterator[tuple[Draft, Doubt]]:
    """Those that may be what a person entered."""
    by_document: dict[str, list[tuple[Draft, Payment]]] = defaultdict(list)
    for draft, payment in _payments(drafts):
        by_document[payment.bill_id].append((draft, payment))
    for document_id, pairs in by_document.items():
        others = paid.settlements(document_id)
        if not others:
            continue
        others = paid_by_hand.left(others, paid.said)
        left = due(paid.documents.get(document_id, {}))
        for draft, payment in pairs:
            beside = [one.amount for _, one in pairs if one is not payment]
            beside += [part.made for part in paid.ours.get(document_id, {}).values() if part.made is not None]
            new = [one for one in others if one.id not in said.others(draft)]
            read = (paid_by_hand.may_be(one, payment.on, new, beside, left) for one in read_as(payment))
            if found := next(filter(None, read), None):
                yield draft, _doubt(found)
            else:
                left -= payment.amount


def _doubt(found: Likeness) -> Doubt:
    reason, first = because(HoldCode.MAY_BE_PAID, what=paid_by_hand.in_words(found), how=found.how), found.parts[0][0]
    parts = {one.id: (part, one.amount) for one, part in found.parts}
    return Doubt(reason, parts, first.id if first.is_payment else "")


def read_as(payment: Payment) -> list[Decimal]:
    """What a person may have paid of it: where tax comes on top they may have rounded that otherwise."""
    by = (ZERO,) if payment.before_tax is None else (ZERO, -CENT, CENT)
    return [payment.amount + one for one in by]


def beyond(drafts: Sequence[Draft], paid: Paid) -> Stopped:
    """Those for which, on the documents as they were read just now, less is due, so that Xero would refuse them, again
    in every pass. They are counted in the order in which they would be sent."""
    left = {id_: due(document) for id_, document in paid.documents.items() if document.get("Status") in _OPEN}
    for draft, payment in sorted(_payments(drafts), key=lambda pair: pair[0].record.procore_id):
        if payment.bill_id not in left:
            continue
        if payment.amount > left[payment.bill_id]:
            yield draft, Stop(too_large(payment, left[payment.bill_id], paid.documents[payment.bill_id]))
        else:
            left[payment.bill_id] -= payment.amount


def due(document: Element) -> Decimal:
    """What may still be paid; a voided bill may go on showing an amount due (xero-api.md §4.6)."""
    if document.get("Status") != "AUTHORISED":
        return Decimal("0.00")
    return amount(document, "RemainingCredit" if "CreditNoteID" in document else "AmountDue")


def too_large(payment: Payment, left: Decimal, document: Element) -> Reason:
    taxed, currency = payment.before_tax, currency_code(document)
    what = money(payment.amount, currency)
    if taxed is not None:
        what += f" with tax ({money(taxed, currency)} before it, as Procore has it)"
    return because(HoldCode.PAYMENT_TOO_LARGE, amount=what, due=f"{money(left, currency)}{in_words(document)}")


def may_be_too_large(refused: Proof) -> bool:
    """What is paid off is not open for payments any more, and Xero says so in other words (xero-api.md §4.8)."""
    words, reason = ("exceeds the amount outstanding", "only be made against Authorised documents"), refused.reason
    return reason is not None and reason.code is HoldCode.REJECTED and any(text in reason.sentence for text in words)


def explained(refused: Proof, payment: Payment, document: Element) -> Proof:
    """A payment that Xero found too large says how much is due."""
    if payment.amount <= due(document) or document.get("Status") not in _OPEN:
        return refused
    return replace(refused, reason=too_large(payment, due(document), document))


def _payments(drafts: Sequence[Draft]) -> list[tuple[Draft, Payment]]:
    return [(draft, draft.document) for draft in drafts if isinstance(draft.document, Payment)]
