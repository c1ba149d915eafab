"""What a job did, counted by kind and outcome, over all its attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from worker.holds import Outcome
from worker.ledger.landing import WITHDRAWN

Counts = Mapping[str, Mapping[str, int]]


def with_earlier(counts: Counts, earlier: Counts) -> dict[str, dict[str, int]]:
    """The counts of a job over all its attempts: what an earlier one sent is unchanged to a later one.

    The last kind is the stage that this attempt is at, also when it has no outcome yet.
    """
    before = {kind: _done(outcomes) for kind, outcomes in earlier.items() if any(_done(outcomes))}
    total: dict[str, dict[str, int]] = {kind: {} for kind in before if kind not in counts}
    total |= {kind: dict(outcomes) for kind, outcomes in counts.items()}
    for kind, (sent, withdrawn) in before.items():
        own = total[kind]
        if sent:
            own[Outcome.SENT] = own.get(Outcome.SENT, 0) + sent
            own[Outcome.UNCHANGED] = max(0, own.get(Outcome.UNCHANGED, 0) - sent)
        if withdrawn:
            own[WITHDRAWN] = own.get(WITHDRAWN, 0) + withdrawn
    return total


def with_landed(counts: Counts, landed: Mapping[str, Collection[str]]) -> dict[str, dict[str, int]]:
    """The same with what the job handed over and Xero has taken: it is unchanged to the attempt that comes after."""
    total = {kind: dict(outcomes) for kind, outcomes in counts.items()}
    for kind, ids in landed.items():
        own = total.setdefault(kind, {})
        own[Outcome.SENT] = own.get(Outcome.SENT, 0) + len(ids)
        own[Outcome.UNCHANGED] = max(0, own.get(Outcome.UNCHANGED, 0) - len(ids))
    return total


def records(counts: Counts) -> int:
    """How many records were looked at."""
    return sum(count for outcomes in counts.values() for name, count in outcomes.items() if name != WITHDRAWN)


def _done(outcomes: Mapping[str, int]) -> tuple[int, int]:
    return outcomes.get(Outcome.SENT, 0), outcomes.get(WITHDRAWN, 0)
