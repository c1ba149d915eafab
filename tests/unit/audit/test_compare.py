"""The comparison itself: records and documents find each other by natural keys, and each difference is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.audit import Audited
from worker.audit.books import Books
from worker.audit.codings import Coding
from worker.audit.compare import compare
from worker.audit.procore_side import Due, PaidOut, ProcoreSide, Supplier
from worker.audit.remedies import What
from worker.audit.result import Result, explained
from worker.audit.xero_side import Contact, Paid, Posted, XeroSide
from worker.holds import HoldCode
from worker.reports import page
from worker.reports.chart import chart

DAY = date(2026, 8, 20)
HUNDRED, TEN = Decimal("100.00"), Decimal("10.00")
PAGE = "https://app.procore.com/310/project/commitments/501/requisitions/11"
SUPPLIER = Supplier("1", "Supplier One Pty Ltd", "ABN 51824753556")
CLAIM = Due("claims", "11", ("INV-11",), "1", (HUNDRED, HUNDRED - TEN), TEN, "501")
PAYMENT = PaidOut("21", "11", Decimal("60.00"), account="090")
PROCORE = ProcoreSide(
    310, "24-017", [SUPPLIER], [CLAIM], [PAYMENT], {"501": Decimal("5.00")}, retention_accounts=["830"]
)

CONTACT = Contact("c1", "Supplier One Pty Ltd", "procore-1")
LINES = {Coding("320", "INPUT"): Decimal("105.00"), Coding("830", "INPUT"): Decimal("-5.00")}
BILL = Posted("b1", "INV-11", "c1", "AUTHORISED", HUNDRED, TEN, PAGE, lines=LINES)
PAID = Paid("p1", "b1", "Check 7, Procore payment 21", Decimal("60.00"), account="090")
XERO = XeroSide(["24-017 Tower"], [CONTACT], [BILL], [PAID])


def compared(procore: ProcoreSide = PROCORE, xero: XeroSide = XERO) -> Result:
    return compare(procore, Books(xero))


def said(result: Result) -> list[tuple[str, str]]:
    return [(one.title, one.sentence) for one in result.differences]


def test_what_agrees_is_counted_and_nothing_is_said() -> None:
    """Each kind counts what agrees with its sum, retention per commitment."""
    result = compared()
    assert result.differences == []
    assert result.agreed == {
        ("projects", ""): (1, Decimal(0)),
        ("vendors", ""): (1, Decimal(0)),
        ("bills", ""): (1, Decimal("110.00")),
        ("payments", ""): (1, Decimal("60.00")),
        ("retention", ""): (1, Decimal("5.00")),
    }


def test_amounts_of_two_currencies_are_never_added() -> None:
    """Neither of what agrees nor of both sides' sums, on the whole page as little as in one project."""
    dollars = replace(CLAIM, id="12", numbers=("INV-12",), currency="USD", commitment_id="502")
    bill = replace(BILL, id="b2", number="INV-12", currency="USD", url=PAGE[:-2] + "12")
    procore = replace(PROCORE, due=[CLAIM, dollars], retained={**PROCORE.retained, "502": Decimal("5.00")})
    here = replace(XERO, documents=[replace(BILL, currency="AUD"), bill], currency="AUD")
    result = compared(procore, here)
    assert {key: one for key, one in result.agreed.items() if key[0] == "bills"} == {
        ("bills", "AUD"): (1, Decimal("110.00")),
        ("bills", "USD"): (1, Decimal("110.00")),
    }
    assert "2 bills (110.00 AUD and 110.00 USD)" in Audited([result]).agreed
    project = page.project(result, "Tower", {})
    whole = page.Page("Demo", datetime(2026, 8, 20, tzinfo=UTC), [project, project], chart({}, DAY, 0), 0)
    assert [(one.label, one.currency, one.procore) for one in whole.totals] == [
        ("Claims", "AUD", Decimal("220.00")),
        ("Claims", "USD", Decimal("220.00")),
        ("Retention held", "AUD", Decimal("10.00")),
        ("Retention held", "USD", Decimal("10.00")),
        ("Payments", "AUD", Decimal("120.00")),
        ("Direct invoices", "", Decimal(0)),
    ]


def test_both_sides_are_said_in_the_currency_that_they_are_in() -> None:
    """Of a bill that is not due any more, of a payment that Procore has not, and of a commitment's retention."""
    dollars = replace(CLAIM, currency="USD")
    extra = replace(PAID, id="p9", reference="by hand", amount=Decimal("7.00"))
    gone = replace(BILL, id="b3", number="INV-13", currency="USD", url=PAGE[:-2] + "13", lines={})
    procore = replace(PROCORE, due=[dollars], retained={"501": Decimal("6.00")})
    there = replace(XERO, documents=[replace(BILL, currency="USD"), gone], payments=[PAID, extra], currency="AUD")
    assert {one.amounts for one in compared(procore, there).differences} == {
        "Procore 6.00 USD, Xero 5.00 USD",
        "Xero 7.00 USD",
        "Xero 110.00 USD",
    }


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([], "It is not in Xero."),
        ([replace(BILL, status="VOIDED")], "Its document in Xero is VOIDED."),
        ([replace(BILL, url=PAGE.replace("310", "311"))], "It is not in Xero."),
        ([BILL, replace(BILL, id="b2")], "It is 2 times in Xero: bill INV-11, bill INV-11."),
        ([replace(BILL, before_tax=Decimal("99.99"))], "Xero has 99.99 before tax, Procore 100.00."),
        ([replace(BILL, tax=Decimal("10.01"))], "Xero's tax is 10.01, Procore's is 10.00."),
    ],
)
def test_each_way_a_bill_can_differ(documents: Sequence[Posted], sentence: str) -> None:
    """Missing, voided, elsewhere, twice, a wrong amount, a wrong tax."""
    result = compared(replace(PROCORE, payments=[], retained={}), replace(XERO, documents=documents, payments=[]))
    assert said(result) == [("claim 11", sentence)]


