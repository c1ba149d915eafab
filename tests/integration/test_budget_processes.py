"""The call budget between real processes, on a real Redis."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid

import redis

from worker.http.budget import Budget, Window

PROCESSES, CALLS_EACH, AT_ONCE = 4, 15, 3
WINDOW = Window(20, 1.0)
#: Wide enough never to matter; it makes Redis keep every slot, for the test to read.
ALL_SLOTS = Window(1000, 0.001)

CALLER = f"""
import json, sys, time, redis
from worker.http.budget import Budget, Window
client = redis.Redis.from_url(sys.argv[1])
budget = Budget(client, sys.argv[2], [Window({WINDOW.calls}, {WINDOW.seconds}), Window(1000, 0.001)], {AT_ONCE})
calls = []
for _ in range({CALLS_EACH}):
    with budget.call():
        began = time.time()
        time.sleep(0.01)
        calls.append((began, time.time()))
print(json.dumps(calls))
"""
HOLDER = """
import signal, sys, redis
from worker.http.budget import Budget
with Budget(redis.Redis.from_url(sys.argv[1]), sys.argv[2], [], 1, lease_s=1.0).call():
    print("holding", flush=True)
    signal.pause()
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)


def test_processes_share_one_budget(redis_url: str) -> None:
    """All calls are granted, never more than the limit in any window, never more than so many at once."""
    name = uuid.uuid4().hex
    callers = [_start(CALLER, redis_url, name) for _ in range(PROCESSES)]
    calls = [call for caller in callers for call in json.loads(caller.communicate(timeout=60)[0])]
    with redis.Redis.from_url(redis_url) as client:
        slots = sorted(int(slot) / 1000 for slot in client.lrange(f"budget:{{{name}}}:slots", 0, -1))

    assert len(calls) == len(slots) == PROCESSES * CALLS_EACH
    for first, beyond in zip(slots, slots[WINDOW.calls :], strict=False):
        assert round(beyond - first, 3) >= WINDOW.seconds
    # No call went before its slot; a machine under load may only make it later.
    for began, slot in zip(sorted(began for began, _ in calls), slots, strict=True):
        assert began >= slot - 0.002
    for began, _ in calls:
        assert sum(other <= began < ended for other, ended in calls) <= AT_ONCE


def test_a_killed_process_gives_its_place_back(redis_url: str) -> None:
    """kill -9 in the middle of the only allowed call does not stop the others for longer than the lease."""
    name = uuid.uuid4().hex
    holder = _start(HOLDER, redis_url, name)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.kill()
    holder.communicate()
    with redis.Redis.from_url(redis_url) as client, Budget(client, name, [], 1, max_wait_s=30).call():
        pass
