"""What a document's total has beside its lines and their tax: RoundingAmount, which Xero lets organisations enter.

Xero answers it by id only (its OpenAPI file of 2026), and its sums in lists, too: so it is told by these.
"""

from __future__ import annotations

from decimal import Decimal

from worker.counting import money
from worker.xero.answers import Element, amount, currency_code

_SUMS = ("Total", "SubTotal", "TotalTax")


def rounding(document: Element) -> Decimal:
    """Of a bill or credit note; nothing where its sums are not all there."""
    for field in _SUMS:
        if document.get(field) is None:
            return Decimal(0)
    return amount(document, "Total") - amount(document, "SubTotal") - amount(document, "TotalTax")


def in_words(document: Element) -> str:
    """For a sentence about its total: " (with a RoundingAmount of 0.05 AUD)"; blank where it has none."""
    by = rounding(document)
    return f" (with a RoundingAmount of {money(by, currency_code(document))})" if by else ""
