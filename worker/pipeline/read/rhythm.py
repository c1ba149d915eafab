"""When each list of a project is read again, and which of those that are due a pass reads. Pure: no clock, no ledger.

A list is read as often as what it showed last is young: in every pass just after something moved, and then ever less
often, up to its cap. Where the hour's calls are too few for all that are due, half of them go to what is read in every
pass, a claim in review and what moved just now, and then to payments that are waited for, unless something was not read
for a whole day. The others go to what was not read for nearly a day, then to what has been due for longest, which is
sooner where something moves; none is left unread for a day as long as a day's calls do.

What a pass plans never exceeds what is left of the hour, by what each reading is known to take.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

#: By the stage that reads them. Payments are found by the totals of their contracts.
CAPS = {"claims": timedelta(hours=2), "payments": timedelta(hours=4), "invoices": timedelta(hours=4)}
#: Calls that show what changed in a list; what it takes to compare everything is known from the last time.
CHANGED = {"claims": 1, "payments": 2, "invoices": 1}
#: Calls that show a project's contracts, subcontracts and purchase orders.
CONTRACTS = 2
#: A list of claims shows for so long what moved in it: from a little before where the last reading ended (`lists`).
SHOWN = timedelta(minutes=65)
#: Lists that Procore gives only whole: they are read when everything is compared.
WHOLE = ("vendors", "cost_codes")
#: The share of its age after which something that moved is looked for again.
SHARE = 12
#: Of a record that is held or waits: how soon it is judged again.
HELD = timedelta(hours=1)
#: Of a list that Procore does not show: how soon it is asked for again.
CLOSED = timedelta(hours=4)
#: Everything is seen within a day, if a day's calls are enough for it.
DAY = timedelta(hours=24)
#: A claim in review is looked at in every pass, and payments are waited for, so long after something moved in the
#: project's list of claims.
BUSY = timedelta(days=35)
#: A project that is quiet for so long has everything compared this many times less often.
QUIET, SELDOM = timedelta(days=7), 7
#: Part of the hour's calls that passes may use; the rest is for jobs that people start, and for what they find.
USABLE = 0.9
#: Part of a pass's calls that is for claims in review, what moved just now and payments that are waited for, before
#: what was not read for longest.
FRESH = 0.5
#: Calls that a job which a message starts is reckoned with at least: contracts, and the payments of one or two that
#: moved.
OF_A_MESSAGE = 4
#: Two passes are never just as far apart as they should be: what comes due just before the next one waits for it.
_SLACK = 0.9
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ListAt:
    """One list of one project: when it was read, when something moved in it, and when it is due."""

    project_id: int
    name: str
    read_at: datetime
    changed_at: datetime | None
    due_at: datetime
    #: When its next reading is one of everything; None where that is not known.
    compare_at: datetime | None = None
    #: Of the last reading of everything.
    calls: int = 1
    #: Of payments, whether they are waited for: a claim of the project moved lately.
    is_awaited: bool = False


@dataclass(frozen=True, slots=True)
class Usable:
    """Calls that a pass may plan with: its own share, and all that is left of the hour."""

    calls: int
    left: int
    #: No more than this is saved for one list, however many calls it takes: more is never left, beside what is read in
    #: every pass.
    saved: int

    def less(self, calls: int) -> Usable:
        """When so many are planned already. Half the share stays for what is read in every pass."""
        left = max(0, self.left - calls)
        return Usable(min(left, max(self.calls - calls, self.calls // 2)), left, self.saved)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one pass reads: project to its lists; and how many lists that are due wait for a later one."""

    lists: Mapping[int, tuple[str, ...]]
    put_off: int = 0


def next_due(
    name: str,
    read_at: datetime,
    changed_at: datetime | None,
    compare_at: datetime,
    every: timedelta,
    *,
    is_near: bool = False,
    is_held: bool = False,
) -> datetime:
    """When a list that was read at `read_at` is to be read again; `every` is the time between two passes.

    `compare_at`: when everything is compared. `is_near`: a claim is in review, so that its approval is near; `is_held`:
    a record of the list is held or waits.
    """
    if is_near:
        return min(read_at + every, compare_at)
    due = compare_at
    if name not in WHOLE:
        cap = max(CAPS[name], every)
        aged = cap if changed_at is None else max(every, (read_at - changed_at) / SHARE)
        due = min(due, read_at + min(cap, aged))
    return min(due, read_at + HELD) if is_held else due


def compare_every(every: timedelta, moved_at: datetime | None, now: datetime) -> timedelta:
    """The time between two comparisons of everything, of a project in which something moved last at `moved_at`."""
    return every if moved_at is not None and now - moved_at < QUIET else every * SELDOM


def usable(calls: int, every: timedelta, made: int, left: int | None, reset_in: timedelta) -> Usable:
    """What a pass may plan with, of the `calls` in an hour.

    `made` are those of the last hour, but for the pass that began just an hour ago; `left`, until the reset, is what
    Procore's answers said, where they did.
    """
    part = min(every / _HOUR, 1.0)
    free = USABLE * calls - made
    if left is not None:
        until = min(1.0, every / reset_in) if reset_in else 1.0
        free = min(free, USABLE * (left * until + calls * max(timedelta(), every - reset_in) / _HOUR))
    free = max(0, int(free))
    return Usable(min(math.ceil(USABLE * calls * part), free), free, max(1, int(USABLE * calls * (1 - FRESH))))


def of_a_message(lists: Iterable[ListAt], now: datetime) -> int:
    """The calls of a job that a message starts, which reads these lists."""
    return max(OF_A_MESSAGE, sum(cost(one, now) for one in lists))


