"""Records that another integration has exported from Procore: it leaves its own id on them (procore-api.md §5).

It may have brought them into the same books, or, of payments, from there. The mapping file says whether such a record
waits for a person; what of ours stands in Xero is followed as before.
"""

from __future__ import annotations

from worker.holds import HoldCode
from worker.pipeline.values import Reason, because
from worker.procore.records import Claim, Invoice, Payment, Record

#: Of somebody else's id as much as tells which it is.
_LONGEST = 60


def elsewhere(record: Record) -> Reason | None:
    """Why a new record is held, where the mapping file holds such records."""
    origin = _origin(record)
    return because(HoldCode.EXPORTED_ELSEWHERE, origin=origin) if origin else None


def too(record: Record) -> Reason | None:
    """What is said of one that went all the same."""
    origin = _origin(record)
    return because(HoldCode.EXPORTED_TOO, origin=origin) if origin else None


def _origin(record: Record) -> str:
    return record.origin_id[:_LONGEST] if isinstance(record, Claim | Invoice | Payment) else ""
