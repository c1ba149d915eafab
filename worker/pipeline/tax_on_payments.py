"""Payments that Procore has before tax: each gets its share of the tax on its document, by that document's own figures.

Filled in when it is known what stands on the document, before anything of the payment is compared or sent. What the
ledger keeps beside the payment is its amount in Procore.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from worker.facts import BEFORE_TAX
from worker.holds import HoldCode, title
from worker.ledger.holds import Verdict
from worker.mapping import tax_on_payments
from worker.mapping.money import CENT
from worker.mapping.tax_on_payments import Figures, Part
from worker.pipeline import likeness
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import last_written
from worker.pipeline.paid_by_hand import Paid
from worker.pipeline.values import because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero import proof
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS, Payment
from worker.xero.lines import line_amount

CLAIMS = "claims"
Pair = tuple[Draft, Payment]


def fill_in(work: Work, drafts: Sequence[Draft], paid: Paid) -> list[Verdict]:
    """Give each of these payments its amount with tax; returns why some cannot have one. Those that a person said to
    be what no payment can be tied to are counted as made."""
    pairs = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Payment)]
    by_document: dict[str, list[Pair]] = defaultdict(list)
    for draft, payment in pairs:
        if payment.before_tax is not None:
            by_document[payment.bill_id].append((draft, payment))
    verdicts: list[Verdict] = []
    for document_id, some in by_document.items():
        figures = _figures(work, document_id, paid.documents, credit=some[0][1].credit)
        if figures is not None and figures.net > 0:
            _share(some, figures, document_id, paid)
        else:
            open_ones = [(draft, payment) for draft, payment in some if not likeness.said_same(draft)]
            verdicts += [_held(work, draft, payment, figures) for draft, payment in open_ones]
    return verdicts


def _share(pairs: Sequence[Pair], figures: Figures, document_id: str, paid: Paid) -> None:
    """In the order in which they came to Procore; what is said to be in Xero has its amount there."""
    replaced = {str(draft.xero_id) for draft, _ in pairs}
    parts = [part for id_, part in paid.ours[document_id].items() if id_ not in replaced]
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
    """How much of it stands in Xero already: it came from here and was forgotten, or a person said so."""
    ours = [amount(row, "Amount") for row in strange if proof.same(PAYMENTS, draft.send, row)]
    if len(ours) == 1 and abs(ours[0] - share) <= CENT * (1 + len(strange)):
        return ours[0]
    said = likeness.said_same(draft)
    return sum((Decimal(part) for part, _ in said.values()), Decimal(0)) if said else None


def _give(draft: Draft, payment: Payment, with_tax: Decimal) -> None:
    draft.document = replace(payment, amount=with_tax)
    draft.send = {**draft.send, "Amount": with_tax}
    draft.facts[BEFORE_TAX] = str(payment.before_tax)


def _figures(work: Work, document_id: str, documents: Mapping[str, Element], *, credit: bool) -> Figures | None:
    """As Xero has the document now; of one that this job made, as its answer was proved. None: nobody knows."""
    document = documents.get(document_id, {})
    if "Total" in document:
        return Figures(amount(document, "SubTotal"), amount(document, "Total"))
    owner = work.entries.record_of([CLAIMS], document_id)
    body = last_written(work, CREDIT_NOTES if credit else BILLS, CLAIMS, owner[1].procore_id) if owner else None
    if owner is None or body is None or owner[1].facts.get("tax") is None:
        return None
    net = sum(map(line_amount, body["LineItems"]), Decimal(0))
    return Figures(net, net + Decimal(owner[1].facts["tax"]))


def _held(work: Work, draft: Draft, payment: Payment, figures: Figures | None) -> Verdict:
    if figures is None:
        owner = work.entries.record_of([CLAIMS], payment.bill_id)
        name = title(CLAIMS, owner[1].procore_id) if owner else "claim"
        reason = because(HoldCode.BILL_DIFFERS, claim=name, difference="Xero does not show it")
    else:
        amounts = {"amount": f"{payment.before_tax} before tax", "due": f"{figures.net} before tax"}
        reason = because(HoldCode.PAYMENT_TOO_LARGE, **amounts)
    return held(work, draft.record, reason)
