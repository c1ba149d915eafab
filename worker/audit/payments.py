"""Payments of one project, each held against the one that was issued in Procore; pure. Texts are not compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from worker.audit.books import Books, Key, paid_invoice, payment_id
from worker.audit.earlier_accounts import PaidFrom
from worker.audit.one_project import OneProject
from worker.audit.procore_side import Due, PaidOut
from worker.audit.remedies import Found, What
from worker.audit.result import PAYMENTS, Accepted
from worker.audit.xero_side import Paid, Posted
from worker.called import Called
from worker.counting import money

ZERO, CENT = Decimal(0), Decimal("0.01")
#: How far a payment may be from its share of its bill's tax: the sums of a bill are rounded, not its payments.
ROUNDING = Decimal("0.02")
#: Live documents by id, with the claim or invoice that each is of.
Matched = Mapping[str, tuple[Posted, Due]]


def compare(at: OneProject) -> None:
    """Payments that were issued, direct costs that are paid, and payments that Procore has not."""
    paid_from = PaidFrom()
    for payment in at.procore.payments:
        found = at.books.payments_named(payment.id)
        if found or not payment.is_opening:
            _issued(at, payment, found, paid_from)
    if group := paid_from.group(at.procore.job_number):
        at.differs(PAYMENTS, group.title, group.found, members=group.members)
    for due, total, amount in paid_in_full(at.procore.payments, at.books, at.matched):
        short = Found(What.PAID_IN_PART, "Procore has paid it in full, and Xero has not.")
        at.differs(PAYMENTS, due.title, short, total, amount, [(due.kind, due.id)], called=at.called(due))
    for document, due in at.matched.values():
        if due.paid_on is not None:
            _paid_invoice(at, document, due)
    _extra(at)


def _issued(at: OneProject, payment: PaidOut, found: Sequence[Paid], paid_from: PaidFrom) -> None:
    title, records = f"payment {payment.id}", [("payments", payment.id), ("claims", payment.claim_id)]
    currency = at.currency(_pays(at, payment.claim_id))
    said_to_be = at.said.same.get(("payments", payment.id))
    if not found and said_to_be and _by_hand(at, title, records[0], (payment.amount, currency), *said_to_be):
        return
    total = sum((one.amount for one in found), ZERO)
    amount = expected(payment, found, at.matched)
    at.result.add(PAYMENTS, amount, total, currency)
    if not found:
        gone = What.PAYMENT_DELETED if at.books.was_paid(records[0]) else What.NOT_PAID
        missing = Found(gone, "It is not in Xero.")
        at.differs(PAYMENTS, title, missing, payment.amount, records=records, called=_called(at, payment))
    elif len(found) > 1:
        twice = Found(What.PAID_TWICE, f"It is {len(found)} times in Xero.")
        at.differs(PAYMENTS, title, twice, payment.amount, total, records, called=_called(at, payment))
    elif differing := list(differences(payment, amount, found[0], at.books, at.matched)):
        say = partial(at.differs, PAYMENTS, title, differing, amount, total, records, called=_called(at, payment))
        if payment.on is not None and [one.what for one in differing] == [What.PAYMENT_ACCOUNT]:
            paid_from.other(title, (payment.method, payment.account, found[0].account), payment.on, say)
        else:
            say()
    else:
        at.result.agree(PAYMENTS, total, currency)
        if payment.on is not None:
            paid_from.right(payment.method, payment.account, payment.on)


def _called(at: OneProject, payment: PaidOut) -> Called:
    """By the claim that it pays, its own day and amount."""
    due = _pays(at, payment.claim_id)
    of = at.called(due) if due else Called(currency=at.currency(due))
    return replace(of, date=payment.on, amount=payment.amount)


def _pays(at: OneProject, claim_id: str) -> Due | None:
    return next((one for one in at.procore.due if (one.kind, one.id) == ("claims", claim_id)), None)


def _paid_invoice(at: OneProject, document: Posted, due: Due) -> None:
    """A direct cost that is paid is so as a whole."""
    found = [one for one in at.books.payments_on([document.id]) if paid_invoice(one) == due.id]
    owed, paid = document.sign * document.total, sum((one.amount for one in found), ZERO)
    record = ("invoice_payments", due.id)
    said_to_be = at.said.same.get(record)
    if not found and said_to_be and _by_hand(at, due.title, record, (owed, at.currency(due)), *said_to_be):
        return
    at.result.add(PAYMENTS, owed, paid, at.currency(due))
    if differing := list(of_invoice(document, due, found, at.books.was_paid(record))):
        at.differs(PAYMENTS, due.title, differing, owed, paid, [record, (due.kind, due.id)], called=at.called(due))
    else:
        at.result.agree(PAYMENTS, paid, at.currency(due))


def _by_hand(
    at: OneProject, title: str, record: Key, owed: tuple[Decimal, str], ids: frozenset[str], accepted: Accepted
) -> bool:
    """A payment that a person entered and said to be this one, or to have it in it; False where it is gone. `owed`:
    the amount, and its currency."""
    amount, currency = owed
    paid = [one for id_ in sorted(ids) if (one := at.books.payment(id_))]
    if len(paid) < sum("/" not in id_ for id_ in ids):  # one with a bar is a credit, which has no status here
        return False
    at.result.add(PAYMENTS, amount, amount, currency)
    at.result.agree(PAYMENTS, amount, currency)
    what = " and ".join(named(one, of_payment(one, at.books)) for one in paid) or "a credit"
    found = Found(What.PAID_BY_HAND, f"It was taken for what was entered by hand: {what}.")
    total, of = sum((one.amount for one in paid), ZERO), Called(currency=currency)
    at.differs(PAYMENTS, title, found, amount, total, [record], accepted, of)
    return True


def _extra(at: OneProject) -> None:
    """Payments on records' documents that Procore has not."""
    issued = {payment.id for payment in at.procore.payments}
    for paid in at.books.payments_on(at.matched):
        id_ = payment_id(paid)
        if id_ in issued or paid.id in at.known or "payments" in at.procore.unseen:
            continue
        document, due = at.matched[paid.document_id]
        if due.paid_on is not None and paid_invoice(paid) == due.id:
            continue
        of = Called(currency=at.currency(due))
        at.result.add(PAYMENTS, ZERO, paid.amount, of.currency)
        what = What.PAYMENT_WITHDRAWN if id_ else What.PAID_BY_HAND
        found = Found(what, f"Xero has it on {due.title} ({document.title}), Procore has not.")
        title = f"payment {id_}" if id_ else named(paid, of_payment(paid, at.books))
        at.differs(PAYMENTS, title, found, None, paid.amount, [("payments", id_)], called=of)


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


