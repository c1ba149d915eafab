"""Addresses of the pages that a document is seen at, in either system."""

from __future__ import annotations

from typing import Protocol

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


class Recorded(Protocol):
    """A record as far as its page is found by it."""

    @property
    def kind(self) -> str: ...
    @property
    def procore_id(self) -> str: ...
    @property
    def project_id(self) -> int: ...
    @property
    def contract_id(self) -> object: ...


def procore_page(pages: str, record: Recorded) -> str:
    """The record's page; the project's own where a record has none or its contract is not known. `pages` is where
    Procore's are."""
    page = _PAGES.get(record.kind, "home")
    if "{contract_id}" in page and not record.contract_id:
        page = "home"
    path = page.format(id=record.procore_id, contract_id=record.contract_id)
    return f"{pages}/{record.project_id}/project/{path}"


def flower_page(settings: Settings, project_id: int | None) -> str:
    """The project's page in Flower; blank where nobody said at which address people open it."""
    return f"{settings.flower_url.rstrip('/')}/projects/{project_id}" if settings.flower_url and project_id else ""


def xero_page(settings: Settings, move: Move) -> str:
    return links.page(settings.xero_web_url, endpoint_of(move.path).wrapper, move.xero_id, move.short_code)
