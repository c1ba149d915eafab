"""`make bench`: one table and `.bench/results.json`. Ends with 1 when a count is out of its bounds.

`python -m tests.benchmarks --divide 10` measures a project of a tenth, `--only peers pools` these parts and no others.
TEST_DATABASE_URL names a PostgreSQL: for the growth of the ledger, which is left out without one and says so, and for
the fan-out, which takes SQLite without one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks import bounds, peers, pools, quiet, rhythm, webhooks
from tests.benchmarks.bounds import Figure
from tests.benchmarks.fan_out import fan_out
from tests.benchmarks.generate import LINES_PER_CLAIM, Size
from tests.benchmarks.growth import grown
from tests.benchmarks.limits import Scale, one_after_another
from tests.benchmarks.run import ROOT, run
from tests.databases import empty_database
from worker import logs

RESULTS = ROOT / ".bench" / "results.json"
#: Memory is compared over a quarter, a half and the whole of the project.
PARTS = (4, 2, 1)
#: Xero's limits with windows of a tenth.
SCALE = Scale(per_minute=60, minute_s=6.0, margin_s=0.025, latency_s=0.03)
PROCESSES = (1, 2, 4, 8)
CALLING_S = 14.0
#: Bills beside the peers, and how often each of them has its turn.
BILLS, BILLS_ROUNDS = 1000, 3
#: Jobs under each pool, how many of them at once, and how often each pool has its turn.
JOBS, JOBS_AT_ONCE, JOBS_ROUNDS = 24, 8, 2
#: Projects that are fanned out.
PROJECTS = 10_000
#: Projects in which nothing moved; their first sync takes a tenth of a second each.
QUIET_PROJECTS = 400
#: Entries of a small ledger, and of the large one that is held against it.
ENTRIES = (10_000, 1_000_000)
Sections = Mapping[str, Sequence[Figure]]
Measure = Callable[[int], Sections]
NOTE = """\
Times and memory never fail this run.
First and second pass: the second finds nothing changed. The peak of memory is
one page of claims (as text, parsed and as records) beside the page before it
and one request of bills. It rises over the first few pages and stays there,
however many follow.
Lists when due: in a day in which nothing moves, after a month in which only a
fifth of the projects was busy; then passes in which that many, or all, have one
new claim each. Counted in one process, on a clock that is turned.
Call limits: 60 calls in any 6 s and 5 at once, enforced by the sandbox. What is
not used goes once a window, so at full length it is a tenth of this. The small
job begins when the large ones have used one window up; its first call should go
within two.
Beside the peers: ours is the whole claims stage, reading in Procore, ledger,
looking for bills that are there already and proof of each answer with it; the
others send and do no more, and so does our client alone. No limits, no latency:
at 60 calls a minute, 1,000 calls are 17 minutes. After a lost answer pyxero
raises an error and its caller sends again; xero-python's HTTP library does so
by itself, without a word. Neither keeps below the call limits, nor writes down
what it is about to send.
Pools: small first syncs, 0.2 s for each call. gevent is measured where it is
installed; it is no dependency."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--divide", type=int, default=1, metavar="N", help="a project with 1/N of the records")
    parser.add_argument("--only", nargs="+", choices=list(PARTS_OF_ALL), default=list(PARTS_OF_ALL))
    given = parser.parse_args()
    logs.configure("WARNING")  # some parts run the worker in this process
    console = Console(width=80)
    sections: dict[str, Sequence[Figure]] = {}
    for name in given.only:
        said, measure = PARTS_OF_ALL[name]
        with console.status(f"Measuring {said}"):
            sections |= measure(given.divide)
    size = Size().divided_by(given.divide)
    console.print(_table(sections, size))
    console.print(NOTE, highlight=False)
    _write(sections, size)
    wrong = [figure for some in sections.values() for figure in some if not figure.holds]
    if wrong:
        sys.exit(f"Out of bounds: {', '.join(figure.name.strip() for figure in wrong)}.")


def _project(divisor: int) -> Sections:
    """The last run is the one that is bound."""
    runs = [run(Size().divided_by(part * divisor)) for part in PARTS]
    return {
        "First pass": list(bounds.first_pass(runs[-1])),
        "Second pass": list(bounds.second_pass(runs[-1])),
        "Third pass, WATCH_XERO": list(bounds.watched_pass(runs[-1])),
        "SQL statements of a first pass": list(bounds.statements(runs)),
        "Peak above idle": list(bounds.memory(runs)),
    }


