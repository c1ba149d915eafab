"""Flower ends when it is told to, at whatever moment.

Its own handler of SIGTERM raises SystemExit where it stands. Every five seconds that may be the destructor of the file
in which what Flower has seen was saved, and Python drops what is raised there: Flower went on, and its supervisor had
to kill it.
"""

from __future__ import annotations

import signal
from typing import Any

from tornado.ioloop import IOLoop


def leave(number: int, _frame: Any) -> None:
    """Handle a signal: Flower's loop stops when it has done what it is at. A second one ends the process at once."""
    signal.signal(number, signal.SIG_DFL)
    loop = IOLoop.current()
    loop.asyncio_loop.call_soon_threadsafe(loop.stop)  # type: ignore[attr-defined]  # each loop of Tornado's has it
