"""How the amounts of payments are taken, and what the claims that were paid in full say about that."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from worker.facts import BEFORE_TAX
from worker.mapping.tax_on_payments import Figures, evidence, said_of
from worker.pipeline.look.documents import last_written
from worker.pipeline.work import Work
from worker.xero import proof
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS
from worker.xero.lines import line_amount


def in_words(work: Work) -> str:
    """By the payments and bills of one project, as they stand or would stand; blank without payments."""
    paid: dict[str, list[Decimal]] = defaultdict(list)
    for id_, entry in work.entries.live_in_project("payments").items():
        if body := last_written(work, PAYMENTS, "payments", id_):
            stated = entry.facts.get(BEFORE_TAX)
            paid[str(proof.paid_id(body))].append(Decimal(body["Amount"] if stated is None else stated))
    if not paid:
        return ""
    found = Counter(evidence(figures, paid[id_]) for id_, figures in _figures(work, paid).items())
    return said_of(work.known.rules.payments.amounts, found["before_tax"], found["with_tax"])[0]


def _figures(work: Work, paid: dict[str, list[Decimal]]) -> dict[str, Figures]:
    """Of the documents that are paid, by id."""
    figures: dict[str, Figures] = {}
    for id_, entry in work.entries.live_in_project("claims").items():
        is_credit = entry.facts.get("wrapper") == CREDIT_NOTES.wrapper
        if str(entry.xero_id) not in paid or entry.facts.get("tax") is None:
            continue
        if body := last_written(work, CREDIT_NOTES if is_credit else BILLS, "claims", id_):
            net = sum(map(line_amount, body["LineItems"]), Decimal(0))
            figures[str(entry.xero_id)] = Figures(net, net + Decimal(entry.facts["tax"]))
    return figures
