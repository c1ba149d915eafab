"""Fills an empty Redis with what the worker keeps there; a process of its own: Celery reads its settings at import.

Prints the bytes of each. Messages are published by the product's own code, and the call budget's keys are its own.
"""

from __future__ import annotations

import json
import uuid

import tasks.project  # noqa: F401 - the task that is published registers itself
from tasks import publishing
from worker.broker.client import connect
from worker.http.budget import Budget, Window
from worker.ledger.tables import Job
from worker.settings import settings

MESSAGES = 1000
#: A full day of an organisation; the windows never end here.
CALLS = 5000


def main() -> None:
    ours = settings()
    client = connect(ours)
    publishing._send([_job(number) for number in range(MESSAGES)], ours)
    queued = int(client.memory_usage(f"{ours.key_prefix}periodic", samples=0) or 0)
    budget = Budget(client, "Xero organisation of the sizing", [Window(CALLS, 86_400.0)], 5)
    for _ in range(CALLS):
        with budget.call():
            pass
    kept = sum(int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter("budget:*"))
    print(json.dumps({"message": queued / MESSAGES, "budget": kept}))


def _job(number: int) -> Job:
    task_id = str(uuid.uuid4())
    return Job(id=number, job_number=f"25-{number:03d}", project_name="Tower 1", task_id=task_id, trigger="periodic")


if __name__ == "__main__":
    main()
