"""Payments beside what stands on their document: a row for each rule, and nothing but values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_payment
from worker.facts import BEFORE_TAX, OTHERS, SAME
from worker.holds import HoldCode
from worker.mapping.tax_on_payments import Figures, Part
from worker.pipeline.check import payments, replaced, tax_on_payments
from worker.pipeline.check.paid import Paid, Sent
from worker.pipeline.draft import Draft
from worker.pipeline.values import Link, Proof, Reason, Stop, because
from worker.xero.chart import Chart
from worker.xero.documents import Payment

PAYMENT = Payment("bill-1", "090", date(2026, 8, 14), Decimal("10.00"), "Procore payment 7", method="check")
BILL: dict[str, Any] = {
    "InvoiceID": "bill-1",
    "Status": "AUTHORISED",
    "CurrencyCode": "AUD",
    "SubTotal": Decimal("100.00"),
    "Total": Decimal("110.00"),
    "AmountDue": Decimal("110.00"),
}
CHART = Chart.of({"BaseCurrency": "AUD"}, [{"Code": "090", "Type": "BANK", "Status": "ACTIVE"}], [])


def a_draft(
    amount: str = "10.00", id: int = 7, *, before_tax: str | None = None, noted: Mapping[str, Any] | None = None
) -> Draft:
    stated = Decimal(before_tax) if before_tax else None
    payment = replace(PAYMENT, amount=Decimal(amount), before_tax=stated, reference=f"Procore payment {id}")
    draft = Draft.new(a_payment(amount, id=id), payment)
    draft.noted = noted or {}
    return draft


def a_row(amount: str = "10.00", xero_id: str = "p-1", reference: str = "", **fields: Any) -> dict[str, Any]:
    """A payment on the bill in Xero; without a reference a person entered it."""
    paid = {"Invoice": {"InvoiceID": "bill-1"}, "Account": {"Code": "090"}, "DateString": "2026-08-14"}
    return {"PaymentID": xero_id, **paid, "Amount": Decimal(amount), "Reference": reference, **fields}


def said(draft: Draft, *parts: tuple[str, str, str]) -> dict[str, Any]:
    return {"of": draft.fingerprint, "claims": {id_: [part, whole] for id_, part, whole in parts}}


def paid(*strange: dict[str, Any], **fields: Any) -> Paid:
    return Paid(**{"documents": {"bill-1": BILL}, "strange": strange, **fields})


OURS, THEIRS = a_row(reference="Procore payment 7"), a_row()
ROWS: dict[str, tuple[Sequence[dict[str, Any]], bool, type[object] | None]] = {
    "where nothing stands it goes": ([], False, None),
    "what we sent is tied": ([OURS], False, Link),
    "what we sent twice is a person's to choose": ([OURS, {**OURS, "PaymentID": "p-2"}], False, Stop),
    "what a person entered is not tied by itself": ([THEIRS], False, None),
    "the mapping file takes it over": ([THEIRS], True, Link),
    "of two it takes none": ([THEIRS, {**THEIRS, "PaymentID": "p-2"}], True, None),
    "of another amount it takes none": ([a_row("9.99")], True, None),
}


@pytest.mark.parametrize("rule", ROWS)
def test_each_rule_of_a_new_one(rule: str) -> None:
    """What is done with the draft."""
    rows, adopts, expected = ROWS[rule]
    answer = payments.check(a_draft(), rows, adopts=adopts)
    assert (type(answer) if answer is not None else None) is expected


def test_what_a_person_said_is_tied_or_left_out() -> None:
    """One whole payment is tied; a part of one, or several, can be tied to no record."""
    whole = a_draft(noted={SAME: said(a_draft(), ("p-1", "10.00", "10.00"))})
    assert isinstance(payments.check(whole, [THEIRS], adopts=False), Link)
    part = a_draft(noted={SAME: said(a_draft(), ("p-1", "10.00", "25.00"))})
    assert [draft for draft, _ in payments.left_out([whole, part, a_draft()])] == [part]


def test_what_may_be_what_a_person_entered_is_held() -> None:
    """Unless they said that it is not; and what was said to be another record counts no more."""
    assert _codes(payments.doubtful([a_draft()], paid(THEIRS))) == [HoldCode.MAY_BE_PAID]
    assert _codes(payments.doubtful([a_draft()], paid())) == []
    assert _codes(payments.doubtful([a_draft(noted={OTHERS: ["p-1"]})], paid(THEIRS))) == []
    assert _codes(payments.doubtful([a_draft()], paid(THEIRS, said={"p-1": Decimal("10.00")}))) == []


def test_what_is_sent_leaves_less_due() -> None:
    """The next one of the same document may be in what a person paid as a whole."""
    documents, others = {"bill-1": {**BILL, "AmountDue": Decimal("15.00")}}, a_row("75.00")
    drafts = [a_draft("10.00"), a_draft("9.00", 8)]
    found = list(payments.doubtful(drafts, paid(others, documents=documents)))
    assert [draft for draft, _ in found] == drafts[1:]


def test_a_credit_counts_as_well_unless_it_is_from_here() -> None:
    """What a person set against the bill may be the payment."""
    note = {"CreditNoteID": "c-1", "AppliedAmount": Decimal("10.00"), "CreditNoteNumber": "CR-1"}
    documents = {"bill-1": {**BILL, "CreditNotes": [note], "AmountCredited": Decimal("10.00")}}
    assert _codes(payments.doubtful([a_draft()], paid(documents=documents))) == [HoldCode.MAY_BE_PAID]
    ours = paid(documents=documents, allocated={"bill-1/c-1": Decimal("10.00")})
    assert _codes(payments.doubtful([a_draft()], ours)) == []


@pytest.mark.parametrize(
    ("fields", "amounts", "held"),
    [
        ({}, ["110.00"], []),
        ({}, ["110.01"], [0]),
        ({}, ["60.00", "60.00"], [1]),
        ({}, ["60.00", "60.00", "50.00"], [1]),
        ({"Status": "PAID"}, ["0.01"], [0]),
        ({"Status": "VOIDED"}, ["0.01"], []),
        ({"Status": "DRAFT"}, ["200.00"], []),
    ],
)
def test_no_more_goes_than_is_due(fields: dict[str, Any], amounts: list[str], held: list[int]) -> None:
    """In the order in which they would be sent; of what is voided, or no approved bill, Xero's words are said."""
    drafts = [a_draft(amount, 7 + number) for number, amount in enumerate(amounts)]
    found = payments.beyond(drafts, paid(documents={"bill-1": {**BILL, **fields}}))
    assert [drafts.index(draft) for draft, _ in found] == held


