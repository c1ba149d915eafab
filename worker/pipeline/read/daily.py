"""When a project's records are all compared: once in each interval, each project at a time of its own.

Ten thousand projects that were read for the first time in one pass, or anew because the mapping file changed, would
otherwise all come back together. Nothing is remembered for it but when the last comparison counts as made. Lists that
come whole have the same rule, several times a day (`lists`).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta


def counts_as(before: datetime | None, read_at: datetime, every: timedelta, project_id: int) -> datetime:
    """When a reading of everything at `read_at` counts as made; the next one is due an interval later.

    `before` is the same of the one that was due by now: the project keeps its time, however late this one was. Without
    it the project is given a time, by its number: its next one comes sooner, never later.
    """
    if before is None:
        return read_at - every * _share(project_id)
    return before + (read_at - before) // every * every


def is_due(read_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether a reading, counted as made then, is over: also one that a wrong clock has put into the future."""
    return read_at is None or not timedelta() <= now - read_at < every


def _share(project_id: int) -> float:
    """Between 0 and 1, and evenly so, also for numbers that follow one another."""
    return int.from_bytes(hashlib.sha256(str(project_id).encode()).digest()[:4]) / 2**32
