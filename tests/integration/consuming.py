"""A worker of one task in a thread of the test, with the settings about its broker that every worker of ours has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from kombu.exceptions import OperationalError

from tests.services import PATIENCE_S, eventually
from worker.broker.client import connect
from worker.broker.options import options
from worker.settings import Settings


@dataclass
class Consuming:
    """What the worker has run, and how to have it run something."""

    app: Celery
    settings: Settings
    ran: list[str] = field(default_factory=list)
    #: A message that says "long" is at work until this is set.
    is_over: Event = field(default_factory=Event)

    def send(self, word: str, countdown: float = 0) -> None:
        self.app.send_task("note", (word,), countdown=countdown)

    def runs(self, word: str) -> None:
        """It takes a message, and is through with it."""
        self.send(word)
        eventually(lambda: word in self.ran)

    def cannot_send(self) -> None:
        """Redis answers, and takes no message."""
        with pytest.raises(OperationalError):
            self.send("lost")

    def holds(self, count: int) -> None:
        """So many messages are in its hands."""
        with connect(self.settings) as client:
            eventually(lambda: client.hlen(f"{self.settings.key_prefix}unacked") == count)


def celery(settings: Settings) -> Celery:
    app = Celery("tests", set_as_current=False)
    app.conf.update(**options(settings))
    return app


@contextmanager
def consuming(settings: Settings, concurrency: int = 2) -> Iterator[Consuming]:
    app = celery(settings)
    app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, worker_disable_prefetch=True)
    found = Consuming(app, settings)

    @app.task(name="note", shared=False, ignore_result=True)
    def note(word: str) -> None:
        if word == "long":
            found.is_over.wait(PATIENCE_S)
        found.ran.append(word)

    with start_worker(
        app, pool="threads", concurrency=concurrency, perform_ping_check=False, shutdown_timeout=PATIENCE_S
    ):
        try:
            yield found
        finally:
            found.is_over.set()
    app.close()
