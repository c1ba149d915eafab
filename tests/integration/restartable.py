"""A Redis for one test alone, which may stop it, start it again, empty it, and put it into any state."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.services import PATIENCE_S, eventually, missing
from worker.cli.processes import Processes, free_port
from worker.settings import Settings


@contextmanager
def keeping(folder: Path) -> Iterator[Restartable]:
    """One that runs, and keeps its file in this folder."""
    with Processes(folder) as processes:
        redis = Restartable(processes, "--dir", str(folder))
        redis.start()
        yield redis


class Restartable:
    """A Redis on one port that can be stopped and started; it keeps what it has where `options` say so."""

    def __init__(self, processes: Processes, *options: str) -> None:
        if not shutil.which("redis-server"):
            missing("redis-server on the PATH")
        self._processes = processes
        self._options = options
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self, *options: str) -> None:
        """It answers, or says that it cannot yet, when this returns."""
        command = ["redis-server", "--port", str(self.port), "--save", "", "--bind", "127.0.0.1"]
        self._processes.start("redis", [*command, *self._options, *options], os.environ)
        eventually(self._is_up)

    def start_reading(self) -> None:
        """It was stopped with much in it and is up again; somebody has asked it for something, and was told LOADING.

        So it says until `reads_on` is called.
        """
        for number in range(100):
            self.ask("SET", f"k{number}", "x" * 2_000)
        self.ask("CONFIG", "SET", "rdbcompression", "no")
        self.ask("SAVE")
        self.stop()
        self.start("--key-load-delay", "300000", "--loading-process-events-interval-bytes", "1024")
        so_far = self.refused("LOADING")
        eventually(lambda: self.refused("LOADING") > so_far)

    def refused(self, word: str) -> int:
        """How many commands it has refused with this word."""
        said = self.ask("INFO", "errorstats")
        assert isinstance(said, dict)
        return int(said.get(f"errorstat_{word}", {"count": 0})["count"])

    def reads_on(self) -> None:
        """It has read its file soon."""
        self.ask("CONFIG", "SET", "key-load-delay", "0")

    def stop(self) -> None:
        """By SIGTERM."""
        self._processes.stop()

    def ask(self, *words: str) -> object:
        with redis.Redis.from_url(self.url) as client:
            answer: object = client.execute_command(*words)
            return answer

    def waiting(self) -> int:
        with redis.Redis.from_url(self.url) as client:
            return int(client.llen(f"{Settings().key_prefix}manual"))

    def has_nobody_waiting(self) -> bool:
        """Whether no client waits for a message to come."""
        with redis.Redis.from_url(self.url) as client:
            return int(client.info("clients")["blocked_clients"]) == 0

    def _is_up(self) -> str:
        self._processes.check()
        return self.pinged()

    def pinged(self) -> str:
        """What it says to PING: PONG, LOADING while it reads its file; blank when nobody listens."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).decode().split()[0].lstrip("+-")
        except OSError:
            return ""
