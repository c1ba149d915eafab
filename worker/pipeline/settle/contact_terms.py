"""What a bill that does not say so itself takes from its contract, its contact in Xero, or the mapping file: when it is
due, and the tax type of lines for which Procore and `[tax.vendors]` say none.

Filled in when a bill is made or sent, and no part of its fingerprint: terms or a tax type that change later, or that
could not be read in this job, move no bill that is in Xero. A bill that is sent anew because its record changed takes
the terms of then, and keeps the tax type that it was coded with, as it keeps its rules: until a person says `recode`,
as long as it is no draft, and for that contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from worker.facts import CONTACT_TAX
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import terms
from worker.pipeline.draft import Draft
from worker.pipeline.work import Stage, Work
from worker.procore.records import Claim, Contract
from worker.xero.documents import Bill

Pair = tuple[Draft, Bill]


def settle(
    work: Work, _stage: Stage, drafts: Sequence[Draft], _entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The tax types, like what is asked beside it before drafts are sent; it holds none."""
    tax_types(work, drafts)
    return list(drafts), []


def tax_types(work: Work, drafts: Sequence[Draft]) -> None:
    """Give these bills' open lines the tax type of their contact, where it has one. Reads contacts not known yet."""
    open_ones = [(draft, bill) for draft, bill in _bills(drafts) if any(line.is_tax_open for line in bill.lines)]
    contacts = work.settings.contacts({bill.contact_id for draft, bill in open_ones if _kept(draft, bill) is None})
    for draft, bill in open_ones:
        tax_type = _kept(draft, bill)
        if tax_type is None:
            tax_type = str(contacts.get(bill.contact_id, {}).get("AccountsPayableTaxType") or "")
        draft.facts[CONTACT_TAX] = [bill.contact_id, tax_type]
        if tax_type:
            _tax(draft, bill, tax_type)


def due_dates(work: Work, drafts: Sequence[Draft]) -> None:
    """Give each of these bills its due date. Reads the contracts once a job, and contacts that are not known yet."""
    open_ones = [(draft, bill) for draft, bill in _bills(drafts) if not bill.credit and bill.due_on is None]
    rest = _due_by_contract(work, open_ones)
    known = work.settings.contacts({bill.contact_id for _, bill in rest})
    for draft, bill in rest:
        configured = bill.on + timedelta(days=work.known.rules.documents.due_days)
        own = known[bill.contact_id].get("PaymentTerms") or {}
        _due(draft, bill, terms.due_on(bill.on, own.get("Bills")) or configured)


def _bills(drafts: Sequence[Draft]) -> list[Pair]:
    return [(draft, draft.document) for draft in drafts if isinstance(draft.document, Bill)]


def _kept(draft: Draft, bill: Bill) -> str | None:
    """The type that the bill was coded with; None where that of now counts, or nothing is known of it."""
    contact_id, tax_type = draft.noted.get(CONTACT_TAX) or (None, None)
    follows = draft.xero_id is None or draft.kept is not None or draft.noted.get("status") == "DRAFT"
    return None if follows or contact_id != bill.contact_id else tax_type


def _tax(draft: Draft, bill: Bill, tax_type: str) -> None:
    lines = [replace(line, tax_type=tax_type, of_contact=True) if line.is_tax_open else line for line in bill.lines]
    draft.document = replace(bill, lines=tuple(lines))
    sent = zip(draft.send["LineItems"], lines, strict=True)
    draft.send = {
        **draft.send,
        "LineItems": [{**body, "TaxType": tax_type} if line.of_contact else body for body, line in sent],
    }


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
