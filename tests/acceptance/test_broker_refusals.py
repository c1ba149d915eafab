"""A real worker and its processes beside a Redis that refuses for a while, with messages in hand that wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Machine, client
from tests.integration.restartable import Restartable, keeping
from tests.services import eventually, is_alive
from worker.settings import Settings

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Restartable]:
    with keeping(tmp_path) as redis:
        yield redis


def _is_demoted(redis: Restartable) -> None:
    redis.ask("REPLICAOF", "127.0.0.1", "1")
    eventually(lambda: redis.refused("READONLY"))
    redis.ask("REPLICAOF", "NO", "ONE")


def _is_restarted(redis: Restartable) -> None:
    redis.stop()
    redis.start()


def _reads_its_file(redis: Restartable) -> None:
    redis.start_reading()
    redis.reads_on()


@pytest.mark.parametrize("trouble", [_is_demoted, _is_restarted, _reads_its_file])
def test_a_worker_goes_on(machine: Machine, redis: Restartable, trouble: Callable[[Restartable], None]) -> None:
    """What waits with a countdown cannot be given back meanwhile, and no process of it ends of that."""
    machine.system.env["REDIS_URL"] = redis.url
    settings = Settings(redis_url=redis.url)
    with client(settings) as celery:
        pid = machine.start_worker()
        for _ in range(3):
            celery.send_task("report", queue="manual", countdown=300)
        eventually(lambda: int(str(redis.ask("HLEN", f"{settings.key_prefix}unacked"))) == 3)
        trouble(redis)
        eventually(lambda: redis.pinged() == "PONG")
        celery.send_task("discover", queue="manual")
        eventually(lambda: any(one.discovered_at for one in machine.parts.passes.all()))
        assert is_alive(pid)
