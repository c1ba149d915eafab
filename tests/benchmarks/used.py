"""What this process has used so far. Imports nothing of ours: who is measured must not carry others' modules."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path


class Meter:
    """Running since it was made."""

    def __init__(self) -> None:
        self._start_mb, self._before_s, self._started = peak_mb(), cpu_s(), time.perf_counter()

    def read(self) -> dict[str, float]:
        seconds, used_s = time.perf_counter() - self._started, cpu_s() - self._before_s
        return {"seconds": seconds, "cpu_s": used_s, "start_mb": self._start_mb, "peak_mb": peak_mb()}


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """The most memory that this process ever held.

    Linux's `ru_maxrss` goes on counting what the parent held before the program was loaded; VmHWM does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
