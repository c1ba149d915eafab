"""When Python's garbage collector looks through a process that runs jobs.

A page of claims is some ten thousand objects that live for a moment and hold each other in no circle: they go when
nobody names them. With Python's own thresholds the collector looks through each of them several times, and through all
that the process has imported: a sixth of a bill's CPU, for nothing.
"""

from __future__ import annotations

import gc

#: New objects before the youngest are looked through; the others every ten times, and all that lived every thousand.
THRESHOLDS = (5_000, 10, 100)


def share() -> None:
    """Before a fork: what is there stays one copy for all, since the collector would write to each page of it."""
    gc.collect()
    gc.freeze()


def seldom() -> None:
    """In a process that runs jobs."""
    gc.set_threshold(*THRESHOLDS)
