"""How long a request lives, in shares of the time for which Xero remembers its key (xero-api.md §3).

A request that was let go is over after HTTP_TIMEOUT_S as a whole, and what is unsent then is thrown away
(`worker.http.deadline`); later it can only arrive if the network itself holds it back. So it is let go for the first
time early enough to have arrived before somebody looks it up, and again early enough to arrive while Xero knows the
first one: either way it has 70 % of the key's life, four minutes of six.
"""

from __future__ import annotations

from worker.ledger.requests import Request
from worker.pipeline.work import Work

#: For the first time, until then.
SEND_SHARE = 0.5
#: Again, until then.
RESEND_SHARE = 0.3
#: From then on it has arrived, or never will.
SETTLED_SHARE = 1.2


def age_s(work: Work, request: Request) -> float:
    """Below nothing when the clock that all processes share was set back since: then nobody knows."""
    return (work.now() - request.planned_at).total_seconds()


def is_within(work: Work, request: Request, share: float) -> bool:
    """Whether it is surely younger than this share of the key's life."""
    return 0 <= age_s(work, request) < share * work.key_window_s
