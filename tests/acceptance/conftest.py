"""The whole system as processes: broker, worker and Flower, against both sandboxes, on a ledger of its own.

`machine` has everything that the worker works with and no worker; on `system` a worker and Flower run.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from celery import Celery

from tests.services import PATIENCE_S, eventually, is_alive, missing
from worker.assembly import Parts
from worker.broker.client import connect
from worker.broker.options import options
from worker.cli import broker
from worker.cli.demo_run import as_fields
from worker.cli.processes import ProcessDied, Processes
from worker.cli.sandbox import environment
from worker.cli.system import System
from worker.ledger.database import migrate
from worker.ledger.tables import Job
from worker.sandbox import Limits, Sandbox, Served
from worker.settings import Settings

LOGIN = ("operator", "made-up-password")
DEMO_MAPPING = Path(broker.__file__).with_name("demo_mapping.toml")


@dataclass(frozen=True)
class Machine:
    """The system as a test touches it: by commands, by messages, by HTTP, and by reading the job table."""

    sandbox: Sandbox
    served: Served
    parts: Parts
    celery: Celery
    system: System

    def start_worker(self, *options: str, app: str = "worker.celery") -> int:
        """A worker for both queues and one job at a time, unless the options say otherwise; returns its pid."""
        command = [sys.executable, "-m", "celery", "-A", app, "worker", "-Q", "manual,periodic", "-c", "1"]
        self.system.processes.start("worker", [*command, *options], self.system.env, self.system.directory)
        return self.system.processes.pids()["worker"]

    def end_worker(self, number: signal.Signals, once_told: Callable[[], None] = lambda: None) -> None:
        """End the worker by this signal; SIGKILL takes its whole pool with it, as a machine that loses power does."""
        pid = self.system.processes.pids()["worker"]
        (os.killpg if number is signal.SIGKILL else os.kill)(pid, number)
        once_told()
        eventually(lambda: not is_alive(pid))
        with suppress(ProcessDied):
            self.system.processes.check()

    def worker_said(self) -> str:
        return (self.system.directory / "logs" / "worker.log").read_text(encoding="utf-8")

    def start_mortal_worker(self, point: str) -> None:
        """A worker that is killed at this point of its work (`tests.breaking`), with all its processes."""
        here = {"PYTHONPATH": str(Path(__file__).parents[2]), "FAULT_POINT": point, "FAULT_TAKES": "worker"}
        self.system.env |= here
        self.start_worker(app="tests.breaking")
        for name in here:
            del self.system.env[name]

    def wait_for_death(self) -> None:
        """Until the worker has been killed."""
        pid = self.system.processes.pids()["worker"]
        eventually(lambda: not is_alive(pid))
        with pytest.raises(ProcessDied, match="ended by SIGKILL"):
            self.system.processes.check()

    def run(self, *arguments: str) -> str:
        """Run a Python module or program with the system's settings; returns what it prints."""
        command = [sys.executable, *arguments]
        environment, directory = self.system.env, self.system.directory
        return subprocess.run(
            command, env=environment, cwd=directory, check=True, capture_output=True, text=True, timeout=PATIENCE_S
        ).stdout

    def says(self, *arguments: str) -> str:
        """What the command prints on both its outputs, however it ends."""
        command = [sys.executable, "-m", "worker.cli", *arguments]
        environment, directory = self.system.env, self.system.directory
        ended = subprocess.run(
            command, env=environment, cwd=directory, capture_output=True, text=True, timeout=PATIENCE_S
        )
        return f"{ended.stdout}{ended.stderr}"

    def discover(self) -> None:
        """Start a pass; it runs in the worker."""
        self.celery.send_task("discover", queue="manual")

    def discover_here(self) -> None:
        """A pass without a worker: it queues and publishes, and nobody takes the messages."""
        self.run(
            "-c",
            "from tasks import discovery, project; from worker.assembly import parts; "
            "discovery.discover_projects(parts())",
        )

    def messages(self, queue: str) -> int:
        """How many messages wait in the broker."""
        with connect(self.parts.settings) as client:
            return int(client.llen(self.key(queue)))

    def key(self, name: str) -> str:
        """A key of this installation in Redis."""
        return f"{self.parts.settings.key_prefix}{name}"

    def lose_all_messages(self) -> None:
        """The broker comes up empty."""
        with connect(self.parts.settings) as client:
            client.flushall()

    def job(self, job_number: str) -> Job | None:
        """The newest job of this job number."""
        return self.parts.jobs.latest().get(job_number)

    def wait_for_end(self, job_number: str) -> Job:
        """Its newest job, ended."""

        def ended() -> bool:
            job = self.job(job_number)
            return job is not None and job.state not in ("queued", "running")

        eventually(ended)
        job = self.job(job_number)
        assert job is not None
        return job

    def edit_procore(self, collection: str, project_id: int | str, record_id: int, record: dict[str, Any]) -> None:
        """A person creates or edits a record in Procore; project `-` for the company's own."""
        address = f"{self.served.procore_url}/_sandbox/records/{collection}/{project_id}/{record_id}"
        httpx.put(address, json=record).raise_for_status()

    def fault_in_xero(self, **fault: object) -> None:
        httpx.post(f"{self.served.xero_url}/_sandbox/faults", json=fault).raise_for_status()