@pytest.mark.parametrize(
    ("due", "posted"),
    [
        (CLAIM, BILL),
        (CLAIM, replace(BILL, before_tax=Decimal("90.00"))),  # Procore's figure may include the tax
        (replace(CLAIM, tax=None), replace(BILL, tax=Decimal("0.00"))),
        (replace(CLAIM, tax=None), BILL),  # Procore computes no tax: Xero's is not compared
        (CLAIM, replace(BILL, status="DRAFT")),
        (CLAIM, replace(BILL, url=f"http://elsewhere{PAGE.removeprefix('https://app.procore.com')}")),
    ],
)
def test_what_agrees_though_it_looks_otherwise(due: Due, posted: Posted) -> None:
    """Either reading of Procore's foot is right; status and address of Procore's pages do not matter."""
    procore, xero = replace(PROCORE, due=[due], retained={}), replace(XERO, documents=[posted])
    assert compared(procore, xero).differences == []


def test_a_stated_tax_is_held_against_the_cent() -> None:
    """The bill has Procore's figure, so that what the mapping file tolerates of that figure is no reason to differ."""
    taxed = replace(XERO, documents=[replace(BILL, tax=Decimal("10.01"))])
    assert said(compared(replace(PROCORE, tolerance=TEN), taxed)) == [
        ("claim 11", "Xero's tax is 10.01, Procore's is 10.00.")
    ]


def test_a_bill_for_what_is_not_due_is_named() -> None:
    """A bill whose address names a record that Procore has not approved, or no longer has."""
    result = compared(replace(PROCORE, due=[], payments=[], retained={}), replace(XERO, payments=[]))
    assert [one.title for one in result.differences] == ["claim 11"]
    assert "not approved, or deleted" in result.differences[0].sentence


def test_a_credit_note_is_known_by_number_and_contact() -> None:
    """It has no address of its record; another supplier's of the same number is not it."""
    credit = replace(CLAIM, readings=(-HUNDRED,), tax=-TEN)
    note = Posted(
        "n1", "INV-11", "c1", "AUTHORISED", HUNDRED, TEN, credit=True, lines={Coding("830", "INPUT"): Decimal("5.00")}
    )
    procore = replace(PROCORE, due=[credit], payments=[])
    result = compared(procore, replace(XERO, documents=[note], payments=[]))
    assert result.differences == []
    assert result.agreed["credit notes", ""] == (1, Decimal("-110.00"))
    foreign = compared(procore, replace(XERO, documents=[replace(note, contact_id="c2")], payments=[]))
    assert ("claim 11", "It is not in Xero.") in said(foreign)


@pytest.mark.parametrize(
    ("payments", "title", "sentence"),
    [
        ([], "payment 21", "It is not in Xero."),
        ([replace(PAID, is_live=False)], "payment 21", "It is not in Xero."),
        ([PAID, replace(PAID, id="p2")], "payment 21", "It is 2 times in Xero."),
        ([replace(PAID, amount=TEN)], "payment 21", "Xero has 10.00, Procore 60.00."),
        (
            [replace(PAID, document_id="b9")],
            "payment 21",
            "In Xero it is on a document that is not there, in Procore on claim 11 (bill INV-11).",
        ),
        (
            [PAID, Paid("p2", "b1", "Procore payment 22", TEN, on=DAY)],
            "payment 22",
            "Xero has it on claim 11 (bill INV-11), Procore has not.",
        ),
        (
            [PAID, Paid("p2", "b1", "by hand", TEN, on=DAY)],
            "payment of 10.00 on 2026-08-20 (by hand)",
            "Xero has it on claim 11 (bill INV-11), Procore has not.",
        ),
    ],
)
def test_each_way_a_payment_can_differ(payments: Sequence[Paid], title: str, sentence: str) -> None:
    """Missing, deleted, twice, another amount, on another bill, and one that Procore has not."""
    assert said(compared(xero=replace(XERO, payments=payments))) == [(title, sentence)]


def test_a_payment_on_somebody_elses_bill_is_not_ours() -> None:
    """Payments that have nothing to do with a record are left alone."""
    assert compared(xero=replace(XERO, payments=[PAID, Paid("p2", "b9", "rent", TEN)])).differences == []


