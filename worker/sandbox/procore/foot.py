"""The foot of a claim as Procore fills it in: what is held back on the commitment by now, and which claim came before.

A seed that states either of them keeps it, also null; what it leaves out follows from the claims of the commitment, as
on the form (line 5 of a payment application: total retainage).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

from worker.sandbox.procore.state import Row

_WITHHELD = ("work_completed_retainage_retained_this_period", "materials_stored_retainage_new_materials")
_RELEASED = ("work_completed_retainage_released_this_period", "materials_stored_retainage_released_this_period")


def completing(rows: Iterable[Row]) -> Callable[[Row], Row]:
    """Completes a claim by all claims of its project; these are sorted only when a claim needs it."""
    by_commitment: dict[object, list[Row]] = {}

    def complete(row: Row) -> Row:
        summary = row.get("summary")
        states = "previous_requisition_id" in row, not isinstance(summary, dict) or "total_retainage" in summary
        if all(states):
            return row
        if not by_commitment:
            for one in sorted((one for one in rows if not one.get("deleted_at")), key=_place):
                by_commitment.setdefault(one.get("commitment_id"), []).append(one)
        before = [one for one in by_commitment.get(row.get("commitment_id"), ()) if _place(one) < _place(row)]
        told = {} if states[0] else {"previous_requisition_id": before[-1]["id"] if before else None}
        if isinstance(summary, dict) and not states[1]:
            total = f"{sum(map(_kept, [*before, row]), Decimal(0)):.2f}"
            told["summary"] = {**summary, "total_retainage": total}
        return {**row, **told}

    return complete


def _place(claim: Row) -> tuple[int, int]:
    number = claim.get("number")
    return (number if isinstance(number, int) else 0, claim["id"])


def _kept(claim: Row) -> Decimal:
    """Withheld less released in this claim. What cannot be read, a seed may hold on purpose: it adds nothing."""
    items = claim.get("items")
    lines = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    withheld = sum((_amount(line.get(name)) for line in lines for name in _WITHHELD), Decimal(0))
    return withheld - sum((_amount(line.get(name)) for line in lines for name in _RELEASED), Decimal(0))


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)
