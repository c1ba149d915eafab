"""A user of Redis with no more rights than docs/operations.md gives is enough for everything, and for nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import redis as library

from tests.integration.consuming import consuming
from tests.integration.restartable import Restartable
from tests.services import PATIENCE_S, eventually
from worker.beat import Lease
from worker.broker import age, aside, installation, waiting
from worker.broker.check import look
from worker.broker.client import connect
from worker.cli.processes import Processes
from worker.http.budget import Budget, Window
from worker.settings import Settings

GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"
OTHERS = "another-program:list"
_OUT_OF_REACH = [
    *(
        ("LRANGE", OTHERS, "0", "-1"),
        ("DEL", OTHERS),
        ("PUBLISH", OTHERS, "a word"),
        ("PSUBSCRIBE", "*"),
        ("KEYS", "*"),
    ),
    *(("FLUSHALL",), ("FLUSHDB",), ("SHUTDOWN",), ("REPLICAOF", "NO", "ONE"), ("MONITOR",)),
    *(("CONFIG", "GET", "*"), ("ACL", "LIST"), ("CLIENT", "LIST"), ("SCRIPT", "FLUSH"), ("FUNCTION", "FLUSH")),
]


def rights(password: str) -> list[str]:
    """The command of the guide, with this password."""
    (command,) = re.findall(r"^ACL SETUSER (?:.*\\\n)*.*$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    return str(command).replace("\\\n", " ").replace("PASSWORD", password).split()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Restartable]:
    with Processes(tmp_path) as processes:
        redis = Restartable(processes)
        redis.start()
        redis.ask(*rights("s3cret"))
        yield redis


@pytest.fixture
def settings(redis: Restartable) -> Settings:
    return Settings(redis_url=f"redis://sync:s3cret@127.0.0.1:{redis.port}/0")


def test_they_are_enough(redis: Restartable, settings: Settings) -> None:
    """Messages, results, events, answers of workers, budgets, leases, what is set aside: Redis refused nothing."""
    with consuming(settings) as worker, connect(settings) as ours:
        app: Any = worker.app
        assert _hears_events(app)
        ours.lpush(f"{settings.key_prefix}celery", "no message")
        worker.runs("a word")
        worker.app.backend.store_result("an-id", "done", "SUCCESS")
        result: Any = worker.app.AsyncResult("an-id")
        assert result.get(timeout=PATIENCE_S) == "done"
        result.forget()
        result.backend = None  # else it unsubscribes when it is collected, when this Redis is gone, twenty times over
        eventually(lambda: app.control.ping(timeout=1))
        look(settings)
        assert aside.count(ours, settings.key_prefix) == 1
        waiting.look(ours, settings.key_prefix)
        installation.require_ours(ours, settings.key_prefix, "a-ledger")
        age.stamp(ours)
        with Budget(ours, "an API", [Window(10, 60.0)], 5).call():
            pass
        lease = Lease(ours, settings.key_prefix, 10)
        assert [lease.is_ours(), lease.is_ours()] == [True, True]
        assert lease.holder()
        lease.leave()
    assert redis.ask("ACL", "LOG") == []


def _hears_events(app: Any) -> bool:
    """Whether events of workers get to somebody like Flower; what was sent before it listens is lost."""
    heard = Event()

    def tell() -> None:
        with app.events.default_dispatcher() as teller:
            while not heard.wait(0.1):
                teller.send("worker-heartbeat")

    def hear(_: object) -> None:
        heard.set()
        receiver.should_stop = True

    with app.connection_for_read() as connection, ThreadPoolExecutor() as threads:
        receiver = app.events.Receiver(connection, handlers={"*": hear})
        told = threads.submit(tell)
        try:
            receiver.capture(timeout=PATIENCE_S)
        finally:
            got_there = heard.is_set()
            heard.set()
        told.result()
    return got_there


def test_they_are_for_nothing_else(redis: Restartable, settings: Settings) -> None:
    """Other programs' keys are out of reach, and so is whatever would change or stop Redis itself."""
    redis.ask("LPUSH", OTHERS, "theirs")
    with connect(settings) as ours:
        for words in _OUT_OF_REACH:
            with pytest.raises(library.exceptions.NoPermissionError):
                ours.execute_command(*words)
