"""Payments that Procore has before tax: each gets its share of the tax on its document, by that document's own figures.

Filled in when it is known what stands on the document, before anything of the payment is compared or sent. What the
ledger keeps beside the payment is its amount in Procore.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from worker.counting import money
from worker.facts import BEFORE_TAX
from worker.holds import HoldCode
from worker.mapping import tax_on_payments
from worker.mapping.money import CENT
from worker.mapping.tax_on_payments import Figures, Part
from worker.pipeline.check import said
from worker.pipeline.check.paid import Paid
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason, Stop, because
from worker.xero import proof
from worker.xero.answers import Element, amount, currency_code
from worker.xero.documents import PAYMENTS, Payment

Pair = tuple[Draft, Payment]


def fill_in(drafts: Sequence[Draft], paid: Paid) -> Iterator[tuple[Draft, Stop]]:
    """Give each of these payments its amount with tax; yields those that cannot have one. Those that a person said to
    be what no payment can be tied to are counted as made."""
    by_document: dict[str, list[Pair]] = defaultdict(list)
    for draft in drafts:
        if isinstance(draft.document, Payment) and draft.document.before_tax is not None:
            by_document[draft.document.bill_id].append((draft, draft.document))
    for document_id, some in by_document.items():
        figures = paid.figures(document_id)
        if figures is not None and figures.net > 0:
            _share(some, figures, document_id, paid)
            continue
        for draft, payment in some:
            if not said.same(draft):
                yield draft, Stop(_reason(payment, figures, paid))


def _share(pairs: Sequence[Pair], figures: Figures, document_id: str, paid: Paid) -> None:
    """In the order in which they came to Procore; what is said to be in Xero has its amount there."""
    replaced = {str(draft.xero_id) for draft, _ in pairs}
    parts = [part for id_, part in paid.ours.get(document_id, {}).items() if id_ not in replaced]
    to_make: list[Pair] = []
    for draft, payment in sorted(pairs, key=lambda pair: int(pair[0].record.procore_id)):
        stated = payment.before_tax or Decimal(0)
        made = _made(draft, figures.with_tax(stated), paid.strange)
        parts.append(Part(stated, made))
        if made is None:
            to_make.append((draft, payment))
        else:
            _give(draft, payment, made)
    for (draft, payment), with_tax in zip(to_make, tax_on_payments.to_make(figures, parts), strict=True):
        _give(draft, payment, with_tax)


def _made(draft: Draft, share: Decimal, strange: Sequence[Element]) -> Decimal | None:
    """How much of it stands in Xero already: this worker sent it and the ledger lost it, or a person said so."""
    ours = [amount(row, "Amount") for row in strange if proof.same(PAYMENTS, draft.send, row)]
    if len(ours) == 1 and abs(ours[0] - share) <= CENT * (1 + len(strange)):
        return ours[0]
    claims = said.same(draft)
    return sum((Decimal(part) for part, _ in claims.values()), Decimal(0)) if claims else None


def _give(draft: Draft, payment: Payment, with_tax: Decimal) -> None:
    draft.document = replace(payment, amount=with_tax)
    draft.send = {**draft.send, "Amount": with_tax}
    draft.facts[BEFORE_TAX] = str(payment.before_tax)


def _reason(payment: Payment, figures: Figures | None, paid: Paid) -> Reason:
    if figures is None:
        sent = paid.sent.get(payment.bill_id)
        title = sent.title if sent else "claim"
        return because(HoldCode.BILL_DIFFERS, claim=title, difference="Xero does not show it")
    currency = currency_code(paid.documents.get(payment.bill_id, {}))
    what = f"{money(payment.before_tax or payment.amount, currency)} before tax"
    return because(HoldCode.PAYMENT_TOO_LARGE, amount=what, due=f"{money(figures.net, currency)} before tax")
