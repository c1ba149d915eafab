"""What people do in Procore in so many days: claims that are entered, reviewed and approved, payments, direct costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from tests.simulation.values import DAY, START, Change

APPROVED, ENTERED, PAID, COST = "claim approved after review", "claim approved unseen", "payment", "direct cost"
#: Contracts of a busy project, each with a claim a month.
CONTRACTS, MONTH = 10, 30
#: Of the claims of busy projects so many are reviewed for days; the others are approved as they are entered.
REVIEWED = 0.8
#: A quiet project has one change in so many days.
SELDOM = 30
_OFFICE_HOURS = (8.0, 18.0)


def changes(projects: int, busy: int, days: int, seed: int = 1) -> Iterator[Change]:
    """Of so many projects the first are busy. Days of work are all alike; nothing happens at night."""
    chance = Random(seed)  # noqa: S311 - drawn, not guessed
    for project in range(projects):
        if project < busy:
            yield from _busy(project, days, chance)
        elif chance.random() < days / SELDOM:
            yield from _one(project, days * chance.random(), chance)


def _busy(project: int, days: int, chance: Random) -> Iterator[Change]:
    for _ in range(CONTRACTS):
        day = chance.random() * MONTH - MONTH / 2  # what was entered before the first day is there already
        while day < days:
            entered = _at(day, chance)
            if chance.random() < REVIEWED:
                approved = _at(day + 1 + 4 * chance.random(), chance)
                yield Change(entered, project, "claims", until=approved, kind="claim entered")
                yield Change(approved, project, "claims", kind=APPROVED)
            else:
                yield Change(entered, project, "claims", kind=ENTERED)
            yield Change(_at(day + 14 + 14 * chance.random(), chance), project, "payments", kind=PAID)
            day += MONTH
    for week in range(days // 7 + 1):
        yield Change(_at(7 * (week + chance.random()), chance), project, "invoices", kind=COST)


def _one(project: int, day: float, chance: Random) -> Iterator[Change]:
    name, kind = chance.choice([("claims", ENTERED), ("payments", PAID), ("invoices", COST)])
    if kind == PAID:  # its claim was entered some weeks before
        yield Change(_at(day - 14 - 14 * chance.random(), chance), project, "claims", kind=ENTERED)
    yield Change(_at(day, chance), project, name, kind=kind)


def _at(day: float, chance: Random) -> datetime:
    first, last = _OFFICE_HOURS
    return START + int(day) * DAY + timedelta(hours=first + (last - first) * chance.random())
