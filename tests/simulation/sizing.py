"""What Redis and PostgreSQL need: bytes of each thing that is kept, measured on both, and what a thousand make of it.

Of Redis: its own MEMORY USAGE. Of PostgreSQL: pg_total_relation_size, indexes and long texts included, of the tables
that the measured run has filled, their rows repeated to some ten thousand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import Connection, Engine, insert, select, text

from tests.benchmarks.run import ROOT
from tests.databases import empty_database
from tests.simulation import sizing_process
from tests.simulation.runs import PROJECT
from tests.simulation.tables import Table, count
from worker.ledger.database import migrate, open_engine
from worker.ledger.tables import Entry, Job, RequestRow
from worker.ledger.tables import Table as LedgerTable

#: A thousand organisations as the simulation has them: 30 projects each, a pass every 30 minutes, results for a week.
ORGANISATIONS, PROJECTS, PASSES, CHANGES, RESULT_DAYS, MONTH_DAYS = 1000, 30, 48, 5, 7, 30
#: Rows of each table that are measured, at least.
ROWS = {Entry: 30_000, Job: 20_000, RequestRow: 500}
_GB = 1_000_000_000


def redis_bytes(broker_url: str, run_url: str) -> dict[str, float]:
    """Bytes of a message, of an organisation's call budget, and of a job's result in the measured run's database."""
    environment = {**os.environ, "REDIS_URL": broker_url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", sizing_process.__name__]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    with redis.Redis.from_url(run_url) as client:
        results = [int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter("*celery-task-meta-*")]
    return {**json.loads(done.stdout), "result": sum(results) / len(results)}


def ledger_bytes(sqlite: Path, database_url: str) -> dict[str, float]:
    """Bytes of a row of each table, on PostgreSQL."""
    with empty_database(database_url) as url:
        source, engine = open_engine(f"sqlite:///{sqlite}"), open_engine(url)
        migrate(engine)
        with source.connect() as old, engine.begin() as new:
            for table in (RequestRow, Entry, Job):
                _repeat(old, new, table, ROWS[table])
        found = {table.__tablename__: _bytes_each(engine, table) for table in ROWS}
        source.dispose()
        engine.dispose()
        return found


def _repeat(old: Connection, new: Connection, table: type[LedgerTable], at_least: int) -> None:
    """The rows of the run again and again, each time under other keys. A request has many entries; they keep theirs."""
    rows = [dict(row._mapping) for row in old.execute(select(table.__table__))]
    for again in range(-(-at_least // len(rows))):
        new.execute(insert(table), [_other(row, again) for row in rows])


def _other(row: Mapping[str, Any], again: int) -> dict[str, Any]:
    fresh: dict[str, Any] = {"id": row["id"] + again * 1_000_000}
    if "procore_id" in row:
        fresh["procore_id"] = f"{row['procore_id']}{again:03d}"
    if "key" in row:
        fresh["key"] = str(uuid.uuid4())
    if "task_id" in row:
        fresh |= {"task_id": str(uuid.uuid4()), "pass_id": None, "state": "done"}
    return {**row, **fresh}


def _bytes_each(engine: Engine, table: type[LedgerTable]) -> float:
    name = table.__tablename__
    with engine.connect() as connection:
        size = connection.execute(text("SELECT pg_total_relation_size(:name)"), {"name": name}).scalar_one()
        rows = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - a name of ours
    return float(size) / float(rows)


def table(of_redis: Mapping[str, float], of_ledger: Mapping[str, float]) -> Table:
    """Each thing, its bytes, and a thousand organisations of it."""
    projects = ORGANISATIONS * PROJECTS
    jobs = projects * PASSES
    rows = [
        _row("Redis: a queued job", of_redis["message"], projects, "one for each project"),
        _row("Redis: a call budget, a full day", of_redis["budget"], ORGANISATIONS, "one for each organisation"),
        _row("Redis: a job's result", of_redis["result"], jobs * RESULT_DAYS, f"{RESULT_DAYS} days of jobs"),
    ]
    if of_ledger:
        rows += [
            _row("PostgreSQL: an entry", of_ledger["entries"], projects * PROJECT.records, "one for each record"),
            _row("PostgreSQL: a request", of_ledger["requests"], projects * CHANGES * MONTH_DAYS, "30 days of changes"),
            _row("PostgreSQL: a job's row", of_ledger["jobs"], jobs * MONTH_DAYS, "30 days of jobs"),
        ]
    source = (
        "Measured with MEMORY USAGE and pg_total_relation_size (indexes included) on what the measured run has left; "
        f"multiplied: {PROJECTS} projects of {PROJECT.records} records each, {PASSES} passes and {CHANGES} changes "
        "a day. A request of one document is smaller than these; made-up records compress better than real ones."
    )
    if not of_ledger:
        source += " PostgreSQL was not measured: TEST_DATABASE_URL names none."
    return Table("A thousand organisations in Redis and PostgreSQL", ("what", "bytes", "how many", "GB", "that is"),
                 rows, source)  # fmt: skip


def _row(what: str, each: float, number: int, why: str) -> list[str]:
    return [what, count(each), count(number), f"{each * number / _GB:,.2f}", why]
