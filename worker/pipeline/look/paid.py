"""What the documents of some payments are settled by: read in the call that would else ask for their payments.

The documents say what is set against them; payments are asked for only where one of them is no record's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from worker.facts import BEFORE_TAX, MERGED_FROM, SAME
from worker.holds import title
from worker.mapping.tax_on_payments import Figures, Part
from worker.pipeline.check.found import VOID, Body
from worker.pipeline.check.paid import Paid, Sent, credits_on, is_whole
from worker.pipeline.look import contacts
from worker.pipeline.look.documents import last_written, stored
from worker.pipeline.values import Entry
from worker.pipeline.work import Work
from worker.xero import proof
from worker.xero.answers import Element, amount
from worker.xero.documents import BILLS, CREDIT_NOTES, Payment
from worker.xero.lines import line_amount

#: Records that become payments, and those that are paid.
KINDS = ("payments", "invoice_payments")
CLAIMS, INVOICES = BILLED = ("claims", "invoices")
Ours = dict[str, dict[str, Part]]


def documents(work: Work, payments: Iterable[Payment]) -> dict[str, Element]:
    """What these payments are on, by id."""
    listed = list(payments)
    bills = dict.fromkeys(payment.bill_id for payment in listed if not payment.credit)
    notes = dict.fromkeys(payment.bill_id for payment in listed if payment.credit)
    return {**(stored(work, BILLS, bills) if bills else {}), **(stored(work, CREDIT_NOTES, notes) if notes else {})}


def look(work: Work, kind: str, payments: Sequence[Payment], made: Collection[str] = ()) -> Paid:
    """What stands on the documents of these payments. On one that this job `made` nothing can have been paid before."""
    there = documents(work, [payment for payment in payments if payment.bill_id not in made])
    ours: Ours = defaultdict(dict)
    asked = [id_ for one in there for id_ in _unknown(work, ours, one, there[one])]
    rows = list(work.xero.payments(asked)) if asked else []
    bills = [one for one, document in there.items() if not is_whole(document)]
    rows += work.xero.payments_of_bills(bills) if bills else []
    strange = [
        row
        for row in {str(row["PaymentID"]): row for row in rows}.values()
        if row.get("Status") not in VOID and not _is_ours(work, ours, str(proof.paid_id(row)), row)
    ]
    has_credits = any(True for id_, document in there.items() for _ in credits_on(id_, document))
    return Paid(
        there,
        strange,
        ours,
        _allocated(work) if has_credits else {},
        _said(work, kind) if strange or has_credits else {},
        {id_: sent for id_, one in {one.bill_id: one for one in payments}.items() if (sent := _sent(work, one, there))},
    )


def _unknown(work: Work, ours: Ours, document_id: str, document: Element) -> Iterator[str]:
    """The payments on a document that are no record's of ours."""
    for row in document.get("Payments") or ():
        if not _is_ours(work, ours, document_id, row):
            yield str(row["PaymentID"])


def _is_ours(work: Work, ours: Ours, document_id: str, row: Element) -> bool:
    """Whether it is a record's; then it is noted. One that was sent as Procore has it says nothing else."""
    id_ = str(row["PaymentID"])
    owner = work.entries.record_of(KINDS, id_)
    if owner is not None:
        stated, made = owner[1].facts.get(BEFORE_TAX), amount(row, "Amount")
        ours[document_id][id_] = Part(made if stated is None else Decimal(stated), made)
    return owner is not None


def _allocated(work: Work) -> dict[str, Decimal]:
    """What this worker set against what, seen from the bill and from the credit note."""
    made = work.entries.live_in_project("allocations").values()
    sides = [(one.xero_id, one.facts["note_id"], Decimal(one.facts["amount"])) for one in made]
    return {f"{one}/{other}": part for bill, note, part in sides for one, other in ((bill, note), (note, bill))}


def _said(work: Work, kind: str) -> Mapping[str, Decimal]:
    """How much of each document was said to be records of this project that are tied to none."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for entry in work.entries.free_in_project(kind).values():
        for id_, (part, _) in (entry.facts.get(SAME) or {}).get("claims", {}).items():
            amounts[id_] += Decimal(part)
    return amounts


def _sent(work: Work, payment: Payment, there: Mapping[str, Element]) -> Sent | None:
    """Nothing is known of a document that a person entered. What this job made is as its answer was proved: that is
    looked at for its figures alone."""
    document = there.get(payment.bill_id, {})
    if not document.get("CurrencyCode") and payment.before_tax is None:
        return None
    owner = work.entries.record_of(BILLED, payment.bill_id)
    if owner is None:
        return None
    kind, entry = owner
    name = title(kind, entry.procore_id)
    body = last_written(work, CREDIT_NOTES if payment.credit else BILLS, kind, entry.procore_id)
    if body is None:
        return Sent(name, kind == INVOICES)
    if "CurrencyCode" not in body:  # an earlier version left it to Xero
        body = work.settings.chart().with_currency(body)
    figures = _figures(body, entry) if kind == CLAIMS else None
    return Sent(name, kind == INVOICES, body.get("CurrencyCode"), figures, _other_payee(work, document, body))


def _other_payee(work: Work, document: Element, body: Body) -> str:
    """Whom a document is payable to, where a person has given it to another contact than it was sent to. A contact that
    was merged into that one, or to which it was tied before, is the same."""
    contact = document.get("Contact") or {}
    now, sent = str(contact.get("ContactID", "")), str(body["Contact"]["ContactID"])
    if now in ("", sent, work.merged.get(sent)):
        return ""
    owner = work.entries.record_of([contacts.KIND], now)
    facts = owner[1].facts if owner else {}
    is_same = sent in (*facts.get("earlier", ()), *facts.get(MERGED_FROM, ()))
    if is_same or (contacts.follow(work, sent) and work.merged[sent] == now):
        return ""
    return str(contact.get("Name") or now)


def _figures(body: Body, entry: Entry) -> Figures | None:
    if entry.facts.get("tax") is None:
        return None
    net = sum(map(line_amount, body["LineItems"]), Decimal(0))
    return Figures(net, net + Decimal(entry.facts["tax"]))
