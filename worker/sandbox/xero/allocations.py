"""Allocations: how much of a credit note goes against which bill or invoice (xero-api.md §4.7).

Both must be authorised, of one contact and one currency, and of the same side; the bill shows it as AmountCredited.
"""

from __future__ import annotations

from decimal import Decimal

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.payments import Payments
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import Row, money, new_guid

_SIDES = {"ACCPAYCREDIT": "ACCPAY", "ACCRECCREDIT": "ACCREC"}


class Allocations:
    """The allocations of one organisation."""

    def __init__(self, books: Books, payments: Payments) -> None:
        self._books = books
        self._payments = payments

    def create(self, note: Row, element: Row) -> Row:
        """Raises Rejected when the two do not fit, or the amount is more than one of them has open."""
        invoice = self._books.invoices.get((element.get("Invoice") or {}).get("InvoiceID"))
        if invoice is None:
            raise Rejected("An existing Invoice with the specified InvoiceID could not be found")
        if "Date" not in element:
            raise Rejected("Date is required")
        amount = Decimal(element.get("Amount", 0))
        if note["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED":
            raise Rejected("Allocations can only be made between Authorised documents")
        if any(note[field] != invoice[field] for field in ("ContactID", "CurrencyCode")):
            raise Rejected("A credit note can only be allocated to a document of the same contact and currency")
        if _SIDES[note["Type"]] != invoice["Type"]:
            raise Rejected(f"A credit note of type {note['Type']} cannot be allocated to {invoice['Type']}")
        if amount <= 0 or amount != money(amount):
            raise Rejected("Amount must be greater than zero, with at most 2 decimal places")
        if amount > min(note["RemainingCredit"], invoice["AmountDue"]):
            raise Rejected("The amount of the allocation exceeds what is outstanding")
        row = {
            "AllocationID": new_guid(),
            "NoteID": note["CreditNoteID"],
            "InvoiceID": invoice["InvoiceID"],
            "Amount": money(amount),
            "Date": max(note["Date"], invoice["Date"]),  # whatever was sent, says the documentation
        }
        locked = self._books.lock_problem(row["Date"])
        if locked:
            raise Rejected(locked)
        self._books.allocations.save(row)
        self._settle(row, row["Amount"])
        return row

    def delete(self, row: Row) -> None:
        """Take it back: both documents are open by so much again."""
        locked = self._books.lock_problem(row["Date"])
        if locked:
            raise Rejected(locked)
        self._books.allocations.remove(row["AllocationID"])
        self._settle(row, -row["Amount"])

    def restore(self, note_id: str, seeded: Row) -> None:
        """One as a seed's credit note tells it, without judging it."""
        row = {"AllocationID": new_guid(), **seeded, "NoteID": note_id, "InvoiceID": seeded["Invoice"]["InvoiceID"]}
        self._books.allocations.save(
            {key: row[key] for key in ("AllocationID", "NoteID", "InvoiceID", "Amount", "Date")}
        )
        self._settle(row, row["Amount"])

    def _settle(self, row: Row, amount: Decimal) -> None:
        invoice = self._books.invoices.get(row["InvoiceID"])
        if invoice is not None:
            credited = invoice.get("AmountCredited", Decimal("0.00")) + amount
            self._books.invoices.save({**invoice, "AmountCredited": credited})
        self._payments.settle("Invoices", row["InvoiceID"])
        self._payments.settle("CreditNotes", row["NoteID"])
