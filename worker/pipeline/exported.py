"""Records that another integration has exported from Procore: it leaves its own id on them (procore-api.md §5).

It may have brought them into the same books, or, of payments, from there. The mapping file says whether such a record
waits for a person; what of ours stands in Xero is followed as before.
"""

from __future__ import annotations

from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline import existing
from worker.pipeline.work import Work
from worker.procore.records import Claim, Invoice, Payment, Record

#: Of somebody else's id as much as tells which it is.
_LONGEST = 60


def held(work: Work, record: Record, entry: Entry | None) -> list[Verdict]:
    """Why a new record is held, if it is."""
    is_ours = entry is not None and entry.state == "live"
    if is_ours or not (origin := _origin(record)) or work.known.rules.documents.exported_elsewhere == "send":
        return []
    code = HoldCode.EXPORTED_ELSEWHERE
    return [existing.held(work, record, code, code.sentence(origin=origin))]


def too(record: Record) -> tuple[HoldCode, str] | None:
    """What is said of one that went all the same."""
    origin = _origin(record)
    return (HoldCode.EXPORTED_TOO, HoldCode.EXPORTED_TOO.sentence(origin=origin)) if origin else None


def _origin(record: Record) -> str:
    return record.origin_id[:_LONGEST] if isinstance(record, Claim | Invoice | Payment) else ""
