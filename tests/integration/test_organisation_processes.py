"""Processes that work for two organisations of Xero together: each has its own call budget, and the app's is shared."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.integration.group import NORTH, ROUTES, SOUTH, with_south
from tests.integration.seeds import a_seed
from tests.integration.test_connect import Installation
from worker.assembly import parts
from worker.sandbox import Sandbox
from worker.xero import limits

PER_MINUTE, APP_PER_MINUTE, MINUTE_S, FOR_S = 20, 30, 3.0, 8.0


def caller(*names: str) -> None:
    """A process of the worker that calls the organisations of these names in turn, as often as the budget lets it."""
    limits.MINUTE_S = MINUTE_S + 0.25  # a call may come so much later than another one that was allowed after it
    ours = [parts().at(name) for name in names]
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + FOR_S
    while time.monotonic() < until:
        for one in ours:
            one.xero.currencies()


@pytest.mark.deep
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
        names = (["North"], ["North", "South"])
        callers = [stack.enter_context(here.start(caller, *some)) for some in names]
        for one in callers:
            assert one.said.readline() == "ready\n", one.ends()
        for one in callers:
            one.type("go")
        ended = [one.ends() for one in callers]
        entries = httpx.get(f"{served.xero_url}/_sandbox/journal", params={"since": since}).json()["entries"]
    assert [code for code, _ in ended] == [0, 0], ended
    made = [entry for entry in entries if "/api.xro/" in entry["path"]]
    assert {entry["status"] for entry in made} == {200}
    by_tenant = Counter(entry["tenant"] for entry in made)
    windows = FOR_S / MINUTE_S
    assert by_tenant[NORTH] > 1.5 * PER_MINUTE
    assert by_tenant[SOUTH] > 0.5 * (APP_PER_MINUTE - PER_MINUTE) * windows
    assert by_tenant.total() > 0.8 * APP_PER_MINUTE * windows
