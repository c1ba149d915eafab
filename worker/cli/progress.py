"""Shows how far a long step is: a bar on standard error, and nothing without a terminal.

It appears after two seconds, so that what is quick stays quiet. It knows nothing of what goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from worker.cli.screen import complain, errors
from worker.counting import lasting
from worker.http import limit_waits
from worker.waiting import Tell, untold

#: Seconds until a person wonders whether anything happens.
QUIET_S = 2.0


@contextmanager
def working(what: str) -> Iterator[Tell]:
    """A bar for as long as the block lasts. The block may say how far it has come; that a call limit is waited for is
    said by itself, also without a terminal."""
    screen = errors()
    if not screen.is_interactive:
        with limit_waits.heard(_line):
            yield untold
        return
    from worker.cli.bar import What, bar

    doing = What()
    progress = bar(doing, screen)
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
        complain(f"{what}; free in {lasting(seconds)}.")
