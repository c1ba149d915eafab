"""Shows how far a long step is: a bar on standard error, and nothing without a terminal.

It appears after two seconds, so that what is quick stays quiet. It knows nothing of what goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from worker.cli.screen import errors
from worker.waiting import Tell, untold

#: Seconds until a person wonders whether anything happens.
QUIET_S = 2.0


@contextmanager
def working(what: str) -> Iterator[Tell]:
    """A bar for as long as the block lasts. The block may say how far it has come."""
    screen = errors()
    if not screen.is_interactive:
        yield untold
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=20), TimeElapsedColumn())
    progress = Progress(*columns, console=screen, transient=True)
    task = progress.add_task(what, total=None)

    def tell(doing: str, done: int, total: int | None) -> None:
        progress.update(task, description=f"{what}: {doing}" if doing else what, completed=done, total=total)

    later = threading.Timer(QUIET_S, progress.start)
    later.daemon = True
    later.start()
    try:
        yield tell
    finally:
        later.cancel()
        later.join()
        progress.stop()
