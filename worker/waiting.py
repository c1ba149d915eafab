"""How far a long step is. Knows neither what the step is nor how it is shown."""

from __future__ import annotations

from collections.abc import Callable

#: Takes what is being done, how much of it is over, and how much there is; None: nobody knows.
Tell = Callable[[str, int, int | None], None]


def untold(doing: str, done: int, total: int | None) -> None:
    """Nobody waits."""
