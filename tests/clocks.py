"""Machines whose clocks are wrong: the product knows of no such setting, a test hands it the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from worker.clock import Machine


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
