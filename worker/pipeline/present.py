"""Money that is in Xero already although the ledger does not know it: looked for before a bill or a payment is created.

The ledger forgets what was sent after a backup that is put back, and never knew what a person or another program has
entered. What came from here is tied to its record again; of the rest the mapping file says whether the record is held
or the document is taken for it. It costs reads before the requests that create money; where a job brings many bills,
few (`shelf`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import structlog

from worker.facts import UNPROVED, UNTRACKED
from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline import (
    billed,
    billed_by_hand,
    left_out,
    likeness,
    outstanding,
    paid_by_hand,
    same_number,
    tax_on_payments,
    twice,
)
from worker.pipeline.check.found import VOID, Body, is_alike
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import candidates
from worker.pipeline.same_number import Twin
from worker.pipeline.values import MONEY, because
from worker.pipeline.verdicts import held, unchanged, without
from worker.pipeline.work import Stage, Work
from worker.xero import proof
from worker.xero.address import fits_a_list
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, PAYMENTS, Endpoint, Payment

#: The stages whose documents are money.
KINDS = ("claims", "payments", "invoices", "invoice_payments")

Settled = tuple[list[Draft], list[Verdict]]
log = structlog.get_logger(__name__)


def settle(work: Work, stage: Stage, endpoint: Endpoint, drafts: Sequence[Draft]) -> Settled:
    """Which of these documents are to be created, and what became of the others."""
    if endpoint.wrapper not in MONEY:
        return list(drafts), []
    if endpoint == PAYMENTS:
        return _payments(work, stage, drafts)
    pool, twins = _pool(work, endpoint, drafts)
    kept, verdicts = _settled(work, stage, endpoint, drafts, pool)
    if twins:
        held_for_number = same_number.settle(work, endpoint, kept, twins)
        kept, verdicts = without(kept, held_for_number), [*verdicts, *held_for_number]
    at_once = twice.settle(work, endpoint, kept)
    return without(kept, at_once), [*verdicts, *at_once]


def _payments(work: Work, stage: Stage, drafts: Sequence[Draft]) -> Settled:
    """On a document that this job created nothing can have been paid before it."""
    verdicts = paid_by_hand.left_out(work, drafts)
    payments = [draft.document for draft in without(drafts, verdicts) if isinstance(draft.document, Payment)]
    paid = paid_by_hand.Paid(work, [payment for payment in payments if payment.bill_id not in work.created])
    verdicts += tax_on_payments.fill_in(work, drafts, paid)
    rest = without(drafts, verdicts)
    differing = billed.judge(work, rest, paid.documents)
    rest = without(rest, differing)
    kept, found = _settled(work, stage, PAYMENTS, rest, paid.strange)
    twice = paid_by_hand.judge(work, kept, paid)
    kept = without(kept, twice)
    beyond = outstanding.beyond(work, kept, paid.documents)
    return without(kept, beyond), [*verdicts, *differing, *found, *twice, *beyond]


def _settled(work: Work, stage: Stage, endpoint: Endpoint, drafts: Sequence[Draft], pool: list[Element]) -> Settled:
    """Which of these are none of the documents in the pool, and what became of the others."""
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    for draft in drafts:
        verdict = _found(work, stage, endpoint, draft, pool, drafts) if pool else None
        if verdict is None:
            kept.append(draft)
        else:
            verdicts.append(verdict)
    return kept, verdicts


def _pool(work: Work, endpoint: Endpoint, drafts: Sequence[Draft]) -> tuple[list[Element], list[Twin]]:
    """What stands in Xero and may be one of these: documents that are no record's, and bills and credit notes of other
    records with the same supplier and number. What this job made is neither: its record was shown in this job, too."""
    bodies: list[Body] = [draft.send for draft in drafts]
    if endpoint == BILLS and work.shelf.is_for(bodies, work.xero, work.now()):
        ids = [id_ for id_ in work.shelf.like(bodies) if id_ not in work.created]
        rows = list(work.xero.documents(BILLS, dict.fromkeys([*ids, *billed_by_hand.near(work, drafts)])))
    else:
        rows = [row for row in _asked(work, endpoint, bodies) if str(row[endpoint.id_field]) not in work.created]
        if endpoint == BILLS:
            read = {str(row["InvoiceID"]) for row in rows}
            rows += work.xero.documents(BILLS, [id_ for id_ in billed_by_hand.near(work, drafts) if id_ not in read])
    pool: list[Element] = []
    twins: list[Twin] = []
    for row in {str(row[endpoint.id_field]): row for row in rows if row.get("Status") not in VOID}.values():
        owner = work.entries.record_of(KINDS, str(row[endpoint.id_field]))
        if owner is None:
            pool.append(row)
        elif any(is_alike(endpoint, body, row) for body in bodies):
            twins.append(Twin(*owner, row))
    return pool, twins


def _asked(work: Work, endpoint: Endpoint, bodies: list[Body]) -> Iterator[Element]:
    """By what Xero can look them up."""
    rest = bodies
    if endpoint == BILLS:
        rest = [body for body in bodies if not fits_a_list(body["InvoiceNumber"])]
        numbers = {body["InvoiceNumber"] for body in bodies}
        yield from work.xero.bills_numbered(sorted(numbers))
    if rest:
        yield from candidates(work, endpoint, rest)


def _found(
    work: Work, stage: Stage, endpoint: Endpoint, draft: Draft, pool: list[Element], drafts: Sequence[Draft]
) -> Verdict | None:
    """None: nothing in Xero is this record's, so it is created."""
    ours = [row for row in pool if _came_from_here(endpoint, draft.send, row)]
    if len(ours) > 1:
        what = "all of them came from here"
        return held(work, draft.record, because(HoldCode.AMBIGUOUS, count=len(ours), what=what))
    if ours:
        return _tied(work, stage, endpoint, draft, pool, ours[0])
    said = [row for row in pool if str(row[endpoint.id_field]) == likeness.document_of(draft)]
    others = [] if endpoint == PAYMENTS else billed_by_hand.others(work, endpoint, draft, pool, drafts)
    if not said and work.known.rules.documents.already_in_xero == "adopt":
        is_payment = endpoint == PAYMENTS
        said = _equal_payments(draft, pool) if is_payment else billed_by_hand.taken_over(draft, others)
    if said:
        draft.facts["adopted"] = True
        if endpoint != PAYMENTS:
            draft.facts[UNTRACKED] = billed_by_hand.lacks_project(work, said[0])
        return _tied(work, stage, endpoint, draft, pool, said[0])
    return billed_by_hand.hold(work, stage, endpoint, draft, others[0]) if others else None


