"""Records of one job that have the same supplier, number and amount: Procore may have one of them twice.

It is a claim and a direct cost of one invoice, say. They go and are named, or the later one is held where the mapping
file says so. What stands in Xero from before is looked at by `same_number`.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline import existing
from worker.pipeline.stage import Draft
from worker.pipeline.work import Work
from worker.xero.documents import Bill, Endpoint

#: Fact of an entry: the record that was sent before it in the same job.
TWICE = "twice"


def settle(work: Work, endpoint: Endpoint, drafts: Sequence[Draft]) -> list[Verdict]:
    """Why some of these are held; of the others it is noted which one came before."""
    verdicts: list[Verdict] = []
    for draft in drafts:
        bill, title = draft.document, draft.record.title
        if not isinstance(bill, Bill):
            continue
        before_tax = sum(line.amount for line in bill.lines)  # of the tax one of the two may say nothing
        key = (endpoint.wrapper, bill.contact_id, bill.number.casefold(), before_tax)
        other = work.billed.setdefault(key, title)
        draft.facts[TWICE] = None if other == title else other
        if other != title and work.known.rules.documents.same_number == "hold_all":
            code = HoldCode.NUMBER_TWICE
            sentence = code.sentence(other=other, why="both are new, of one amount", document=f"that of {other}")
            verdicts.append(existing.held(work, draft.record, code, sentence))
    return verdicts
