"""This machine's clock beside the others', once both APIs and the ledger have answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from worker import clock_check
from worker.assembly import Parts
from worker.doctor.finding import Finding, ok, warn
from worker.errors import SyncError

ABOUT = "Clock"


def check(parts: Parts) -> Iterator[Finding]:
    """Nothing where no other clock could be read: that is said elsewhere."""
    with suppress(SyncError):
        parts.now()
    others = clock_check.heard_of(parts)
    if off := clock_check.sentence(parts):
        yield warn(ABOUT, off.removesuffix(clock_check.REMEDY).strip(), clock_check.REMEDY)
    elif others:
        yield ok(ABOUT, f"This machine's clock agrees with {' and '.join(others)}.")
