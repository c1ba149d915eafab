"""What follows from a message of Procore's: a list that may have moved, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.procore.message import Hint, NoHint, read

COMPANY = 8
V2 = {
    "id": 1,
    "ulid": "0A1B2C3D4F5G6H7I8J9K0LMN",
    "timestamp": "2026-11-02T23:34:12.246562Z",
    "metadata": {"source_project_id": 1, "source_company_id": 1},
    "company_id": COMPANY,
    "project_id": 6778,
    "api_version": "v2.0",
    "event_type": "update",
    "resource_name": "Direct Costs",
    "resource_id": 54321,
}
V4 = {
    "id": "01JMYXMZRBVKK0PC6XS8SA4QRE",
    "timestamp": "2026-11-02T16:04:43.619085Z",
    "reason": "update",
    "company_id": str(COMPANY),
    "project_id": "6778",
    "resource_type": "Contract Payments",
    "resource_id": "379913",
}


def hint(message: dict[str, Any]) -> Hint:
    return read(json.dumps(message).encode(), COMPANY)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (V2, Hint("invoices", 6778)),
        (V2 | {"api_version": "v3.0", "related_resources": []}, Hint("invoices", 6778)),
        (V2 | {"event_type": "delete"}, Hint("invoices", 6778)),
        (V4, Hint("payments", 6778)),
        (V4 | {"resource_type": "Work Order Contracts"}, Hint("payments", 6778)),
        (V4 | {"resource_type": " purchase order  contracts"}, Hint("payments", 6778)),
        (V4 | {"resource_type": "Requisitions"}, Hint("claims", 6778)),
        (V4 | {"resource_type": "Project Vendors"}, Hint("vendors", 6778)),
        (V4 | {"resource_type": "Company Vendors", "project_id": None}, Hint("vendors", None, 379913)),
        (V4 | {"resource_type": "Projects", "project_id": None, "resource_id": "77"}, Hint("projects", 77)),
        (V4 | {"resource_type": "Projects", "resource_id": None}, Hint("projects", 6778)),
    ],
)
def test_each_format_of_procores_is_read(message: dict[str, Any], found: Hint) -> None:
    """Ids are numbers in v2.0 and v3.0, texts in v4.0; which event it was does not matter."""
    assert hint(message) == found


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"company_id": 9}, "another company"),
        ({"company_id": None}, "another company"),
        ({"company_id": True}, "another company"),
        ({"resource_name": "RFIs"}, "not synced"),
        ({"resource_name": 5}, "not synced"),
        ({"resource_name": None}, "not synced"),
        ({"project_id": None}, "no project"),
        ({"project_id": -1}, "no project"),
        ({"project_id": "6778; DROP TABLE"}, "no project"),
        ({"project_id": 2**63}, "no project"),
        ({"project_id": "²"}, "no project"),
        ({"project_id": [6778]}, "no project"),
    ],
)
def test_nothing_follows_from_what_is_not_ours(change: dict[str, Any], why: str) -> None:
    """Another company's, another tool's, and what names no project."""
    with pytest.raises(NoHint, match=why):
        hint(V2 | change)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"7", b"\xff", b"[" * 60_000, b"NaN"])
def test_nothing_follows_from_what_is_no_message(body: bytes) -> None:
    """However it is broken."""
    with pytest.raises(NoHint, match="no JSON"):
        read(body, COMPANY)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=4), st.data())
def test_any_value_is_a_hint_or_none(value: Any, data: st.DataObject) -> None:
    """No other error comes of a field that holds anything."""
    name = data.draw(st.sampled_from(sorted(V2)))
    try:
        found = hint(V2 | {name: value})
    except NoHint:
        return
    assert found.project_id is None or 0 < found.project_id < 2**63
