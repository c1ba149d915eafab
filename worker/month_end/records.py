"""What people call a record: by kind, number and supplier, and by Procore's id where it has no number."""

from __future__ import annotations

from worker.audit.procore_side import Due, ProcoreSide

_KINDS = {"claims": "Claim", "invoices": "Direct cost"}


def called(due: Due, procore: ProcoreSide) -> str:
    """ "Claim INV-12 of Ridgeline Concrete" """
    number = due.numbers[0] if due.numbers and not due.numbered else due.id
    name = supplier(due, procore)
    return f"{_KINDS.get(due.kind, due.kind)} {number}" + (f" of {name}" if name else "")


def supplier(due: Due, procore: ProcoreSide) -> str:
    """As Procore's directory has it, else as the claim itself calls it."""
    known = next((one.name for one in procore.suppliers if one.id == due.vendor_id), "")
    return known or (due.retained.supplier if due.retained else "")
