"""What a claim is called on its bill, for people who read the bill without Procore.

A line says after its own text from where it comes: commitment, claim, period, line and kind. Where the supplier gave no
number, the bill has the commitment's and the claim's, with the job number, since commitments of two jobs may share one.
None of it is followed later: a commitment that is renumbered changes no bill that is in Xero.
"""

from __future__ import annotations

from worker.mapping.references import Known
from worker.procore.records import Claim, ClaimItem
from worker.xero.documents import document_number

#: Characters of what stands behind a line's own text.
LONGEST = 300
#: Procore's type of a line to what people call it (procore-api.md §4.6, §8).
KINDS = {
    "contract_item": "contract",
    "contract_detail_item": "contract",
    "change_order_item": "variation",
    "whole_change_order_item": "variation",
}


def number(claim: Claim, commitment: str, job_number: str) -> str:
    """The supplier's number; where there is none that Xero takes, "24-017 SC-001 claim 3", or Procore's id."""
    given = plain_number(claim)
    if given and commitment and claim.number:
        job = "" if job_number.casefold() in commitment.casefold() else f"{job_number} "
        given = document_number(f"{job}{commitment} claim {claim.number}", given)
    return document_number(claim.invoice_number, given)


def plain_number(claim: Claim) -> str:
    """By Procore's id: it is the same whatever else Procore shows. Blank where the supplier gave a number."""
    by_id = f"PC-{claim.id}"
    return by_id if document_number(claim.invoice_number, by_id) == by_id else ""


def source(claim: Claim, known: Known) -> str:
    """Where a claim's lines come from: "SC-001 claim 3, 2026-07-01 to 2026-07-31". Retention is of the whole claim and
    says just that; blank where Procore says nothing of it."""
    return ", ".join(filter(None, (document(claim, known), _period(claim))))[:LONGEST]


def document(claim: Claim, known: Known) -> str:
    """ "SC-001 claim 3", as far as Procore says it."""
    commitment = known.commitments.get(claim.commitment_id) or claim.contract_name
    return " ".join(filter(None, (commitment, f"claim {claim.number}" if claim.number else "")))


def of_line(source: str, item: ClaimItem) -> str:
    """The same with the line and its kind: "SC-001 claim 3, 2026-07-01 to 2026-07-31, line 1.1, variation"."""
    line, kind = f"line {item.line_number}" if item.line_number else "", KINDS.get(item.item_type or "", "")
    return ", ".join(filter(None, (source, line, kind)))[:LONGEST]


def _period(claim: Claim) -> str:
    """Its first and last day, as far as they are known."""
    return " to ".join(str(day) for day in (claim.requisition_start, claim.requisition_end) if day)
