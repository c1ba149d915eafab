"""What Prometheus gets from a real worker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import ENDS, states
from tests.services import PATIENCE_S, eventually
from worker.cli.processes import free_port
from worker.clock import MACHINE
from worker.ledger.standing import live_documents

pytestmark = pytest.mark.acceptance

GUIDE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
Labels = frozenset[tuple[str, str]]


class Scraped:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.families = {_plain(family.name) for family in families if not family.name.endswith("_created")}
        self.samples: Mapping[tuple[str, Labels], float] = {
            (sample.name.removeprefix("procore_xero_"), frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self.samples.get((name, frozenset(labels.items())))

    def total(self, name: str, **labels: str) -> float:
        wanted = labels.items()
        return sum(value for (one, has), value in self.samples.items() if one == name and wanted <= set(has))


@pytest.mark.deep
def test_a_worker_tells_prometheus_how_it_stands(machine: Machine) -> None:
    """Records, holds, jobs, calls, queues and the last pass; also after a process that runs jobs was killed."""
    port = free_port()
    machine.system.env |= {"METRICS_PORT": str(port)}
    pid = machine.start_worker()

    def scrape() -> Scraped:
        return Scraped(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S).raise_for_status().text)

    eventually(lambda: _answers(port))
    before = scrape()
    assert (before.value("reachable", source="ledger"), before.value("reachable", source="redis")) == (1, 1)
    assert before.value("last_pass_timestamp_seconds") is None
    assert before.total("job_duration_seconds_count") == 0

    machine.discover()
    assert states(machine) == ENDS
    after = scrape()
    live = list(live_documents(machine.parts.engine))
    assert after.total("documents") == len(live)
    assert after.value("documents", kind="claims") == len([1 for kind, *_ in live if kind == "claims"])
    assert after.value("records_total", kind="claims", outcome="sent") == after.value("documents", kind="claims")
    assert after.value("holds", kind="claims", outcome="held", code="vendor_missing") == 1
    assert after.total("holds", outcome="held") == 2
    durations = [after.value("job_duration_seconds_count", state=state) for state in ("done", "failed")]
    assert durations == [2, 1]
    assert (after.value("jobs", state="queued"), after.value("jobs", state="running")) == (0, 0)
    assert after.value("queue_messages", queue="periodic") == 0
    journal = httpx.get(f"{machine.served.xero_url}/_sandbox/journal").json()["entries"]
    made = len([1 for entry in journal if "/api.xro/" in entry["path"]])
    organisation = machine.sandbox.dump()["xero"]["organisation"]["Name"]
    for window, limit in (("minute", 60), ("day", 5000)):
        used, left = (
            after.value(f"calls_{what}", organisation=organisation, window=window) or 0 for what in ("used", "left")
        )
        assert used + left == limit
        assert used == made or (window == "minute" and used < made)  # a slow machine takes longer
    assert 0 < after.total("calls_total", api="xero") <= made
    assert after.value("parked", organisation=organisation) == 0

    machine.celery.send_task("report", queue="manual")  # a look at what is over, which each worker takes now and then
    eventually(lambda: scrape().value("last_pass_timestamp_seconds"))
    assert scrape().value("last_pass_timestamp_seconds") == pytest.approx(MACHINE.now().timestamp(), abs=60)
    assert scrape().families == documented() - {"oldest_queued_timestamp_seconds"}  # nothing is queued now

    (process, *_) = psutil.Process(pid).children()
    process.kill()
    machine.discover()
    eventually(lambda: scrape().total("job_duration_seconds_count") == 2 * len(ENDS))
    assert scrape().total("records_total", outcome="unchanged") > 0


def documented() -> set[str]:
    """Every metric in the table of the operations guide."""
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `procore_xero_")]
    return {_plain(name) for row in rows for name in re.findall(r"`(procore_xero_\w+)`", row)}


def _plain(name: str) -> str:
    return name.removeprefix("procore_xero_").removesuffix("_total")


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").is_success
    except httpx.TransportError:
        return False
