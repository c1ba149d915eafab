"""A Redis for one test alone, which may stop it, start it again and empty it."""

from __future__ import annotations

import os

import redis

from tests.services import eventually
from worker.cli.processes import Processes, free_port


class Restartable:
    """A Redis on one port that can be stopped and started."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self._port), "--save", "", "--bind", "127.0.0.1"]
        self._processes.start("redis", command, os.environ)
        eventually(self._answers)

    def stop(self) -> None:
        self._processes.stop()

    def waiting(self) -> int:
        with redis.Redis.from_url(self.url) as client:
            return int(client.llen("manual"))

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
