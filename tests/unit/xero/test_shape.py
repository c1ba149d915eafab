"""Answers of Xero that have not the shape of one: refused as a whole, with the name of what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.factories import a_bill
from tests.wire import Wire, answer, in_turn
from worker.errors import ContractBroken, DocumentRejected, RequestRefused
from worker.holds import HoldCode
from worker.http import exact_json
from worker.xero import answers, client
from worker.xero.chart import Chart
from worker.xero.client import Xero
from worker.xero.documents import BILLS

BILL: dict[str, Any] = {"InvoiceID": "1", "Status": "AUTHORISED"}
WRONG: list[tuple[Any, str]] = [
    (None, "no list of Invoices"),
    ([], "no list of Invoices"),
    ({"Invoices": None}, "no list of Invoices"),
    ({"Invoices": {"InvoiceID": "1"}}, "no list of Invoices"),
    ({"Invoices": ["1"]}, "one of Invoices is no object"),
    ({"Invoices": [BILL, {"Status": "DRAFT"}]}, "one of its Invoices has no InvoiceID"),
    ({"Invoices": [{**BILL, "Contact": "Supplier 1"}]}, "one of Contact is no object"),
    ({"Invoices": [{**BILL, "LineItems": {}}]}, "LineItems is no list"),
    ({"Invoices": [{**BILL, "LineItems": [{"Tracking": [5]}]}]}, "one of Tracking is no object"),
    (
        {"Invoices": [{**BILL, "LineItems": [{"Tracking": [{"TrackingOptionID": ["1"]}]}]}]},
        "TrackingOptionID is no text",
    ),
    ({"Invoices": [{**BILL, "Contact": {"ContactID": "1" * 65}}]}, "ContactID is no id"),
    ({"Invoices": [{**BILL, "Contact": {"Phones": True}}]}, "Phones is no list"),
    ({"Invoices": [{**BILL, "Contact": {"Addresses": [{"AddressType": []}]}}]}, "AddressType is no text"),
    ({"Invoices": [{**BILL, "Status": 5}]}, "Status is no text"),
]


def asked(*answers: httpx.Response) -> Xero:
    return Xero(Wire(in_turn(*answers)).api())


@pytest.mark.parametrize(("body", "words"), WRONG)
def test_what_has_not_the_shape_of_a_list_is_refused(body: Any, words: str) -> None:
    """Nothing behind it has to look twice."""
    with pytest.raises(ContractBroken, match=words):
        list(asked(answer(body)).of_suppliers(BILLS))


def test_what_xero_adds_is_none_of_our_business() -> None:
    """New fields may hold anything."""
    body = {"Invoices": [{**BILL, "New": {"Deep": [{"Contact": 5}]}, "Contact": None, "LineItems": None}], "Also": 1}
    assert [row["InvoiceID"] for row in asked(answer(body)).of_suppliers(BILLS)] == ["1"]


@pytest.mark.parametrize("read", [lambda xero: xero.organisation(), lambda xero: xero.contact("1")])
def test_one_document_of_an_empty_list_is_an_error(read: Callable[[Xero], Any]) -> None:
    """What is asked for by name and not there is said so."""
    with pytest.raises(ContractBroken, match="empty list"):
        read(asked(answer({"Organisations": [], "Contacts": []})))


def test_a_refusal_without_the_shape_of_one_is_refused_as_a_whole() -> None:
    """Elements are looked at before anything is made of them."""
    for elements in (["no"], [{"ValidationErrors": ["no"]}], 5):
        with pytest.raises((ContractBroken, RequestRefused)):
            asked(answer({"Elements": elements}, 400)).write(BILLS, "PUT", "/Invoices", "{}", "key")


def a_page(first: int, size: int, says: int | None = None) -> httpx.Response:
    rows = [{**BILL, "InvoiceID": str(number)} for number in range(first, first + size)]
    return answer({"Invoices": rows, **({} if says is None else {"pagination": {"pageSize": says}})})


def test_a_page_that_repeats_ends_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page again and again is not read for ever, nor counted twice."""
    monkeypatch.setattr(client, "PAGE_SIZE", 2)
    with pytest.raises(ContractBroken, match="page 3 of /Invoices with an earlier page again"):
        list(asked(a_page(1, 2), a_page(3, 2), a_page(1, 2)).of_suppliers(BILLS))


def test_a_list_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """However new its pages are."""
    monkeypatch.setattr(client, "PAGE_SIZE", 2)
    monkeypatch.setattr(client, "MOST_PAGES", 3)
    with pytest.raises(ContractBroken, match="does not end after 3 pages"):
        list(asked(*(a_page(number, 2) for number in range(0, 20, 2))).of_suppliers(BILLS))


@pytest.mark.parametrize("says", [2, 0, -1, "2", None])
def test_smaller_pages_than_asked_for_are_full_where_the_answer_says_so(
    says: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page size that Xero made smaller loses no rows."""
    monkeypatch.setattr(client, "PAGE_SIZE", 4)
    xero = asked(a_page(1, 2, says), a_page(3, 1, says))
    assert len(list(xero.of_suppliers(BILLS))) == (3 if says == 2 else 2)


def test_a_page_that_is_too_large_is_read_in_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """From where it began: no bill is lost and none comes twice."""
    monkeypatch.setattr(client, "PAGE_SIZE", 10)
    monkeypatch.setattr(exact_json, "MOST_MEMORY", 1_000_000)
    large = httpx.Response(200, text=f"[{'[],' * 10_000}0]")
    wire = Wire(in_turn(a_page(0, 10), large, a_page(10, 2), a_page(12, 2), a_page(14, 1)))
    assert [row["InvoiceID"] for row in Xero(wire.api()).of_suppliers(BILLS)] == [str(number) for number in range(15)]
    asked = [(one.url.params["page"], one.url.params["pageSize"]) for one in wire.requests]
    assert asked == [("1", "10"), ("2", "10"), ("6", "2"), ("7", "2"), ("8", "2")]


@pytest.mark.parametrize(
    "value", [True, "9.28%", "", "1e400", "NaN", [], {}, Decimal("1e400"), Decimal("1E-400000"), "9" * 5000, 10**15]
)
def test_an_amount_that_is_none_is_said(value: Any) -> None:
    """A number is compared or it is an error; it is never taken for zero."""
    with pytest.raises(ContractBroken, match="Xero answers Total as"):
        answers.amount({"Total": value}, "Total")


@pytest.mark.parametrize("value", ["soon", "/Date(x)/", "/Date(", "/Date(99999999999999999999)/", "2026-02-30", 5, []])
def test_a_date_that_is_none_is_said(value: Any) -> None:
    """Neither an exception of Python's nor a day that nobody meant."""
    found = None
    if value:
        with pytest.raises(ContractBroken, match="Xero answers Date as"):
            answers.day({"Date": value}, "Date")
    else:
        found = answers.day({"Date": value}, "Date")
    assert found is None


def test_a_tax_rate_that_says_nothing_is_not_taken_for_nothing() -> None:
    """The bill is held; its tax is not guessed."""
    accounts = [{"Code": "310", "Status": "ACTIVE", "Class": "EXPENSE"}]
    chart = Chart.of({}, accounts, [{"TaxType": "INPUT", "Status": "ACTIVE"}])
    with pytest.raises(DocumentRejected) as rejected:
        chart.check(a_bill())
    assert rejected.value.code is HoldCode.REFERENCE_UNUSABLE