def test_a_bill_of_another_currency_or_total_is_not_paid() -> None:
    """10.00 in Procore is not USD 10.00, and a direct cost is paid as a whole."""
    draft = a_draft()
    for sent, is_held in (
        (Sent("claim 1", currency="USD"), True),
        (Sent("claim 1", currency="AUD"), False),
        (Sent("claim 1"), False),
        (Sent("claim 1", currency="AUD", payable_to="Another Pty Ltd"), True),
        (Sent("invoice 1", is_whole=True, currency="AUD"), True),
    ):
        assert bool(_codes(payments.differing([draft], paid(sent={"bill-1": sent})))) is is_held
    assert _codes(payments.differing([draft], paid())) == []
    assert payments.differs(replace(PAYMENT, amount=Decimal("110.00")), paid(sent={"bill-1": Sent("", True)})) is None


def test_tax_comes_on_top_by_the_documents_own_figures() -> None:
    """By what Xero shows, else as it was sent; what stands already has its share, and the last one the rest."""
    for there in (paid(), Paid(sent={"bill-1": Sent("", figures=Figures(Decimal(100), Decimal(110)))})):
        draft = a_draft("10.00", before_tax="10.00")
        assert list(tax_on_payments.fill_in([draft], there)) == []
        assert (draft.send["Amount"], draft.facts[BEFORE_TAX]) == (Decimal("11.00"), "10.00")
    last = a_draft("60.00", before_tax="60.00")
    ours = {"bill-1": {"p-9": Part(Decimal("40.00"), Decimal("44.01"))}}
    assert list(tax_on_payments.fill_in([last], paid(ours=ours))) == []
    assert last.send["Amount"] == Decimal("65.99")


