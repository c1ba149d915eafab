"""A clock that only moves when somebody sleeps: Redis' and everybody's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

START = 1_800_000_000.0


@dataclass
class Clock:
    """The time of Redis and of everybody; sleeping moves it."""

    now: float = START
    slept: list[float] = field(default_factory=list)
    while_asleep: Callable[[], None] = lambda: None

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.while_asleep()
        self.now += seconds

    @property
    def passed(self) -> float:
        return round(self.now - START, 3)
