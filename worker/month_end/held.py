"""What was not in Xero at the end of the day: held or waiting, since when, by which cause, and how much it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from worker.audit.books import Key
from worker.audit.procore_side import ProcoreSide
from worker.ledger.tables import Hold
from worker.month_end.records import called

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a record that may be held: how people call it, and its amount with the tax that is stated."""

    title: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Held:
    """One record."""

    organisation: str
    job_number: str
    title: str
    #: held or waiting
    outcome: str
    code: str
    since: date
    sentence: str
    remedy: str
    #: None: not known, as of a vendor.
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why records are held, how many, since when the oldest of them, and what they come to by currency."""

    code: str
    outcome: str
    records: int
    since: date
    amounts: Mapping[str, Decimal]


def records(procore: ProcoreSide, currency: str) -> Iterator[tuple[Key, Record]]:
    """The claims, direct costs and payments of a project; `currency` is the organisation's own."""
    for due in procore.due:
        if due.readings:
            amount = due.readings[0] + (ZERO if due.inclusive else due.tax or ZERO)
            yield (due.kind, due.id), Record(called(due, procore), amount, due.currency or currency)
    currencies = {due.id: due.currency for due in procore.due if due.kind == "claims"}
    for paid in procore.payments:
        title = f"Payment of {paid.amount:,.2f} on {paid.on}"
        yield ("payments", paid.id), Record(title, paid.amount, currencies.get(paid.claim_id) or currency)


def held(
    holds: Iterable[Hold], known: Mapping[Key, Record], organisation: str, job_number: str, zone: tzinfo
) -> list[Held]:
    """Those of one project, the oldest first."""
    found = []
    for hold in sorted(holds, key=lambda hold: (hold.opened_at, hold.id)):
        record = known.get((hold.kind, hold.procore_id))
        said = (hold.outcome, hold.code, hold.opened_at.astimezone(zone).date(), hold.sentence, hold.remedy)
        amount = (record.amount, record.currency) if record else (None, "")
        found.append(Held(organisation, job_number, record.title if record else hold.title, *said, *amount))
    return found


def causes(rows: Sequence[Held]) -> list[Cause]:
    """What is held first, and of it the cause with the most records."""
    codes = dict.fromkeys((one.outcome, one.code) for one in rows)
    found = [_cause(code, outcome, [one for one in rows if one.code == code]) for outcome, code in codes]
    return sorted(found, key=lambda one: (one.outcome, -one.records, one.code))


def _cause(code: str, outcome: str, rows: Sequence[Held]) -> Cause:
    amounts: dict[str, Decimal] = {}
    for one in rows:
        if one.amount is not None:
            amounts[one.currency] = amounts.get(one.currency, ZERO) + one.amount
    return Cause(code, outcome, len(rows), min(one.since for one in rows), amounts)