def test_a_payment_that_is_made_anew_has_its_own_share_back() -> None:
    """What it was made with before does not count beside it."""
    draft, other = a_draft(before_tax="60.00"), Part(Decimal("40.00"), Decimal("43.99"))
    draft.xero_id = "p-7"
    there = paid(ours={"bill-1": {"p-7": Part(Decimal("60.00"), Decimal("65.99")), "p-8": other}})
    assert list(tax_on_payments.fill_in([draft], there)) == []
    assert draft.send["Amount"] == Decimal("66.01")


def test_a_payment_whose_tax_nobody_knows_is_held() -> None:
    """Of what a person said to be in Xero nothing more is asked."""
    draft = a_draft(before_tax="10.00")
    assert _codes(tax_on_payments.fill_in([draft], Paid())) == [HoldCode.BILL_DIFFERS]
    nothing = paid(documents={"bill-1": {**BILL, "SubTotal": Decimal(0)}})
    assert _codes(tax_on_payments.fill_in([draft], nothing)) == [HoldCode.PAYMENT_TOO_LARGE]
    known = a_draft(before_tax="10.00", noted={SAME: said(draft, ("p-1", "10.00", "25.00"))})
    assert _codes(tax_on_payments.fill_in([known], Paid())) == []


BEFORE = a_row("10.00", "p-7", "Procore payment 7")
CHANGED: dict[str, tuple[str, dict[str, Any], dict[str, Any], HoldCode | None]] = {
    "one that nobody touched is made anew": ("12.00", {}, {}, None),
    "one that is reconciled stays": ("12.00", {"IsReconciled": True}, {}, HoldCode.CHANGED_AFTER_SENDING),
    "one on what is not approved stays": ("12.00", {}, {"Status": "DRAFT"}, HoldCode.CHANGED_AFTER_SENDING),
    "one that would be more than is due stays": ("121.00", {}, {}, HoldCode.PAYMENT_TOO_LARGE),
    "what it frees counts": ("120.00", {}, {}, None),
    "on another bill nothing is freed": (
        "120.00",
        {"Invoice": {"InvoiceID": "bill-2"}},
        {},
        HoldCode.PAYMENT_TOO_LARGE,
    ),
}


@pytest.mark.parametrize("rule", CHANGED)
def test_each_rule_of_a_changed_one(rule: str) -> None:
    """It is deleted only where the new one would surely be taken."""
    amount, before, document, code = CHANGED[rule]
    payment, left = replace(PAYMENT, amount=Decimal(amount)), {"bill-1": Decimal("110.00")}
    assert _code(replaced.check(payment, {**BEFORE, **before}, {**BILL, **document}, left, CHART)) is code


def test_an_account_that_takes_no_payments_leaves_it() -> None:
    """What Xero would refuse is known before anything is deleted."""
    payment = replace(PAYMENT, account_code="999")
    assert _code(replaced.check(payment, BEFORE, BILL, {"bill-1": Decimal(110)}, CHART)) is HoldCode.REFERENCE_UNUSABLE


def test_a_locked_day_leaves_it() -> None:
    """Nothing is deleted in a locked period."""
    chart = Chart.of({"BaseCurrency": "AUD", "PeriodLockDate": "/Date(1798675200000)/"}, [], [])
    code = _code(replaced.check(PAYMENT, BEFORE, BILL, {"bill-1": Decimal(110)}, chart))
    assert code is HoldCode.LOCKED_PERIOD


def test_what_a_person_did_leaves_it() -> None:
    """They entered it, or what may be the difference, or deleted it, whatever they entered for it."""
    more = replace(PAYMENT, amount=Decimal("12.00"))
    assert replaced.persons(more, BEFORE, paid(), {}) is None
    assert _code(replaced.persons(more, BEFORE, paid(), {"adopted": True})) is HoldCode.CHANGED_AFTER_SENDING
    assert _code(replaced.persons(more, BEFORE, paid(a_row("2.00")), {})) is HoldCode.CHANGED_AFTER_SENDING
    assert _code(replaced.persons(more, BEFORE, paid(a_row("12.00")), {})) is HoldCode.CHANGED_AFTER_SENDING
    gone = {**BEFORE, "Status": "DELETED"}
    for noted in ({}, {"adopted": True}):
        for beside in (paid(), paid(a_row("12.00"))):
            assert _code(replaced.persons(more, gone, beside, noted)) is HoldCode.GONE_IN_XERO


