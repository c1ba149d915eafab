"""Notes what the records of a batch are called, for people. Unchanged ones are named already, unless all are read."""

from __future__ import annotations

from collections.abc import Sequence

from worker.called import UNNAMED
from worker.errors import MappingError, MissingReference
from worker.holds import Outcome
from worker.ledger.holds import Verdict
from worker.ledger.names import Key
from worker.mapping import naming
from worker.mapping.payments import claim_of
from worker.pipeline.work import Row, Work
from worker.procore.records import InvoicePayment, Payment, Record


def note(work: Work, rows: Sequence[Row], verdicts: Sequence[Verdict], everything: bool) -> None:
    """One statement that writes what is to be sent, and one that reads what is not, whose name may be as it was."""
    as_before = set() if everything else {row.procore_id for row in verdicts if row.outcome == Outcome.UNCHANGED}
    records = [row for row in rows if isinstance(row, Record) and row.procore_id not in as_before]
    paid = {record.procore_id: _paid(work, record) for record in records}
    of = work.names.of({key for key in paid.values() if key is not None})
    found = {}
    for record in records:
        its = of.get(paid[record.procore_id] or ("", ""), UNNAMED)
        if (called := naming.called(record, work.known, work.settings.currency(), its)) is not None:
            found[record.kind, record.procore_id] = called
    work.names.note(found, found.keys() & {(row.kind, row.procore_id) for row in verdicts})


def _paid(work: Work, record: Record) -> Key | None:
    """What a payment pays."""
    if isinstance(record, InvoicePayment):
        return "invoices", record.procore_id
    if not isinstance(record, Payment):
        return None
    try:
        return "claims", claim_of(record, work.known)
    except (MappingError, MissingReference):
        return None
