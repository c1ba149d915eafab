"""Whether a record is meant to go at all, by what Procore says of its state."""

from __future__ import annotations

from collections.abc import Collection

from worker.errors import MappingError
from worker.holds import HoldCode
from worker.procore.records import Record


def refuse_deleted(record: Record) -> None:
    if record.deleted_at is not None:
        raise MappingError(HoldCode.DELETED)


def require(status: str, final: Collection[str], not_yet: Collection[str]) -> None:
    """Ignored while it is not yet final; a status that nobody knows is held, since it may mean either."""
    if status in not_yet:
        raise MappingError(HoldCode.NOT_APPROVED, status=status)
    if status not in final:
        raise MappingError(HoldCode.VALUE_UNKNOWN, field="Its status", value=status)