def test_retention_is_a_balance_per_commitment() -> None:
    """Procore's newest claim against the sum of the retention lines: a line that is missing shows."""
    result = compared(xero=replace(XERO, documents=[replace(BILL, lines={Coding("320", "INPUT"): HUNDRED})]))
    assert [(one.title, one.procore, one.xero) for one in result.differences] == [
        ("commitment 501", Decimal("5.00"), Decimal(0))
    ]


@pytest.mark.parametrize(
    ("contact", "agrees"),
    [
        (CONTACT, True),
        (replace(CONTACT, number="S-77"), True),  # adopted by name; its own number stays
        (Contact("c1", "Another name", "S-77", "ABN 51824753556"), True),  # adopted by tax number
        (replace(CONTACT, number="", name="SUPPLIER ÖNE  pty ltd"), True),
        (replace(CONTACT, tax_number="ABN 51824753556"), True),
        (replace(CONTACT, name="Supplier One Pty. Ltd.", number=""), True),
        (replace(CONTACT, is_active=False), False),
        (Contact("c1", "Somebody else"), False),
    ],
)
def test_a_vendor_is_known_by_number_tax_number_or_name(contact: Contact, agrees: bool) -> None:
    """As adoption knows it; an archived contact is a difference."""
    result = compared(xero=replace(XERO, contacts=[contact]))
    assert [one.kind for one in result.differences] == ([] if agrees else ["vendors"])


@pytest.mark.parametrize(
    ("options", "count"),
    [(["24-017 Tower"], 0), (["24-017"], 0), (["24-0171 Other"], 1), ([], 1), (["24-017 Tower", "24-017 Old"], 1)],
)
def test_a_project_has_exactly_one_option(options: Sequence[str], count: int) -> None:
    """The option begins with the job number; none, or two of them, is a difference."""
    assert len(compared(xero=replace(XERO, project_options=options)).differences) == count


def test_what_the_ledger_knows_is_named_beside_it() -> None:
    """A hold explains a difference of its record, its vendor or its claim; without the ledger nothing else changes."""
    bare = compared(xero=replace(XERO, documents=[], payments=[]))
    known = explained(bare, {("claims", "11"): ("held", "account_missing")})
    assert {one.title: one.hold for one in known.differences} == {
        "claim 11": "account_missing",
        "payment 21": "account_missing",
        "commitment 501": "account_missing",
    }
    assert said(bare) == said(known)
    assert {one.remedy for one in known.differences} == {HoldCode.ACCOUNT_MISSING.remedy}
    assert [one.commands for one in known.differences] == [
        ["procore-xero problems --project 24-017", "procore-xero send 24-017"],
        ["procore-xero problems --project 24-017", "procore-xero send 24-017"],
        ["procore-xero problems --project 24-017"],
    ]


def test_a_hold_of_the_vendor_explains_no_edited_bill() -> None:
    """It explains that a bill is not there; what a person made of one that is there stays a difference of its own."""
    edited = replace(BILL, on=DAY)
    procore = replace(PROCORE, due=[replace(CLAIM, on=date(2026, 7, 31))])
    held = {("vendors", "1"): ("held", "tax_numbers_differ")}
    (known,) = explained(compared(procore, replace(XERO, documents=[edited])), held).differences
    assert (known.hold, known.remedy) == ("", What.DATE.remedy.sentence)
    gone = explained(compared(xero=replace(XERO, documents=[], payments=[])), held).differences
    assert [(one.title, one.hold) for one in gone if one.hold] == [("claim 11", "tax_numbers_differ")]


def test_what_procore_does_not_say_is_not_guessed() -> None:
    """A claim whose foot is blank, and a record that cannot be read, are named."""
    procore = replace(PROCORE, due=[replace(CLAIM, readings=())], unreadable=[("invoices", "31", "amount: is bad")])
    assert said(compared(replace(procore, retained={}))) == [
        ("invoice 31", "Procore's answer cannot be read: amount: is bad."),
        ("claim 11", "Procore does not say what is due."),
    ]


@given(st.lists(st.decimals("0.01", "99999.99", places=2), unique=True, max_size=8), st.data())
def test_every_claim_is_either_agreed_or_named(amounts: list[Decimal], data: st.DataObject) -> None:
    """Counts and sums of what agrees and what differs give back Procore's own, whatever is missing in Xero."""
    due = [Due("claims", str(n), (f"INV-{n}",), "1", (amount,), None, "501") for n, amount in enumerate(amounts, 1)]
    kept = [one for one in due if data.draw(st.booleans())]
    documents = [
        Posted(f"b{one.id}", one.numbers[0], "c1", "AUTHORISED", one.readings[0], Decimal(0), PAGE[:-2] + one.id)
        for one in kept
    ]
    procore = replace(PROCORE, due=due, payments=[], retained={})
    result = compared(procore, XeroSide(["24-017"], [CONTACT], documents))
    count, total = result.agreed.get(("bills", ""), (0, Decimal(0)))
    assert count + len(result.differences) == len(due)
    assert total + sum((one.procore or Decimal(0) for one in result.differences), Decimal(0)) == sum(amounts)
