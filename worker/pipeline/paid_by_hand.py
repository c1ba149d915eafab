"""New payments beside what a person entered on the same document: which may be sent, and which may be in Xero already.

The documents say what is set against them, in the call that would else ask for their payments; those are asked for
only where one of them is no record's. What may be the same is held, until a person says what it is
(`procore-xero match`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from worker.facts import BEFORE_TAX
from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.mapping import paid_by_hand
from worker.mapping.money import CENT
from worker.mapping.paid_by_hand import ZERO, Likeness, Settlement
from worker.mapping.tax_on_payments import Part
from worker.pipeline import likeness, outstanding
from worker.pipeline.check.found import VOID
from worker.pipeline.draft import Draft
from worker.pipeline.values import because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero import proof
from worker.xero.answers import Element, amount, day
from worker.xero.documents import Payment

#: Records that become payments.
KINDS = ("payments", "invoice_payments")
#: What a bill says of the credits that are set against it (Xero's file, Invoice): list, id, and what they are called.
_CREDITS = (
    ("CreditNotes", "CreditNoteID", "credit note"),
    ("Prepayments", "PrepaymentID", "prepayment"),
    ("Overpayments", "OverpaymentID", "overpayment"),
)


class Paid:
    """What the documents of some payments are settled by, as Xero has it now."""

    def __init__(self, work: Work, payments: Sequence[Payment]) -> None:
        self._work = work
        self.documents = outstanding.documents(work, payments)
        #: Document to its payments that are records' of ours, by id: in Procore, and in Xero.
        self.ours: dict[str, dict[str, Part]] = defaultdict(dict)
        asked = [id_ for one in self.documents for id_ in self._unknown(work, one)]
        rows = list(work.xero.payments(asked)) if asked else []
        bills = [one for one, document in self.documents.items() if not _is_whole(document)]
        rows += work.xero.payments_of_bills(bills) if bills else []
        #: Payments that no record here has.
        self.strange: list[Element] = [
            row
            for row in {str(row["PaymentID"]): row for row in rows}.values()
            if row.get("Status") not in VOID and not self._is_ours(work, str(proof.paid_id(row)), row)
        ]

    def settlements(self, document_id: str) -> list[Settlement]:
        """All that settles a document and is no record's."""
        payments = [_payment(row) for row in self.strange if proof.paid_id(row) == document_id]
        credits = list(_credits(document_id, self.documents.get(document_id, {})))
        return [*payments, *(paid_by_hand.left(credits, self._allocated()) if credits else ())]

    def _allocated(self) -> dict[str, Decimal]:
        """What was set against what from here, seen from the bill and from the credit note."""
        made = self._work.entries.live_in_project("allocations").values()
        sides = [(one.xero_id, one.facts["note_id"], Decimal(one.facts["amount"])) for one in made]
        return {f"{one}/{other}": part for bill, note, part in sides for one, other in ((bill, note), (note, bill))}

    def _unknown(self, work: Work, document_id: str) -> Iterator[str]:
        """The payments on a document that are no record's of ours."""
        for row in self.documents[document_id].get("Payments") or ():
            if not self._is_ours(work, document_id, row):
                yield str(row["PaymentID"])

    def _is_ours(self, work: Work, document_id: str, row: Element) -> bool:
        """Whether it is a record's; then it is noted. One that was sent as Procore has it says nothing else."""
        id_ = str(row["PaymentID"])
        owner = work.entries.record_of(KINDS, id_)
        if owner is not None:
            stated = owner[1].facts.get(BEFORE_TAX)
            made = amount(row, "Amount")
            self.ours[document_id][id_] = Part(made if stated is None else Decimal(stated), made)
        return owner is not None


def left_out(work: Work, drafts: Sequence[Draft]) -> list[Verdict]:
    """Those that a person said to be what no payment can be tied to: several payments, a part of one, a credit."""
    said = [draft for draft in drafts if likeness.said_same(draft) and not likeness.document_of(draft)]
    return [held(work, draft.record, because(HoldCode.PAID_BY_HAND)) for draft in said]


