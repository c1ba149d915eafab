"""The sandbox's clock: real time plus an offset, so that a test can pass six minutes without waiting.

Both APIs of one sandbox share one clock. Nothing else in the sandbox asks the machine for the time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset that only grows through `advance`."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """The sandbox's present moment, aware UTC."""
        return datetime.now(UTC) + self._offset

    def timestamp(self) -> float:
        """The same moment as seconds since the epoch, for windows and expiry."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._offset += timedelta(seconds=seconds)
