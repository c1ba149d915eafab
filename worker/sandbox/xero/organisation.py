"""One Xero organisation: its books and the rules of each kind of document, wired together."""

from __future__ import annotations

from worker.sandbox.xero.allocations import Allocations
from worker.sandbox.xero.attachments import Attachments
from worker.sandbox.xero.batch_payments import BatchPayments
from worker.sandbox.xero.books import Books
from worker.sandbox.xero.contacts import Contacts
from worker.sandbox.xero.documents import CREDIT_NOTES, INVOICES, Documents
from worker.sandbox.xero.items import Items
from worker.sandbox.xero.lines import Lines
from worker.sandbox.xero.payments import Payments
from worker.sandbox.xero.tracking import Tracking
from worker.sandbox.xero.wire import Wire


class Organisation:
    """What the routes work on."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.tracking = Tracking(books)
        self.contacts = Contacts(books)
        lines = Lines(books, self.tracking)
        self.invoices = Documents(books, INVOICES, self.contacts, lines)
        self.credit_notes = Documents(books, CREDIT_NOTES, self.contacts, lines)
        self.documents = {"Invoices": self.invoices, "CreditNotes": self.credit_notes}
        self.attachments = Attachments(books)
        self.kinds = (INVOICES, CREDIT_NOTES)
        self.payments = Payments(books, self.documents)
        self.batch_payments = BatchPayments(books, self.payments)
        self.allocations = Allocations(books, self.payments)
        self.items = Items(books)
        self.wire = Wire(books, self.tracking)
