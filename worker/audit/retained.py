"""What a claim says of retention, from its own columns (procore-api.md §4.6), apart from mapping's arithmetic."""

from __future__ import annotations

from decimal import Decimal

from worker.audit.procore_side import Retained
from worker.procore.records import Claim, ClaimItem

ZERO = Decimal(0)


def of_claim(claim: Claim) -> Retained:
    """Withheld and released in its period, on work and on stored materials."""
    return Retained(
        sum(map(_withheld, claim.items), ZERO),
        sum(map(_released, claim.items), ZERO),
        claim.summary.total_retainage,
        sum(map(_before, claim.items), ZERO),
        claim.number,
        claim.vendor_name or "",
        claim.contract_name,
    )


def _withheld(item: ClaimItem) -> Decimal:
    return item.work_completed_retainage_retained_this_period + item.materials_stored_retainage_new_materials


def _released(item: ClaimItem) -> Decimal:
    return item.work_completed_retainage_released_this_period + item.materials_stored_retainage_released_this_period


def _before(item: ClaimItem) -> Decimal:
    """Of materials the columns say what is held by now, so what this claim moved is taken back."""
    now, new = item.materials_stored_retainage_currently_retained, item.materials_stored_retainage_new_materials
    materials = now - new + item.materials_stored_retainage_released_this_period
    return item.work_completed_retainage_from_previous_application + materials
