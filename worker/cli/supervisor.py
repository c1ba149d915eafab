"""Keeps child processes up: one that ends is named and started again, after a pause that grows while it keeps ending.

Each is started anew alone: the others live through the loss of any of them, as they do where a container engine or
systemd does this work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from worker.cli.exits import Exit, RefusedError
from worker.cli.processes import ProcessDied, Processes

#: Seconds until a child is started again: the first pause, and the longest, to which it doubles.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
#: Seconds after which a child counts as well again.
WELL_AFTER_S = 300.0

log = structlog.get_logger(__name__)


@dataclass
class Child:
    """One program that is to be up. Times are of a clock that is never set."""

    command: Sequence[str]
    started_at: float = 0.0
    pause_s: float = 0.0
    #: When it starts again; None while it runs.
    due_at: float | None = None

    def started(self, now: float) -> None:
        self.started_at, self.due_at = now, None

    def ended(self, now: float) -> None:
        """Sets when it is due again: soon after a first end, ever later while it ends again and again."""
        was_well = now - self.started_at >= WELL_AFTER_S
        self.pause_s = FIRST_PAUSE_S if was_well or not self.pause_s else min(2 * self.pause_s, LONGEST_PAUSE_S)
        self.due_at = now + self.pause_s


@dataclass
class Supervisor:
    """The children by name, in the order in which they start; `processes` ends them in the reverse order."""

    processes: Processes
    env: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic
    children: dict[str, Child] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a program that is to stay up from now on. Raises ProcessDied when there is no such program."""
        self.children[name] = Child(command)
        self._start(name)

    def look(self) -> None:
        """Name what has ended, and start what is due. Raises RefusedError for one that a restart cannot help."""
        try:
            self.processes.check()
        except ProcessDied as death:
            self._ended(death)
        for name, child in self.children.items():
            if child.due_at is not None and self.clock() >= child.due_at:
                self._start(name)

    def _ended(self, death: ProcessDied) -> None:
        if death.code == Exit.REFUSED:
            raise RefusedError(f"{death} It says above what is wrong, and to start it again would not help.")
        child = self.children[death.name]
        child.ended(self.clock())
        log.warning("a process ended and is started again", process=death.name, how=str(death), in_s=child.pause_s)

    def _start(self, name: str) -> None:
        child = self.children[name]
        self.processes.start(name, child.command, self.env)
        child.started(self.clock())
        log.info("started", process=name, pid=self.processes.pids()[name])
