"""Being asked to stop: on SIGTERM a worker leaves its jobs between two requests, and does not wait for their ends.

Celery tells only a worker's main process; those that run the jobs look at a byte of memory that they share with it. It
ends nothing by itself: a job asks where it can be left, and comes back to another worker.
"""

from __future__ import annotations

import mmap
import time

from worker.errors import WorkerStopped

_asked = mmap.mmap(-1, 1)  # shared with every process that is forked later
#: Seconds between two looks while a call waits for its turn.
_LOOK_EVERY_S = 0.5


def ask() -> None:
    """From now on, in this process and in those it forked."""
    _asked[0] = 1


def check() -> None:
    """A place where a job can be left. Raises WorkerStopped when it is to be."""
    if _asked[0]:
        raise WorkerStopped


def sleep(seconds: float) -> None:
    """Wait for a turn, unless the worker is stopped meanwhile. Raises WorkerStopped."""
    until = time.monotonic() + seconds
    while (left_s := until - time.monotonic()) > 0:
        check()
        time.sleep(min(left_s, _LOOK_EVERY_S))