def of_invoice(document: Posted, due: Due, found: Sequence[Paid], gone: bool) -> Iterator[Found]:
    """Sentences about a direct cost that is paid: as a whole, on its day, from its account."""
    owed, paid = document.sign * document.total, sum((one.amount for one in found), ZERO)
    if paid != owed:
        what = What.PAYMENT_EDITED if found else What.PAYMENT_DELETED if gone else What.NOT_PAID
        yield Found(what, "Procore has it as paid, and Xero has not.")
        return
    for one in found:
        if one.on is not None and one.on != due.paid_on:
            yield Found(What.PAYMENT_EDITED, f"It is paid on {one.on} in Xero, in Procore on {due.paid_on}.")
        if due.paid_from and one.account != due.paid_from:
            account = one.account or "without code"
            yield Found(
                What.PAYMENT_ACCOUNT, f"It is paid from account {account}, by the mapping file from {due.paid_from}."
            )


def differences(payment: PaidOut, amount: Decimal, paid: Paid, books: Books, matched: Matched) -> Iterator[Found]:
    """Sentences: amount, date, bank account, and which document it is on."""
    currency = of_payment(paid, books)
    if paid.amount != amount:
        yield Found(What.PAYMENT_EDITED, f"Xero has {money(paid.amount, currency)}, Procore {money(amount, currency)}.")
    if payment.on is not None and paid.on is not None and paid.on != payment.on:
        yield Found(What.PAYMENT_EDITED, f"Its date in Xero is {paid.on}, in Procore {payment.on}.")
    if not payment.account:
        yield Found(
            What.BANK_ACCOUNT_MISSING,
            f"The mapping file names no bank account for {payment.method}, so its account is not compared.",
        )
    elif paid.account != payment.account:
        yield Found(
            What.PAYMENT_ACCOUNT,
            f"It is paid from account {paid.account or 'without code'}, by the mapping file from {payment.account}.",
        )
    yield from _place(payment, paid, books, matched)


def of_payment(paid: Paid, books: Books) -> str:
    """Its currency: a payment has that of its document."""
    document = books.document(paid.document_id)
    return (document.currency if document else "") or books.side.currency


def named(paid: Paid, currency: str) -> str:
    """ "payment of 7.00 AUD on 2026-08-20 (bank feed)" """
    return f"payment of {money(paid.amount, currency)} on {paid.on}" + (
        f" ({paid.reference})" if paid.reference else ""
    )


def _place(payment: PaidOut, paid: Paid, books: Books, matched: Matched) -> Iterator[Found]:
    if not payment.claim_id:
        return
    its = [document for document, due in matched.values() if (due.kind, due.id) == ("claims", payment.claim_id)]
    if any(document.id == paid.document_id for document in its):
        return
    there = books.document(paid.document_id)
    where = f"on {books.in_words(there)}" if there else "on a document that is not there"
    theirs = f" ({its[0].title})" if its else ""
    yield Found(What.PAYMENT_EDITED, f"In Xero it is {where}, in Procore on claim {payment.claim_id}{theirs}.")
