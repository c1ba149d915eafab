"""The call budgets between real processes, on a real Redis, against a sandbox that enforces the limits over HTTP."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import redis

from tests.benchmarks.caller_process import Task
from tests.benchmarks.limits import Scale, limited_sandbox, measure
from tests.benchmarks.run import journal
from tests.integration.restartable import Restartable
from tests.services import eventually, missing
from worker.cli.processes import Processes
from worker.http.budget import Budget

PROCESSES = 8
HOURS_S = 3 * 3600.0
#: Of these the minute and the calls at once bind, then the day, then the whole app.
SCALES = [
    Scale(per_minute=40, minute_s=5.0, per_day=70, day_s=7.0),
    Scale(per_minute=40, minute_s=5.0, per_app_minute=30),
]
SPIKE = {"procore_spike": 25, "procore_spike_s": 3.0, "procore_per_hour": 40, "procore_hour_s": 12.0, "latency_s": 0.01}
HOLDER = """
import signal, sys, redis
from worker.http.budget import Budget
with Budget(redis.Redis.from_url(sys.argv[1]), sys.argv[2], [], 1, lease_s=1.0).call():
    print("holding", flush=True)
    signal.pause()
"""


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Restartable]:
    if not shutil.which("redis-server"):
        missing("redis-server on the PATH")
    with Processes(tmp_path) as processes:
        own = Restartable(processes)
        own.start()
        yield own


@pytest.mark.deep
@pytest.mark.parametrize("scale", SCALES, ids=["minute and day", "app"])
def test_all_of_what_xero_allows_is_used_and_never_more(own_redis: Restartable, scale: Scale) -> None:
    """Eight processes meet no 429 and use 95 % of the calls; a small job among seven large ones gets its share.

    Every other machine's clock is wrong by hours, which nobody notices: the budget goes by the clock of Redis.
    """
    large = [scale.task(for_s=8.0, clock_off_s=HOURS_S * (number % 2)) for number in range(PROCESSES - 1)]
    small = scale.task(for_s=8.0, pause_s=0.5)
    with limited_sandbox(scale.enforced) as environment:
        met = measure([*large, small], {**environment, **scale.settings, "REDIS_URL": own_redis.url})
    assert (met.refused, met.failures) == ([], [])
    assert met.share(scale.windows) >= 0.95
    assert len(met.took_s[-1]) > 1


@pytest.mark.deep
def test_procores_limits_are_kept_to_though_nobody_knows_them(own_redis: Restartable) -> None:
    """The spike and the hourly limit are learned from the answers alone, and eight processes never meet a 429."""
    tasks = [Task("Procore", for_s=9.0, clock_off_s=HOURS_S * (number % 2)) for number in range(PROCESSES)]
    with limited_sandbox(SPIKE) as environment:
        met = measure(tasks, {**environment, "PROCORE_CALLS_AT_ONCE": "20", "REDIS_URL": own_redis.url})
    assert (met.refused, met.failures) == ([], [])
    assert len(met.answered_s) > SPIKE["procore_per_hour"]  # so both limits were waited for


@pytest.mark.deep
def test_the_budget_goes_on_whatever_becomes_of_redis(own_redis: Restartable) -> None:
    """Emptied, its scripts forgotten, restarted: no call fails, and all processes go on by themselves.

    It has forgotten the calls that were made, so the next may be one too many; the answers then say how many are left.
    """
    scale = Scale(per_minute=40, minute_s=3.0)
    with limited_sandbox(scale.enforced) as environment:

        def meanwhile() -> None:
            eventually(lambda: _answers(environment) > scale.per_minute)
            with redis.Redis.from_url(own_redis.url) as client:
                client.flushall()
                client.script_flush()
            eventually(lambda: _answers(environment) > 2 * scale.per_minute)
            own_redis.stop()
            own_redis.start()

        tasks = [scale.task(for_s=12.0)] * PROCESSES
        met = measure(tasks, {**environment, **scale.settings, "REDIS_URL": own_redis.url}, meanwhile)
    assert met.failures == []
    assert len(met.refused) == met.too_many <= 2 * scale.at_once  # as many as were under way each time
    assert len(met.answered_s) > 2.5 * scale.per_minute


def _answers(environment: Mapping[str, str]) -> int:
    return journal(environment["XERO_TOKEN_URL"], since=10**6)[1]


def test_a_killed_process_gives_its_place_back(redis_url: str) -> None:
    """kill -9 in the middle of the only allowed call does not stop the others for longer than the lease."""
    name = uuid.uuid4().hex
    command = [sys.executable, "-c", HOLDER, redis_url, name]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.kill()
    holder.communicate()
    with redis.Redis.from_url(redis_url) as client, Budget(client, name, [], 1, max_wait_s=30).call():
        pass
