"""The measured run: real workers on real sandboxes whose minute and day are short, one installation an organisation.

What is looked at is what the simulation says, too: when the last record was in the books, and the calls it took, both
from the sandbox's own journal. The test plays beat: it asks for a pass every so often.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil  # its types are a package of their own
from celery import Celery

from tests.benchmarks.family import cpu_s, memory_bytes
from tests.benchmarks.limits import Scale
from tests.benchmarks.run import MAPPING, control, is_token, journal, served, settings_of
from tests.simulation import firm, sandbox_process
from tests.simulation.work import Size
from worker.broker.options import options
from worker.cli.processes import Processes
from worker.ledger.database import migrate, open_engine
from worker.settings import Settings

_UP_S, _LONGEST_S = 60.0, 600.0
_POLL_S = 0.1
_DAY_S = 86_400.0
#: Forty calls in ten seconds, and no day.
SCALE = Scale(per_minute=40, minute_s=10.0, margin_s=0.025, latency_s=0.03)


@dataclass(frozen=True, slots=True)
class Trial:
    """One organisation of the measured run, and what the simulation is given for it."""

    name: str
    size: Size
    projects: int
    workers: int
    scale: Scale = SCALE
    every_s: float = 600.0
    longest_wait_s: float = 11.5
    #: Settings of the worker beside those below, or instead of them.
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def limits(self) -> dict[str, float]:
        """As the sandbox keeps them."""
        return {**self.scale.enforced, "procore_per_hour": 0, "procore_spike": 0}

    @property
    def settings(self) -> dict[str, str]:
        """As the worker is set."""
        return {
            **self.scale.settings,
            "WORKER_PROCESSES": str(self.workers),
            "LONGEST_WAIT_S": str(self.longest_wait_s),
            "MINUTE_S": str(self.scale.own_minute_s),
            "DAY_S": str(self.scale.own_day_s),
            "WATCH_XERO": "false",
            "READ_LISTS": "every_pass",  # when a list is read at all is simulated by itself (`reading`)
            "SHARE_REQUESTS_AFTER_S": "0",  # as the model reckons
            **self.more,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one organisation, measured or simulated."""

    #: From the first call to Xero until the last record was in the books.
    seconds: float
    xero_calls: int
    procore_calls: int
    refused: int = 0


