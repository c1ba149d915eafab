"""The limits of both APIs as plain numbers, so that tests can scale a day down to a second.

Holds values only; who counts against them is each API's own guard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What the two APIs allow. A limit of 0 is not enforced; `_s` fields are seconds."""

    xero_per_minute: int = 60
    xero_minute_s: float = 60.0
    xero_concurrent: int = 5
    xero_per_day: int = 5000
    xero_day_s: float = 86400.0
    xero_app_per_minute: int = 10000
    idempotency_s: float = 360.0
    xero_token_s: int = 1800
    procore_token_s: int = 5400
    #: The examples of Procore's documentation (rate_limiting.md); an app may be given more, and the headers say so.
    procore_per_hour: int = 600
    procore_hour_s: float = 3600.0
    procore_spike: int = 25
    procore_spike_s: float = 10.0
    latency_s: float = 0.0


class LimitsInForce:
    """The one place both guards read the limits from, because the control interface may change them."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now = limits or Limits()

    def change(self, values: Mapping[str, object]) -> None:
        """Replace some limits; raises ValueError for a name or value that is not a limit."""
        changed: dict[str, Any] = {}
        for name, value in values.items():
            if name not in asdict(self.now):
                raise ValueError(f"{name!r} is not a limit; known are {', '.join(asdict(self.now))}")
            if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
                raise ValueError(f"{name} must be a number, not {value!r}")
            changed[name] = float(value) if name.endswith("_s") and "token" not in name else int(value)
        self.now = replace(self.now, **changed)


class Window:
    """Counts calls in a rolling window: stricter than a fixed one, so who keeps to it keeps to both."""

    def __init__(self) -> None:
        self._hits: deque[float] = deque()

    def used(self, now: float, length_s: float) -> int:
        """How many calls lie within the last `length_s` seconds."""
        while self._hits and self._hits[0] <= now - length_s:
            self._hits.popleft()
        return len(self._hits)

    def hit(self, now: float) -> None:
        """Count one call."""
        self._hits.append(now)

    def free_in_s(self, now: float, length_s: float) -> float:
        """Seconds until the oldest counted call leaves the window."""
        return max(0.0, self._hits[0] + length_s - now) if self._hits else 0.0
