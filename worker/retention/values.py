"""The ledger's rows and their sums: plain values, for whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import reduce

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one row, or of several of one currency; before tax, in that currency."""

    #: Held by claims that are part of the opening balance.
    opening: Decimal = ZERO
    #: By Procore's claims since.
    withheld: Decimal = ZERO
    released: Decimal = ZERO
    #: Tax on what is held: it falls due with its release.
    tax_deferred: Decimal = ZERO
    #: By lines on the retention accounts in Xero: what adds to what is owed there, and what takes off it.
    xero_withheld: Decimal = ZERO
    xero_released: Decimal = ZERO
    #: Tax on those lines.
    xero_tax_deferred: Decimal = ZERO

    @property
    def held(self) -> Decimal:
        """At the end of the day."""
        return self.opening + self.withheld - self.released

    @property
    def xero_held(self) -> Decimal:
        """What the retention accounts come to with the same opening balance."""
        return self.opening + self.xero_withheld - self.xero_released

    @property
    def difference(self) -> Decimal:
        return self.xero_held - self.held

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Figures)))


@dataclass(frozen=True, slots=True)
class Row:
    """One commitment; or, with a blank commitment, what moved a retention account in Xero and is no claim's."""

    #: Blank where there is but one.
    organisation: str
    #: As Xero's option has it where the project is none of Procore's; blank where a line is tracked to none.
    job_number: str
    project: str
    supplier: str
    commitment: str
    currency: str
    figures: Figures
    #: What differs, a sentence each, with both figures.
    differences: Sequence[str] = ()
    #: What is to be known of the figures beside it.
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Rows of one organisation and currency: amounts of two currencies are never added."""

    organisation: str
    currency: str
    figures: Figures


@dataclass(frozen=True)
class Ledger:
    """The whole ledger. Claims and documents dated after `as_of` do not count."""

    as_of: date
    #: By organisation, project, supplier and commitment.
    rows: Sequence[Row] = ()
    #: What could not be read, a sentence each.
    gaps: Sequence[str] = ()
    #: By organisation, what its books are called in, and which accounts retention stands on.
    accounts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def totals(self) -> Sequence[Sum]:
        return totals(self.rows)

    @property
    def differing(self) -> Sequence[Row]:
        return [row for row in self.rows if row.differences]


def total(rows: Iterable[Row]) -> Figures:
    """The sum of rows of one currency."""
    return reduce(Figures.__add__, (row.figures for row in rows), Figures())


def totals(rows: Sequence[Row]) -> Sequence[Sum]:
    """One for each organisation and currency, in the rows' order."""
    places = dict.fromkeys((row.organisation, row.currency) for row in rows)
    return [Sum(*place, total(row for row in rows if (row.organisation, row.currency) == place)) for place in places]


def by_supplier(rows: Sequence[Row]) -> Mapping[tuple[str, str, str], Sequence[Row]]:
    """The rows by organisation, supplier and currency, suppliers in their order by name."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.organisation, row.supplier.casefold(), row.currency)):
        found.setdefault((row.organisation, row.supplier, row.currency), []).append(row)
    return found
