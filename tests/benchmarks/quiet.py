"""Passes over many projects in which nothing moved, by a real worker of two processes: the CPU that they take.

Broker, sandbox, worker and ledger are real. So that lists come due without waiting for hours, the ledger is told so.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.bounds import JOURNAL_PROCORE, Bound, Figure
from tests.simulation.measured import Installation, Trial, installation
from tests.simulation.work import Size
from worker.cli import broker

#: Nothing of it is looked at.
SIZE = Size(vendors=1, cost_codes=0, claims=1, payments=0, invoices=0, contracts=1)
#: Of so many projects one has a list that is due: with 600 calls an hour a quarter of a thousand in each pass.
SHARE = 4
_WORKER = "worker's processes"


@dataclass(frozen=True, slots=True)
class Quiet:
    """CPU seconds and calls to Procore of three passes over so many projects."""

    projects: int
    resting_s: float
    resting_calls: int
    reading_s: float
    reading_calls: int
    every_s: float


def quiet(projects: int) -> Quiet:
    """No list is due; a quarter of the projects has one; and every list is read."""
    resting, reading = _passes(projects, {"READ_LISTS": "when_due", "PROCORE_CALLS_PER_HOUR": "1000000"})
    every, _ = _passes(projects, {"READ_LISTS": "every_pass"})
    return Quiet(projects, *resting, *reading, every[0])


def _passes(projects: int, more: dict[str, str]) -> list[tuple[float, int]]:
    trial = Trial("quiet", SIZE, projects, 2, more)
    claims_due = f"UPDATE lists SET due_at = read_at WHERE name = 'claims' AND project_id % {SHARE} = 0"  # noqa: S608 - ours
    with (
        tempfile.TemporaryDirectory() as name,
        broker.start(None, Path(name) / "broker", ("redis",)) as on,
        installation(trial, Path(name) / "quiet", on.url) as site,
    ):
        site.one_pass()
        first = _cost(site)
        with closing(sqlite3.connect(site.ledger)) as ledger:
            ledger.execute(claims_due)
            ledger.commit()
        return [first, _cost(site)]


def _cost(site: Installation) -> tuple[float, int]:
    used_s, calls = site.cpu_s(), site.procore_calls()
    site.one_pass()
    return site.cpu_s() - used_s, site.procore_calls() - calls


def figures(measured: Quiet) -> Iterator[Figure]:
    """Of the calls a pass's own are one for each three hundred projects, and a list's reading is one."""
    own = -(-measured.projects // 300)
    thousand = 1000 / measured.projects
    yield Figure("calls, no list due", measured.resting_calls, JOURNAL_PROCORE, Bound(own))
    yield Figure("  CPU s for 1,000 projects", thousand * measured.resting_s, _WORKER)
    reading = Bound(own + -(-measured.projects // SHARE))
    yield Figure("calls, a quarter reads a list", measured.reading_calls, JOURNAL_PROCORE, reading)
    yield Figure("  CPU s for 1,000 projects", thousand * measured.reading_s, _WORKER)
    yield Figure("  CPU s, every list read", thousand * measured.every_s, _WORKER)
