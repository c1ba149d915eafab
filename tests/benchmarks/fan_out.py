"""Fan-out: from the start of discovery to the last message in the queue, with a real Redis, and the same once more.

What is in the queue is read from Redis: as many messages as there are projects, and none of them twice.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from tests.benchmarks import fan_out_process
from tests.benchmarks.generate import Size
from tests.benchmarks.run import printed, sandbox, settings_of
from worker.cli import broker
from worker.settings import Settings

_QUEUE = "periodic"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one discovery cost its process."""

    line: str
    seconds: float
    cpu_s: float
    start_mb: float
    peak_mb: float
    sql_statements: int


@dataclass(frozen=True, slots=True)
class FanOut:
    """Two discoveries, one after the other, with nobody who takes the messages."""

    projects: int
    first: Cost
    again: Cost
    #: In the queue, and how many different jobs they are for, after both.
    messages: int
    different: int
    #: Connections that Redis saw while the first one ran, beside our own.
    connections: int
    broker: str


def fan_out(projects: int, database_url: str | None = None) -> FanOut:
    """Measure so many eligible projects without records; the ledger is SQLite unless it is given."""
    size = Size(vendors=0, cost_codes=0, claims=0, payments=0, invoices=0, projects=projects)
    with (
        tempfile.TemporaryDirectory() as directory,
        broker.start(None, Path(directory) / "redis") as running,
        sandbox(size) as reached,
        redis.Redis.from_url(running.url) as client,
    ):
        environment = {**settings_of(reached, Path(directory)), "REDIS_URL": running.url}
        if database_url is not None:
            environment["DATABASE_URL"] = database_url
        before = _connections(client)
        first = Cost(**printed(fan_out_process.__name__, environment, Path(directory)))
        connections = _connections(client) - before
        again = Cost(**printed(fan_out_process.__name__, environment, Path(directory)))
        jobs = [_job_of(message) for message in client.lrange(f"{Settings().key_prefix}{_QUEUE}", 0, -1)]
        return FanOut(projects, first, again, len(jobs), len(set(jobs)), connections, running.description)


def _connections(client: redis.Redis) -> int:
    return int(client.info("stats")["total_connections_received"])


def _job_of(message: bytes) -> Any:
    return json.loads(message)["headers"]["job_id"]
