"""The demo's processes: what `start` runs, and the sandbox.

Nothing here knows what the processes do; each is a command line, an environment and a log.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import tenacity

from worker.cli import celery_programs
from worker.cli.processes import Processes, free_port
from worker.cli.sandbox import addresses
from worker.errors import ApiUnavailable

#: Seconds that a server has to come up.
START_S = 30.0


@dataclass
class System:
    """Starts the processes one by one; each is up when its method returns, or runs on its own from there."""

    processes: Processes
    directory: Path
    env: dict[str, str] = field(default_factory=dict)

    def sandbox(self, company_id: int, seed: Path | None = None) -> Mapping[str, str]:
        """Serve both sandboxes and point the environment at them; returns their addresses."""
        procore, xero = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        options = ["--procore-port", procore.rsplit(":", 1)[1], "--xero-port", xero.rsplit(":", 1)[1]]
        if seed is not None:
            options += ["--seed", str(seed)]
        self._start("sandbox", [sys.executable, "-m", "worker.cli", "sandbox", *options])
        for address in (procore, xero):
            self._answers(f"{address}/_sandbox/journal")
        self.env |= addresses(procore, xero) | {"PROCORE_COMPANY_ID": str(company_id)}
        return {"procore": procore, "xero": xero}

    def worker(self, jobs_at_once: int) -> None:
        self._start("worker", celery_programs.worker(jobs_at_once))

    def beat(self) -> None:
        self._start("beat", celery_programs.beat())

    def flower(self) -> str:
        """Returns Flower's address."""
        port = free_port()
        self._start("flower", celery_programs.flower(port))
        return f"http://127.0.0.1:{port}"

    def _start(self, name: str, command: Sequence[str]) -> None:
        self.processes.start(name, command, self.env, self.directory)

    def _answers(self, url: str) -> None:
        """Wait until the address answers. Raises ProcessDied at once when its process has ended."""
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(httpx.TransportError),
            wait=tenacity.wait_fixed(0.1),
            stop=tenacity.stop_after_delay(START_S),
            before=lambda _: self.processes.check(),
            reraise=True,
        )
        try:
            tries(httpx.get, url)
        except httpx.TransportError as error:
            raise ApiUnavailable(f"{url} does not answer ({error}).") from error
