"""Fan-out: from the start of discovery to the last message in the queue, with a real Redis; the same once more; and
when the jobs have ended and each list of each project has been read.

What is in the queue is read from Redis: as many messages as there are projects, and none of them twice.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import insert, select, update

from tests.benchmarks import fan_out_process
from tests.benchmarks.generate import Size
from tests.benchmarks.run import MAPPING, printed, sandbox, settings_of
from worker.cli import broker
from worker.ledger.database import open_engine, transaction
from worker.ledger.tables import Job, ListRow, ProjectRow
from worker.mapping import file
from worker.pipeline.read.rhythm import CAPS, WHOLE
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
    """Discoveries, one after the other, with nobody who takes the messages."""

    projects: int
    first: Cost
    again: Cost
    #: With lists to plan.
    planned: Cost
    #: In the queue, and how many different jobs they are for, after the first two.
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
        _end_and_read(environment["DATABASE_URL"])
        planned = Cost(**printed(fan_out_process.__name__, environment, Path(directory)))
        return FanOut(projects, first, again, planned, len(jobs), len(set(jobs)), connections, running.description)


def _end_and_read(database_url: str) -> None:
    """As if every job had ended, with lists that come due one after the other."""
    names, now = (*CAPS, *WHOLE), datetime.now(UTC)
    rules = file.load(MAPPING).digest  # else everything is read anew
    read: dict[str, Any] = {"read_at": now, "changed_at": now, "compare_at": now + timedelta(days=1), "rules": rules}
    engine = open_engine(database_url)
    with transaction(engine) as session:
        session.execute(update(Job).values(state="done"))
        due = [
            {**read, "project_id": id_, "name": name, "due_at": now + timedelta(seconds=10 * place), "calls": 2}
            for place, id_ in enumerate(session.scalars(select(ProjectRow.procore_id)))
            for name in names
        ]
        session.execute(insert(ListRow), due)
    engine.dispose()


def _connections(client: redis.Redis) -> int:
    return int(client.info("stats")["total_connections_received"])


def _job_of(message: bytes) -> Any:
    return json.loads(message)["headers"]["job_id"]
