"""Being asked to stop reaches every process of a worker, and everything that waits."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from tests.services import PATIENCE_S
from worker import stopping
from worker.errors import WorkerStopped


@pytest.fixture(autouse=True)
def nobody_asks_for_good() -> Iterator[None]:
    """Other tests run in this process."""
    yield
    stopping._asked[0] = 0


def _forked(send: Connection) -> None:
    deadline = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline:
            stopping.check()
    except WorkerStopped:
        send.send("stopped")


def test_a_process_that_was_forked_before_hears_of_it() -> None:
    """Celery tells the main process only."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_forked, args=(theirs,))
    process.start()
    stopping.ask()
    assert ours.poll(PATIENCE_S)
    assert ours.recv() == "stopped"
    process.join()


def test_who_waits_stops_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one look, not after the minute that was to be waited."""
    looks: list[float] = []

    def look(seconds: float) -> None:
        looks.append(seconds)
        stopping.ask()

    monkeypatch.setattr(time, "sleep", look)
    with pytest.raises(WorkerStopped):
        stopping.sleep(60)
    assert looks == [0.5]


def test_who_is_not_asked_waits_and_goes_on() -> None:
    """As long as it was told."""
    began = time.monotonic()
    stopping.sleep(0.01)
    stopping.check()
    assert time.monotonic() - began >= 0.01
