"""Whether a payment of Procore's may be in Xero already, because a person entered it there: by amounts alone.

Pure. It never says that two are one, only that they may be: that is for a person to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import TypeVar

from worker.counting import money

#: Of more than so many no sums are tried but those of two.
_MOST_IN_SUMS = 10
ZERO = Decimal(0)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settles a document in Xero, or a part of it, and is not ours: a payment, or a credit set
    against it. `amount` is what no other record was said to be."""

    id: str
    #: "a payment of 55.00 on 2026-08-14 (bank feed)"
    what: str
    amount: Decimal
    on: date | None = None
    is_payment: bool = True
    #: Three letters; blank where Xero did not say it.
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a payment may be, how much of each, and that in words."""

    parts: tuple[tuple[Settlement, Decimal], ...]
    how: str


def may_be(
    amount: Decimal, on: date, others: Sequence[Settlement], beside: Sequence[Decimal], due: Decimal
) -> Likeness | None:
    """Which of `others`, on the same document, a payment may be; of several of its amount the one nearest in date.

    `beside` are the other payments of Procore on this document: with some of them it may make up one of `others`.
    One of more than is `due` may be a part of whatever covers it.
    """
    near = sorted(others, key=lambda one: (abs(one.on - on).days if one.on else 0, one.id))
    if equal := next((one for one in near if one.amount == amount), None):
        return Likeness(((equal, amount),), "it may be this payment")
    if several := next((some for some in _sums(near, 2) if sum(one.amount for one in some) == amount), None):
        return Likeness(tuple((one, one.amount) for one in several), "together they may be this payment")
    rests = {sum(some, ZERO) for some in _sums(beside, 1)}
    whole = next((one for one in near if one.amount - amount in rests), None)
    if whole is not None:
        return Likeness(((whole, amount),), "this payment may be a part of it")
    if amount > due and sum(one.amount for one in near) >= amount:
        how = f"this payment may be in it, since only {money(due, near[0].currency)} is due"
        return Likeness(tuple(_covering(amount, near)), how)
    return None


def left(others: Sequence[Settlement], taken: Mapping[str, Decimal]) -> list[Settlement]:
    """What is left of these when so much of each was said to be other records."""
    rest = [replace(one, amount=one.amount - taken.get(one.id, ZERO)) for one in others]
    return [one for one in rest if one.amount > 0]


def in_words(likeness: Likeness) -> str:
    """ "a payment of 55.00 on 2026-08-14 (bank feed) and …" """
    return " and ".join(one.what for one, _ in likeness.parts)


def _covering(amount: Decimal, others: Sequence[Settlement]) -> Iterator[tuple[Settlement, Decimal]]:
    for one in others:
        if amount > 0:
            yield one, min(amount, one.amount)
            amount -= one.amount


def _sums(items: Sequence[T], least: int) -> Iterator[tuple[T, ...]]:
    most = len(items) if len(items) <= _MOST_IN_SUMS else 2
    for size in range(least, most + 1):
        yield from combinations(items, size)
