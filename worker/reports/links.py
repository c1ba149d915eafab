"""Addresses of the pages that a document is seen at, in either system."""

from __future__ import annotations

from worker.ledger.moved import Move
from worker.settings import Settings
from worker.xero import links
from worker.xero.documents import endpoint_of

#: Below a project's address; the records themselves say the same (`page` in worker/procore/records).
_PAGES = {
    "claims": "commitments/{contract_id}/requisitions/{id}",
    "payments": "commitments/{contract_id}/payments_issued/{id}",
    "invoices": "direct_costs/{id}",
    "invoice_payments": "direct_costs/{id}",
    "vendors": "directory/vendors/{id}",
}


def procore_page(pages: str, move: Move) -> str:
    """The record's page; the project's own where a record has none or its contract is not known. `pages` is where
    Procore's are."""
    page = _PAGES.get(move.kind, "home")
    if "{contract_id}" in page and not move.contract_id:
        page = "home"
    path = page.format(id=move.procore_id, contract_id=move.contract_id)
    return f"{pages}/{move.project_id}/project/{path}"


def xero_page(settings: Settings, move: Move) -> str:
    return links.page(settings.xero_web_url, endpoint_of(move.path).wrapper, move.xero_id, move.short_code)
