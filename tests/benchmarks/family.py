"""What a worker and the processes that it has started take together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psutil  # its types are a package of their own


def cpu_s(worker: psutil.Process) -> float:
    """So far, of those that are there."""
    return sum(sum(one.cpu_times()[:2]) for one in _family(worker))


def memory_bytes(worker: psutil.Process) -> int:
    """Just now; what they share is counted once where the system tells (Linux)."""
    total = 0
    for one in _family(worker):
        with suppress(psutil.NoSuchProcess):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total


def _family(worker: psutil.Process) -> Iterator[psutil.Process]:
    yield worker
    yield from worker.children(recursive=True)
