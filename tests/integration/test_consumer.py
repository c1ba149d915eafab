"""A worker outlives whatever becomes of its Redis: a real one, and a real worker of Celery in a thread of the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.half_open import way_to
from tests.integration.consuming import Consuming, consuming
from tests.integration.restartable import Restartable, keeping
from tests.services import eventually
from worker.broker import options
from worker.broker.client import connect
from worker.settings import Settings


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Restartable]:
    with keeping(tmp_path) as redis:
        yield redis


@pytest.fixture
def worker(redis: Restartable) -> Iterator[Consuming]:
    with consuming(Settings(redis_url=redis.url)) as worker:
        yield worker


def test_a_restart_while_messages_wait_with_a_countdown(redis: Restartable, worker: Consuming) -> None:
    """They cannot be given back to a Redis that is away; Celery's own worker would end of that."""
    worker.send("later", countdown=300)
    worker.holds(1)
    redis.stop()
    redis.start()
    worker.runs("after the restart")


def test_a_restart_while_a_task_is_at_work(redis: Restartable, worker: Consuming) -> None:
    """Its message came over a connection that is closed when it ends; Celery's own worker would end of that."""
    worker.send("long")
    worker.holds(1)
    redis.stop()
    redis.start()
    worker.runs("meanwhile")
    worker.is_over.set()
    eventually(lambda: "long" in worker.ran)
    worker.runs("afterwards")


def test_one_that_becomes_a_replica_and_master_again(redis: Restartable, worker: Consuming) -> None:
    """UNBLOCKED for who waits for a message, READONLY for who writes: as good as away, and asked until it is over."""
    worker.send("later", countdown=300)
    worker.holds(1)
    redis.ask("REPLICAOF", "127.0.0.1", "1")
    worker.cannot_send()
    redis.ask("REPLICAOF", "NO", "ONE")
    worker.runs("as master")


def test_one_that_is_full(redis: Restartable, worker: Consuming) -> None:
    """It gives a message out and refuses to note that: the worker goes on when there is room."""
    worker.app.send_task("note", ("given out",), queue="aside")
    with connect(worker.settings) as client, client.pipeline() as at_once:
        at_once.rpoplpush(f"{worker.settings.key_prefix}aside", f"{worker.settings.key_prefix}celery")
        at_once.config_set("maxmemory", 1)
        at_once.execute()
    worker.cannot_send()
    redis.ask("CONFIG", "SET", "maxmemory", "0")
    worker.runs("with room")


def test_one_that_reads_its_file(redis: Restartable, worker: Consuming) -> None:
    """A Redis that was restarted with much in it answers LOADING until it has read it."""
    worker.send("later", countdown=300)
    worker.holds(1)
    redis.start_reading()
    redis.reads_on()
    worker.runs("when it is read")


@pytest.mark.parametrize("later_ones_too", [False, pytest.param(True, marks=pytest.mark.deep)])
def test_one_of_which_nothing_comes_any_more(
    redis: Restartable, monkeypatch: pytest.MonkeyPatch, later_ones_too: bool
) -> None:
    """Nothing is closed and nothing answered: looked for every second here, and every five seconds in earnest.

    What is at work meanwhile cannot be acknowledged, and yet the worker has room for the next message.
    """
    monkeypatch.setattr(options, "ANSWER_S", 1.0)
    monkeypatch.setattr(options, "CHECK_EVERY_S", 1)
    with way_to(redis.port) as way, consuming(Settings(redis_url=f"redis://127.0.0.1:{way.port}"), 1) as worker:
        worker.send("long")
        worker.holds(1)
        way.lose(later_ones_too=later_ones_too)
        eventually(redis.has_nobody_waiting)  # who waited for a message would still be given one
        worker.is_over.set()
        if later_ones_too:
            worker.cannot_send()
            way.open()
        worker.runs("after")
