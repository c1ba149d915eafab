"""Every request that reached the sandbox, in order, so that a test can say what the worker really sent.

It records what came and what was answered; it never decides anything. Form bodies are not kept, because
they carry secrets; of a file, length and sha256 say which one it was.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One request. `status` is 0 when the connection was cut before it was handled."""

    n: int
    at: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    idempotency_key: str | None
    #: The Xero organisation that the request names.
    tenant: str | None
    fault: str | None
    #: Number of documents in a write's body.
    elements: int | None
    request_bytes: int
    response_bytes: int
    body: Any


class Journal:
    """Entries in the order in which they were answered, numbered from 1."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, values: Mapping[str, Any]) -> None:
        """Record one request; takes the fields of `Entry` without `n`."""
        with self._lock:
            self._entries.append(Entry(n=len(self._entries) + 1, **values))

    def since(self, n: int = 0) -> list[dict[str, Any]]:
        """Entries numbered above `n`, as plain values."""
        return [dict(vars(entry)) for entry in self._entries[max(0, n) :]]

    @property
    def last(self) -> int:
        """The number of the newest entry, 0 when there is none."""
        return len(self._entries)


def count_elements(method: str, body: object) -> int | None:
    """How many documents a write carries: the length of its one list, or 1 for a bare document."""
    if method not in ("PUT", "POST", "PATCH") or body is None:
        return None
    if isinstance(body, dict) and len(body) == 1:
        body = next(iter(body.values()))
    return len(body) if isinstance(body, list) else 1
