"""How many projects that were never read a pass begins, within the hour's calls. Pure: no clock, no ledger.

Two hundred projects that are added at once are more calls than an hour has: they are begun one after the other, and
what is known goes on being read meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.pipeline.read import rhythm
from worker.pipeline.read.rhythm import ListAt, Usable

#: Calls that the first reading of a project is reckoned with, or as many as those that are known take.
FIRST = 18


@dataclass(frozen=True, slots=True)
class Begun:
    """The projects whose first job reads everything now, and the calls that all of them are reckoned with."""

    project_ids: Sequence[int]
    calls: int


def begun(
    new: Sequence[int], due: Iterable[ListAt], usual: int, now: datetime, every: timedelta, usable: Usable
) -> Begun:
    """Of `new`, in this order, as many as half the calls are enough for, or what the lists that are due do not ask for;
    one at least once the hour has the calls for it, however near passes are. `usual` is what a reading of everything
    takes of the projects that are known."""
    asked = sum(rhythm.cost(one, now) for one in due if one.due_at < now + every)
    each = max(FIRST, usual)
    count = max(usable.calls // 2, usable.calls - asked) // each
    some = new[: max(count, 1 if usable.left >= min(each, usable.saved) > 0 else 0)]
    return Begun(some, each * len(some))
