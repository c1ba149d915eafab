"""How documents become requests: full, never too large, and readable again."""

from __future__ import annotations

import pytest

from tests.factories import a_bill, a_line
from worker.http import exact_json
from worker.xero.batches import MOST_BYTES, Body, create, members, render, split, update
from worker.xero.documents import BILLS, CONTACTS, CREDIT_NOTES, PAYMENTS, Endpoint, endpoint_of, options

OPTIONS = options("category-1")


def sizes(endpoint: Endpoint, *bodies: Body) -> list[int]:
    return [len(batch) for batch in split(endpoint, [(n, body) for n, body in enumerate(bodies)])]


@pytest.mark.parametrize(
    ("endpoint", "count", "expected"),
    [
        (BILLS, 0, []),
        (BILLS, 1, [1]),
        (BILLS, 50, [50]),
        (BILLS, 51, [50, 1]),
        (PAYMENTS, 120, [50, 50, 20]),
        (OPTIONS, 3, [1, 1, 1]),
    ],
)
def test_fifty_documents_a_request_and_options_alone(endpoint: Endpoint, count: int, expected: list[int]) -> None:
    """Calls are the scarce thing: requests are filled, but for options, which go one by one."""
    assert sizes(endpoint, *[{"Name": "x"}] * count) == expected


def test_no_request_is_larger_than_xero_takes() -> None:
    """Long bills make smaller requests; the bytes on the wire count, not the characters."""
    long = a_bill(*[a_line(description="é" * 4000)] * 40).body()
    for batch in split(BILLS, [(long, long)] * 12):
        assert len(render(BILLS, batch).encode()) <= MOST_BYTES
    assert sizes(BILLS, *[long] * 12) == [10, 2]


def test_one_document_that_is_too_large_goes_alone() -> None:
    """Nothing is dropped for its size: Xero itself says what is too large for it."""
    huge: Body = {"Description": "x" * (MOST_BYTES + 1)}
    assert sizes(BILLS, {"a": 1}, huge, {"a": 1}) == [1, 1, 1]


def test_the_order_is_kept() -> None:
    """What was read first goes first."""
    assert [n for batch in split(BILLS, [(n, {"n": n}) for n in range(120)]) for n in batch] == list(range(120))


@pytest.mark.parametrize("endpoint", [BILLS, OPTIONS])
def test_a_journalled_request_gives_its_documents_back(endpoint: Endpoint) -> None:
    """What yesterday's crash left in the journal is read as it was sent."""
    bodies = [{"Name": "24-017"}] if endpoint.is_option else [a_bill().body(), a_bill(number="B").body()]
    text = render(endpoint, bodies)
    assert members(endpoint, text) == bodies
    assert render(endpoint, members(endpoint, text)) == text
    assert set(exact_json.loads(text)) == ({"Name"} if endpoint.is_option else {"Invoices"})


@pytest.mark.parametrize(
    ("endpoint", "made", "changed"),
    [
        (CONTACTS, "/Contacts?summarizeErrors=false", "/Contacts?summarizeErrors=false"),
        (BILLS, "/Invoices?summarizeErrors=false&unitdp=4", "/Invoices?summarizeErrors=false&unitdp=4"),
        (CREDIT_NOTES, "/CreditNotes?summarizeErrors=false&unitdp=4", "/CreditNotes?summarizeErrors=false&unitdp=4"),
        (OPTIONS, "/TrackingCategories/category-1/Options", "/TrackingCategories/category-1/Options/xero-1"),
    ],
)
def test_create_is_put_and_update_is_post(endpoint: Endpoint, made: str, changed: str) -> None:
    """POST may match by number, so nothing is ever created by it; each element reports its own errors."""
    assert (create(endpoint).method, create(endpoint).path) == ("PUT", made)
    assert (update(endpoint, "xero-1").method, update(endpoint, "xero-1").path) == ("POST", changed)
    assert endpoint_of(made) == endpoint_of(changed) == endpoint
