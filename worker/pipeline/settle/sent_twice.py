"""Two records of one supplier, number and amount that were both sent: Procore may have one invoice twice.

It is entered in two jobs, say, or as a claim and as a direct cost. They go and are named, or the later one is held
where the mapping file says so. Whether the earlier one still stands, and is another one at all, is asked by
`same_number`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from worker.facts import TOLD, TWICE
from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline.check.found import Body
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason, because, expected_tax
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero.documents import Bill, Document, Endpoint
from worker.xero.lines import comes_to

#: How what was done to the later one begins, for people.
SAME = "with the number and amount of "


def settle(work: Work, endpoint: Endpoint, drafts: Sequence[Draft]) -> list[Verdict]:
    """Why some of these are held, which come new in one job; of the others it is noted which one came before."""
    verdicts: list[Verdict] = []
    for draft in drafts:
        record, bill = draft.record, draft.document
        if not isinstance(bill, Bill):
            continue
        key = (endpoint.wrapper, bill.contact_id, bill.number.casefold(), before_tax(draft.send, draft.tax))
        first = work.from_xero.billed.setdefault(key, (record.kind, record.procore_id))
        draft.facts.setdefault(TWICE, None)
        if first == (record.kind, record.procore_id):
            continue
        title = work.title_of(*first, work.project.id)
        if work.known.rules.documents.same_number == "hold":
            how = {"other": title, "why": "both are new, of one amount", "document": f"that of {title}"}
            verdicts.append(held(work, record, because(HoldCode.NUMBER_TWICE, **how)))
        else:
            note(draft, first, title)
    return verdicts


def note(draft: Draft, other: tuple[str, str], title: str) -> None:
    """The record goes although another one, by kind and id, has its supplier, number and amount."""
    what = {"number": _number(draft.send), "amount": str(before_tax(draft.send, draft.tax))}
    draft.facts |= {TWICE: {"of": list(other), "title": title, **what}, TOLD: f"{SAME}{title}"}


def said(work: Work, document: Document, facts: Mapping[str, Any]) -> Reason | None:
    """What a person may want to see to, as long as both are as they were, and the other one stands."""
    found = facts.get(TWICE)
    if not found or not isinstance(document, Bill):
        return None
    body, (kind, procore_id) = document.body(), found["of"]
    if (found["number"], Decimal(found["amount"])) != (_number(body), before_tax(body, expected_tax(facts))):
        return None
    other = work.entries.known(kind, [procore_id]).get(procore_id)
    if other is not None and other.state == "free":
        return None
    amount = f"{Decimal(found['amount']):,.2f}"
    return because(HoldCode.SENT_TWICE, other=found["title"], number=found["number"], amount=amount)


def before_tax(body: Body, tax: Decimal | None) -> Decimal:
    """What the lines come to without the tax that may be in them: of the tax one of two records may say nothing."""
    field, total = comes_to(body)
    return total - (tax or Decimal(0)) if field == "Total" else total


def _number(body: Body) -> str:
    return str(body.get("InvoiceNumber") or body.get("CreditNoteNumber"))
