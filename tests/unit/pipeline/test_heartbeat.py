"""A job says that it is still at it often enough to keep its lease, and seldom enough to cost nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker import stopping
from worker.errors import WorkerStopped
from worker.pipeline.heartbeat import Heartbeat


class Turned:
    """A clock, and a job's heartbeat that counts what it writes."""

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
        self.written = 0
        self.beat = Heartbeat(self._write, 300.0, lambda: self.now)

    def _write(self) -> None:
        self.written += 1


def test_it_is_written_once_in_a_twentieth_of_the_lease() -> None:
    """Asked for each second of ten minutes, with a lease of five."""
    turned = Turned()
    for _ in range(600):
        turned.now += timedelta(seconds=1)
        turned.beat()
    assert turned.written == 600 / 15


def test_a_stop_is_heard_at_every_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when nothing is to be written."""
    turned = Turned()
    monkeypatch.setattr(stopping, "_asked", b"\1")
    with pytest.raises(WorkerStopped):
        turned.beat()
    assert turned.written == 0
