"""Claims that withhold and release retention, and what people do to them, for the tests of the retention ledger."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.integration.seeds import CONTRACT_ID, a_claim, a_contract, a_project, a_seed, a_vendor, an_item

RIDGELINE, STEEL = "Ridgeline Concrete", "Harbour Steel"
OTHER_PROJECT = 311


def a_retaining_claim(
    id: int,
    number: int,
    work: str,
    withheld: str = "0.00",
    released: str = "0.00",
    held: str | None = None,
    *,
    on: str = "2026-07-31",
    rate: str = "0.10",
    commitment: int = CONTRACT_ID,
    vendor: int = 1,
    **fields: Any,
) -> dict[str, Any]:
    """A claim of this work, as Procore has it: what is due is without tax, its foot says what is `held` by now."""
    due = Decimal(work) - Decimal(withheld) + Decimal(released)
    summary: dict[str, str] = {"current_payment_due": str(due)}
    summary["tax_applicable_to_this_payment"] = str((due * Decimal(rate)).quantize(Decimal("0.01")))
    if held is not None:
        summary["total_retainage"] = held
    columns: dict[str, Any] = {
        "work_completed_retainage_retained_this_period": withheld,
        "work_completed_retainage_released_this_period": released,
    }
    ordinary: dict[str, Any] = {
        "number": number,
        "billing_date": on,
        "summary": summary,
        "items": [an_item(work, **columns)],
        "commitment_id": commitment,
        "vendor_id": vendor,
        "vendor_name": RIDGELINE if vendor == 1 else STEEL,
    }
    return a_claim(id, str(due), **{**ordinary, **fields})


def seed(claims: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """Three commitments of two suppliers in two projects; on the first a withholding, another one, and a release."""
    first = [
        a_retaining_claim(11, 1, "1000.00", "50.00", held="50.00", on="2026-07-31"),
        a_retaining_claim(12, 2, "400.00", "20.00", held="70.00", on="2026-08-31"),
        a_retaining_claim(13, 3, "0.00", released="30.00", held="40.00", on="2026-09-30"),
        a_retaining_claim(15, 1, "600.00", "30.00", held="30.00", commitment=502, vendor=2),
    ]
    there = a_retaining_claim(41, 1, "200.00", "10.00", held="10.00", commitment=601, vendor=2)
    other: Mapping[str, Any] = {
        "project_vendors": [2],
        "cost_codes": [{"id": 39300, "full_code": "03-300", "name": "Concrete", "parent": {"id": None}}],
        "work_order_contracts": [a_contract(601)],
        "requisitions": [there],
    }
    found = a_seed(
        projects=[a_project(), a_project(OTHER_PROJECT, "24-018")],
        vendors=[a_vendor(1, RIDGELINE), a_vendor(2, STEEL)],
        contracts=[a_contract(), a_contract(502)],
        claims=first if claims is None else claims,
        more={OTHER_PROJECT: other},
        **more,
    )
    found["xero"]["currencies"] = [{"Code": "AUD"}, {"Code": "USD"}]
    return found
