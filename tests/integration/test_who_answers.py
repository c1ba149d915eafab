"""Who is asked whether anybody is there to run a job."""

from __future__ import annotations

import pytest

from worker.celery import app
from worker.cli.processes import free_port
from worker.cli.workers import answering


def test_a_broker_that_is_away_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person waits for the answer: nothing is tried again."""
    waits: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waits.append)
    monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{free_port()}/0")
    assert (answering(), waits) == ([], [])
