"""Processes that work for two organisations of Xero together: each has its own call budget, and the app's is shared."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.integration.group import NORTH, ROUTES, SOUTH, with_south
from tests.integration.seeds import a_seed
from tests.integration.test_connect import Installation
from worker.sandbox import Sandbox

PER_MINUTE, APP_PER_MINUTE, MINUTE_S, FOR_S = 20, 30, 3.0, 8.0
#: A process of the worker that calls the organisations of these names in turn, as often as the budget lets it.
CALLER = f"""
import sys, time
from worker.xero import limits
limits.MINUTE_S = {MINUTE_S} + 0.01
from worker.assembly import parts
ours = [parts().at(name) for name in sys.argv[1:]]
print("ready", flush=True)
sys.stdin.readline()
until = time.monotonic() + {FOR_S}
while time.monotonic() < until:
    for one in ours:
        one.xero.currencies()
"""


@pytest.mark.timeout(120)
def test_each_organisation_has_a_budget_and_the_app_another(tmp_path: Path, redis_url: str) -> None:
    """Two processes on two organisations meet no 429, with one organisation's limit and the app's both reached."""
    sandbox = Sandbox(with_south(a_seed()))
    with sandbox.serve() as served, ExitStack() as stack:
        here = Installation(tmp_path, served, sandbox)
        (tmp_path / "mapping.toml").write_text(ROUTES)
        assert here.connect("xero")[0] == 0
        here.env |= {
            "REDIS_URL": redis_url,
            "XERO_CALLS_PER_MINUTE": str(PER_MINUTE),
            "XERO_APP_CALLS_PER_MINUTE": str(APP_PER_MINUTE),
        }
        enforced = {"xero_per_minute": PER_MINUTE, "xero_app_per_minute": APP_PER_MINUTE, "xero_minute_s": MINUTE_S}
        httpx.post(f"{served.xero_url}/_sandbox/limits", json=enforced).raise_for_status()
        since = httpx.get(f"{served.xero_url}/_sandbox/journal").json()["last"]
        commands = [[sys.executable, "-c", CALLER, *names] for names in (["North"], ["North", "South"])]
        processes = [stack.enter_context(here.start(command)) for command in commands]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [(process.communicate(timeout=60), process.returncode) for process in processes]
        entries = httpx.get(f"{served.xero_url}/_sandbox/journal", params={"since": since}).json()["entries"]
    assert [code for _, code in ended] == [0, 0], ended
    made = [entry for entry in entries if "/api.xro/" in entry["path"]]
    assert {entry["status"] for entry in made} == {200}
    by_tenant = Counter(entry["tenant"] for entry in made)
    windows = FOR_S / MINUTE_S
    assert by_tenant[NORTH] > 1.5 * PER_MINUTE
    assert by_tenant[SOUTH] > 0.5 * (APP_PER_MINUTE - PER_MINUTE) * windows
    assert by_tenant.total() > 0.8 * APP_PER_MINUTE * windows
