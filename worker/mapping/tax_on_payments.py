"""What payments come to with tax, where Procore's are entered before tax: each has its share of its bill's tax.

Pure. Rounded are the sums and not the payments, so that payments that come to the bill before tax come to its total,
to the cent, however it is split. Procore's own connector and others write payments without tax (procore-api.md §4.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from worker.mapping.money import CENT, cents

Amounts = Literal["before_tax", "with_tax"]


@dataclass(frozen=True, slots=True)
class Part:
    """One payment on a document: its amount in Procore, and with tax in Xero where it stands there already."""

    stated: Decimal
    made: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A document before tax, and in all."""

    net: Decimal
    total: Decimal

    def with_tax(self, stated: Decimal) -> Decimal:
        """So much before tax, in whole cents with its share of the tax."""
        return cents(stated * self.total / self.net)


def to_make(figures: Figures, parts: Sequence[Part]) -> list[Decimal]:
    """The amounts of those that are still to be made, in their order; at least a cent each.

    What stands may be some cents off its share: a person entered it, or payments before it were deleted. The next one
    makes up for it. More than a cent for each payment is no rounding, and is left open for people to see.
    """
    made = [part for part in parts if part.made is not None]
    stated = sum((part.stated for part in made), Decimal(0))
    paid = sum((part.made for part in made if part.made is not None), Decimal(0))
    if abs(paid - figures.with_tax(stated)) > CENT * len(made):
        paid = figures.with_tax(stated)
    amounts: list[Decimal] = []
    for part in parts:
        if part.made is None:
            stated += part.stated
            amounts.append(max(figures.with_tax(stated) - paid, CENT))
            paid += amounts[-1]
    return amounts


def evidence(figures: Figures, paid: Iterable[Decimal]) -> Amounts | None:
    """What the payments on a claim say about all of the company's; None where they say nothing.

    Only a claim with tax that is paid in full does, by coming to one of its two figures.
    """
    amounts = list(paid)
    if not amounts or figures.net == figures.total:
        return None
    total = sum(amounts, Decimal(0))
    return "before_tax" if total == figures.net else "with_tax" if total == figures.total else None


def said_of(amounts: Amounts, before_tax: int, with_tax: int) -> tuple[str, bool]:
    """How payments are taken, in words, and whether the claims that are paid in full bear it out: how many of these
    were paid by their amount before tax, and how many with tax."""
    taken = "before tax, and go with their share of the bill's tax" if amounts == "before_tax" else "with tax"
    said = f"Procore's payments are taken as {taken} (amounts under [payments] in the mapping file)."
    if not before_tax and not with_tax:
        return f"{said} No claim with tax is paid in full yet, so nothing shows whether they are.", True
    right, wrong = (before_tax, with_tax) if amounts == "before_tax" else (with_tax, before_tax)
    other = "with tax" if amounts == "before_tax" else "before tax"
    if not wrong:
        return f"{said} So are all claims with tax that are paid in full ({right}).", True
    return f"{said} But of the claims with tax that are paid in full ({right + wrong}), {wrong} went {other}.", False
