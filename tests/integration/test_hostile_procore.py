"""Whatever Procore answers: a record, an unreadable row, or one of our errors, and text that can be stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given

from tests.factories import known
from tests.hostile import any_json, changed, fuzzed, quiet, tried
from tests.integration.seeds import (
    PROJECT_ID,
    a_claim,
    a_contract,
    a_cost_code,
    a_payment,
    a_project,
    a_vendor,
    an_invoice,
)
from tests.wire import Wire
from worker.errors import Skippable, SyncError
from worker.holds import HoldCode
from worker.http import exact_json
from worker.mapping import claims, cost_codes, invoices, payments, projects, vendors
from worker.mapping.references import Known, SentBill
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import Record, Unreadable
from worker.xero.batches import render

__all__ = ["quiet"]

Read = Callable[[Procore], Iterator[Any]]

READS: list[tuple[Read, Any]] = [
    (lambda procore: procore.projects(), projects.to_document),
    (lambda procore: procore.vendors(PROJECT_ID), vendors.to_document),
    (lambda procore: procore.cost_codes(PROJECT_ID), cost_codes.to_document),
    (lambda procore: procore.claims(PROJECT_ID), claims.to_document),
    (lambda procore: procore.payments(PROJECT_ID, 501), payments.to_document),
    (lambda procore: procore.invoices(PROJECT_ID), invoices.to_document),
    (lambda procore: procore.contracts(PROJECT_ID, CONTRACTS[0]), None),
    (lambda procore: procore.wbs_codes(PROJECT_ID), None),
    (lambda procore: procore.tax_codes(), None),
    (lambda procore: procore.companies(), None),
]
ORDINARY: list[Any] = [
    [a_project(), a_project(311, "24-018")],
    [a_vendor(1), a_vendor(2, abn="51 824 753 556", email_address="a@example.com", business_phone="02 9999 0000")],
    [a_cost_code(), a_cost_code("05-100", parent={"id": 3})],
    [a_claim(11, deleted_at=None, updated_at="2026-07-31T10:00:00Z"), a_claim(12, "-40.00")],
    [a_payment(71, 11, "10.00", invoice_number="INV-11", check_number="4711")],
    [an_invoice(91, tax_breakdown={"subtotal": "50.00", "tax_total": "5.00", "grand_total": "55.00"}), an_invoice(92)],
    [{**a_contract(), "total_payments": "10.00"}],
    [{"id": 44, "flat_code": "03.S", "segment_items": [{"code": "03", "segment": {"type": "cost_code"}}]}],
    [{"id": 910, "code": "GST@10%", "rate1": "10.0"}],
]


def published() -> list[Any]:
    """Procore's own examples, where PROCORE_EXAMPLES names a folder with them; each as a list of one row."""
    folder = os.environ.get("PROCORE_EXAMPLES")
    files = sorted(Path(folder).glob("*.json")) if folder else []
    rows = [exact_json.loads(file.read_bytes()) for file in files]
    return [[row] for row in rows if isinstance(row, dict)]


NAMES = sorted({key for rows in ORDINARY for row in rows for key in row} | {"items", "summary", "wbs_code", "holder"})


def everything_read(text: str) -> None:
    """Every list is answered with this text, and what it gives is mapped, named and stored."""
    wire = Wire(lambda _: httpx.Response(200, content=text.encode("utf-8", "surrogatepass")))
    procore = Procore(wire.api(where="Procore"), 4711)
    for read, to_document in READS:
        for row in tried(lambda read=read: list(read(procore)), SyncError) or ():  # type: ignore[misc]
            if isinstance(row, Unreadable):
                can_be_stored(row.procore_id, 255)
                can_be_stored(HoldCode.RECORD_UNREADABLE.sentence(detail=row.detail), 1000)
            elif isinstance(row, Record):
                can_be_stored(row.procore_id, 255)
                can_be_stored(row.title, 50_000)
                assert 0 <= row.id < 2**63
                if to_document is not None:
                    is_a_document(row, to_document)
    assert len(wire.requests) < 100


def everything_known() -> Known:
    """What the ordinary rows name is in Xero already."""
    contacts = {str(vendor_id): "contact" for vendor_id in range(3)}
    claims_numbered = {(501, "INV-11"): {"11"}}
    return known(contacts=contacts, bills={"11": SentBill("bill-11", "AUTHORISED")}, claims_numbered=claims_numbered)


def is_a_document(row: Record, to_document: Any) -> None:
    document = tried(lambda: to_document(row, everything_known()), Skippable)
    if document is not None:
        text = render(document.endpoint, [document.body()])
        can_be_stored(text, 1_000_000)
        assert exact_json.loads(text) == exact_json.loads(text)


def can_be_stored(text: str, longest: int) -> None:
    assert "\x00" not in text
    assert text.encode("utf-8")
    assert len(text) <= longest


@fuzzed
@given(any_json(NAMES))
def test_any_json(text: str) -> None:
    """There is no answer that ends in an exception of Python's."""
    everything_read(text)


@fuzzed
@given(changed([*ORDINARY, *published()]))
def test_an_ordinary_answer_with_something_else_in_it(text: str) -> None:
    """A row that is right but for one value is read, or named with the value."""
    everything_read(text)
