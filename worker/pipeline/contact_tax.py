"""The tax type that a contact has for purchases in Xero: of lines for which Procore and `[tax.vendors]` say none.

Filled in when a bill is made or changed, and no part of its fingerprint, as terms are: another type on the contact, or
one that could not be read, moves no bill that is in Xero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.pipeline.draft import Draft
from worker.pipeline.work import Work
from worker.xero.documents import Bill


def fill_in(work: Work, drafts: Sequence[Draft]) -> None:
    """Give these bills' open lines the tax type of their contact, where it has one. Reads contacts not known yet."""
    pairs = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Bill)]
    open_ones = [(draft, bill) for draft, bill in pairs if any(line.is_tax_open for line in bill.lines)]
    contacts = work.contacts({bill.contact_id for _, bill in open_ones})
    for draft, bill in open_ones:
        tax_type = contacts.get(bill.contact_id, {}).get("AccountsPayableTaxType")
        if tax_type:
            _give(draft, bill, str(tax_type))


def _give(draft: Draft, bill: Bill, tax_type: str) -> None:
    lines = [replace(line, tax_type=tax_type, of_contact=True) if line.is_tax_open else line for line in bill.lines]
    draft.document = replace(bill, lines=tuple(lines))
    sent = zip(draft.send["LineItems"], lines, strict=True)
    draft.send = {
        **draft.send,
        "LineItems": [{**body, "TaxType": tax_type} if line.of_contact else body for body, line in sent],
    }
