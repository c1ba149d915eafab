"""Payments from the bank account that an earlier mapping file named: the same switch as of bills (`earlier`). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from worker.audit.earlier import FEWEST, Group
from worker.audit.remedies import Found, What

#: Method, the account by the file of now, and the one that it was paid from.
_Switch = tuple[str, str, str]


@dataclass(frozen=True)
class _Other:
    title: str
    switch: _Switch
    on: date
    #: Says it by itself.
    say: Callable[[], None]


class PaidFrom:
    """What the payments of one project were paid from."""

    def __init__(self) -> None:
        self._first_right: dict[tuple[str, str], date] = {}
        self._others: list[_Other] = []

    def right(self, method: str, account: str, on: date) -> None:
        """One from the account that the file names."""
        self._first_right[method, account] = min(on, self._first_right.get((method, account), on))

    def other(self, title: str, switch: _Switch, on: date, say: Callable[[], None]) -> None:
        """One that differs in its account alone."""
        self._others.append(_Other(title, switch, on, say))

    def group(self, job_number: str) -> Group | None:
        """Those of a switch; what is none says itself."""
        days: dict[_Switch, list[date]] = defaultdict(list)
        for one in self._others:
            days[one.switch].append(one.on)
        often = {switch for switch, found in days.items() if len(found) >= FEWEST}
        switched = {one for one in often if max(days[one]) <= self._first_right.get(one[:2], date.max)}
        ours = [one for one in self._others if one.switch in switched]
        for one in self._others:
            if one.switch not in switched:
                one.say()
        if not ours:
            return None
        said = [
            f"those by {method} from account {theirs or 'without code'}, not from {named} "
            f"({len(days[method, named, theirs])})"
            for method, named, theirs in sorted(switched)
        ]
        dated = f"{min(one.on for one in ours)} to {max(one.on for one in ours)}"
        sentence = (
            f"{len(ours)} payments, dated {dated}, are from another account than the mapping file names now, all "
            f"alike, as by an earlier one: {'; '.join(said)}."
        )
        return Group(f"project {job_number}", Found(What.EARLIER_ACCOUNT, sentence), [one.title for one in ours])
