"""How long an address that gave wrong logins waits before its next one is looked at.

Whoever guesses is slowed from the sixth wrong login on: one second, two, four, up to a minute. Nothing sleeps for it: a
login that comes too early is refused unread. It is remembered in this process only, for a bounded number of addresses.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

#: Wrong logins that cost nothing: a person mistypes, and a page that follows by itself asks more than once.
FREE = 5
LONGEST_S = 60.0
#: An address that gave no wrong login for so long begins anew.
FORGOTTEN_S = 900.0
KEPT = 10_000


@dataclass
class Attempts:
    """Wrong logins in a row, by address."""

    now: Callable[[], float] = time.monotonic
    #: How many, and when the last one was; the oldest first.
    _wrong: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def wait_s(self, address: str) -> float:
        """Seconds until a login from this address is looked at; 0 for at once."""
        count, at = self._wrong.get(_of_one(address), (0, 0.0))
        wait_s = min(2.0 ** min(count - FREE - 1, 10), LONGEST_S) if count > FREE else 0.0
        return max(at + wait_s - self.now(), 0.0)

    def wrong(self, address: str) -> None:
        key, now = _of_one(address), self.now()
        count, at = self._wrong.pop(key, (0, now))
        self._wrong[key] = (count + 1 if now - at < FORGOTTEN_S else 1, now)
        if len(self._wrong) > KEPT:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        self._wrong.pop(_of_one(address), None)

    def __len__(self) -> int:
        return len(self._wrong)


def _of_one(address: str) -> str:
    """What one machine can have: an IPv4 address, or the whole /64 network of an IPv6 address."""
    try:
        known = ip_address(address)
    except ValueError:  # a unix socket's peer has none
        return ""
    return str(ip_network((known, 64), strict=False)) if known.version == 6 else address
