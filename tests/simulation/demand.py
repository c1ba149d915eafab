"""A project and what there is to be sent of it: all of it at the beginning, and what people change from then on."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from tests.simulation import work
from tests.simulation.work import Size

HOUR_S, DAY_S = 3600.0, 86_400.0
#: People change records between these hours.
WORKDAY_H = (8, 18)
#: Of the changes how many are claims; the others are payments.
CLAIMS_SHARE = 2 / 3
#: A record that was there at the beginning.
AT_FIRST = -1.0


@dataclass(slots=True)
class Project:
    """One project: what is not in the books yet, and when each record came."""

    size: Size
    #: Records that change or come in a day, after the first sync.
    per_day: float
    chance: random.Random
    is_new: bool = True
    is_active: bool = False
    #: When everything of a kind was last read.
    full_at: dict[str, float] = field(default_factory=dict)
    #: When the lists count as read that are read every so often; each project has a time of its own.
    listed_at: float | None = None
    pending: dict[str, deque[float]] = field(default_factory=lambda: {kind: deque() for kind in work.KINDS})
    _next: float = 0.0

    def __post_init__(self) -> None:
        if self.is_new:
            for kind, waiting in self.pending.items():
                waiting.extend([AT_FIRST] * self.size.of(kind))
        self._next = self._gap()

    @property
    def left(self) -> int:
        return sum(map(len, self.pending.values()))

    @property
    def expected_calls(self) -> int:
        return sum(1 for kind, waiting in self.pending.items() for _ in work.requests(kind, len(waiting)))

    def now_only(self, **counts: int) -> None:
        """As if the first sync had been, and only these records were new."""
        self.full_at, self.listed_at = dict.fromkeys(work.KINDS, 0.0), 0.0
        for kind, waiting in self.pending.items():
            waiting.clear()
            waiting.extend([AT_FIRST] * counts.get(kind, 0))

    def is_due(self, kind: str, now: float) -> bool:
        """Whether everything of this kind is read: the first time, and once a day."""
        return kind not in self.full_at or now - self.full_at[kind] >= DAY_S

    def is_listed(self, now: float, every_s: float) -> bool:
        """Whether vendors and cost codes are read."""
        return self.listed_at is None or now - self.listed_at >= every_s

    def list_read(self, now: float, every_s: float) -> None:
        if self.listed_at is None:
            self.listed_at = now - self.chance.random() * every_s
        elif every_s:
            self.listed_at += (now - self.listed_at) // every_s * every_s

    def come(self, now: float) -> None:
        """Take in what has changed in Procore until now."""
        while (at := _in_workdays(self._next)) <= now:
            kind = "claims" if self.chance.random() < CLAIMS_SHARE else "payments"
            self.pending[kind].append(at)
            self._next += self._gap()

    def _gap(self) -> float:
        """Seconds of a working day until the next change."""
        a_day = (WORKDAY_H[1] - WORKDAY_H[0]) * HOUR_S
        return self.chance.expovariate(self.per_day / a_day) if self.per_day else float("inf")


def _in_workdays(worked_s: float) -> float:
    if worked_s == float("inf"):
        return worked_s
    day, rest = divmod(worked_s, (WORKDAY_H[1] - WORKDAY_H[0]) * HOUR_S)
    return day * DAY_S + WORKDAY_H[0] * HOUR_S + rest
