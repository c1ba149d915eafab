"""What should happen with a record: a row for each rule, and nothing but values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_bill, a_claim, a_line
from worker.facts import CALLED, UNPROVED
from worker.holds import HoldCode
from worker.ledger.entries import GONE, Known
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.decide.record import decide
from worker.pipeline.values import (
    MONEY,
    Busy,
    Create,
    Decision,
    Keep,
    Reason,
    Replace,
    Stop,
    Update,
    Verify,
    Withdraw,
    because,
)
from worker.xero.documents import Document, Option, Payment

CLAIM, EXPORTED = a_claim(), a_claim(origin_id="X-1")
BILL, PAYMENT = a_bill(), Payment("bill-1", "090", date(2026, 8, 14), Decimal("10.00"), "Procore payment 7")
#: Under a number that we gave it, since the supplier's was taken by an earlier claim of the commitment.
NUMBERED = replace(BILL, number="INV-1003 (3)", plain_number="INV-1003")
OPTION = Option("category-code", "03-300 Concrete")
IGNORED, HELD, WAITS = (
    because(HoldCode.NOT_APPROVED, status="draft"),
    because(HoldCode.DATE_MISSING, field="billing_date"),
    because(HoldCode.VENDOR_HELD, vendor="vendor 881"),
)


def an_entry(state: str = "live", mark: str | None = None, wrapper: str = "Invoices", **facts: Any) -> Known:
    """The record's own, of a document that stands in Xero."""
    xero_id = None if state == "free" else "xero-1"
    return Known("58820", state, xero_id, mark, {"wrapper": wrapper, **facts}, 1)


def live(document: Document, **facts: Any) -> Known:
    return an_entry(mark=fingerprint(document), wrapper=document.endpoint.wrapper, **facts)


OTHER = replace(BILL, lines=(a_line("11.00"),))
ROWS: dict[str, tuple[Document | Reason, Known | None, type[Decision]]] = {
    "a new one is made": (BILL, None, Create),
    "what was taken out of Xero is made anew": (BILL, an_entry("free"), Create),
    "what is as it was is left alone": (BILL, live(BILL), Keep),
    "what changed is changed": (OTHER, live(BILL), Update),
    "a payment that changed is made anew": (replace(PAYMENT, amount=Decimal(9)), live(PAYMENT), Replace),
    "an option that is called otherwise is changed": (replace(OPTION, name="03-300 Slabs"), live(OPTION), Update),
    "what Xero stored otherwise is looked at again": (BILL, an_entry(mark=f"{UNPROVED}{fingerprint(BILL)}"), Verify),
    "so is a payment": (PAYMENT, an_entry(mark=f"{UNPROVED}{fingerprint(PAYMENT)}", wrapper="Payments"), Verify),
    "what changed meanwhile is not": (OTHER, an_entry(mark=f"{UNPROVED}{fingerprint(BILL)}"), Update),
    "what a person took out of Xero is not taken for unchanged": (BILL, an_entry(mark=GONE), Update),
    "what is on its way is left to whoever sends it": (BILL, an_entry("planned"), Busy),
    "what cannot be mapped stays out": (HELD, None, Stop),
    "what stands and cannot be mapped stays in": (HELD, live(BILL), Stop),
    "so does what waits": (WAITS, live(BILL), Stop),
    "what is not to go and never went is left": (IGNORED, None, Stop),
    "what is not to go any more is taken out": (IGNORED, live(BILL), Withdraw),
    "so is a payment that was undone": (IGNORED, live(PAYMENT), Withdraw),
    "of what was taken out nothing is left to take": (IGNORED, an_entry("free"), Stop),
    "an option that nothing needs owes nobody anything": (IGNORED, live(OPTION), Stop),
}


@pytest.mark.parametrize("rule", ROWS)
def test_each_rule(rule: str) -> None:
    """The decision that the rule names, and no other."""
    mapped, entry, expected = ROWS[rule]
    assert type(decide(CLAIM, mapped, entry)) is expected


def test_each_kind_of_money_is_taken_out() -> None:
    """Bills, credit notes and payments, and nothing else."""
    taken = {wrapper for wrapper in (*MONEY, "Contacts", "Items", "Options") if _is_taken_out(wrapper)}
    assert taken == {"Invoices", "CreditNotes", "Payments"}


def _is_taken_out(wrapper: str) -> bool:
    return isinstance(decide(CLAIM, IGNORED, an_entry(mark="mark", wrapper=wrapper)), Withdraw)


def test_a_reason_is_handed_on() -> None:
    """People read why, and the code says what becomes of the record."""
    assert decide(CLAIM, HELD, None) == Stop(HELD)
    assert decide(CLAIM, IGNORED, live(BILL)) == Withdraw(IGNORED)


@pytest.mark.parametrize(
    ("entry", "holds", "expected"),
    [
        (None, True, Stop),
        (an_entry("free"), True, Stop),
        (None, False, Create),
        (live(BILL), True, Keep),
        (live(OTHER), True, Update),
    ],
)
def test_what_another_integration_exported(entry: Known | None, holds: bool, expected: type[Decision]) -> None:
    """A new one waits where the mapping file says so; what of ours stands is followed."""
    assert type(decide(EXPORTED, BILL, entry, holds_exported=holds)) is expected
    assert type(decide(CLAIM, BILL, entry, holds_exported=True)) is not Stop


def test_a_change_names_its_document() -> None:
    """It is made to the document that the ledger knows, with what would stand there then."""
    assert decide(CLAIM, OTHER, live(BILL)) == Update(OTHER.plain(), fingerprint(OTHER), {}, "xero-1")


def test_a_bill_keeps_the_number_that_it_was_given() -> None:
    """A new one notes it; a changed one goes on with it, whatever has become of the commitment; an earlier version
    noted none."""
    made = decide(CLAIM, NUMBERED, None)
    assert isinstance(made, Create)
    assert made.facts == {CALLED: NUMBERED.number}
    changed = replace(NUMBERED, number="INV-1003 (4)", lines=OTHER.lines)
    followed = decide(CLAIM, changed, live(NUMBERED, **made.facts))
    assert isinstance(followed, Update)
    assert followed.document == replace(changed, number=NUMBERED.number)
    assert followed.facts == made.facts
    before = decide(CLAIM, changed, live(NUMBERED))
    assert isinstance(before, Update)
    assert (before.document, before.facts) == (changed.plain(), {})
    own = decide(CLAIM, BILL, None)
    assert isinstance(own, Create)
    assert own.facts == {CALLED: ""}