def judge(work: Work, drafts: Sequence[Draft], paid: Paid) -> list[Verdict]:
    """Why some of these drafts are not sent."""
    by_document: dict[str, list[tuple[Draft, Payment]]] = defaultdict(list)
    for draft in drafts:
        if isinstance(draft.document, Payment):
            by_document[draft.document.bill_id].append((draft, draft.document))
    verdicts: list[Verdict] = []
    for document_id, pairs in by_document.items():
        if others := paid.settlements(document_id):
            others = paid_by_hand.left(others, likeness.taken(work, pairs[0][0].record.kind))
            due = outstanding.due(paid.documents.get(document_id, {}))
            for draft, payment in pairs:
                beside = [one.amount for _, one in pairs if one is not payment]
                beside += [part.made for part in paid.ours[document_id].values() if part.made is not None]
                new = [one for one in others if one.id not in likeness.said_others(draft)]
                read = (paid_by_hand.may_be(one, payment.on, new, beside, due) for one in read_as(payment))
                if found := next(filter(None, read), None):
                    verdicts.append(_held(work, draft, found))
                else:
                    due -= payment.amount
    return verdicts


def read_as(payment: Payment) -> list[Decimal]:
    """What a person may have paid of it: where tax comes on top they may have rounded that otherwise."""
    by = (ZERO,) if payment.before_tax is None else (ZERO, -CENT, CENT)
    return [payment.amount + one for one in by]


def _held(work: Work, draft: Draft, found: Likeness) -> Verdict:
    """The hold, and in the ledger what it may be, so that a person can say so."""
    likeness.suspect(work, draft.record.kind, draft, {one.id: (part, one.amount) for one, part in found.parts})
    reason, first = because(HoldCode.MAY_BE_PAID, what=paid_by_hand.in_words(found), how=found.how), found.parts[0][0]
    return held(work, draft.record, reason, page=work.xero_page("Payments", first.id) if first.is_payment else "")


def _is_whole(document: Element) -> bool:
    """Whether a bill names all payments that it says it has."""
    if "CreditNoteID" in document:
        return True
    named = sum((amount(row, "Amount") for row in document.get("Payments") or ()), ZERO)
    return named == amount(document, "AmountPaid")


def _payment(row: Element) -> Settlement:
    on, reference = day(row, "Date"), str(row.get("Reference") or "")
    said = f" ({reference})" if reference else ""
    what = f"a payment of {amount(row, 'Amount'):,.2f} on {on}{said}"
    return Settlement(str(row["PaymentID"]), what, amount(row, "Amount"), on)


def _credits(document_id: str, document: Element) -> Iterator[Settlement]:
    """Credits that were set against a bill, and bills that a credit note was set against."""
    named = ZERO
    for field, id_field, name in _CREDITS:
        for row in document.get(field) or ():
            applied = amount(row, "AppliedAmount")
            named += applied
            number = f" {row['CreditNoteNumber']}" if row.get("CreditNoteNumber") else ""
            what = f"the {name}{number} set against it with {applied:,.2f}"
            yield Settlement(f"{document_id}/{row[id_field]}", what, applied, day(row, "Date"), is_payment=False)
    for row in document.get("Allocations") or ():
        bill, applied = row.get("Invoice") or {}, amount(row, "Amount")
        what = f"the bill {bill.get('InvoiceNumber') or 'without number'} that it is set against with {applied:,.2f}"
        yield Settlement(f"{document_id}/{bill.get('InvoiceID')}", what, applied, day(row, "Date"), is_payment=False)
    unnamed = amount(document, "AmountCredited") - named
    if unnamed > 0:
        what = f"a credit of {unnamed:,.2f} set against it"
        yield Settlement(f"{document_id}/credit", what, unnamed, is_payment=False)