@dataclass(frozen=True)
class Running(Machine):
    """The same with a worker and Flower."""

    flower: httpx.Client
    mapping_file: Path

    def task(self, task_id: str) -> dict[str, Any]:
        """What Flower's API says about a task; {} while Flower has not heard of it."""
        answer = self.flower.get(f"/api/task/info/{task_id}")
        return dict(answer.json()) if answer.status_code == 200 else {}

    def wait_for_flower(self, task_id: str, state: str) -> dict[str, Any]:
        """What Flower says about a task once it has seen it reach this state."""
        eventually(lambda: self.task(task_id).get("state") == state)
        return self.task(task_id)


def client(settings: Settings) -> Celery:
    """Somebody who sends messages to this installation."""
    celery = Celery("tests")
    celery.conf.update(**options(settings))
    return celery


@contextmanager
def a_machine(directory: Path) -> Iterator[Machine]:
    """Broker, sandboxes and an empty ledger."""
    # processes in a hurry: who waits for Procore's limits as they come is the demo's test
    sandbox = Sandbox(limits=Limits(procore_per_hour=0, procore_spike=0))
    # a broker of its own: a test may empty it, or take it away
    message_broker = broker.start(None, directory / "broker")
    # what ends with the test need not end in good order
    with sandbox.serve() as served, message_broker as on, Processes(directory / "logs", grace_s=0.2) as processes:
        env = _environment(sandbox, served, directory, on.url)
        parts = Parts(Settings(**as_fields(env)))
        migrate(parts.engine)
        with client(parts.settings) as celery:
            yield Machine(sandbox, served, parts, celery, System(processes, directory, env))
        parts.engine.dispose()


@contextmanager
def a_system(machine: Machine) -> Iterator[Running]:
    """Everything but beat is up."""
    machine.system.worker(1)
    address = machine.system.flower()
    with httpx.Client(base_url=address, auth=LOGIN, timeout=PATIENCE_S) as flower:
        # events that happen before Flower listens are gone; a heartbeat says that both sides are up
        online = "flower_worker_online"
        eventually(lambda: online in _text(flower, "/metrics", machine.system.processes))
        yield Running(**vars(machine), flower=flower, mapping_file=machine.parts.settings.mapping_file)


def page_of_flower(port: int, path: str) -> str:
    """As who has logged in gets it, once Flower is up."""
    found: list[str] = []

    def is_up() -> bool:
        with suppress(httpx.TransportError):
            found.append(httpx.get(f"http://127.0.0.1:{port}{path}", auth=LOGIN, timeout=PATIENCE_S).text)
        return bool(found)

    eventually(is_up)
    return found[0]


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Packages can be had."""
    to = str(tmp_path_factory.mktemp("download"))
    command = [sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--dest", to, "setuptools"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    if done.returncode != 0:
        missing(f"A package index that pip reaches ({done.stderr})")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine of the test's own, which starts its workers and passes itself."""
    with a_machine(tmp_path / "system") as machine:
        yield machine


@pytest.fixture
def system(machine: Machine) -> Iterator[Running]:
    """A system of the test's own, which starts its passes itself."""
    with a_system(machine) as running:
        yield running


def _environment(sandbox: Sandbox, served: Served, directory: Path, redis_url: str) -> dict[str, str]:
    directory.mkdir(exist_ok=True)
    mapping_file = Path(shutil.copy(DEMO_MAPPING, directory / "mapping.toml"))
    return environment(served, sandbox.dump()) | {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(directory),
        "DATABASE_URL": f"sqlite:///{directory / 'ledger.db'}",
        "REDIS_URL": redis_url,
        "MAPPING_FILE": str(mapping_file),
        "READ_LISTS": "every_pass",
        "FLOWER_LOGIN": ":".join(LOGIN),
    }


def _text(client: httpx.Client, path: str, processes: Processes) -> str:
    processes.check()
    try:
        return client.get(path).text
    except httpx.TransportError:
        return ""
