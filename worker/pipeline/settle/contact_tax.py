"""The tax type of bills' lines for which Procore and `[tax.vendors]` say none: that of the contact in Xero.

Filled in before a bill is compared, and no part of its fingerprint: a tax type that changes later, or that could not be
read in this job, moves no bill that is in Xero. A bill that is sent anew because its record changed keeps the one that
it was coded with, as it keeps its rules: until a person says `recode`, as long as it is no draft, and for that contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.facts import CONTACT_TAX
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.draft import Draft
from worker.pipeline.work import Stage, Work
from worker.xero.documents import Bill

Pair = tuple[Draft, Bill]


def settle(
    work: Work, _stage: Stage, drafts: Sequence[Draft], _entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The tax types, like what is asked beside it before drafts are sent; it holds none."""
    fill_in(work, drafts)
    return list(drafts), []


def fill_in(work: Work, drafts: Sequence[Draft]) -> None:
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
