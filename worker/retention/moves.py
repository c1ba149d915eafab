"""How documents in Xero move the retention accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from worker.audit.xero_side import Moved, Posted

ZERO = Decimal(0)


def stands(document: Posted, as_of: date) -> bool:
    """Whether it stands on its accounts by then."""
    return document.is_posted and document.on is not None and document.on <= as_of


def moved(documents: Iterable[Posted]) -> tuple[Decimal, Decimal, Decimal]:
    """What their lines add to the retention that is owed, what they take off it, and the tax on it."""
    return of_lines((document.sign, line) for document in documents for line in document.retention)


def of_lines(lines: Iterable[tuple[int, Moved]]) -> tuple[Decimal, Decimal, Decimal]:
    """The same of lines with the signs of their documents: a bill withholds by a negative line."""
    withheld = released = tax = ZERO
    for sign, line in lines:
        amount = -sign * line.amount
        withheld += max(amount, ZERO)
        released += max(-amount, ZERO)
        tax -= sign * line.tax
    return withheld, released, tax
