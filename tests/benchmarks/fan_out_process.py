"""One discovery in a process of its own, as the worker makes it, with a real broker. Prints what it cost.

Starting Python and importing are not counted. The passes before it are in the ledger and in the broker.
"""

from __future__ import annotations

import json

from tasks import discovery, project  # noqa: F401 - the task that is published
from tests.benchmarks.used import Meter
from tests.benchmarks.worker_process import count_statements
from worker import logs
from worker.assembly import parts
from worker.ledger.database import migrate


def main() -> None:
    logs.configure("WARNING")
    ours = parts()
    migrate(ours.engine)
    statements = count_statements(ours.engine)
    meter = Meter()
    line = discovery.discover_projects(ours)
    cost = {**meter.read(), "line": line, "sql_statements": len(statements)}
    print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    main()
