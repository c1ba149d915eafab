"""Records that the ledger has not seen yet, by their number in Procore: what one looks for before the first sync."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from worker.cli.progress import working

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.cli.typed import Typed
    from worker.ledger.records import RecordState


def records(parts: Parts, job_number: str, meant: Typed) -> list[RecordState]:
    """The project's claims and direct costs of this invoice number, read from Procore: both lists, whole."""
    from tasks.eligibility import one_eligible
    from worker.called import Called
    from worker.ledger.projects import folded
    from worker.ledger.records import RecordState
    from worker.procore.records import Claim, Invoice

    seen, number = one_eligible(parts, job_number), folded(meant.text)
    types = parts.at(seen.organisation).rules().invoices.types
    with working("Asking Procore"):
        rows = chain(parts.procore.claims(seen.procore_id), parts.procore.invoices(seen.procore_id, types=types))
        found = [row for row in rows if isinstance(row, Claim | Invoice) and folded(row.invoice_number or "") == number]
    return [
        RecordState(
            row.kind,
            row.procore_id,
            row.title,
            "not read yet",
            called=Called(row.vendor_name or "", number=row.invoice_number or ""),
        )
        for row in found
        if row.kind in meant.kinds
    ]
