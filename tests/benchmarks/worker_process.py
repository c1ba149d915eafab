"""One pass as the worker makes it, in a process of its own: discovery, then its one job. Prints what it cost.

Everything is real but the broker: the job goes from discovery to its run by a call, since a message more or less is not
what is measured. Starting Python and importing are not counted.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, event

from tasks import discovery, project, publishing
from worker import logs
from worker.assembly import Parts, parts
from worker.ledger.database import migrate
from worker.owner import owner_name


def main() -> None:
    logs.configure(logging.INFO)
    ours = parts()
    migrate(ours.engine)
    statements = _count_statements(ours.engine)
    before_mb, cpu_s, started = peak_mb(), _cpu_s(), time.perf_counter()
    outcome = one_pass(ours)
    cost = {
        "seconds": time.perf_counter() - started,
        "cpu_s": _cpu_s() - cpu_s,
        "start_mb": before_mb,
        "peak_mb": peak_mb(),
        "sql_statements": len(statements),
        "outcomes": outcome,
    }
    print(json.dumps(cost), flush=True)


def one_pass(ours: Parts) -> dict[str, dict[str, int]]:
    """Discovery and its job; returns the job's counts by stage and outcome."""
    publishing.publish = lambda jobs, settings: None
    discovery.discover_projects(ours)
    (queued,) = ours.jobs.of_pass(ours.passes.all()[-1].id)
    owner = owner_name()
    job = ours.jobs.claim(queued.task_id, owner)
    if job is None:
        sys.exit("the job of this pass is not there to be run")
    report = project.sync(ours, job, owner)
    ours.jobs.end(job.id, owner, "done", report.line, report.counts)
    return report.counts


def peak_mb() -> float:
    """The most memory that this process ever held.

    Linux's `ru_maxrss` goes on counting what the parent held before the program was loaded; VmHWM does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _count_statements(engine: Engine) -> list[None]:
    """Grows by one with every statement that goes to the database, many rows at once or one."""
    statements: list[None] = []

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        statements.append(None)

    return statements


if __name__ == "__main__":
    main()
