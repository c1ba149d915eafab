"""Documents whose requests came to nothing, whatever became of their answers: Xero may be out of order, or one of them
may be what it cannot take.

They go again with fewer beside them, a fifth each time, and in the end alone. One that has come to nothing alone as
well, and once more, is left for an hour: so it stops neither its neighbours nor what its project brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from worker.facts import NOTHING_CAME
from worker.holds import HoldCode
from worker.pipeline.values import because

#: Until it goes again by itself, as long as it is as it was.
AGAIN_AFTER = timedelta(hours=1)
LEFT = because(HoldCode.REJECTED, messages="it answers with an error, or not at all, whenever this goes, also alone")
#: With how many it goes: what is said of one that has gone alone, and of one that is left.
_ALONE, _LEFT = 0, -1


def noted(facts: Mapping[str, Any], fingerprint: str, together: int, sent_at: datetime) -> dict[str, Any]:
    """What is noted of a record, with what was noted before, when a request of so many documents came to nothing, by
    when it went."""
    has_gone_alone = most(facts, fingerprint) is not None and facts[NOTHING_CAME]["most"] <= _ALONE
    rest = max(1, together // 5) if together > 1 else _LEFT if has_gone_alone else _ALONE
    return {NOTHING_CAME: {"most": rest, "of": fingerprint, "at": sent_at.isoformat()}}


def most(facts: Mapping[str, Any], fingerprint: str) -> int | None:
    """How many documents may go in a request with this one; None: as many as ever."""
    said = facts.get(NOTHING_CAME)
    return max(1, said["most"]) if said and said["of"] == fingerprint else None


def is_left(facts: Mapping[str, Any], fingerprint: str, since: datetime, now: datetime, *, by_hand: bool) -> bool:
    """Whether it does not go now. `since`: when the pass began, or the job that a person started."""
    if most(facts, fingerprint) is None or facts[NOTHING_CAME]["most"] != _LEFT:
        return False
    at = datetime.fromisoformat(facts[NOTHING_CAME]["at"])
    return at >= since or (not by_hand and now - at < AGAIN_AFTER)
