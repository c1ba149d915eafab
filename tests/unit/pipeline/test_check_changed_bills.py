"""Bills that changed in Procore beside what stands in Xero: what an update says, and whether it goes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_bill, a_claim, a_line
from tests.unit.xero.answering import stored_bill
from worker.facts import CODED_BY, RECODE
from worker.holds import HoldCode
from worker.pipeline.check import bills
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason, Update, because
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill

BILL = a_bill(a_line("10.00"), a_line("5.00"))


def a_draft(bill: Bill = BILL) -> Draft:
    return Draft.of(a_claim(), Update(bill, "mark", {CODED_BY: "now"}, "bill-1"))


def a_stored(*ids: str, status: str = "DRAFT") -> dict[str, Any]:
    return {"Status": status, "LineItems": [{"LineItemID": id_} for id_ in ids]}


def test_lines_keep_their_ids_while_they_are_as_many() -> None:
    """Else Xero replaces all of them, as it documents."""
    assert [line.get("LineItemID") for line in _lines("a", "b")] == ["a", "b"]
    for ids in (("a",), ("a", "b", "c"), ()):
        assert [line.get("LineItemID") for line in _lines(*ids)] == [None, None]


def _lines(*ids: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = bills.update(a_draft(), BILLS, a_stored(*ids))["LineItems"]
    return lines


@pytest.mark.parametrize(
    ("status", "goes_as"), [("DRAFT", "DRAFT"), ("SUBMITTED", "DRAFT"), ("AUTHORISED", "AUTHORISED")]
)
def test_what_was_approved_in_xero_does_not_go_back(status: str, goes_as: str) -> None:
    """A draft by the mapping file that a person approved stays approved."""
    body = bills.update(a_draft(a_bill(status="DRAFT")), BILLS, a_stored("a", status=status))
    assert (body["InvoiceID"], body["Status"]) == ("bill-1", goes_as)


def test_whether_it_is_there_already() -> None:
    """As a person has made it by hand: to the cent, and with the tax that Procore states."""
    stated = a_draft(a_bill(stated_tax=Decimal("1.00")))
    row = stored_bill(stated.send)
    assert bills.is_there(stated, BILLS, row, stated.send)
    assert not bills.is_there(stated, BILLS, {**row, "TotalTax": Decimal("1.01")}, stated.send)
    assert not bills.is_there(stated, BILLS, {**row, "InvoiceNumber": "X"}, stated.send)


def test_what_is_gone_or_of_the_other_kind_is_not_compared() -> None:
    """It costs nothing to know that."""
    assert bills.may_be_there(a_draft(), BILLS, a_stored())
    assert not bills.may_be_there(a_draft(), CREDIT_NOTES, a_stored())
    for status in ("VOIDED", "DELETED"):
        assert not bills.may_be_there(a_draft(), BILLS, a_stored(status=status))


PAID = because(HoldCode.CHANGED_AFTER_SENDING, why="it has a payment or a credit")
LOCKED = because(HoldCode.LOCKED_PERIOD, date="2026-07-31", locked_until="2026-08-31")
ROWS: dict[str, tuple[str, dict[str, Any], Reason | None, bool, str]] = {
    "a draft follows the mapping file": ("DRAFT", {}, None, False, ""),
    "what is approved does not": ("AUTHORISED", {}, None, False, "It is not a draft any more."),
    "unless a person wants it, by the file of now": ("AUTHORISED", {RECODE: "now"}, None, False, ""),
    "by an older file it does not": ("AUTHORISED", {RECODE: "then"}, None, False, "It is not a draft any more."),
    "a look at what a recode would do asks for all": ("AUTHORISED", {}, None, True, ""),
    "what is paid stays, and says so shortly": ("DRAFT", {}, PAID, True, PAID.sentence.rpartition(": ")[2]),
    "what is locked stays": ("DRAFT", {}, LOCKED, True, LOCKED.sentence),
}


@pytest.mark.parametrize("rule", ROWS)
def test_whether_a_bill_is_recoded(rule: str) -> None:
    """Why it is left as it is coded; blank where nothing is in the way."""
    status, noted, reason, is_asked, said = ROWS[rule]
    found = bills.stays_coded(a_draft(), noted, a_stored(status=status), reason, is_asked=is_asked)
    assert found == said
