"""Bills that are coded by an earlier mapping file, told apart from what a person recoded, without the ledger.

A changed file leaves the past as it is (decision 63). What it left shows as a switch: of all bills with one coding by
the file of now those up to a day stand on another one, the same on each, and those from that day on stand right. What
shows no such switch, is too few, or differs in anything else is said one by one. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from worker.audit.codings import Coding, Moved, Pair, changes
from worker.audit.procore_side import Due
from worker.audit.remedies import Found, What
from worker.audit.xero_side import Posted
from worker.counting import counted

#: Documents that show a switch at least: one or two may as well be a person's.
FEWEST = 3
#: Changes that are named of a group.
_MOST = 6


@dataclass(frozen=True)
class Otherwise:
    """A document that differs by its coding alone."""

    document: Posted
    due: Due
    moved: Moved
    kind: str
    found: Sequence[Found]

    @property
    def pairs(self) -> frozenset[Pair]:
        """What it is to be coded to, and is; empty where that is not all that differs."""
        return frozenset() if self.moved.rest else frozenset(pair for pair, _ in self.moved.recoded)


@dataclass(frozen=True)
class Group:
    """Documents that are said at once."""

    title: str
    found: Found
    members: Sequence[str]


def group(otherwise: Sequence[Otherwise], right: Sequence[Due], job_number: str) -> Group | None:
    """Those of one switch, or of several; `right` are the project's records whose documents are coded right."""
    switched = _switches(otherwise, right)
    ours = [one for one in otherwise if one.pairs and {Change.of(pair) for pair in one.pairs} <= switched]
    if len(ours) < FEWEST:
        return None
    days = sorted(one.due.on for one in ours if one.due.on is not None)
    counts = Counter(change for one in ours for change in {Change.of(pair) for pair in one.pairs})
    said = [f"{change.in_words} ({count})" for change, count in counts.most_common()]
    more = f"; and {len(said) - _MOST} more such changes" if len(said) > _MOST else ""
    months = len({(day.year, day.month) for day in days})
    dated = f"{days[0]} to {days[-1]}" if days[0] != days[-1] else str(days[0])
    sentence = (
        f"{len(ours)} documents of {counted(months, 'month')}, dated {dated}, are "
        f"coded otherwise than the mapping file says now, all alike, as by an earlier one: {'; '.join(said[:_MOST])}"
        f"{more}."
    )
    return Group(f"project {job_number}", Found(What.EARLIER_FILE, sentence), [one.due.title for one in ours])


def _switches(otherwise: Sequence[Otherwise], right: Sequence[Due]) -> set[Change]:
    """Changes that are seen on enough documents, and on none after the first that stands right."""
    days: dict[Change, list[date]] = defaultdict(list)
    for one in otherwise:
        if one.due.on is not None:
            pairs = (pair for pair in one.pairs if pair[0] in one.due.lines and pair[0].project == pair[1].project)
            for change in {Change.of(pair) for pair in pairs}:
                days[change].append(one.due.on)
    often = {change: max(found) for change, found in days.items() if len(found) >= FEWEST}
    return {change for change, last in often.items() if last <= _first_right(change, right)}


def _first_right(change: Change, right: Sequence[Due]) -> date:
    """The first day on which what was changed stands as the file says now."""
    days = (due.on for due in right if due.on is not None and any(map(change.is_done, due.lines)))
    return min(days, default=date.max)


@dataclass(frozen=True)
class Change:
    """What the file says now of a cost code, or of what has none, and what stands instead: fields that differ only."""

    cost_code: str
    item: str
    ours: Coding
    theirs: Coding

    @classmethod
    def of(cls, pair: Pair) -> Change:
        ours, theirs = pair
        same = {name for name, one, other in zip(Coding._fields, ours, theirs, strict=True) if one == other}
        blank = dict.fromkeys(same, "")
        return cls(ours.cost_code, ours.item, ours._replace(**blank), theirs._replace(**blank))

    def is_done(self, coding: Coding) -> bool:
        """Whether an amount with this coding by the file is one that the change speaks of."""
        is_of = (coding.cost_code, coding.item) == (self.cost_code, self.item)
        return is_of and all(one in ("", other) for one, other in zip(self.ours, coding, strict=True))

    @property
    def in_words(self) -> str:
        """ "cost code 03-300 is on account 310, not on 320" """
        code = self.cost_code or self.item
        what = f"cost code {code}" if code else "what has no cost code"
        return f"{what} {'; it '.join(changes(self.ours, self.theirs))}"
