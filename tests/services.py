"""What tests need of the machine: services that may be missing, and processes that must be gone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NoReturn

import psutil  # its types are a package of their own
import pytest


def missing(service: str) -> NoReturn:
    """Skip on a laptop; fail in CI, where a test that silently never runs would look like one that passes."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{service} is missing, and in CI it must not be")
    pytest.skip(f"{service} is missing")


#: Seconds after which a test gives up what it waits for. No rule of ours: a machine may be slow, and only a test that
#: fails waits so long.
PATIENCE_S = 180.0


def eventually(condition: Callable[[], object]) -> None:
    """Wait until another process has made `condition` true; fail when nothing comes of it."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        is_last = time.monotonic() > deadline
        if condition():
            return
        if is_last:
            pytest.fail(f"not true within {PATIENCE_S:g} s")
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and only waits to be counted does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
