"""Which credit goes against which bill of its commitment: the oldest credit note first, against the oldest open bill.

Pure. Never more than is open of either, and no pair a second time; the same figures give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Open:
    """A claim's bill or credit note in Xero: its date, and how much of it is open, with tax."""

    claim_id: str
    xero_id: str
    on: date
    amount: Decimal
    currency: str = ""

    @property
    def age(self) -> tuple[date, int, str]:
        """Oldest first; of one date the claim that was entered first."""
        return self.on, len(self.claim_id), self.claim_id


@dataclass(frozen=True, slots=True)
class Share:
    """So much of a credit note against a bill."""

    note: Open
    bill: Open
    amount: Decimal

    @property
    def id(self) -> str:
        """Both claims: what the ledger and people know it by."""
        return pair(self.note.claim_id, self.bill.claim_id)

    @property
    def on(self) -> date:
        """The later of the two dates, which is what Xero gives it (xero-api.md §4.7)."""
        return max(self.note.on, self.bill.on)


def pair(note_claim_id: str, bill_claim_id: str) -> str:
    return f"{note_claim_id}/{bill_claim_id}"


def spread(notes: Sequence[Open], bills: Sequence[Open], done: Collection[str] = ()) -> list[Share]:
    """What is to be set against what; `done` are pairs that were before."""
    left = {bill.claim_id: bill.amount for bill in bills}
    shares: list[Share] = []
    for note in sorted(notes, key=lambda one: one.age):
        rest = note.amount
        for bill in sorted(bills, key=lambda one: one.age):
            amount = min(rest, left[bill.claim_id])
            if amount > 0 and pair(note.claim_id, bill.claim_id) not in done:
                shares.append(Share(note, bill, amount))
                left[bill.claim_id] -= amount
                rest -= amount
    return shares
