"""Shows how far a long step is: a bar on standard error, and nothing without a terminal.

It appears after two seconds, so that what is quick stays quiet. It knows nothing of what goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.progress import BarColumn, Progress, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from worker.cli.screen import errors
from worker.counting import lasting
from worker.http import limit_waits
from worker.waiting import Tell, untold

#: Seconds until a person wonders whether anything happens.
QUIET_S = 2.0


class _What(TextColumn):
    """What is done; while a call limit is waited for, that, and how long it still takes."""

    def __init__(self) -> None:
        super().__init__("{task.description}", markup=False)
        self._limit, self._until = "", 0.0

    def waits(self, what: str, seconds: float) -> None:
        self._limit, self._until = what, time.monotonic() + seconds

    def render(self, task: Task) -> Text:
        left_s = max(0.0, self._until - time.monotonic())
        return Text(f"{self._limit}; free in {lasting(left_s)}") if self._limit else super().render(task)


@contextmanager
def working(what: str) -> Iterator[Tell]:
    """A bar for as long as the block lasts. The block may say how far it has come; that a call limit is waited for is
    said by itself, also without a terminal."""
    screen = errors()
    if not screen.is_interactive:
        with limit_waits.heard(_line):
            yield untold
        return
    doing = _What()
    progress = Progress(doing, BarColumn(bar_width=20), TimeElapsedColumn(), console=screen, transient=True)
    task = progress.add_task(what, total=None)

    def tell(doing: str, done: int, total: int | None) -> None:
        progress.update(task, description=f"{what}: {doing}" if doing else what, completed=done, total=total)

    def waits(limit: str, seconds: float) -> None:
        doing.waits(limit, seconds)
        progress.refresh()

    later = threading.Timer(QUIET_S, progress.start)
    later.daemon = True
    later.start()
    try:
        with limit_waits.heard(waits):
            yield tell
    finally:
        later.cancel()
        later.join()
        progress.stop()


def _line(what: str, seconds: float) -> None:
    if what:
        typer.echo(f"{what}; free in {lasting(seconds)}.", err=True)
