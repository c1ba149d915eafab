"""Payments that changed in Procore after they were sent. Xero cannot change one: it is deleted and made again.

Only while it is not reconciled, and only when the new one would surely be taken: a payment that is deleted and then
refused would leave the bill unpaid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping.paid_by_hand import in_words, may_be
from worker.pipeline import billed, outstanding, tax_on_payments, withdrawing
from worker.pipeline.check import hands_off
from worker.pipeline.check.found import VOID
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import last_sent, stored
from worker.pipeline.paid_by_hand import Paid, read_as
from worker.pipeline.values import Reason, Replace, because, why
from worker.pipeline.verdicts import held, without
from worker.pipeline.work import Stage, Work
from worker.xero import proof
from worker.xero.answers import Element, amount
from worker.xero.documents import PAYMENTS, Payment


def resolve(
    work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The drafts, in which changed payments are new ones, and why those are held that had to stay."""
    pairs = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Payment)]
    changed = [pair for pair in pairs if isinstance(pair[0].decided, Replace)]
    if not changed:
        return list(drafts), []
    old = stored(work, PAYMENTS, [str(draft.xero_id) for draft, _ in changed])
    paid = Paid(work, [payment for _, payment in changed])
    left = {id_: outstanding.due(document) for id_, document in paid.documents.items()}
    verdicts = tax_on_payments.fill_in(work, [draft for draft, _ in changed], paid)
    rest = without([draft for draft, _ in changed], verdicts)
    changed = [(draft, draft.document) for draft in rest if isinstance(draft.document, Payment)]
    for draft, payment in sorted(changed, key=lambda pair: _increase(pair[1], old.get(str(pair[0].xero_id)))):
        before = old.get(str(draft.xero_id), {"Status": "DELETED"})
        reason = _persons(draft.noted, payment, before, paid)
        reason = reason or _hands_off(work, payment, before, paid.documents.get(payment.bill_id, {}), left)
        reason = reason or _edited(work, stage, draft, before)
        reason = reason or billed.differs(work, payment, paid.documents)
        reason = reason or _taken_back(work, stage, draft, before)
        if reason is not None:
            verdicts.append(held(work, draft.record, reason, entries[draft.record.procore_id]))
            continue
        draft.xero_id = None
        _move(left, before, payment)
    return without(drafts, verdicts), verdicts


def _persons(noted: Mapping[str, Any], payment: Payment, before: Element, paid: Paid) -> Reason | None:
    """Why a payment stays as it is for what a person entered: that very payment, or one that may be the difference."""
    if noted.get("adopted") and before.get("Status") not in VOID:
        return hands_off.entered_by_hand()
    more, others = payment.amount - amount(before, "Amount"), paid.settlements(payment.bill_id)
    for part in (*read_as(payment), more):
        if part > 0 and (found := may_be(part, payment.on, others, (), part)):
            beside = f"beside it stands {in_words(found)}, which did not come from here and may be it"
            return because(HoldCode.CHANGED_AFTER_SENDING, why=beside)
    return None


def _hands_off(
    work: Work, payment: Payment, before: Element, document: Element, left: Mapping[str, Decimal]
) -> Reason | None:
    if before.get("Status") in VOID:
        return hands_off.gone(before)
    if reason := hands_off.of_payment(before, work.settings.chart().locked_until):
        return reason
    try:
        work.settings.chart().check(payment)
    except DocumentRejected as refused:
        return why(refused)
    if document.get("Status") not in ("AUTHORISED", "PAID"):
        status = document.get("Status", "not there")
        return because(HoldCode.CHANGED_AFTER_SENDING, why=f"what it pays is {status} in Xero")
    freed = amount(before, "Amount") if proof.paid_id(before) == payment.bill_id else Decimal(0)
    available = left.get(payment.bill_id, Decimal(0)) + freed
    return outstanding.too_large(payment, available, document) if payment.amount > available else None


def _edited(work: Work, stage: Stage, draft: Draft, before: Element) -> Reason | None:
    """Whether it is another one than was made here: what may be done again is not known then."""
    last = last_sent(work, stage.name, PAYMENTS, draft.record.procore_id)
    if last is None or not (found := proof.differences(PAYMENTS, last, before)):
        return None
    return because(HoldCode.EDITED_IN_XERO, difference="; ".join(found))


def _taken_back(work: Work, stage: Stage, draft: Draft, before: Element) -> Reason | None:
    work.heartbeat()
    return withdrawing.take_back(work, stage.name, draft.record.procore_id, PAYMENTS, before, status="DELETED")


def _move(left: dict[str, Decimal], before: Element, payment: Payment) -> None:
    """What is due once the old payment is deleted and the new one is made."""
    freed_id = str(proof.paid_id(before))
    left[freed_id] = left.get(freed_id, Decimal(0)) + amount(before, "Amount")
    left[payment.bill_id] = left.get(payment.bill_id, Decimal(0)) - payment.amount


def _increase(payment: Payment, before: Element | None) -> Decimal:
    """Those that become smaller go first: they make room for the others."""
    return payment.amount - (amount(before, "Amount") if before else Decimal(0))
