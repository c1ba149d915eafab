"""Machines whose clocks are wrong, and a clock that stands still: the product knows of no such settings, a test hands
them to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from worker.clock import Machine
from worker.sandbox import Clock


class Now(Protocol):
    def now(self) -> datetime: ...


@dataclass
class Wrong(Machine):
    """This machine, its clock wrong by `off`."""

    off: timedelta

    def now(self) -> datetime:
        return super().now() + self.off


@dataclass
class Turned(Machine):
    """One that knows the time from a test's own clock only, and shows it wrong by `off`."""

    clock: Now
    off: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        return self.clock.now() + self.off

    def seconds(self) -> float:
        return self.clock.now().timestamp()


class RunningClock(Clock):
    """For a sandbox: it shows a given moment when it is made, and goes on from there."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._offset = at - datetime.now(UTC)


class StillClock(Clock):
    """For a sandbox: it stands still unless it is advanced, so that neither the hour nor the machine's haste counts."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        return self._at + self._offset
