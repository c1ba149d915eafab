"""A world that is made in a moment, and whose workers can be killed anywhere: between two requests, and between two
transactions of the ledger.

Its clock moves only when somebody moves it and its random numbers are drawn from one seed, so that what went wrong once
goes wrong again. The ledger is one SQLite database in memory, filled anew for each world. Workers that are there at the
same time run inside one another: one works while a request of the other is on its way.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import structlog
from sqlalchemy import Engine, event

from tasks.policy import Report
from tests.clocks import StillClock, Turned
from tests.integration.wire import Act, Crash
from tests.integration.world import MAPPING, WRITING, World
from worker.clock import SharedClock
from worker.errors import ProjectBusy, Retriable
from worker.ledger.database import migrate, open_engine
from worker.ledger.jobs import ACTIVE
from worker.owner import owner_name

#: Before today wherever this runs: what Procore is asked for ends tomorrow by the machine's clock. After the lock date
#: of the demo's organisation.
STARTS_AT = datetime(2025, 7, 7, 8, tzinfo=UTC)
#: Seconds that a request is on its way at most: 70 % of the life of its key.
GIVEN_UP_S = 250.0
#: Just shorter than that, so that a job is taken over while a request of its worker is still on its way.
LEASE_S = 240.0
#: Seconds that pass while somebody looks once whether another process has read something.
LOOK_S = 30.0


@dataclass(frozen=True)
class Beginning:
    """A ledger and both APIs at one moment, for worlds to begin from."""

    seed: Mapping[str, Any]
    ledger: sqlite3.Connection
    mapping: str = MAPPING
    #: What ids are drawn from: none may come twice where one world begins from another one's end.
    random: int = 0


@dataclass
class Run:
    """One worker at work. Once killed, it does not write to the ledger any more, whatever its code would still do."""

    killed: bool = False


class MortalWorld(World):
    """A world for one sequence of steps. Close it before the next one begins: they share the ledger's database."""

    def __init__(self, beginning: Beginning, lists_every_hours: int = 0) -> None:
        self._patches = ExitStack()
        self._runs: list[Run] = []
        self._dead: set[str] = set()
        #: Whether a worker can see that another one's process has ended: it is on the same machine.
        self.on_one_machine = True
        #: Transactions until the worker at work is killed; None: it lives.
        self.fuse: int | None = None
        #: How many workers died, and how many came back to an error that passes.
        self.deaths = self.returns = 0
        engine = _ledger()
        _copy(beginning.ledger, _connection(engine))
        settings: dict[str, Any] = {"lease_s": LEASE_S, "lists_every_hours": lists_every_hours, "watch_xero": True}
        directory = Path(_directory().name)
        super().__init__(beginning.seed, "sqlite://", directory, engine=engine, clock=StillClock(STARTS_AT), **settings)
        self.mapping_file.write_text(beginning.mapping)
        self._enter_patches(engine, beginning.random)

    def _enter_patches(self, engine: Engine, seed: int) -> None:
        numbers = random.Random(seed)  # noqa: S311 - ids, not secrets
        guid = lambda: uuid.UUID(int=numbers.getrandbits(128), version=4)  # noqa: E731
        looking = SimpleNamespace(sleep=lambda _: self.clock.advance(LOOK_S))
        for target, stand_in in (
            ("uuid.uuid4", guid),
            ("worker.ledger.references.time", looking),
            ("worker.assembly.is_dead", self._is_dead),
            ("worker.assembly.require_migrated", lambda _: None),  # it reads the migrations' source each time
            ("tasks.publishing.publish", lambda jobs, parts: None),
        ):
            self._patches.enter_context(patch(target, stand_in))
        logs = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._patches.callback(lambda: structlog.configure(**logs))
        event.listen(engine, "begin", self._begins, insert=True)
        self._patches.callback(lambda: event.remove(engine, "begin", self._begins))

    def close(self) -> None:
        self._patches.close()

    def as_beginning(self) -> Beginning:
        """This moment, for other worlds to begin from."""
        kept = sqlite3.connect(":memory:")
        _copy(_connection(self.parts.engine), kept)
        return Beginning(self.sandbox.dump(), kept, self.mapping_file.read_text(), random=1)

    # --- workers -----------------------------------------------------------------------------------------------

    def deliver(self, job_number: str) -> Report | None:
        """A worker takes the message of this number's job: queued, lost by its worker, or else a manual one.

        None when it did not come to its end: killed, another worker has it, or it comes back by itself.
        """
        parts = self.parts
        job = parts.jobs.latest().get(job_number)
        if job is None or job.state not in ACTIVE:
            job = parts.jobs.hurry(job_number, "")
        assert job is not None
        owner = owner_name()
        with self._worker(owner):
            try:
                claimed = parts.jobs.claim(job.task_id, owner)
            except ProjectBusy:
                return None
            assert claimed is not None, "a message of the newest job is never stale"
            try:
                return self.carry_out(claimed, owner, parts)
            except Retriable:
                self.returns += 1
        return None

    def pass_begins(self) -> None:
        """Beat starts discovery, which a worker runs."""
        with self._worker(owner_name()):
            try:
                self.discover()
            except Retriable:
                self.returns += 1

    def wait_for_the_dead(self, job_number: str) -> None:
        """Until the lease of a killed worker has run out, where nobody sees that it is dead."""
        job = self.parts.jobs.latest().get(job_number)
        if job is not None and job.state == "running" and not self._is_dead(str(job.owner)):
            self.clock.advance(self.settings.lease_s + 1)

    def restart(self) -> None:
        """A new worker process: its own clients, without a token yet."""
        self.parts = self.more_parts()

    def shared_clock(self) -> Callable[[], datetime]:
        """As the product asks a server, each time anew."""
        return SharedClock(self.clock.now, self.machine)

    @contextmanager
    def on_another_machine(self, off: timedelta) -> Iterator[None]:
        """A worker whose machine's own clock is so far off works beside the one that there is."""
        machine, parts = self.machine, self.parts
        self.machine = Turned(self.clock, off)
        self.restart()
        try:
            yield
        finally:
            self.machine, self.parts = machine, parts

    def kill(self, _: httpx.Request | None = None) -> None:
        """The worker at work dies here."""
        self._runs[-1].killed = True
        raise Crash

    @contextmanager
    def _worker(self, owner: str) -> Iterator[None]:
        run = Run()
        self._runs.append(run)
        try:
            yield
        except Crash:
            self.deaths += 1
            self._dead.add(owner)
            self._runs.pop()
            self.restart()
            self._runs.append(run)
        finally:
            self._runs.pop()

    def _is_dead(self, owner: str) -> bool:
        return self.on_one_machine and owner in self._dead

    def _begins(self, _: object) -> None:
        if not self._runs:
            return
        if self._runs[-1].killed:
            raise Crash
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse <= 0:
                self.fuse = None
                self.kill()

    # --- the wire ----------------------------------------------------------------------------------------------

    def on_write(self, place: str, at: str, number: int, act: Act) -> None:
        """When the write of this number from now on is about to arrive at Xero (`before`), or was answered (`after`).

        `at` is where it goes, a regular expression. Writes of a worker that works while another one's is on its way
        are not counted.
        """
        left = number

        def due(request: httpx.Request) -> httpx.Request | None:
            nonlocal left
            if len(self._runs) == 1:
                left -= 1
                if left == 0:
                    return act(request)
            if left > 0:
                arm(request.method)
            return None

        def arm(method: str) -> None:
            (self.wire.before if place == "before" else self.wire.after)(method, f"/api.xro/2.0{at}", due)

        for method in WRITING:
            arm(method)

    def give_up(self, request: httpx.Request, since: datetime) -> None:
        """Who sent a request long ago does not wait for its answer any more."""
        if (self.clock.now() - since).total_seconds() > GIVEN_UP_S:
            raise httpx.ReadTimeout("no answer", request=request)

    def spare(self) -> None:
        """Nobody is killed or disturbed who is not yet."""
        self.fuse = None
        self.wire.forget()

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.spare()
        for client in (self._procore, self._xero):
            self._sent(client, "DELETE", "/_sandbox/faults", None)


def fresh(seed: Mapping[str, Any], mapping: str = MAPPING) -> Beginning:
    """Both APIs as the seed says, and an empty ledger."""
    _ledger()
    return Beginning(seed, _empty(), mapping)


@cache
def _ledger() -> Engine:
    """One for all worlds of this process: what SQLAlchemy has compiled for it is kept."""
    return open_engine("sqlite://")


@cache
def _empty() -> sqlite3.Connection:
    """A ledger of which the tables are there."""
    engine = open_engine("sqlite://")
    migrate(engine)
    kept = sqlite3.connect(":memory:")
    _copy(_connection(engine), kept)
    engine.dispose()
    return kept


@cache
def _directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _connection(engine: Engine) -> sqlite3.Connection:
    """The only one there is: in memory each would be a database of its own."""
    raw = engine.raw_connection()
    found = raw.driver_connection
    raw.close()
    assert isinstance(found, sqlite3.Connection)
    return found


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    source.backup(target)
