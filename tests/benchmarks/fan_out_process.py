"""One discovery in a process of its own, as the worker makes it, with a real broker. Prints what it cost.

Starting Python and importing are not counted. The passes before it are in the ledger and in the broker.
"""

from __future__ import annotations

import json
import time

from tasks import discovery, project  # noqa: F401 - the task that is published
from tests.benchmarks.used import cpu_s, peak_mb
from tests.benchmarks.worker_process import count_statements
from worker import logs
from worker.assembly import parts
from worker.ledger.database import migrate


def main() -> None:
    logs.configure("WARNING")
    ours = parts()
    migrate(ours.engine)
    statements = count_statements(ours.engine)
    before_mb, before_s, started = peak_mb(), cpu_s(), time.perf_counter()
    line = discovery.discover_projects(ours)
    cost = {
        "line": line,
        "seconds": time.perf_counter() - started,
        "cpu_s": cpu_s() - before_s,
        "start_mb": before_mb,
        "peak_mb": peak_mb(),
        "sql_statements": len(statements),
    }
    print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    main()
