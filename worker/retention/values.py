"""The ledger's rows and their sums: plain values, for whoever shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import reduce

ZERO = Decimal(0)
#: What the figures are without, and how they are meant. The two scopes are not among those that the app asks for
#: (xero-api.md §1).
NOT_READ = (
    "Manual journals and bank transactions on a retention account are not in these figures: the scopes to read them "
    "(accounting.manualjournals, accounting.banktransactions) are not asked for. Sales invoices are not in them.",
    "Amounts are before tax, in the currency of the documents; Xero's own reports show them in its base currency.",
)
OPENING = "What stands in Xero for the opening balance is not compared: it counts as Procore's earlier claims say it."


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

    @property
    def title(self) -> str:
        """ "24-017 SC-001"; "24-017, no claim" of what stands in Xero alone."""
        where = self.job_number or "no project"
        return f"{where} {self.commitment}" if self.commitment else f"{where}, no claim"

    @property
    def of_whom(self) -> str:
        """The same with the supplier, for a sentence."""
        return ", ".join(filter(None, (self.title, self.supplier, self.organisation)))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one organisation and currency, of one supplier or of all: two currencies are never added."""

    organisation: str
    currency: str
    #: Blank: all of them, or what names no contact.
    supplier: str
    rows: Sequence[Row]

    @property
    def figures(self) -> Figures:
        return reduce(Figures.__add__, (row.figures for row in self.rows), Figures())


@dataclass(frozen=True)
class Ledger:
    """The whole ledger. Claims and documents dated after `as_of` do not count."""

    as_of: date
    #: By organisation, project, supplier and commitment.
    rows: Sequence[Row] = ()
    #: What could not be read, a sentence each.
    gaps: Sequence[str] = ()
    #: By organisation, the accounts on which retention stands.
    accounts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def totals(self) -> Sequence[Group]:
        """One for each organisation and currency."""
        return _grouped(self.rows, lambda row: "")

    @property
    def suppliers(self) -> Sequence[Group]:
        """One for each of their suppliers, by name."""
        return _grouped(self.rows, lambda row: row.supplier)

    @property
    def differing(self) -> Sequence[Row]:
        return [row for row in self.rows if row.differences]

    @property
    def not_read(self) -> Sequence[str]:
        """What the figures are without, a sentence each."""
        return (OPENING, *NOT_READ) if any(row.figures.opening for row in self.rows) else NOT_READ

    @property
    def noted(self) -> Sequence[Row]:
        return [row for row in self.rows if row.notes]


def _grouped(rows: Sequence[Row], name: Callable[[Row], str]) -> Sequence[Group]:
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.organisation, row.currency, name(row).casefold())):
        found.setdefault((row.organisation, row.currency, name(row)), []).append(row)
    return [Group(*place, its) for place, its in found.items()]
