"""One payment held against the one that was issued in Procore; pure. Texts are not compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from worker.audit.books import Books
from worker.audit.sides import Due, Paid, PaidOut, Posted

ZERO, CENT = Decimal(0), Decimal("0.01")
#: How far a payment may be from its share of its bill's tax: the sums of a bill are rounded, not its payments.
ROUNDING = Decimal("0.02")
#: Live documents by id, with the claim or invoice that each is of.
Matched = Mapping[str, tuple[Posted, Due]]


def expected(payment: PaidOut, found: Sequence[Paid], matched: Matched) -> Decimal:
    """What it comes to in Xero: with its share of the tax of the document that it is on, where Procore has it without.

    What stands there is given back as far as it is that but for rounding.
    """
    on = matched.get(found[0].document_id) if found and payment.before_tax else None
    if on is None or not on[0].before_tax:
        return payment.amount
    amount = payment.amount + (payment.amount * on[0].tax / on[0].before_tax).quantize(CENT)
    total = sum((one.amount for one in found), ZERO)
    return total if abs(total - amount) <= ROUNDING else amount


def paid_in_full(issued: Sequence[PaidOut], books: Books, matched: Matched) -> Iterator[tuple[Due, Decimal, Decimal]]:
    """Records whose payments before tax come to their document before tax, and that Xero has not paid in full: each
    with what it comes to and what is paid there."""
    stated: dict[str, Decimal] = defaultdict(Decimal)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for payment in issued:
        for one in books.payments_named(payment.id) if payment.before_tax else ():
            stated[one.document_id] += payment.amount
            paid[one.document_id] += one.amount
    for document_id in stated.keys() & matched.keys():
        document, due = matched[document_id]
        total = document.sign * document.total
        if stated[document_id] == document.sign * document.before_tax and paid[document_id] != total:
            yield due, total, paid[document_id]


def of_invoice(document: Posted, due: Due, found: Sequence[Paid]) -> Iterator[str]:
    """Sentences about a direct cost that is paid: as a whole, on its day, from its account."""
    owed, paid = document.sign * document.total, sum((one.amount for one in found), ZERO)
    if paid != owed:
        yield "Procore has it as paid, and Xero has not."
        return
    for one in found:
        if one.on is not None and one.on != due.paid_on:
            yield f"It is paid on {one.on} in Xero, in Procore on {due.paid_on}."
        if due.paid_from and one.account != due.paid_from:
            account = one.account or "without code"
            yield f"It is paid from account {account}, by the mapping file from {due.paid_from}."


def differences(payment: PaidOut, amount: Decimal, paid: Paid, books: Books, matched: Matched) -> Iterator[str]:
    """Sentences: amount, date, bank account, and which document it is on."""
    if paid.amount != amount:
        yield f"Xero has {paid.amount:,.2f}, Procore {amount:,.2f}."
    if payment.on is not None and paid.on is not None and paid.on != payment.on:
        yield f"Its date in Xero is {paid.on}, in Procore {payment.on}."
    if not payment.account:
        yield f"The mapping file names no bank account for {payment.method}, so its account is not compared."
    elif paid.account != payment.account:
        yield f"It is paid from account {paid.account or 'without code'}, by the mapping file from {payment.account}."
    yield from _place(payment, paid, books, matched)


def named(paid: Paid) -> str:
    """ "payment of 7.00 on 2026-08-20 (bank feed)" """
    return f"payment of {paid.amount:,.2f} on {paid.on}" + (f" ({paid.reference})" if paid.reference else "")


def _place(payment: PaidOut, paid: Paid, books: Books, matched: Matched) -> Iterator[str]:
    if not payment.claim_id:
        return
    its = [document for document, due in matched.values() if (due.kind, due.id) == ("claims", payment.claim_id)]
    if any(document.id == paid.document_id for document in its):
        return
    there = books.document(paid.document_id)
    where = f"on {books.in_words(there)}" if there else "on a document that is not there"
    theirs = f" ({its[0].title})" if its else ""
    yield f"In Xero it is {where}, in Procore on claim {payment.claim_id}{theirs}."
