"""Which call limit lets no call go now, and for how long: for people. Pure: what was read comes as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.counting import lasting


@dataclass(frozen=True, slots=True)
class UsedUp:
    """What lets no call go now: "Xero's minute is used up", and in how many seconds a call is free."""

    what: str
    seconds: float

    @property
    def said(self) -> str:
        """ "Xero's minute is used up; free in 48 s" """
        return f"{self.what}; free in {lasting(self.seconds)}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What is known of a budget at `now`. Times are milliseconds: `over` when the last calls were over, the newest
    first; `blocked` and `reset` until the API wants calls, and begins anew; not above 0 where it said no such thing."""

    api: str
    now: int
    under_way: int
    over: Sequence[int]
    blocked: int
    #: Calls that the API itself said are left until its reset.
    told: int | None
    reset: int


def used_up(spent: Spent, windows: Iterable[tuple[str, int, int]]) -> UsedUp | None:
    """What the next call, or the last of those that wait, is kept back by longest; None: by nothing. A window is its
    name, the calls in it and its milliseconds."""
    found = [(spent.blocked, f"{spent.api} asked for no calls")]
    if spent.told == 0:
        found.append((spent.reset, f"{spent.api}'s calls are used up"))
    for name, calls, long in windows:
        before = calls - max(1, spent.under_way)
        if 0 <= before < len(spent.over):
            found.append((spent.over[before] + long - spent.now, f"{spent.api}'s {name} is used up"))
    longest, what = max(found)
    return UsedUp(what, longest / 1000) if longest > 0 else None
