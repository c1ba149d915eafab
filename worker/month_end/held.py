"""What was not in Xero at the end of the day: held or waiting, since when, by which cause, and how much it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from worker.called import Called
from worker.ledger.tables import Hold

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Held:
    """One record."""

    organisation: str
    job_number: str
    title: str
    called: Called
    #: held or waiting
    outcome: str
    code: str
    since: date
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why records are held, how many, since when the oldest of them, and what they come to by currency."""

    code: str
    outcome: str
    records: int
    since: date
    amounts: Mapping[str, Decimal]


def held(holds: Iterable[Hold], organisation: str, job_number: str, zone: tzinfo) -> list[Held]:
    """Those of one project, the oldest first."""
    found = []
    for hold in sorted(holds, key=lambda hold: (hold.opened_at, hold.id)):
        since = hold.opened_at.astimezone(zone).date()
        said = (hold.title, hold.called, hold.outcome, hold.code, since, hold.sentence, hold.remedy)
        found.append(Held(organisation, job_number, *said))
    return found


def causes(rows: Sequence[Held]) -> list[Cause]:
    """What is held first, and of it the cause with the most records."""
    codes = dict.fromkeys((one.outcome, one.code) for one in rows)
    found = [_cause(code, outcome, [one for one in rows if one.code == code]) for outcome, code in codes]
    return sorted(found, key=lambda one: (one.outcome, -one.records, one.code))


def _cause(code: str, outcome: str, rows: Sequence[Held]) -> Cause:
    amounts: dict[str, Decimal] = {}
    for one in rows:
        if one.called.amount is not None:
            amounts[one.called.currency] = amounts.get(one.called.currency, ZERO) + one.called.amount
    return Cause(code, outcome, len(rows), min(one.since for one in rows), amounts)
