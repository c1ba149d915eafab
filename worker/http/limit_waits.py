"""Who is told while a call waits for a call limit: whoever shows a person how far something is, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Takes what is waited for, as a sentence without its end, and for how many seconds; blank when the wait is over.
Listener = Callable[[str, float], None]

_listeners: list[Listener] = []


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """As long as the block lasts, in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def waiting(what: str, seconds: float) -> Iterator[None]:
    """For as long as a call waits."""
    for listener in _listeners:
        listener(what, seconds)
    try:
        yield
    finally:
        for listener in _listeners:
            listener("", 0.0)
