"""Saying that a job is still at it: asked for with every batch, written down when a part of its lease has gone by.

A lease lasts minutes and a job that finds nothing changed a second, so most jobs never write it. What is sent extends
the lease by itself, with the counts so far.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from worker import stopping

#: Of a lease, the share after which it is extended.
SHARE = 0.05


class Heartbeat:
    """One job's; `write` extends its lease and raises ProjectBusy when the job is not ours any more."""

    def __init__(self, write: Callable[[], None], lease_s: float, now: Callable[[], datetime]) -> None:
        self.write = write
        self._every = timedelta(seconds=SHARE * lease_s)
        self._now = now
        self._written_at = now()

    def __call__(self) -> None:
        """A place where the job can be left. Raises WorkerStopped when it is to be."""
        if self._now() - self._written_at >= self._every:
            self._written_at = self._now()
            self.write()
        stopping.check()
