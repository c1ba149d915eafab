"""Links in reports lead where the records' own pages are."""

from __future__ import annotations

from typing import Any

import pytest

from worker.ledger.moved import Move
from worker.procore.records import Claim, Invoice, Payment, Record, Vendor
from worker.reports.links import procore_page, xero_page
from worker.settings import Settings

PAGES = "https://procore.example"
SETTINGS = Settings(xero_web_url="https://xero.example")


def a_move(kind: str, contract_id: str = "501", path: str = "/Invoices?unitdp=4") -> Move:
    return Move(310, 1, kind, "7", "created", "guid", path, contract_id)


@pytest.mark.parametrize(
    ("kind", "model", "fields"),
    [
        ("claims", Claim, {"commitment_id": 501}),
        ("payments", Payment, {"contract_id": 501}),
        ("invoices", Invoice, {}),
        ("vendors", Vendor, {}),
    ],
)
def test_a_document_leads_to_its_records_page(kind: str, model: type[Record], fields: dict[str, Any]) -> None:
    """The same page as a hold of the record names."""
    record = model.model_construct(**{"id": 7, **fields})
    assert procore_page(PAGES, a_move(kind)) == f"https://procore.example/310/project/{record.page}"


@pytest.mark.parametrize(("kind", "contract_id"), [("claims", ""), ("cost_codes", ""), ("projects", "")])
def test_without_a_page_of_its_own_it_leads_to_the_project(kind: str, contract_id: str) -> None:
    assert procore_page(PAGES, a_move(kind, contract_id)) == "https://procore.example/310/project/home"


def test_a_credit_note_leads_to_its_own_page_in_xero() -> None:
    """A claim's document is a bill or a credit note: the request's address says which."""
    assert "ViewCreditNote" in xero_page(SETTINGS, a_move("claims", path="/CreditNotes?unitdp=4"))
    assert "InvoiceID=guid" in xero_page(SETTINGS, a_move("claims"))
