"""One commitment's retention: its claims in Procore beside their documents in Xero, in figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from worker.audit.books import Books, Key
from worker.audit.procore_side import Due, ProcoreSide, Retained
from worker.audit.xero_side import Posted
from worker.retention.moves import moved, stands
from worker.retention.values import Figures

ZERO, CENT = Decimal(0), Decimal("0.01")
_NOTHING = Retained(ZERO, ZERO)


@dataclass(frozen=True)
class Commitment:
    """What a row is made of. `documents` are the live ones of each claim, by its id; `stray` those whose address lies
    in the commitment and names no claim that is due; `holds` are outcome and code by record."""

    procore: ProcoreSide
    books: Books
    as_of: date
    called: str
    currency: str
    #: In their order.
    claims: Sequence[Due]
    documents: Mapping[str, Sequence[Posted]]
    stray: Sequence[Posted] = ()
    holds: Mapping[Key, tuple[str, str]] = field(default_factory=dict)

    def figures(self) -> Figures:
        since = self.since()
        tax, xero = sum((self.tax(one) or ZERO for one in self.counted()), ZERO), self._xero()
        return Figures(
            self._opening(),
            sum((retained(one).withheld for one in since), ZERO),
            sum((retained(one).released for one in since), ZERO),
            tax,
            *xero,
        )

    def counted(self) -> list[Due]:
        """Claims dated until the day, in this currency."""
        return [one for one in self.claims if one.on is not None and one.on <= self.as_of and self.is_ours(one)]

    def since(self) -> list[Due]:
        """Those that are to be in the books, or are: a claim from before the start may have been sent before it was
        set."""
        return [one for one in self.counted() if not self.is_before(one)]

    def is_before(self, claim: Due) -> bool:
        return claim.is_opening and not self.documents.get(claim.id)

    def is_ours(self, claim: Due) -> bool:
        return (claim.currency or self.books.side.currency) == self.currency

    def _opening(self) -> Decimal:
        """By the foot of the newest claim from before the start, else by what those claims come to; where there are
        none, by what the first claim says was held before it, if it says so."""
        counted = self.counted()
        before = [one for one in counted if one.is_opening]
        if before:
            said = retained(before[-1]).held
            sent = sum((retained(one).net for one in before if not self.is_before(one)), ZERO)
            of_lines = sum((retained(one).net for one in before), ZERO)
            return (of_lines if said is None else said) - sent
        first = retained(counted[0]) if counted else _NOTHING
        is_begun_elsewhere = first.held not in (None, first.net) and first.before + first.net == first.held
        return first.before if is_begun_elsewhere else ZERO

    def tax(self, claim: Due) -> Decimal | None:
        """Tax on what it holds back, at the rates of the lines by the mapping file; None where a rate is not known."""
        if not self.procore.defers_tax or not is_moving(claim):
            return ZERO
        lines = {one: amount for one, amount in claim.lines.items() if one.account in self.procore.retention_accounts}
        if not lines:
            return None if retained(claim).net else ZERO
        rates = self.books.side.rates()
        if any(coding.tax_type not in rates for coding in lines):
            return None
        sign = 1 if claim.is_credit else -1
        taxes = (sign * amount * rates[coding.tax_type] / 100 for coding, amount in lines.items())
        return sum((tax.quantize(CENT, ROUND_HALF_UP) for tax in taxes), ZERO)

    def _xero(self) -> tuple[Decimal, Decimal, Decimal]:
        posted = [document for documents in self.documents.values() for document in documents]
        return moved(one for one in [*posted, *self.stray] if self.counts(one))

    def counts(self, document: Posted) -> bool:
        return stands(document, self.as_of) and document.currency in (self.currency, "")


def retained(claim: Due) -> Retained:
    return claim.retained or _NOTHING


def is_moving(claim: Due) -> bool:
    return bool(retained(claim).withheld or retained(claim).released)
