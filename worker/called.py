"""What people call a record by: who, which document, when, how much. To be read, never to decide by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from worker.counting import money

#: What the columns of a listing are called, in the order in which people read them.
COLUMNS = ("supplier", "document", "number", "date", "amount", "currency")


@dataclass(frozen=True, slots=True)
class Called:
    """A record as Procore states it; blank and None are what it does not say."""

    supplier: str = ""
    #: Commitment and claim: "SC-001 claim 3".
    document: str = ""
    #: The supplier's invoice number, or a payment's.
    number: str = ""
    date: date | None = None
    #: With the tax that Procore states on it.
    amount: Decimal | None = None
    #: Three letters.
    currency: str = ""

    @property
    def said(self) -> str:
        """ "Clearspan Glazing Pty Ltd, SC-001 claim 3, INV-2044, 2026-09-30, 8,123.40 AUD" """
        much = "" if self.amount is None else money(self.amount, self.currency)
        day = "" if self.date is None else self.date.isoformat()
        return ", ".join(filter(None, (self.supplier, self.document, self.number, day, much)))

    @property
    def short(self) -> str:
        """ "Clearspan Glazing Pty Ltd, INV-2044": as much as tells it from others in a line of several."""
        return ", ".join(filter(None, (self.supplier, self.number or self.document)))

    def with_id(self, title: str) -> str:
        """ "Clearspan Glazing Pty Ltd, …, 8,123.40 AUD (claim 58820)"; the title alone where no name is known."""
        return f"{self.said} ({title})" if self.said else title

    def row(self) -> dict[str, object]:
        """By `COLUMNS`, None for what is not said."""
        values = (self.supplier, self.document, self.number, self.date, self.amount, self.currency)
        said = (value.isoformat() if isinstance(value, date) else value for value in values)
        return {name: None if value == "" else value for name, value in zip(COLUMNS, said, strict=True)}


#: A record of which no name is known.
UNNAMED = Called()
