"""When all bills are read for the looks of a job, and which of them may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.wire import Wire, answer, in_turn
from worker.pipeline.look.shelf import ENOUGH, GOOD_FOR, MOST_PAGES, Shelf
from worker.xero.client import Xero

NOW = datetime(2026, 8, 1, tzinfo=UTC)
BODY: dict[str, Any] = {"InvoiceNumber": "INV-1", "Contact": {"ContactID": "c1"}, "Url": "https://procore.example/1"}


def a_row(xero_id: str, **fields: Any) -> dict[str, Any]:
    return {"InvoiceID": xero_id, "Status": "AUTHORISED", **fields}


def a_page(*rows: dict[str, Any], **pagination: Any) -> httpx.Response:
    return answer({"Invoices": list(rows), **({"pagination": pagination} if pagination else {})})


def asked(shelf: Shelf, *pages: httpx.Response, now: datetime = NOW) -> tuple[bool, int]:
    """Whether a bill is looked for on the shelf, and the calls that it took."""
    wire = Wire(in_turn(*pages))
    return shelf.is_for([BODY], Xero(wire.api()), now), len(wire.requests)


@pytest.fixture
def shelf() -> Shelf:
    """Of a job that has looked for many bills."""
    many = Shelf()
    assert not many.is_for([BODY] * ENOUGH, Xero(Wire(in_turn()).api()), NOW)
    return many


@pytest.mark.parametrize(
    ("pages", "calls"),
    [
        ([a_page(a_row("1"))], 1),
        ([a_page(a_row("1"), pageCount=1)], 1),
        ([a_page(a_row("1"), itemCount=1)], 1),
        ([a_page(a_row("1"), pageCount="1", itemCount="1")], 1),
        ([a_page(a_row("1"), pageCount=-1, itemCount=1)], 1),
        ([a_page(a_row("1"), pageCount=MOST_PAGES + 1, itemCount=MOST_PAGES + 1)], 1),
        ([a_page(a_row("1"), pageCount=2, itemCount=3), a_page(a_row("1"), a_row("3"), pageCount=2, itemCount=3)], 2),
    ],
)
def test_what_may_not_be_whole_is_not_looked_at(shelf: Shelf, pages: Sequence[httpx.Response], calls: int) -> None:
    """Nothing is said of pages, they are many, or a bill fell between two: numbers are asked for, to the job's end."""
    assert asked(shelf, *pages) == (False, calls)
    assert asked(shelf, now=NOW + 2 * GOOD_FOR) == (False, 0)


def test_no_bills_at_all_are_whole(shelf: Shelf) -> None:
    """The books of a new organisation."""
    assert asked(shelf, a_page(pageCount=0, itemCount=0)) == (True, 1)
    assert shelf.like([BODY]) == []


def test_a_bill_that_came_between_two_pages_does_no_harm(shelf: Shelf) -> None:
    """It moves another one to a later page, where that is read again."""
    second = a_page(a_row("1"), a_row("3"), pageCount=2, itemCount=4)
    assert asked(shelf, a_page(a_row("0"), a_row("1"), pageCount=2, itemCount=3), second) == (True, 2)


def test_it_is_read_anew_after_a_while(shelf: Shelf) -> None:
    """What was there before and is not any more is not found either."""
    assert asked(shelf, a_page(a_row("1", Url=BODY["Url"]), pageCount=1, itemCount=1)) == (True, 1)
    assert asked(shelf, now=NOW + GOOD_FOR - timedelta(seconds=1)) == (True, 0)
    later = a_page(a_row("2", Url=BODY["Url"]), pageCount=1, itemCount=1)
    assert asked(shelf, later, now=NOW + GOOD_FOR) == (True, 1)
    assert shelf.like([BODY]) == ["2"]


@pytest.mark.parametrize(
    ("fields", "is_meant"),
    [
        ({"Url": BODY["Url"]}, True),
        ({"Url": BODY["Url"], "InvoiceNumber": "other", "Contact": {"ContactID": "c2"}}, True),
        ({"InvoiceNumber": "inv-1", "Contact": {"ContactID": "c1"}}, True),
        ({"InvoiceNumber": "INV-1", "Contact": {"ContactID": "c1"}, "Url": "https://other.example"}, True),
        ({"InvoiceNumber": "INV-1"}, True),
        ({"InvoiceNumber": "INV-1", "Contact": {"ContactID": "c2"}}, False),
        ({"InvoiceNumber": "INV-2", "Contact": {"ContactID": "c1"}}, False),
        ({"InvoiceNumber": None, "Contact": None, "Url": None}, False),
    ],
)
def test_which_bills_may_be_meant(shelf: Shelf, fields: dict[str, Any], is_meant: bool) -> None:
    """By the record's page, or by supplier and number without regard to case; what is not said rules nothing out."""
    assert asked(shelf, a_page(a_row("1", **fields), pageCount=1, itemCount=1)) == (True, 1)
    assert shelf.like([BODY]) == (["1"] if is_meant else [])
