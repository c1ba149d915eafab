"""The model's figures of ours, measured when the simulation begins: what a call, a record and a job cost one process.

A real worker syncs projects of two sizes into a sandbox that limits nothing, and looks at them once
more. Measured anew each time and not read from an earlier benchmark, so that they belong to this machine and this
moment, as the run does that the model is checked against.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from tests.simulation import work
from tests.simulation.measured import SCALE, Trial, installation
from tests.simulation.tables import Table
from tests.simulation.work import Size

#: They share the machine a little, as processes do that mostly wait for their turn.
PROCESSES = 2
_NO_LIMIT = replace(SCALE, per_minute=0, latency_s=0.0)
FEW = Trial("few records", Size(5, 0, 10, 5, 5, 5), 24, PROCESSES, _NO_LIMIT)
MANY = Trial("many records", Size(10, 0, 65, 100, 30, 10), 12, PROCESSES, _NO_LIMIT)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Seconds and CPU seconds of one process, without the two APIs' own latency."""

    xero_s: float
    record_s: float
    job_s: float
    xero_cpu_s: float
    record_cpu_s: float
    job_cpu_s: float
    #: Calls to Procore of a job in which nothing changed.
    unchanged_reads: int
    #: Of a worker with its processes.
    memory_mb: float


@dataclass(frozen=True, slots=True)
class _Job:
    """The middle job of one size: seconds and CPU, in the first pass and when nothing has changed."""

    calls: int
    records: int
    seconds: float
    cpu_s: float
    unchanged_s: float
    unchanged_cpu_s: float
    unchanged_reads: int
    memory_mb: float


def measure(directory: Path, broker_url: str) -> Inputs:
    """A short run of both sizes, one after the other."""
    base = broker_url.rsplit("/", 1)[0]  # a database each: one ledger has one to itself
    few, many = (
        _measured(trial, directory / f"inputs-{trial.projects}", f"{base}/{number}")
        for number, trial in enumerate((FEW, MANY), start=4)
    )
    xero_s, record_s = _shared_out(few, many, few.seconds, many.seconds)
    xero_cpu_s, record_cpu_s = _shared_out(few, many, few.cpu_s, many.cpu_s)
    return Inputs(
        xero_s, record_s, few.unchanged_s, xero_cpu_s, record_cpu_s, few.unchanged_cpu_s, few.unchanged_reads,
        many.memory_mb,
    )  # fmt: skip


def _shared_out(few: _Job, many: _Job, few_s: float, many_s: float) -> tuple[float, float]:
    """Per call and per record, beyond what an unchanged job takes: two jobs, two unknowns."""
    times = many.calls / few.calls
    per_record = max(0.0, (many_s - times * few_s) / (many.records - times * few.records))
    return max(0.0, (few_s - few.records * per_record) / few.calls), per_record


def _measured(trial: Trial, directory: Path, broker_url: str) -> _Job:
    with installation(trial, directory, broker_url) as site:
        idle_s = site.cpu_s()
        first = site.one_pass()[PROCESSES:]  # the first ones log in, and one reads Xero's settings for all
        after_first_s, reads = site.cpu_s(), site.procore_calls()
        unchanged = site.one_pass()
        unchanged_s, unchanged_cpu_s = median(unchanged), (site.cpu_s() - after_first_s) / len(unchanged)
        kinds = ((kind, trial.size.of(kind)) for kind in work.KINDS)
        return _Job(
            calls=sum(1 for kind, number in kinds for _ in work.requests(kind, number)),
            records=trial.size.records,
            seconds=median(first) - unchanged_s,
            cpu_s=(after_first_s - idle_s) / trial.projects - unchanged_cpu_s,
            unchanged_s=unchanged_s,
            unchanged_cpu_s=unchanged_cpu_s,
            unchanged_reads=(site.procore_calls() - reads - 1) // len(unchanged),
            memory_mb=site.memory_mb(),
        )


def table(inputs: Inputs, server: str) -> Table:
    """Each figure and what it was measured on."""
    milli = [
        ("a call to Xero", inputs.xero_s, inputs.xero_cpu_s),
        ("a record that is sent", inputs.record_s, inputs.record_cpu_s),
        ("a job in which nothing changed", inputs.job_s, inputs.job_cpu_s),
    ]
    rows = [[name, f"{1000 * wall_s:.1f} ms", f"{1000 * cpu_s:.1f} ms"] for name, wall_s, cpu_s in milli]
    rows.append(["calls to Procore of such a job", str(inputs.unchanged_reads), ""])
    rows.append([f"memory of a worker with {PROCESSES} processes", f"{inputs.memory_mb:,.0f} MB", ""])
    source = (
        f"Measured: Celery worker of {PROCESSES} processes, sandbox without limits and latency, SQLite, {server}, "
        f"{os.cpu_count()} CPUs. Wall time serves the check, CPU time the simulations. Memory: PSS."
    )
    return Table("Inputs", ("what", "wall", "CPU"), rows, source)
