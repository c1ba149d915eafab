"""When a bill is due that does not say so itself: by its contract's terms, its contact's in Xero, or the mapping file.

Filled in when a bill is sent, and no part of its fingerprint: terms that change later, or that could not be read in
this job, move no bill that is in Xero. A bill that is sent anew because its record changed takes the terms of then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from worker.mapping import terms
from worker.pipeline.draft import Draft
from worker.pipeline.work import Work
from worker.procore.records import Claim, Contract
from worker.xero.documents import Bill

Pair = tuple[Draft, Bill]


def fill_in(work: Work, drafts: Sequence[Draft]) -> None:
    """Give each of these bills its due date. Reads the contracts once a job, and contacts that are not known yet."""
    bills = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Bill)]
    open_ones = [(draft, bill) for draft, bill in bills if not bill.credit and bill.due_on is None]
    rest = _due_by_contract(work, open_ones)
    known = work.settings.contacts({bill.contact_id for _, bill in rest})
    for draft, bill in rest:
        configured = bill.on + timedelta(days=work.known.rules.documents.due_days)
        own = known[bill.contact_id].get("PaymentTerms") or {}
        _due(draft, bill, terms.due_on(bill.on, own.get("Bills")) or configured)


def _due_by_contract(work: Work, pairs: Sequence[Pair]) -> list[Pair]:
    """Those whose contract says nothing; the others have their due date."""
    if not any(isinstance(draft.record, Claim) for draft, _ in pairs):
        return list(pairs)
    contracts = {row.id: terms.in_words(row.payment_terms) for row in work.contracts() if isinstance(row, Contract)}
    rest: list[Pair] = []
    for draft, bill in pairs:
        own = contracts.get(draft.record.commitment_id) if isinstance(draft.record, Claim) else None
        if on := terms.due_on(bill.on, own):
            _due(draft, bill, on)
        else:
            rest.append((draft, bill))
    return rest


def _due(draft: Draft, bill: Bill, on: date) -> None:
    draft.document = replace(bill, due_on=on)
    draft.send = {**draft.send, "DueDate": on.isoformat()}
