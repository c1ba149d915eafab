"""One of several processes that call an API as often as the shared budget lets them. Prints how long each call took.

The client is the worker's own. It waits for a line on its input, so that all begin together.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import redis

from worker import logs
from worker.broker.client import connect
from worker.errors import SyncError
from worker.procore import client as procore_client
from worker.settings import Settings
from worker.xero import client as xero_client
from worker.xero import limits


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does."""

    api: str = "Xero"
    #: Xero's windows, scaled down.
    minute_s: float = 60.0
    day_s: float = 86_400.0
    #: How long it goes on beginning calls.
    for_s: float = 10.0
    #: How much later than the others it begins.
    after_s: float = 0.0
    #: Between two calls; above 0 it is a small job that comes now and then.
    pause_s: float = 0.0
    #: How wrong this machine's clock is.
    clock_off_s: float = 0.0


def arguments(task: Task) -> list[str]:
    return [json.dumps(asdict(task))]


def main() -> None:
    logs.configure("WARNING")
    task = Task(**json.loads(sys.argv[1]))
    right = time.time
    time.time = lambda: right() + task.clock_off_s
    settings = Settings()
    call = _call(task, settings, connect(settings))
    print("ready", flush=True)
    sys.stdin.readline()
    time.sleep(task.after_s)
    took, failures = [], []
    until = time.monotonic() + task.for_s
    while (began := time.monotonic()) < until:
        try:
            call()
        except SyncError as error:
            failures.append(str(error))
        took.append(time.monotonic() - began)
        time.sleep(task.pause_s)
    print(json.dumps({"took": took, "failures": failures}), flush=True)


def _call(task: Task, settings: Settings, broker: redis.Redis) -> Callable[[], object]:
    if task.api == "Procore":
        procore = procore_client.connect(settings, broker)
        return lambda: list(procore.companies())
    limits.MINUTE_S, limits.DAY_S = task.minute_s, task.day_s
    return xero_client.connect(settings, broker).currencies


if __name__ == "__main__":
    main()