def for_messages(waiting: Mapping[int, int], calls: int, made: int, left: int | None, under_way: int) -> list[int]:
    """The projects whose jobs messages may start now: those of `waiting`, in its order and with what each one's job
    takes, for which there are calls. Messages use half of the `calls` in an hour at most, so that passes go on and a
    person's job finds some, however much moves at once.

    `made` are the calls of the last hour's jobs of messages and people; `left`, what Procore said is left until the
    reset; `under_way`, what the jobs take that messages have started and that have not ended.
    """
    free = USABLE * calls * (1 - FRESH) - made
    if left is not None:
        free = min(free, USABLE * left)
    free -= under_way
    found = []
    for project_id, takes in waiting.items():
        if takes <= free:
            free -= takes
            found.append(project_id)
    return found


def turn(
    lists: Iterable[ListAt], now: datetime, every: timedelta, usable: Usable, others: Mapping[str, int] | None = None
) -> Turn:
    """Of the lists that come due before the next pass, those that these calls are enough for. `others` are by name how
    many lists there are beside these, which come due later."""
    known = list(lists)
    soon = now + every * _SLACK
    for_fresh = int(usable.calls * FRESH)
    late = _late(Counter(one.name for one in known) + Counter(others or {}), every, usable.calls - for_fresh)
    due = [one for one in known if (one.due_at <= now if _is_compared(one) else one.due_at < soon)]
    due.sort(key=lambda one: (one.project_id, one.name))  # of two that are alike, always the same one goes first

    fresh = sorted((one for one in due if one.due_at - one.read_at <= every), key=lambda one: one.read_at)
    due.sort(key=lambda one: _rank(one, now, every, late))
    first = _first(fresh, for_fresh, now)
    rank, since = _rank(due[0], now, every, late) if due else (2, now)
    if first and rank == 0 and _give_way(first, fresh, due[0], usable, every, now):
        first = []
    elif rank > 0 or (now - since < DAY and cost(due[0], now) <= usable.calls - for_fresh):
        awaited = (one for one in due if one.is_awaited and one.due_at - one.read_at > every)
        first += _first(awaited, for_fresh - sum(cost(one, now) for one in first), now)
    begun = {(one.project_id, one.name) for one in first}
    rest = [one for one in due if (one.project_id, one.name) not in begun]
    read = [*first, *_in_turn(rest, usable, sum(cost(one, now) for one in first), now)]
    chosen: dict[int, tuple[str, ...]] = {}
    for one in read:
        chosen[one.project_id] = (*chosen.get(one.project_id, ()), one.name)
    return Turn(chosen, len(due) - len(read))


def cost(one: ListAt, now: datetime) -> int:
    """The calls that its next reading takes, as far as that is known: nobody knows what has moved."""
    changed = CHANGED.get(one.name, one.calls)
    if one.compare_at is None or one.compare_at <= now:
        return max(one.calls, changed)  # contracts that were read with the claims were not counted with the payments
    return changed + (CONTRACTS if _shows_again(one, now) else 0)


def _shows_again(one: ListAt, now: datetime) -> bool:
    """Whether a list of claims shows what it showed before, for which contracts are read, too."""
    return one.name == "claims" and one.changed_at is not None and now - one.changed_at < SHOWN


def _give_way(
    first: list[ListAt], fresh: list[ListAt], late: ListAt, usable: Usable, every: timedelta, now: datetime
) -> bool:
    """Whether these, which are read in every pass, wait for the next one: this list was not read for nearly a day, and
    the hour has so little left, for others use it too, that no pass would ever save enough for both. Never twice in a
    row."""
    beside = usable.left - sum(cost(one, now) for one in first)
    is_short = usable.left < usable.saved and beside < cost(late, now) <= usable.left
    return is_short and any(now - one.read_at < 2 * every * _SLACK for one in fresh)


def _is_compared(one: ListAt) -> bool:
    """Whether its next reading is the project's comparison: when that is not due yet, it would be read once more."""
    return one.name in WHOLE and one.due_at - one.read_at > HELD


def _first(lists: Iterable[ListAt], calls: int, now: datetime) -> list[ListAt]:
    """In this order those that so many calls are enough for."""
    found = []
    for one in lists:
        if (takes := cost(one, now)) <= calls:
            calls -= takes
            found.append(one)
    return found


def _in_turn(lists: Iterable[ListAt], usable: Usable, spent: int, now: datetime) -> list[ListAt]:
    """The same, when so many are spent. What takes more than half a pass's share might never be read: when it is its
    turn, it may use what is left of the hour; where that is too little, nothing after it is read, so that the next
    pass has more."""
    found: list[ListAt] = []
    for one in lists:
        takes = cost(one, now)
        if takes > usable.calls - spent:
            if takes <= usable.calls * (1 - FRESH):
                continue
            return [*found, one] if min(takes, usable.saved) <= usable.left - spent else found
        spent += takes
        found.append(one)
    return found


def _late(lists: Mapping[str, int], every: timedelta, calls: int) -> timedelta:
    """Not read for so long, a list goes before all others: in the rest of the day all can be read with so many calls in
    each pass, should all of them, given by name how many, come to this together."""
    changed = (CHANGED[name] * count for name, count in lists.items() if name not in WHOLE)
    passes = -(-sum(changed) // max(calls, 1)) + 1
    return max(timedelta(), DAY - every * passes)


def _rank(one: ListAt, now: datetime, every: timedelta, late: timedelta) -> tuple[int, datetime]:
    """Which goes first: the lower one. What is read seldom is late when it is overdue for as long."""
    since = one.due_at if one.name in WHOLE else one.read_at
    if now - since >= late:
        return 0, since
    return (1, one.read_at) if one.due_at - one.read_at <= every else (2, one.due_at)
