"""The measured run: a real worker on a real sandbox that limits nothing, to see what its jobs cost.

The test plays beat: it asks for a pass.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # its types are a package of their own
from celery import Celery

from tests.benchmarks.family import cpu_s, memory_bytes
from tests.benchmarks.run import MAPPING, is_token, journal, served, settings_of
from tests.simulation import firm, sandbox_process
from tests.simulation.work import Size
from worker.broker.options import options
from worker.cli.processes import Processes
from worker.ledger.database import migrate, open_engine
from worker.settings import Settings

_UP_S, _LONGEST_S = 60.0, 600.0
_POLL_S = 0.1
#: Of the sandbox.
_NO_LIMITS: dict[str, float] = {
    "xero_per_minute": 0,
    "xero_concurrent": 0,
    "xero_per_day": 0,
    "procore_per_hour": 0,
    "procore_spike": 0,
}
_SETTINGS = {
    "XERO_CALLS_PER_MINUTE": "0",
    "XERO_CALLS_PER_DAY": "0",
    "XERO_APP_CALLS_PER_MINUTE": "0",
    "PROCORE_CALLS_AT_ONCE": "20",
    "WATCH_XERO": "false",
    "READ_LISTS": "every_pass",  # when a list is read at all is simulated by itself (`reading`)
    "SHARE_REQUESTS_AFTER_S": "0",  # as the model reckons
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One organisation of the measured run."""

    name: str
    size: Size
    projects: int
    processes: int
    #: Settings of the worker beside those above, or instead of them.
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Installation:
    """One organisation's sandbox, ledger and worker."""

    trial: Trial
    settings: dict[str, str]
    celery: Celery
    ledger: Path
    worker: psutil.Process

    def one_pass(self) -> None:
        """One pass to its end."""
        before = self._jobs()[0]
        self.celery.send_task("discover", queue="manual")
        deadline = time.monotonic() + _LONGEST_S
        while (now := self._jobs())[0] < before + self.trial.projects or now[1]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"A pass did not end within {_LONGEST_S:.0f} s: {self.trial.name}")
            time.sleep(_POLL_S)

    def cpu_s(self) -> float:
        """Of the worker and its processes so far."""
        return cpu_s(self.worker)

    def memory_mb(self) -> float:
        """Of all of them."""
        return memory_bytes(self.worker) / 1_000_000

    def procore_calls(self) -> int:
        return len([entry for entry in journal(self.settings["PROCORE_API_URL"])[0] if not is_token(entry)])

    def _jobs(self) -> tuple[int, int]:
        """The newest job, and how many have not ended: by a reader that the worker does not notice."""
        newest, active = "coalesce(max(id), 0)", "count(*) FILTER (WHERE finished_at IS NULL)"
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute(f"SELECT {newest}, {active} FROM jobs")  # noqa: S608 - ours
        return int(found[0]), int(found[1])


@contextmanager
def installation(trial: Trial, directory: Path, broker_url: str) -> Iterator[Installation]:
    """Up and ready; gone when the block is left."""
    directory.mkdir()
    argument = sandbox_process.argument(trial.size, trial.projects, _NO_LIMITS)
    with ExitStack() as stack:
        reached = stack.enter_context(served(sandbox_process.__name__, argument))
        settings = settings_of(reached, directory) | {"REDIS_URL": broker_url, **_SETTINGS, **trial.more}
        mapping = directory / "mapping.toml"
        mapping.write_text(MAPPING.read_text(encoding="utf-8") + firm.ACCOUNTS_ONLY, encoding="utf-8")
        settings |= {"WORKER_PROCESSES": str(trial.processes), "MAPPING_FILE": str(mapping)}
        migrate(engine := open_engine(settings["DATABASE_URL"]))
        engine.dispose()
        processes = stack.enter_context(Processes(directory))
        worker = [sys.executable, "-m", "celery", "-A", "worker.celery", "worker", "-Q", "manual,periodic"]
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
