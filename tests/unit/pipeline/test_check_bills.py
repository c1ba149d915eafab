"""New bills beside what stands in Xero and is no record's: a row for each rule, and nothing but values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import PROJECT, a_bill, a_claim, a_line
from tests.unit.xero.answering import stored_bill
from worker.facts import OTHERS, SAME, UNTRACKED
from worker.holds import HoldCode
from worker.pipeline.check.bills import Beside, check
from worker.pipeline.draft import Draft
from worker.pipeline.values import Doubt, Link, Stop
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill

WEB, BILL = "https://procore.example", a_bill()
CREDIT = a_bill(a_line("10.00"), credit=True, number="CR-1")


def a_draft(bill: Bill = BILL, noted: Mapping[str, Any] | None = None) -> Draft:
    draft = Draft.new(a_claim(), bill)
    draft.noted, draft.tax = noted or {}, Decimal("1.00")
    return draft


def theirs(number: str = "INV-1003", xero_id: str = "x-1", **fields: Any) -> dict[str, Any]:
    """A bill of the same supplier that a person entered, of the same total and date."""
    row = stored_bill(BILL.body(), xero_id, InvoiceNumber=number, Total=Decimal("11.00"), Status="AUTHORISED", **fields)
    return {name: value for name, value in row.items() if name != "Url" or "Url" in fields}


def ours(xero_id: str = "x-1", **fields: Any) -> dict[str, Any]:
    """The record's own bill, which the ledger has forgotten."""
    return stored_bill(BILL.body(), xero_id, **fields)


def found(draft: Draft, rows: Sequence[dict[str, Any]], *, adopts: bool = False, beside: Sequence[Draft] = ()) -> Any:
    return check(Beside(BILLS, [draft, *beside], adopts, PROJECT.option, WEB), draft, rows)


def claims(draft: Draft, xero_id: str = "x-1") -> dict[str, Any]:
    """What a person said that the record is."""
    return {"of": draft.fingerprint, "claims": {xero_id: ["11.00", "11.00"]}}


OF_ANOTHER = theirs(Contact={"ContactID": "contact-2"})
OLD = theirs(number="A-9", DateString="2026-01-01T00:00:00", Date=None)
ROWS: dict[str, tuple[list[dict[str, Any]], bool, type[object] | None]] = {
    "where nothing stands it is made": ([], False, None),
    "what we sent is tied": ([ours()], False, Link),
    "what we sent twice is a person's to choose": ([ours(), ours("x-2")], False, Stop),
    "what a person entered is held": ([theirs()], False, Doubt),
    "so is another spelling of the number": ([theirs("Invoice 1003")], False, Doubt),
    "so is another number, with the same total": ([theirs("A-9")], False, Doubt),
    "of another supplier it is none": ([OF_ANOTHER], False, None),
    "with the same total months ago it is none": ([OLD], False, None),
    "another record's of ours is none": ([theirs(Url=f"{WEB}/other")], False, None),
    "the mapping file takes it over": ([theirs()], True, Link),
    "of two it takes none": ([theirs(), theirs(xero_id="x-2")], True, Doubt),
    "of another total it takes none": ([{**theirs(), "Total": Decimal("12.00")}], True, Doubt),
    "of another number it takes none": ([theirs("A-9")], True, Doubt),
}


@pytest.mark.parametrize("rule", ROWS)
def test_each_rule(rule: str) -> None:
    """What is done with the draft."""
    rows, adopts, expected = ROWS[rule]
    answer = found(a_draft(), rows, adopts=adopts)
    assert (type(answer) if answer is not None else None) is expected


def test_what_came_from_here_is_proved_like_an_answer() -> None:
    """It says what Xero stored otherwise, also of the tax; what a person entered is as it is."""
    assert found(a_draft(), [ours()]).differences == []
    assert "TotalTax" in found(a_draft(), [ours(TotalTax=Decimal("2.00"))]).differences[0]
    assert found(a_draft(), [theirs(SubTotal=Decimal("9.00"))], adopts=True).differences == ()


def test_what_a_person_said_goes_before_everything_but_ours() -> None:
    """It is that bill; or it is another one, and is made."""
    said = found(a_draft(noted={SAME: claims(a_draft(), "x-9")}), [theirs(), theirs("Z", "x-9")])
    assert isinstance(said, Link)
    assert (said.row["InvoiceID"], said.adopted) == ("x-9", True)
    assert found(a_draft(noted={OTHERS: ["x-1"]}), [theirs()]) is None
    assert isinstance(found(a_draft(noted={OTHERS: ["x-1"]}), [theirs(), theirs(xero_id="x-2")]), Doubt)


def test_what_was_said_holds_for_the_record_as_it_was() -> None:
    """A claim that changed since is another one."""
    changed = a_draft(replace(BILL, lines=(a_line("20.00"),)), noted={SAME: claims(a_draft())})
    assert isinstance(found(changed, [theirs()]), Doubt)


def test_a_bill_of_another_drafts_number_is_not_taken_for_this_one() -> None:
    """Two drafts of one total: each is held for its own number alone."""
    other = a_draft(replace(BILL, number="INV-7", url=f"{WEB}/7"))
    assert found(a_draft(), [theirs("INV-7")], beside=[other]) is None
    assert isinstance(found(other, [theirs("INV-7")], beside=[a_draft()]), Doubt)


def test_the_same_number_is_named_first_and_in_its_own_words() -> None:
    """One code says that the number is there, another that something else speaks for it."""
    exact = found(a_draft(), [theirs("A-9"), theirs(xero_id="x-2")])
    assert (exact.reason.code, exact.shown) == (HoldCode.ALREADY_IN_XERO, "x-2")
    alike = found(a_draft(), [theirs("A-9")])
    assert alike.reason.code is HoldCode.MAY_BE_IN_XERO
    assert alike.parts == {"x-1": (Decimal("11.00"), Decimal("11.00"))}


@pytest.mark.parametrize("option", [PROJECT.option, PROJECT.option.upper(), "Another project"])
def test_whether_it_names_the_project(option: str) -> None:
    """A bill that a person entered is not changed; that it lacks the project is noted."""
    answer = check(Beside(BILLS, [a_draft()], True, option, WEB), a_draft(), [theirs()])
    assert isinstance(answer, Link)
    assert answer.facts == {UNTRACKED: option == "Another project"}


def test_a_credit_note_is_known_by_everything_it_says() -> None:
    """It has no address: another amount under its number is not ours."""
    draft = Draft.new(a_claim(), CREDIT)
    row = stored_bill(CREDIT.body(), "c-1", Total=Decimal("11.00"))
    beside = Beside(CREDIT_NOTES, [draft], False, PROJECT.option, WEB)
    assert check(beside, draft, [row]) == Link(row, differences=[])
    assert isinstance(check(beside, draft, [{**row, "SubTotal": Decimal("9.00")}]), Doubt)
