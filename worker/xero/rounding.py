"""What a document's total has beside its lines and their tax: RoundingAmount, which Xero lets organisations enter.

Xero answers it by id only (its OpenAPI file of 2026), and its sums in lists, too: so it is told by these.
"""

from __future__ import annotations

from decimal import Decimal

from worker.xero.answers import Element, amount

_SUMS = ("Total", "SubTotal", "TotalTax")


def rounding(document: Element) -> Decimal:
    """Of a bill or credit note; nothing where its sums are not all there."""
    if any(document.get(field) is None for field in _SUMS):
        return Decimal(0)
    total, net, tax = (amount(document, field) for field in _SUMS)
    return total - net - tax


def in_words(document: Element) -> str:
    """For a sentence about its total: " (with a RoundingAmount of 0.05)"; blank where it has none."""
    by = rounding(document)
    return f" (with a RoundingAmount of {by})" if by else ""