def _rhythm(divisor: int) -> Sections:
    projects = rhythm.PROJECTS // divisor
    changes = [replace(one, claims=one.claims // divisor, payments=one.payments // divisor) for one in rhythm.CHANGES]
    counted = rhythm.passes(projects, rhythm.BUSY // divisor, rhythm.PASSES, changes)
    return {f"A pass over {projects} projects, lists when due": list(rhythm.figures(counted))}


def _quiet(divisor: int) -> Sections:
    projects = QUIET_PROJECTS // divisor
    return {f"Nothing moved in {projects:,} projects": list(quiet.figures(quiet.quiet(projects)))}


def _limits(_: int) -> Sections:
    met = one_after_another(PROCESSES, SCALE, CALLING_S)
    return {"Call limits, a tenth as long": list(bounds.limits(met, SCALE))}


def _peers(divisor: int) -> Sections:
    bills = BILLS // divisor
    few = bills // 10
    return {
        f"{bills:,} bills beside peers": list(peers.figures(peers.beside(bills, BILLS_ROUNDS))),
        f"{few:,} bills, lost answer: twice": list(peers.lost(peers.twice_after_a_lost_answer(few))),
    }


def _pools(_: int) -> Sections:
    names = pools.available()
    speeds = pools.compare(names, JOBS_AT_ONCE, JOBS, JOBS_ROUNDS)
    endings = {pool: pools.end(pool, JOBS_AT_ONCE, JOBS) for pool in names}
    return {f"Pools, {JOBS} jobs, {pools.ledger()}": list(pools.figures(JOBS_AT_ONCE, speeds, endings, JOBS))}


def _fan_out(divisor: int) -> Sections:
    server = os.environ.get("TEST_DATABASE_URL")
    with empty_database(server) if server else nullcontext() as url:
        fanned = fan_out(PROJECTS // divisor, url)
    return {f"Fan-out of {fanned.projects:,}, {pools.ledger()}, {fanned.broker}": list(bounds.fan_out(fanned))}


def _growth(divisor: int) -> Sections:
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        print("No PostgreSQL (TEST_DATABASE_URL): the growth of the ledger is not measured.")
        return {}
    few, many = (grown(server, entries // divisor) for entries in ENTRIES)
    return {f"Ledger of {many.projects:,} projects": list(bounds.growth(few, many))}


def _webhooks(_: int) -> Sections:
    return {"Webhooks, LISTEN_WAIT_S as set": list(webhooks.figures(webhooks.approvals()))}


PARTS_OF_ALL: Mapping[str, tuple[str, Measure]] = {
    "project": ("a project, in a quarter, in half and whole", _project),
    "rhythm": ("passes in which lists are read when they are due", _rhythm),
    "quiet": ("passes in which nothing moved, by a real worker", _quiet),
    "fan-out": ("the fan-out", _fan_out),
    "growth": ("a large ledger", _growth),
    "limits": ("the call limits", _limits),
    "peers": ("the same bills through other clients", _peers),
    "pools": ("the worker's pools", _pools),
    "webhooks": ("approvals with webhooks", _webhooks),
}


def _table(sections: Sections, size: Size) -> Table:
    title = (
        f"Project: {size.vendors:,} vendors, {size.cost_codes:,} cost codes, "
        f"{size.claims:,} claims of {LINES_PER_CLAIM} lines, {size.payments:,} payments, "
        f"{size.invoices:,} direct invoices; {_machine()['cpus']} CPUs"
    )
    table = Table(title=title, box=box.SIMPLE, width=80)
    table.add_column("Figure")
    table.add_column("Value", justify="right")
    table.add_column("Measured on")
    table.add_column("Bound", justify="right")
    table.add_column("Holds")
    for name, some in sections.items():
        table.add_section()
        table.add_row(f"[bold]{name}[/bold]")
        for figure in some:
            table.add_row(*_cells(figure))
    return table


def _cells(figure: Figure) -> tuple[str, ...]:
    value = f"{figure.value:,}" if isinstance(figure.value, int) else f"{figure.value:,.2f}"
    if figure.bound is None:
        return f"  {figure.name}", value, figure.measured_on, "", ""
    return f"  {figure.name}", value, figure.measured_on, str(figure.bound), "yes" if figure.holds else "[red]NO[/red]"


def _write(sections: Sections, size: Size) -> None:
    results = {
        "machine": _machine(),
        "project": {name: getattr(size, name) for name in size.__slots__},
        "figures": {name: [_plain(figure) for figure in some] for name, some in sections.items()},
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(figure: Figure) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": figure.name, "value": round(figure.value, 3), "measured_on": figure.measured_on}
    if figure.bound is not None:
        plain |= {"bound": str(figure.bound), "holds": figure.holds}
    return plain


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
    }


if __name__ == "__main__":
    main()
