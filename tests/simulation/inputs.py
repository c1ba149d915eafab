"""The model's figures of ours, measured when the simulation begins: what a call, a record and a job cost one process.

A real worker syncs projects of two sizes into a sandbox that limits nothing, and looks at them once
more. Measured anew each time and not read from an earlier benchmark, so that they belong to this machine and this
version. CPU seconds, since what else a machine does must not count; the two APIs' own latency is no part of them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.simulation import work
from tests.simulation.measured import Trial, installation
from tests.simulation.tables import Table
from tests.simulation.work import Size

#: They share the machine a little, as processes do that mostly wait for their turn.
PROCESSES = 2
FEW = Trial("few-records", Size(5, 0, 10, 5, 5, 5), 24, PROCESSES)
MANY = Trial("many-records", Size(10, 0, 65, 100, 30, 10), 12, PROCESSES)
#: Of Redis: a database for each.
DATABASES = {FEW.name: 4, MANY.name: 5}


@dataclass(frozen=True, slots=True)
class Inputs:
    """CPU seconds of one process."""

    xero_cpu_s: float
    record_cpu_s: float
    job_cpu_s: float
    #: Calls to Procore of a job in which nothing changed.
    unchanged_reads: int
    #: Of a worker with its processes.
    memory_mb: float


@dataclass(frozen=True, slots=True)
class _Job:
    """The mean job of one size: what its records take in the first pass, and what it takes when nothing has changed."""

    calls: int
    records: int
    cpu_s: float
    unchanged_cpu_s: float
    unchanged_reads: int
    memory_mb: float


def measure(directory: Path, broker_url: str) -> Inputs:
    """A short run of both sizes, one after the other; their ledgers stay in folders of their names."""
    base = broker_url.rsplit("/", 1)[0]  # a database each: one ledger has one to itself
    few, many = (_measured(one, directory / one.name, f"{base}/{DATABASES[one.name]}") for one in (FEW, MANY))
    xero_cpu_s, record_cpu_s = _shared_out(few, many)
    return Inputs(xero_cpu_s, record_cpu_s, few.unchanged_cpu_s, few.unchanged_reads, many.memory_mb)


def _shared_out(few: _Job, many: _Job) -> tuple[float, float]:
    """Per call and per record, beyond what an unchanged job takes: two jobs, two unknowns."""
    times = many.calls / few.calls
    per_record = max(0.0, (many.cpu_s - times * few.cpu_s) / (many.records - times * few.records))
    return max(0.0, (few.cpu_s - few.records * per_record) / few.calls), per_record


def _measured(trial: Trial, directory: Path, broker_url: str) -> _Job:
    with installation(trial, directory, broker_url) as site:
        idle_s = site.cpu_s()
        site.one_pass()
        after_first_s, reads = site.cpu_s(), site.procore_calls()
        site.one_pass()
        unchanged_cpu_s = (site.cpu_s() - after_first_s) / trial.projects
        kinds = ((kind, trial.size.of(kind)) for kind in work.KINDS)
        return _Job(
            calls=sum(1 for kind, number in kinds for _ in work.requests(kind, number)),
            records=trial.size.records,
            cpu_s=(after_first_s - idle_s) / trial.projects - unchanged_cpu_s,
            unchanged_cpu_s=unchanged_cpu_s,
            unchanged_reads=(site.procore_calls() - reads - 1) // trial.projects,
            memory_mb=site.memory_mb(),
        )


def table(inputs: Inputs, server: str) -> Table:
    """Each figure and what it was measured on."""
    milli = [
        ("a call to Xero", inputs.xero_cpu_s),
        ("a record that is sent", inputs.record_cpu_s),
        ("a job in which nothing changed", inputs.job_cpu_s),
    ]
    rows = [[name, f"{1000 * cpu_s:.1f} ms of CPU"] for name, cpu_s in milli]
    rows.append(["calls to Procore of such a job", str(inputs.unchanged_reads)])
    rows.append([f"memory of a worker with {PROCESSES} processes", f"{inputs.memory_mb:,.0f} MB"])
    source = (
        f"Measured: Celery worker of {PROCESSES} processes, sandbox without limits and latency, SQLite, {server}, "
        f"{os.cpu_count()} CPUs. Memory: PSS."
    )
    return Table("Inputs", ("what", "takes"), rows, source)
