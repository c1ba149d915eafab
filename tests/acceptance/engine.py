"""A container engine as far as a test needs one: services of docker-compose.yml as processes of this machine.

What an engine would add (images, networks, mounts) is put in the place of its names: hosts, ports and paths. The rest
is read from the file, so that a service which would not come up there does not come up here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from tests import compose
from tests.services import PATIENCE_S, eventually, missing
from worker.cli.processes import ProcessDied, Processes, free_port

#: Started by the test's own machine: an empty database on a server that runs already.
GIVEN = ("postgres",)


@dataclass
class Engine:
    """Starts services as a container engine would: in the order of what they wait for, each when that is healthy."""

    directory: Path
    processes: Processes
    #: As superuser; the services come as a user who is called as the database is.
    database_url: str
    root: Path = compose.ROOT
    installation: str = "sandbox"
    ports: dict[str, int] = field(init=False)
    instead: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.file = compose.read(INSTALLATION=self.installation)
        self.ports = {number: free_port() for number in ("6379", "5555", "8001", "8002")}
        url = make_url(self.database_url)
        self.instead = {
            "postgres:5432/procore_xero": f"{url.host}:{url.port}/{url.database}",
            "procore_xero": str(url.database),
            "redis://redis:": "redis://127.0.0.1:",
            "http://sandbox:": "http://127.0.0.1:",
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - what is not listened on here
            "/app/": f"{compose.ROOT}/",
            "/config/": f"{self.root / '.installations' / self.installation}/",
            "/data": str(self.directory / "data"),
            "/tmp/": f"{self.directory / 'tmp'}/",  # noqa: S108 - a container's own
            **{number: str(port) for number, port in self.ports.items()},
        }
        for name in ("app", "data", "tmp"):
            (self.directory / name).mkdir()

    @property
    def app(self) -> Path:
        """The directory that commands run in; in a container nobody may write there."""
        return self.directory / "app"

    def translated(self, words: list[str]) -> list[str]:
        """A command of a container with this machine's names."""
        return [self._here(word) for word in words]

    def command(self, name: str) -> list[str]:
        words = self._mounted(name, self.translated(compose.words(self.file["services"][name])))
        if name == "redis":
            words[-1] += f" --port {self.ports['6379']}"
        return words

    def environment(self, name: str) -> dict[str, str]:
        """Nothing but what the image and the file give."""
        given = compose.environment(self.file["services"][name], self.root)
        programs = [str(Path(sys.executable).parent), os.environ["PATH"], *_postgres_programs()]
        url = make_url(self.database_url)
        postgres = {"PGHOST": str(url.host), "PGPORT": str(url.port), "PGPASSWORD": self.password()}
        return {key: self._here(value) for key, value in given.items()} | {
            "PATH": ":".join(programs),
            "HOME": str(self.directory / "tmp"),
            "SECRETS_DIR": str(self._secrets(name)),
            **(postgres if name == "postgres" else {}),
        }

    def password(self) -> str:
        return self.secret("database_password")

    def secret(self, name: str) -> str:
        return Path(self.root, self.file["secrets"][name]["file"]).read_text().strip()

    @contextmanager
    def database_user(self) -> Iterator[None]:
        """The user that the image of PostgreSQL would make when it first starts, with the password of its file."""
        name = make_url(self.database_url).database
        server = create_engine(self.database_url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"CREATE USER {name} PASSWORD '{self.password()}'"))
            connection.execute(text(f"ALTER DATABASE {name} OWNER TO {name}"))
            try:
                yield
            finally:
                connection.execute(text(f"ALTER DATABASE {name} OWNER TO CURRENT_USER"))
                connection.execute(text(f"REASSIGN OWNED BY {name} TO CURRENT_USER"))
                connection.execute(text(f"DROP USER {name}"))
        server.dispose()

    def start(self, name: str, called: str = "") -> None:
        """The service runs when this returns, or has done its work if it is one that ends."""
        for other, wanted in self.file["services"][name].get("depends_on", {}).items():
            completes = wanted["condition"] == "service_completed_successfully"
            ready = other in GIVEN or completes or not wanted.get("required", True) or self.is_healthy(other)
            assert ready, f"{name} would not start before {other}"
        if name == "migrate":
            assert self.run(name, *self.command(name)).returncode == 0
            return
        self.processes.start(called or name, self.command(name), self.environment(name), self.app)

    def wait_until_healthy(self, name: str) -> None:
        def is_up() -> bool:
            self.processes.check()
            return self.is_healthy(name)

        eventually(is_up)

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in this service's container."""
        environment = self.environment(name)
        return subprocess.run(
            command, env=environment, cwd=self.app, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def is_healthy(self, name: str) -> bool:
        words = self._mounted(name, self.translated(compose.probe(self.file["services"][name])))
        words = [word.replace("redis-cli ", f"redis-cli -p {self.ports['6379']} ") for word in words]
        return self.run(name, *words).returncode == 0

    def stop(self, name: str) -> None:
        """Ask this service to end, and kill it where it takes longer than the file gives it, or than a test waits."""
        os.kill(self.processes.pids()[name], signal.SIGTERM)
        service = self.file["services"][name.partition("-")[0]]  # the second of several is "worker-2"
        grace_s = float(service.get("stop_grace_period", "10s").removesuffix("s"))
        until = time.monotonic() + min(grace_s, PATIENCE_S / 3)
        eventually(lambda: self._has_ended(name) or time.monotonic() > until)
        if not self._has_ended(name):
            self.kill(name)

    def kill(self, name: str) -> None:
        """All processes of this service, at once."""
        os.killpg(self.processes.pids()[name], signal.SIGKILL)
        eventually(lambda: self._has_ended(name))

    def _has_ended(self, name: str) -> bool:
        with suppress(ProcessDied):
            self.processes.check()
        return name not in self.processes.pids()

    @property
    def pattern(self) -> str:
        """What is put in another's place; a port only where it stands alone."""
        longest_first = sorted(self.instead, key=len, reverse=True)
        return "|".join(rf"\b{word}\b" if word.isdigit() else re.escape(word) for word in longest_first)

    def _here(self, value: str) -> str:
        return re.sub(self.pattern, lambda one: self.instead[one[0]], value)

    def _mounted(self, name: str, words: list[str]) -> list[str]:
        """With this service's secrets where they lie on this machine."""
        return [word.replace("/run/secrets/", f"{self.directory / 'secrets' / name}/") for word in words]

    def _secrets(self, name: str) -> Path:
        """What is mounted into this service, and nothing else; it may be reading them just now."""
        folder = self.directory / "secrets" / name
        folder.mkdir(parents=True, exist_ok=True)
        mounted = compose.secrets(self.file["services"][name], self.file, self.root)
        for secret, path in mounted.items():
            new = folder / f"{secret}.new"
            new.write_bytes(path.read_bytes())
            new.replace(folder / secret)
        for left in folder.iterdir():
            if left.name not in mounted:
                left.unlink()
        return folder


def require_programs(*names: str) -> None:
    """Skip, or fail in CI, where this machine lacks one of these."""
    path = ":".join([os.environ["PATH"], *_postgres_programs()])
    for name in names:
        if shutil.which(name, path=path) is None:
            missing(name)


def _postgres_programs() -> list[str]:
    """Debian keeps them off the PATH."""
    return [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]


def as_json(engine: Engine) -> str:
    """Every service's command, environment and place, for a program that stands in for `docker`."""
    services: dict[str, Any] = {
        name: {"command": engine.command(name), "environment": engine.environment(name), "directory": str(engine.app)}
        for name, service in engine.file["services"].items()
        if service.get("profiles") != ["webhooks"]  # who wants none has no secret for it
    }
    return json.dumps({"services": services, "instead": engine.instead, "pattern": engine.pattern})
