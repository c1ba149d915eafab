"""Flower is told to stop: at any moment that is heard."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from worker.flower.leaving import leave


class _Saved:
    """Like the file that Flower saves to: its destructor is Python code, and the signal may meet it there."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@pytest.fixture
def loop() -> Iterator[IOLoop]:
    """A loop of our own as Flower's, and signals as they were afterwards."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = IOLoop.current()
    before = signal.signal(signal.SIGTERM, leave)
    yield loop
    signal.signal(signal.SIGTERM, before)
    loop.close(all_fds=True)
    asyncio.set_event_loop(None)


def test_a_signal_that_meets_a_destructor_is_heard(loop: IOLoop) -> None:
    """What is raised in a destructor is dropped by Python; the loop stops all the same."""
    loop.add_callback(_Saved)
    stuck = loop.call_later(30, pytest.fail, "Flower would go on")
    loop.start()
    loop.remove_timeout(stuck)


def test_a_second_signal_is_not_ours(loop: IOLoop) -> None:
    """Whoever tells it twice will not wait: the process ends at once, as by a signal that nobody handles."""
    leave(signal.SIGTERM, None)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
