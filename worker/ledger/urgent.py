"""Which held records need a person now, so that their job fails, and which are known and only stay listed.

One that is new, or says something else than before, needs a person. One that nobody acknowledged does again after a
day, and in each job that a person starts: whoever retries wants to know whether it goes now. One that was acknowledged
does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, update

from worker.ledger.accepted import Acceptance
from worker.ledger.database import slices, transaction
from worker.ledger.tables import Hold
from worker.stated import said_of

#: A hold that nobody acknowledged makes a periodic job fail once in so long.
REMINDER = timedelta(days=1)


def urgent(held: Iterable[Hold], acknowledged: Mapping[str, Acceptance], now: datetime, *, by_hand: bool) -> list[Hold]:
    """Those of these open holds for which a job is to fail; `acknowledged` is by id."""
    due = [hold for hold in held if by_hand or _is_due(hold, now)]
    return [hold for hold in due if said_of(hold, acknowledged) is None]


def note_reddened(engine: Engine, ids: Sequence[int], now: datetime) -> None:
    """A job has failed for these."""
    if not ids:
        return
    with transaction(engine) as session:
        for some in slices(ids):
            session.execute(update(Hold).where(Hold.id.in_(some)).values(reddened_at=now))


def _is_due(hold: Hold, now: datetime) -> bool:
    return hold.reddened_at is None or now - hold.reddened_at >= REMINDER
