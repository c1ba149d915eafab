"""Xero's side, found by natural keys: contacts by number, bills by their address, payments by their reference.

Indexed once for all projects. Natural keys only: what the ledger believes plays no part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from worker.audit.options import fits
from worker.audit.procore_side import Supplier
from worker.audit.xero_side import Contact, Paid, Posted, XeroSide
from worker.counting import money
from worker.mapping.payees import folded

#: The page in Procore that a bill's Url names: project, then commitment and claim, or direct cost.
_PAGE = re.compile(r"/(\d+)/project/(?:commitments/(\d+)/requisitions/(\d+)|direct_costs/(\d+))/?$")
_PAYMENT = re.compile(r"\bProcore payment (\d+)$")
_INVOICE_PAYMENT = re.compile(r"\bProcore direct cost (\d+)$")
#: Days between the dates of two bills of one total that may be one.
MOST_DAYS = 45

#: (kind, Procore id) of a claim or an invoice.
Key = tuple[str, str]


class Books:
    """The organisation's books, looked up from Procore's side."""

    def __init__(self, side: XeroSide) -> None:
        self.side = side
        self._codes: dict[str, bool] = {}
        #: Tax types of documents that have a tax.
        self._taxed_types: set[str] = set()
        self._contacts = {contact.id: contact for contact in side.contacts}
        self._numbered: dict[str, Contact] = {}
        self._taxed: dict[str, Contact] = {}
        self._named: dict[str, Contact] = {}
        for contact in sorted(side.contacts, key=lambda one: not one.is_active):  # an active one goes first
            self._numbered.setdefault(contact.number, contact)
            self._taxed.setdefault(contact.tax_number, contact)
            self._named.setdefault(folded(contact.name), contact)
        self._bills: dict[int, dict[Key, list[Posted]]] = defaultdict(lambda: defaultdict(list))
        self._alike: dict[tuple[str, str], list[tuple[Key, Posted]]] = defaultdict(list)
        self._documents: dict[str, Posted] = {}
        #: What names no record: credit notes, and bills that this worker did not send; by supplier.
        self._unaddressed: dict[str, list[Posted]] = defaultdict(list)
        #: The same by the options of projects that it is tracked to; blank: by none.
        self._tracked: dict[str, list[Posted]] = defaultdict(list)
        for document in side.documents:
            self._add(document)
        self._by_payment: dict[str, list[Paid]] = defaultdict(list)
        self._on_document: dict[str, list[Paid]] = defaultdict(list)
        #: (kind, id) of payments that stood here and were deleted.
        self._deleted: set[Key] = set()
        for paid in side.payments:
            if not paid.is_live:
                self._deleted |= {("payments", payment_id(paid)), ("invoice_payments", paid_invoice(paid))}
            else:
                self._on_document[paid.document_id].append(paid)
                self._by_payment[payment_id(paid)].append(paid)

    def _add(self, document: Posted) -> None:
        self._documents[document.id] = document
        if document.tax:
            self._taxed_types |= {coding.tax_type for coding in document.lines}
        page = None if document.credit else _PAGE.search(document.url)
        if page is None:
            self._unaddressed[self._followed(document.contact_id)].append(document)
            for option in {coding.project for coding in document.lines} or {""}:
                self._tracked[option].append(document)
        else:
            key = ("claims", page[3]) if page[3] else ("invoices", page[4])
            self._bills[int(page[1])][key].append(document)
            if document.is_live and document.number:
                self._alike[self._followed(document.contact_id), document.number.casefold()].append((key, document))

    def like(self, document: Posted) -> list[tuple[Key, Posted]]:
        """Live bills of records with its supplier, number and amount, in all projects, each with its record."""
        alike = self._alike.get((self._followed(document.contact_id), document.number.casefold()), ())
        mine = (document.before_tax, document.total)
        return [(key, one) for key, one in alike if one.before_tax == mine[0] or one.total == mine[1]]

    def _followed(self, contact_id: str) -> str:
        """The contact that this one was merged into, or itself."""
        seen = {contact_id}
        while (contact := self._contacts.get(contact_id)) and contact.merged_to and contact.merged_to not in seen:
            contact_id = contact.merged_to
            seen.add(contact_id)
        return contact_id

    def contact(self, supplier: Supplier) -> Contact | None:
        """By ContactNumber, else by tax number, else by name, as a contact with another number was adopted."""
        found = (
            self._numbered.get(contact_number(supplier))
            or (self._taxed.get(supplier.tax_number) if supplier.tax_number else None)
            or self._named.get(folded(supplier.name))
        )
        return self._contacts.get(self._followed(found.id), found) if found else None

    def named(self, name: str) -> Contact | None:
        """The contact of this name, however people write it."""
        return self._named.get(folded(name))

    def tax_type(self, supplier: Supplier) -> str:
        """What its contact has as its own for purchases; blank for none."""
        contact = self.contact(supplier)
        return contact.tax_type if contact else ""

    def contact_on(self, document: Posted) -> Contact | None:
        """Who is paid by it."""
        return self._contacts.get(self._followed(document.contact_id))

    def may_be_taxed(self, tax_types: Iterable[str]) -> bool:
        """Whether one of these stands on a document that has a tax: without it no rate needs to be asked for."""
        return not self._taxed_types.isdisjoint(tax_types)

    def has_option(self, cost_code: str) -> bool:
        """Whether one of the options, archived ones too, is that of this cost code."""
        if cost_code not in self._codes:
            options = self.side.cost_code_options or ()
            self._codes[cost_code] = not cost_code or any(fits(option, cost_code) for option in options)
        return self._codes[cost_code]

    def document(self, id_: str) -> Posted | None:
        return self._documents.get(id_)

    def bills(self, project_id: int) -> Mapping[Key, list[Posted]]:
        """The bills whose address lies in this project, by the record that they name."""
        return self._bills.get(project_id, {})

    def unaddressed(self, contact: Contact) -> Sequence[Posted]:
        """What of this supplier carries no address of Procore; credit notes never do."""
        return self._unaddressed.get(contact.id, ())

    def tracked_to(self, job_number: str) -> list[Posted]:
        """The same of all suppliers that is tracked to this project; of a blank number, what is tracked to none."""
        options = [one for one in self._tracked if (fits(one, job_number) if job_number else not one)]
        return [document for option in options for document in self._tracked[option]]

    def payments_named(self, payment_id: str) -> list[Paid]:
        return self._by_payment.get(payment_id, [])

    def was_paid(self, record: Key) -> bool:
        """Whether a payment of this record stood here and was deleted."""
        return record in self._deleted

    def payments_on(self, document_ids: Iterable[str]) -> list[Paid]:
        return [paid for document_id in document_ids for paid in self._on_document.get(document_id, [])]

    def payment(self, id_: str) -> Paid | None:
        """One that counts, by its id in Xero."""
        return next((paid for paid in self.side.payments if paid.id == id_ and paid.is_live), None)

    def in_words(self, document: Posted) -> str:
        """ "bill INV-11 of Ridgeline Concrete, 110.00 AUD, dated 2026-07-31" """
        contact = self.contact_on(document)
        whose = f" of {contact.name}" if contact else ""
        return f"{document.title}{whose}, {money(document.total, document.currency)}, dated {document.on}"


def contact_number(supplier: Supplier) -> str:
    """The ContactNumber of a vendor's contact."""
    return f"procore-{supplier.id}"


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


def is_near(one: date | None, other: date | None) -> bool:
    """Whether two dates are near enough for two bills of one total to be one."""
    return one is not None and other is not None and abs((one - other).days) <= MOST_DAYS


def on_accounts(document: Posted, accounts: Iterable[str]) -> Decimal:
    """What a document has on these accounts, negative on a credit note."""
    codes = set(accounts)
    amounts = (amount for coding, amount in document.lines.items() if coding.account in codes)
    return document.sign * sum(amounts, Decimal(0))


def is_tracked(document: Posted, job_number: str) -> bool:
    """Whether a line of it is tracked to this project."""
    return any(fits(coding.project, job_number) for coding in document.lines)
