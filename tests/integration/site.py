"""A world that is served over HTTP, and processes that work on it as workers do."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from typing import Any

from celery.exceptions import Ignore, Retry

from tasks import discovery, publishing
from tasks.project import sync_project
from tests.breaking import install, kill_process
from tests.clocks import Wrong
from tests.integration.world import World
from tests.services import PATIENCE_S
from worker import assembly
from worker.assembly import Parts
from worker.clock import MACHINE
from worker.ledger import database
from worker.procore import client as procore_client
from worker.sandbox import Served
from worker.settings import Settings
from worker.xero import client as xero_client

#: One process, started once, with everything loaded and no threads: the others are forked from it.
WARM = multiprocessing.get_context("forkserver")
WARM.set_forkserver_preload(["tests.integration.site", "tests.integration.warm"])
#: No difference between clocks.
EXACT = timedelta()


@dataclass(frozen=True)
class Started:
    """A process that runs."""

    process: ForkServerProcess

    def exit_code(self) -> int:
        """Wait for its end."""
        self.process.join(PATIENCE_S)
        code = self.process.exitcode
        assert code is not None, "the process does not end"
        return code


@dataclass(frozen=True)
class Halt:
    """Instead of dying, a process stands still at its point until it is let go."""

    reached: Event = field(default_factory=WARM.Event)
    released: Event = field(default_factory=WARM.Event)

    def __call__(self) -> None:
        self.reached.set()
        assert self.released.wait(PATIENCE_S)


@dataclass
class Site:
    """The world and its two addresses. Processes work on its ledger, at the time that its clock shows.

    A ledger's server shows that time, too. The clock of a process's machine may be wrong, by `off`.
    """

    world: World
    served: Served

    def job(
        self,
        job_number: str,
        point: str = "",
        *,
        patient: bool = False,
        off: timedelta = EXACT,
        halt: Halt | None = None,
    ) -> Started:
        """Run the job that is queued or was left; killed, or halted, at `point`. If `patient`, it comes back when it
        has to."""
        task_id = self.world.job(job_number).task_id
        return self._start(run_job, job_number, task_id, point, patient, halt or kill_process, off=off)

    def discovery(self) -> Started:
        """A pass. What it queues nobody publishes."""
        return self._start(run_discovery)

    def _start(self, run: Callable[..., None], *arguments: object, off: timedelta = EXACT) -> Started:
        urls = {
            "procore_api_url": self.served.procore_url,
            "procore_token_url": f"{self.served.procore_url}/oauth/token",
            "xero_api_url": f"{self.served.xero_url}/api.xro/2.0",
            "xero_token_url": f"{self.served.xero_url}/connect/token",
        }
        settings = {**self.world.settings.model_dump(), **urls}
        ahead = self.world.clock.now() - MACHINE.now()
        process = WARM.Process(target=run, args=(settings, ahead, off, *arguments))
        process.start()
        return Started(process)


@contextmanager
def served(world: World) -> Iterator[Site]:
    with world.sandbox.serve() as addresses:
        yield Site(world, addresses)


def run_job(
    settings: Mapping[str, Any],
    ahead: timedelta,
    off: timedelta,
    job_number: str,
    task_id: str,
    point: str,
    patient: bool,
    stop: Callable[[], None],
) -> None:
    """In the new process: the task itself, as a worker runs it."""
    _own_parts(settings, ahead, off)
    if point:
        install(point, stop)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            sync_project.apply(args=(job_number,), task_id=task_id, throw=True)
        except Ignore:  # somebody else has done it
            return
        except Retry:
            if not patient:
                raise
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{job_number} did not come to an end")


def run_discovery(settings: Mapping[str, Any], ahead: timedelta, off: timedelta) -> None:
    publishing.publish = lambda jobs, parts: None
    discovery.discover_projects(_own_parts(settings, ahead, off))


def _own_parts(settings: Mapping[str, Any], ahead: timedelta, off: timedelta) -> Parts:
    """What a process makes for itself, without a broker."""
    machine, real = Wrong(ahead + off), database.server_time
    database.server_time = lambda engine: real(engine) + ahead
    parts = assembly._parts = Parts(Settings(_env_file=None, **settings), machine=machine)
    parts.procore = procore_client.connect(parts.settings, None, machine=machine)
    parts.xero = xero_client.connect(parts.settings, None, machine=machine)
    return parts
