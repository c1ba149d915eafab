"""The bar of `progress`: by itself, since what draws it takes long to load, and most commands end before it is seen."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from worker.counting import lasting


class What(TextColumn):
    """What is done; while a call limit is waited for, that, and how long it still takes."""

    def __init__(self) -> None:
        super().__init__("{task.description}", markup=False)
        self._limit, self._until = "", 0.0

    def waits(self, what: str, seconds: float) -> None:
        self._limit, self._until = what, time.monotonic() + seconds

    def render(self, task: Task) -> Text:
        left_s = max(0.0, self._until - time.monotonic())
        return Text(f"{self._limit}; free in {lasting(left_s)}") if self._limit else super().render(task)


def bar(what: What, screen: Console) -> Progress:
    """One line that goes when it ends."""
    return Progress(what, BarColumn(bar_width=20), TimeElapsedColumn(), console=screen, transient=True)