def test_what_was_edited_is_not_made_again() -> None:
    """Only the very payment that was made here is."""
    body = {**PAYMENT.body(), "Account": {"Code": "090"}}
    assert replaced.edited(None, BEFORE) is None
    assert replaced.edited(body, {**BEFORE, "Date": BEFORE["DateString"]}) is None
    assert _code(replaced.edited(body, {**BEFORE, "Amount": Decimal("11.00")})) is HoldCode.EDITED_IN_XERO


def test_what_is_due_after_it_moved() -> None:
    """The old bill is open again by as much, and on the new one less is due; what was read stays as it was."""
    left = {"bill-1": Decimal("100.00")}
    assert replaced.after(left, BEFORE, replace(PAYMENT, amount=Decimal("30.00"))) == {"bill-1": Decimal("80.00")}
    moved = replaced.after(left, BEFORE, replace(PAYMENT, bill_id="bill-2"))
    assert moved == {"bill-1": Decimal("110.00"), "bill-2": Decimal("-10.00")}
    assert left == {"bill-1": Decimal("100.00")}
    assert replaced.increase(PAYMENT, a_row("4.00")) == Decimal("6.00")


def test_a_refusal_for_its_size_says_what_is_due() -> None:
    """Xero's own words do not; other refusals stay as they are."""
    refused = Proof(
        "7", None, because(HoldCode.REJECTED, messages="It exceeds the amount outstanding on this document")
    )
    other = Proof("7", None, because(HoldCode.REJECTED, messages="The account is archived"))
    assert [payments.may_be_too_large(one) for one in (refused, other, Proof("7", "p-1"))] == [True, False, False]
    large = replace(PAYMENT, amount=Decimal("200.00"))
    assert _code(payments.explained(refused, large, BILL).reason) is HoldCode.PAYMENT_TOO_LARGE
    assert payments.explained(refused, PAYMENT, BILL) == refused
    assert payments.explained(refused, large, {**BILL, "Status": "VOIDED"}) == refused


def _codes(found: Any) -> list[HoldCode]:
    return [why.reason.code for _, why in found]


def _code(reason: Reason | None) -> HoldCode | None:
    return reason.code if reason else None


@pytest.mark.parametrize(
    ("changed", "beside", "expected"),
    [
        ({}, {}, True),
        ({"amount": Decimal("110.01")}, {}, False),
        ({"amount": Decimal("0.00")}, {}, False),
        ({"credit": True}, {}, False),
        ({"before_tax": Decimal("9.00")}, {}, False),
        ({"bill_id": "bill-2"}, {}, False),
        ({}, {"strange": (THEIRS,)}, False),
        ({}, {"strange": (OURS,)}, False),
        ({}, {"documents": {"bill-1": {**BILL, "AmountCredited": Decimal("1.00")}}}, False),
        ({}, {"sent": {"bill-1": Sent("claim 1", currency="USD")}}, False),
    ],
)
def test_what_is_plainly_payable(changed: dict[str, Any], beside: dict[str, Any], expected: bool) -> None:
    """Only what nothing has to be asked about goes along with another project's payments."""
    there = paid(*beside.get("strange", ()), **{name: value for name, value in beside.items() if name != "strange"})
    left = {id_: payments.due(document) for id_, document in there.documents.items()}
    assert payments.is_plain(replace(PAYMENT, **changed), left, there) is expected


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "VOIDED", "DELETED", "PAID"])
def test_nothing_is_plainly_payable_on_what_is_not_open(status: str) -> None:
    """Of such a document nothing is due, whatever it says."""
    there = paid(documents={"bill-1": {**BILL, "Status": status}})
    assert not payments.is_plain(PAYMENT, {"bill-1": payments.due(there.documents["bill-1"])}, there)