def _came_from_here(endpoint: Endpoint, body: Body, row: Element) -> bool:
    """A bill points at its record, a payment's reference names it; a credit note is known by everything it says."""
    if endpoint == BILLS:
        return bool(row.get("Url") == body["Url"])
    return proof.same(endpoint, body, row) and (endpoint == PAYMENTS or not proof.differences(endpoint, body, row))


def _equal_payments(draft: Draft, pool: Sequence[Element]) -> list[Element]:
    """The payment of as much on the same document, if it is but one."""
    same = [row for row in pool if proof.paid_id(row) == proof.paid_id(draft.send)]
    equal = [row for row in same if amount(row, "Amount") == draft.send["Amount"]]
    return equal if len(equal) == 1 else []


def _tied(
    work: Work, stage: Stage, endpoint: Endpoint, draft: Draft, pool: list[Element], row: Element
) -> Verdict | None:
    """The document is the record's from now on; nothing is sent. What came from here is proved like an answer."""
    record, xero_id = draft.record, str(row[endpoint.id_field])
    found = [] if draft.facts.get("adopted") else proof.differences(endpoint, draft.send, row, draft.tax)
    mark = f"{UNPROVED}{draft.fingerprint}" if found else draft.fingerprint
    facts = {**draft.facts, "status": row["Status"]} if endpoint != PAYMENTS else draft.facts
    if not work.entries.adopt(stage.name, record.procore_id, xero_id, mark, facts):
        return None
    pool.remove(row)
    left_out.tell(work, record, draft.document, xero_id, facts)
    log.info("found in Xero", record=record.title, document=xero_id)
    page = work.xero_page(endpoint.wrapper, xero_id)
    if not found:
        return unchanged(record, page)
    return held(work, record, because(HoldCode.PROOF_FAILED, difference="; ".join(found)), page=page)
