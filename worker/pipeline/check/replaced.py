"""Payments that changed in Procore after they were sent. Xero cannot change one: it is deleted and made again.

Only while it is not reconciled, and only when the new one would surely be taken: a payment that is deleted and then
refused would leave the bill unpaid.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from worker.errors import DocumentRejected
from worker.holds import HoldCode
from worker.mapping.paid_by_hand import in_words, may_be
from worker.pipeline.check import hands_off
from worker.pipeline.check.found import VOID, Body
from worker.pipeline.check.paid import Paid
from worker.pipeline.check.payments import read_as, too_large
from worker.pipeline.values import Reason, because, why
from worker.xero import proof
from worker.xero.answers import Element, amount
from worker.xero.chart import Chart
from worker.xero.documents import PAYMENTS, Payment


def check(
    payment: Payment, before: Element, document: Element, left: Mapping[str, Decimal], chart: Chart
) -> Reason | None:
    """Why the payment `before` stays, though nobody else was at it. `document` is what the new one is on, `left` what
    is due on each."""
    return hands_off.of_payment(before, chart.locked_until) or _would_be_refused(payment, before, document, left, chart)


def edited(last: Body | None, before: Element) -> Reason | None:
    """Whether it is another one than was made here: what may be done again is not known then."""
    if last is None or not (found := proof.differences(PAYMENTS, last, before)):
        return None
    return because(HoldCode.EDITED_IN_XERO, difference="; ".join(found))


def after(left: Mapping[str, Decimal], before: Element, payment: Payment) -> dict[str, Decimal]:
    """What is due once the old payment is deleted and the new one is made."""
    due, freed_id = dict(left), str(proof.paid_id(before))
    due[freed_id] = due.get(freed_id, Decimal(0)) + amount(before, "Amount")
    due[payment.bill_id] = due.get(payment.bill_id, Decimal(0)) - payment.amount
    return due


def increase(payment: Payment, before: Element | None) -> Decimal:
    """Those that become smaller go first: they make room for the others."""
    return payment.amount - (amount(before, "Amount") if before else Decimal(0))


def persons(payment: Payment, before: Element, paid: Paid, noted: Mapping[str, Any]) -> Reason | None:
    """Why it stays for what a person did: deleted it, entered that very payment, or one that may be the difference.
    `noted`: the facts of the record."""
    if before.get("Status") in VOID:
        return hands_off.gone(before)
    if noted.get("adopted"):
        return hands_off.entered_by_hand()
    more, others = payment.amount - amount(before, "Amount"), paid.settlements(payment.bill_id)
    for part in (*read_as(payment), more):
        if part > 0 and (found := may_be(part, payment.on, others, (), part)):
            beside = f"beside it stands {in_words(found)}, which this worker did not send and may be it"
            return because(HoldCode.CHANGED_AFTER_SENDING, why=beside)
    return None


def _would_be_refused(
    payment: Payment, before: Element, document: Element, left: Mapping[str, Decimal], chart: Chart
) -> Reason | None:
    try:
        chart.check(payment)
    except DocumentRejected as refused:
        return why(refused)
    if document.get("Status") not in ("AUTHORISED", "PAID"):
        status = document.get("Status", "not there")
        return because(HoldCode.CHANGED_AFTER_SENDING, why=f"what it pays is {status} in Xero")
    freed = amount(before, "Amount") if proof.paid_id(before) == payment.bill_id else Decimal(0)
    available = left.get(payment.bill_id, Decimal(0)) + freed
    return too_large(payment, available, document) if payment.amount > available else None
