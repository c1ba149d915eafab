"""What should happen with one record, as far as the ledger knows: whether Xero lets it is looked at later.

Another integration that has exported a record from Procore leaves its own id on it (procore-api.md §5). It may have
brought it into the same books, or, of payments, from there. The mapping file says whether such a record waits for a
person; what of ours stands in Xero is followed as before.
"""

from __future__ import annotations

from typing import Any

from worker.facts import CALLED, UNPROVED
from worker.holds import HoldCode, Outcome
from worker.pipeline.decide.fingerprint import called, mark_of
from worker.pipeline.values import (
    Busy,
    Create,
    Decision,
    Entry,
    Keep,
    Reason,
    Replace,
    Stop,
    Update,
    Verify,
    Withdraw,
    because,
    is_owed,
)
from worker.procore.records import Claim, Invoice, Payment, Record
from worker.xero import documents
from worker.xero.documents import Bill, Document

#: Of somebody else's id as much as tells which it is.
_LONGEST = 60


def decide(record: Record, mapped: Document | Reason, entry: Entry | None, *, holds_exported: bool = False) -> Decision:
    """`mapped` is what the record becomes, or why it becomes nothing. With `holds_exported` a new record that another
    integration has exported from Procore waits for a person."""
    if isinstance(mapped, Reason):
        is_over = entry is not None and is_owed(entry) and mapped.code.outcome is Outcome.IGNORED
        return Withdraw(mapped) if is_over else Stop(mapped)
    is_ours = entry is not None and entry.state == "live"
    if holds_exported and not is_ours and (origin := _origin(record)):
        return Stop(because(HoldCode.EXPORTED_ELSEWHERE, origin=origin))
    if entry is not None and entry.state == "planned":
        return Busy()
    before, noted = (entry.fingerprint, entry.facts) if entry is not None else (None, {})
    mark = mark_of(mapped, before)
    if entry is None or not entry.xero_id:
        return Create(mapped, mark, _source(mapped))
    if before == mark:
        return Keep()
    document = called(mapped, noted)
    facts = _source(document) if CALLED in noted else {}
    if before == f"{UNPROVED}{mark}":
        return Verify(document, mark, facts, entry.xero_id)
    if isinstance(document, documents.Payment):
        return Replace(document, mark, facts, entry.xero_id)
    return Update(document, mark, facts, entry.xero_id)


def exported_too(record: Record) -> Reason | None:
    """What is said of one that went although another integration has exported it, too."""
    origin = _origin(record)
    return because(HoldCode.EXPORTED_TOO, origin=origin) if origin else None


def _origin(record: Record) -> str:
    return record.origin_id[:_LONGEST] if isinstance(record, Claim | Invoice | Payment) else ""


def _source(document: Document) -> dict[str, Any]:
    """The number that we gave a bill, blank where it is the supplier's: it keeps it."""
    if not isinstance(document, Bill):
        return {}
    return {CALLED: document.number if document.plain_number else ""}
