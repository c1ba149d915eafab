"""What a worker asks for by itself, and when it does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from celery.worker import state
from kombu.exceptions import OperationalError

from worker import looking


class Worker:
    """A worker of so many processes; `sent` is what it asked for."""

    def __init__(self, processes: int, is_reached: bool = True) -> None:
        self.pool = SimpleNamespace(num_processes=processes)
        self.app = self
        self.sent: list[str] = []
        self._is_reached = is_reached

    def send_task(self, name: str, **_: Any) -> None:
        if not self._is_reached:
            raise OperationalError("away")
        self.sent.append(name)


@pytest.mark.parametrize(("at_work", "sent"), [(0, ["resume"]), (1, ["resume"]), (2, [])])
def test_who_has_no_process_free_asks_for_no_more_work(
    at_work: int, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its questions would pile up behind the jobs of hours; what they find could not start."""
    monkeypatch.setattr(state, "reserved_requests", set(range(at_work)))
    worker = Worker(processes=2)
    looking.resume_if_free(worker)
    assert worker.sent == sent


def test_without_a_broker_nothing_is_asked() -> None:
    """It is asked again, at the next time."""
    worker = Worker(processes=2, is_reached=False)
    looking.resume(worker)
    looking.ask(worker)
    assert worker.sent == []
