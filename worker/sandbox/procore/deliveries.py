"""Posts what happened to the addresses of hooks, as Procore does: at once, in order, and again until it is taken.

A hook's queue waits while its address does not answer with 2xx within 5 s: a second, two, four, up to an hour, and
after twelve hours of that it is flushed (webhooks.md of Procore's documentation). The address may be told twice; here
it is when `twice` says so.
"""

from __future__ import annotations

import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import simplejson

TIMEOUT_S = 5.0
FIRST_WAIT_S, LONGEST_WAIT_S, FLUSHED_AFTER_S = 1.0, 3_600.0, 12 * 3_600.0


@dataclass
class Delivery:
    """One event on its way to one hook."""

    id: int
    url: str
    headers: Mapping[str, str]
    payload: Mapping[str, Any]
    status: str = "enqueued"
    attempts: list[dict[str, Any]] = field(default_factory=list)


class Deliveries:
    """The queue of one hook; its thread lives while there is something to send."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_sending = False
        self.all: list[Delivery] = []

    def add(self, url: str, headers: Mapping[str, str], payload: Mapping[str, Any]) -> None:
        delivery = Delivery(len(self.all) + 1, url, headers, payload)
        self.all.append(delivery)
        with self._lock:
            self._waiting.put(delivery)
            if not self._is_sending:
                self._is_sending = True
                threading.Thread(target=self._send, daemon=True).start()

    def _send(self) -> None:
        failing_since: float | None = None
        while True:
            with self._lock:
                if self._waiting.empty():
                    self._is_sending = False
                    return
                delivery = self._waiting.get()
            wait_s = FIRST_WAIT_S
            while not _is_taken(delivery):
                now = time.monotonic()
                failing_since = failing_since or now
                if now - failing_since > FLUSHED_AFTER_S:
                    delivery.status = "discarded"
                    break
                delivery.status = "retrying"
                time.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            else:
                delivery.status, failing_since = "delivered", None


def _is_taken(delivery: Delivery) -> bool:
    status = _posted(delivery)
    delivery.attempts.append({"success": status is not None and status // 100 == 2, "response_status": status})
    return bool(delivery.attempts[-1]["success"])


def _posted(delivery: Delivery) -> int | None:
    """The status that the address answers; None without an answer in time."""
    headers = {"Content-Type": "application/json", **delivery.headers}
    body = simplejson.dumps(delivery.payload).encode()
    asked = urllib.request.Request(delivery.url, body, headers, method="POST")  # noqa: S310 - see `Hooks`
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return None