@dataclass
class Installation:
    """One organisation's sandbox, ledger and worker."""

    trial: Trial
    settings: dict[str, str]
    celery: Celery
    ledger: Path
    worker: psutil.Process
    #: Records that are in the books when everything is.
    expected: int = field(init=False)

    def __post_init__(self) -> None:
        self.expected = self.trial.projects * self.trial.size.records

    def until_done(self, began: float) -> Result:
        """A pass every so often, until every record is in the books. Raises TimeoutError when that never happens."""
        started, passes = time.monotonic(), 0
        while not self._is_done():
            if (since := time.monotonic() - started) > _LONGEST_S:
                raise TimeoutError(f"Not in the books within {_LONGEST_S:.0f} s: {self.trial.name}")
            if since >= passes * self.trial.every_s:
                passes += 1
                self.ask_for_a_pass()
            time.sleep(_POLL_S)
        return self.result(began)

    def one_pass(self) -> list[float]:
        """One pass to its end; the seconds of each of its jobs."""
        before = self._jobs()[0]
        self.ask_for_a_pass()
        deadline = time.monotonic() + _LONGEST_S
        while (now := self._jobs())[0] < before + self.trial.projects or now[1]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"A pass did not end within {_LONGEST_S:.0f} s: {self.trial.name}")
            time.sleep(_POLL_S)
        took = f"SELECT (julianday(finished_at) - julianday(started_at)) * {_DAY_S} FROM jobs WHERE id > {before}"  # noqa: S608 - ours
        return self._rows(f"{took} ORDER BY started_at")

    def ask_for_a_pass(self) -> None:
        self.celery.send_task("discover", queue="manual")

    def change(self, claims: int, payments: int) -> None:
        """So many new claims and payments in every project, each like one that is there."""
        everything = httpx.get(control(self.settings["PROCORE_API_URL"], "dump"), timeout=60).json()
        for project in everything["requisitions"]:
            for row in everything["requisitions"][project][:claims]:
                self._add("requisitions", project, {**row, "invoice_number": f"NEW-{row['id']}"})
            for row in everything["contract_payments"][project][:payments]:
                self._add("contract_payments", project, {**row, "check_number": f"NEW-{row['id']}"})
                contract = {"total_payments": "1234.56"}  # moved: this is how the worker sees that there are new ones
                self._put("work_order_contracts", project, row["contract_id"], contract)
        self.expected += (claims + payments) * self.trial.projects

    def _add(self, collection: str, project: str, row: dict[str, Any]) -> None:
        new = {**row, "id": row["id"] + 10_000_000, "updated_at": datetime.now(UTC).isoformat()}
        self._put(collection, project, new["id"], new)

    def _put(self, collection: str, project: str, id_: int, fields: dict[str, Any]) -> None:
        address = control(self.settings["PROCORE_API_URL"], f"records/{collection}/{project}/{id_}")
        httpx.put(address, json=fields, timeout=60).raise_for_status()

    def cpu_s(self) -> float:
        """Of the worker and its processes so far."""
        return cpu_s(self.worker)

    def memory_mb(self) -> float:
        """Of all of them."""
        return memory_bytes(self.worker) / 1_000_000

    def procore_calls(self) -> int:
        return len(self._journal("PROCORE_API_URL"))

    def result(self, began: float) -> Result:
        """What both journals say since this time, up to the last write."""
        xero = [entry for entry in self._journal("XERO_TOKEN_URL") if entry["at"] >= began]
        good = [entry for entry in xero if entry["status"] < 300]
        first, last = min(entry["at"] for entry in good), max(entry["at"] for entry in good if entry["method"] != "GET")
        reads = [entry for entry in self._journal("PROCORE_API_URL") if began <= entry["at"] <= last]
        return Result(last - first, len(good), len(reads), len(xero) - len(good))

    def _journal(self, api: str) -> list[dict[str, Any]]:
        called = (entry for entry in journal(self.settings[api])[0] if not is_token(entry))
        return [{**entry, "at": datetime.fromisoformat(entry["at"]).timestamp()} for entry in called]

    def _is_done(self) -> bool:
        """Asked of the ledger, which costs the sandbox nothing."""
        return self._rows("SELECT count(*) FROM entries WHERE state = 'live'")[0] >= self.expected

    def _jobs(self) -> tuple[int, int]:
        """The newest job, and how many have not ended."""
        newest, active = "SELECT coalesce(max(id), 0) FROM jobs", "SELECT count(*) FROM jobs WHERE finished_at IS NULL"
        return int(self._rows(newest)[0]), int(self._rows(active)[0])

    def _rows(self, query: str) -> list[float]:
        """The first column, by a reader that the worker does not notice."""
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute(query)]


@contextmanager
def installation(trial: Trial, directory: Path, broker_url: str) -> Iterator[Installation]:
    """Up and ready; gone when the block is left."""
    directory.mkdir()
    argument = sandbox_process.argument(trial.size, trial.projects, trial.limits)
    with ExitStack() as stack:
        reached = stack.enter_context(served(sandbox_process.__name__, argument))
        settings = settings_of(reached, directory) | {"PROCORE_CALLS_AT_ONCE": "20", "REDIS_URL": broker_url}
        (directory / "mapping.toml").write_text(
            MAPPING.read_text(encoding="utf-8") + firm.ACCOUNTS_ONLY, encoding="utf-8"
        )
        settings |= trial.settings | {"MAPPING_FILE": str(directory / "mapping.toml")}
        migrate(engine := open_engine(settings["DATABASE_URL"]))
        engine.dispose()
        processes = stack.enter_context(Processes(directory))
        worker = [sys.executable, "-m", "celery", "-A", "tests.simulation.scaled", "worker", "-Q", "manual,periodic"]
        processes.start("worker", [*worker, "--without-gossip", "--without-mingle"], settings, directory)
        celery = stack.enter_context(Celery("simulation"))
        celery.conf.update(**options(Settings(redis_url=broker_url)))
        _wait_until_up(celery, processes)
        yield Installation(trial, settings, celery, directory / "ledger.db", psutil.Process(processes.pids()["worker"]))


def _wait_until_up(celery: Celery, processes: Processes) -> None:
    deadline = time.monotonic() + _UP_S
    while not celery.control.ping(timeout=0.5):
        processes.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"The worker did not come up within {_UP_S:.0f} s.")
