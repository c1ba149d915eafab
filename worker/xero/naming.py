"""What a bill, credit note or payment in Xero is called, as people say it: supplier, number, date, amount."""

from __future__ import annotations

from worker.counting import money
from worker.xero import rounding
from worker.xero.answers import Element, amount, currency_code, day


def named(element: Element) -> str:
    """ "bill INV-11 of Ridgeline Concrete, 110.00 AUD", "payment of 10.00 AUD on 2026-08-14 for bill INV-11 of …" """
    if "PaymentID" in element:
        paid = element.get("Invoice") or element.get("CreditNote") or {}
        return f"payment of {_money(element, 'Amount', paid)} on {day(element, 'Date')} for {_document(paid)}"
    return f"{_document(element)}, {_money(element, 'Total', element)}{rounding.in_words(element)}"


def _document(element: Element) -> str:
    what = "credit note" if "CreditNoteID" in element else "bill"
    number = element.get("InvoiceNumber") or element.get("CreditNoteNumber") or "without number"
    supplier = (element.get("Contact") or {}).get("Name")
    return f"{what} {number} of {supplier}" if supplier else f"{what} {number}"


def _money(element: Element, field: str, document: Element) -> str:
    """In the document's currency, which a brief answer may leave out."""
    return money(amount(element, field), currency_code(document))
