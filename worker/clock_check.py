"""Whether this machine's clock is right, as far as the clocks that it has heard of can tell: the ledger server's, and
those of both APIs, whose answers are dated (RFC 9110 §6.6.1).

Nothing is decided by it: what must not go wrong does not go by a machine's clock. But times in logs do, and a message
that comes back or expires.
"""

from __future__ import annotations

import socket

from worker.assembly import Parts
from worker.clock import Clock

REMEDY = "Let NTP set the clocks (on Linux: timedatectl set-ntp true)."


def heard_of(parts: Parts) -> dict[str, Clock]:
    """By whose they are: "Xero's"."""
    ledgers: dict[str, Clock] = {"the database's": parts.now} if isinstance(parts.now, Clock) else {}
    found = {**ledgers, **{f"{api.where}'s": api.clock for api in parts.apis()}}
    return {whose: clock for whose, clock in found.items() if clock.read() is not None}


def sentence(parts: Parts) -> str:
    """By how many seconds it is off, beside which clocks, and with which it agrees; blank while it is right."""
    ahead = {whose: clock.ahead_s() for whose, clock in heard_of(parts).items()}
    off = [f"{abs(by_s):.0f} s {'ahead of' if by_s > 0 else 'behind'} {whose}" for whose, by_s in ahead.items() if by_s]
    agrees = [whose for whose, by_s in ahead.items() if not by_s]
    if not off:
        return ""
    with_ = f", and agrees with {' and '.join(agrees)}" if agrees else ""
    return f"The clock of {socket.gethostname()} is {' and '.join(off)}{with_}. {REMEDY}"
