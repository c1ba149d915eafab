"""Xero's side, found by natural keys: contacts by number, bills by their address, payments by their reference.

Indexed once for all projects. Natural keys only: what the ledger believes plays no part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from worker.audit.sides import Contact, Paid, Posted, Supplier, XeroSide
from worker.mapping.payees import folded

#: The page in Procore that a bill's Url names: project, then commitment and claim, or direct cost.
_PAGE = re.compile(r"/(\d+)/project/(?:commitments/(\d+)/requisitions/(\d+)|direct_costs/(\d+))/?$")
_PAYMENT = re.compile(r"\bProcore payment (\d+)$")
_INVOICE_PAYMENT = re.compile(r"\bProcore direct cost (\d+)$")

#: (kind, Procore id) of a claim or an invoice.
Key = tuple[str, str]


class Books:
    """The organisation's books, looked up from Procore's side."""

    def __init__(self, side: XeroSide) -> None:
        self.project_options, self.country, self.currency = side.project_options, side.country, side.currency
        self._contacts = {contact.id: contact for contact in side.contacts}
        self._numbered: dict[str, Contact] = {}
        self._taxed: dict[str, Contact] = {}
        self._named: dict[str, Contact] = {}
        for contact in sorted(side.contacts, key=lambda one: not one.is_active):  # an active one goes first
            self._numbered.setdefault(contact.number, contact)
            self._taxed.setdefault(contact.tax_number, contact)
            self._named.setdefault(folded(contact.name), contact)
        self._bills: dict[int, dict[Key, list[Posted]]] = defaultdict(lambda: defaultdict(list))
        self._credits: dict[Key, list[Posted]] = defaultdict(list)
        for document in side.documents:
            self._add(document)
        self._by_payment: dict[str, list[Paid]] = defaultdict(list)
        self._on_document: dict[str, list[Paid]] = defaultdict(list)
        for paid in side.payments:
            if paid.is_live:
                self._on_document[paid.document_id].append(paid)
                self._by_payment[payment_id(paid)].append(paid)

    def _add(self, document: Posted) -> None:
        page = _PAGE.search(document.url)
        if document.credit:
            self._credits[(document.contact_id, document.number)].append(document)
        elif page is not None:
            key = ("claims", page[3]) if page[3] else ("invoices", page[4])
            self._bills[int(page[1])][key].append(document)

    def contact(self, supplier: Supplier) -> Contact | None:
        """By ContactNumber, else by tax number, else by name, as a contact with another number was adopted."""
        return (
            self._numbered.get(f"procore-{supplier.id}")
            or (self._taxed.get(supplier.tax_number) if supplier.tax_number else None)
            or self._named.get(folded(supplier.name))
        )

    def contact_on(self, document: Posted) -> Contact | None:
        """Who is paid by it."""
        return self._contacts.get(document.contact_id)

    def bills(self, project_id: int) -> Mapping[Key, list[Posted]]:
        """The bills whose address lies in this project, by the record that they name."""
        return self._bills.get(project_id, {})

    def credit_notes(self, contact: Contact | None, numbers: Iterable[str]) -> list[Posted]:
        """They carry no address: contact and number tell them."""
        return [note for number in numbers for note in self._credits.get((contact.id, number), [])] if contact else []

    def payments_named(self, payment_id: str) -> list[Paid]:
        return self._by_payment.get(payment_id, [])

    def payments_on(self, document_ids: Iterable[str]) -> list[Paid]:
        return [paid for document_id in document_ids for paid in self._on_document.get(document_id, [])]


def payment_id(paid: Paid) -> str:
    """The Procore payment that a reference names; blank when it names none."""
    named = _PAYMENT.search(paid.reference)
    return named[1] if named else ""


def paid_invoice(paid: Paid) -> str:
    """The direct cost whose payment it is by its reference; blank when it names none."""
    named = _INVOICE_PAYMENT.search(paid.reference)
    return named[1] if named else ""


def commitment_of(document: Posted) -> str:
    """The commitment in whose claims the bill's address lies; blank for a direct invoice."""
    page = _PAGE.search(document.url)
    return (page[2] or "") if page else ""
