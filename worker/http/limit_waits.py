"""Tells that a call waits for a call limit, to what shows a person the progress and to nothing else."""

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
