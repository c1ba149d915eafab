"""Bills, sales invoices and credit notes: what may be written, and how a status may move.

Invoices and credit notes share every rule here but the few that `Kind` names. Paying is in `payments`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from worker.sandbox.xero.books import Books, Table
from worker.sandbox.xero.contacts import Contacts
from worker.sandbox.xero.lines import Lines, LineTerms, sums
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import ZERO_GUID, Row, fold, new_guid, parse_date, tidied

_MOVES = {
    "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
    "SUBMITTED": {"SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"},
    "AUTHORISED": {"AUTHORISED", "VOIDED"},
    "PAID": {"PAID"},
    "VOIDED": set(),
    "DELETED": set(),
}
#: Nothing leads out of these.
FINAL = ("VOIDED", "DELETED")
_NOT_MODIFIABLE = "Invoice not of valid status for modification"
_HAS_PAYMENTS = "This document cannot be edited as it has a payment or credit note allocated to it."
_VOID_PAID = (
    "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it."
)
#: Early and Starter plans may approve five bills a month (xero-api.md §2).
_APPROVALS_USED_UP = "You have reached the limit of invoices you can approve"
_AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
_MAX_NUMBER = 255
_TOTALS = ("SubTotal", "TotalTax", "Total")
_MOST_ROUNDING = Decimal("0.10")


@dataclass(frozen=True)
class Kind:
    """What tells invoices from credit notes."""

    collection: str
    id_field: str
    number_field: str
    purchase_type: str
    sale_type: str
    #: What is still open, and what payments took from it.
    open_field: str
    paid_field: str
    needs_due_date: bool
    number_prefix: str
    table: Callable[[Books], Table]


INVOICES = Kind(
    "Invoices", "InvoiceID", "InvoiceNumber", "ACCPAY", "ACCREC", "AmountDue", "AmountPaid", True, "INV-",
    lambda books: books.invoices,
)  # fmt: skip
CREDIT_NOTES = Kind(
    "CreditNotes", "CreditNoteID", "CreditNoteNumber", "ACCPAYCREDIT", "ACCRECCREDIT", "RemainingCredit",
    "AppliedAmount", False, "CN-", lambda books: books.credit_notes,
)  # fmt: skip


class Documents:
    """All documents of one kind."""

    def __init__(self, books: Books, kind: Kind, contacts: Contacts, lines: Lines) -> None:
        self._books = books
        self.kind = kind
        self.table = kind.table(books)
        self._contacts = contacts
        self._lines = lines
        self._numbers = itertools.count(1)

    def create(self, element: Row, unit_places: int) -> Row:
        """PUT: a new document; raises Rejected for anything else."""
        if element.get(self.kind.id_field, ZERO_GUID) != ZERO_GUID:
            raise Rejected(f"A {self.kind.id_field} cannot be chosen when a document is created")
        doc_type = element.get("Type")
        if doc_type not in (self.kind.purchase_type, self.kind.sale_type):
            raise Rejected(f"Type '{doc_type or ''}' is not valid")
        if element.get("Status", "DRAFT") not in ("DRAFT", "SUBMITTED", "AUTHORISED"):
            raise Rejected(f"Status '{element['Status']}' is not valid for a new document")
        return self._write(self._blank(doc_type), element, unit_places)

    def create_or_update(self, element: Row, unit_places: int) -> Row:
        """POST: update by id, or by a number already used, else create.

        That a used bill number overwrites the bill is the stricter reading of two user reports.
        """
        doc_id = element.get(self.kind.id_field, ZERO_GUID)
        if doc_id == ZERO_GUID:
            row = self._live_with_number(element)
            return self.update(row, element, unit_places) if row else self.create(element, unit_places)
        found = self.table.get(doc_id)
        if found is None:
            raise Rejected(f"An existing document with the specified {self.kind.id_field} could not be found")
        return self.update(found, element, unit_places)

    def update(self, row: Row, element: Row, unit_places: int) -> Row:
        """Change a document as far as its status, payments and the lock dates allow."""
        asked = str(element.get("Status", row["Status"]))
        self._check_editable(row, element, asked)
        if asked in FINAL:
            changed = {**row, "Status": asked, "UpdatedDateUTC": self._books.now()}
            self.table.save(changed)
            return changed
        return self._write(row, element, unit_places)

    def _check_editable(self, row: Row, element: Row, asked: str) -> None:
        if row[self.kind.paid_field] or row.get("AmountCredited"):
            raise Rejected(_VOID_PAID if asked == "VOIDED" else _HAS_PAYMENTS)
        if asked not in _MOVES[row["Status"]]:
            raise Rejected(_NOT_MODIFIABLE)
        if element.get("Type", row["Type"]) != row["Type"]:
            raise Rejected("The Type of a document cannot be changed")
        locked = self._books.lock_problem(row["Date"])
        if locked:
            raise Rejected(locked)

    def _write(self, old: Row, element: Row, unit_places: int) -> Row:
        doc = {**old}
        contact, is_changed = self._contact(old, element)
        doc["ContactID"] = contact["ContactID"]
        problems = self._set_header(doc, element)
        if doc["Type"] == "ACCPAY" and old.get("Status") != "AUTHORISED" == doc["Status"]:
            problems += [] if self._books.allows("CreateApprovedBill") else [_APPROVALS_USED_UP]
        terms = LineTerms(
            amount_types=doc["LineAmountTypes"],
            unit_places=unit_places,
            complete=doc["Status"] in ("SUBMITTED", "AUTHORISED"),
        )
        try:
            self._set_lines(doc, element, terms)
        except Rejected as error:
            problems += error.messages
        else:
            problems += self._total_problems(doc, element, terms)
        if problems:
            raise Rejected(*problems)
        self._save(doc, contact, is_changed)
        return doc

    def _contact(self, old: Row, element: Row) -> tuple[Row, bool]:
        if "Contact" not in element and "ContactID" in old:
            contact = self._books.contacts.get(old["ContactID"])
            if contact is not None:
                return contact, False
        return self._contacts.of_document(element)

    def _set_header(self, doc: Row, element: Row) -> list[str]:
        doc["Status"] = element.get("Status", doc["Status"])
        doc["LineAmountTypes"] = element.get("LineAmountTypes", doc["LineAmountTypes"])
        doc["CurrencyCode"] = element.get("CurrencyCode", doc["CurrencyCode"])
        self._set_rate(doc, element)
        for field in ("Date", "DueDate", "PlannedPaymentDate"):
            if field in element:
                doc[field] = parse_date(element[field])
        if "Url" in element:
            doc["Url"] = element["Url"]
        if doc["Type"] == self.kind.sale_type and "Reference" in element:
            doc["Reference"] = element["Reference"]
        self._set_number(doc, element)
        return [*self._header_problems(doc), *self._number_problems(doc)]

    def _set_rate(self, doc: Row, element: Row) -> None:
        """Without a rate the day's is taken (XE.com's); in the organisation's own currency it is 1 whatever is sent."""
        if "CurrencyRate" in element and doc["CurrencyCode"] != self._books.base_currency:
            doc["CurrencyRate"] = Decimal(element["CurrencyRate"])
        elif "CurrencyCode" in element or "CurrencyRate" in element:
            doc["CurrencyRate"] = self._books.day_rate(doc["CurrencyCode"])

    def _set_number(self, doc: Row, element: Row) -> None:
        field = self.kind.number_field
        doc[field] = element.get(field, doc[field])
        if self._books.switches.now.rewrites_texts:
            doc[field] = tidied(doc[field])
        while not doc[field] and doc["Type"] == self.kind.sale_type:
            number = f"{self.kind.number_prefix}{next(self._numbers):04d}"
            doc[field] = "" if self.table.find("number", fold(number)) else number

    def _header_problems(self, doc: Row) -> list[str]:
        problems = []
        locked = self._books.lock_problem(doc["Date"])
        if locked:
            problems.append(locked)
        if doc["LineAmountTypes"] not in _AMOUNT_TYPES:
            problems.append(f"LineAmountTypes '{doc['LineAmountTypes']}' is not valid")
        if not self._books.knows_currency(doc["CurrencyCode"]):
            problems.append(f"Organisation is not subscribed to currency {doc['CurrencyCode']}")
        if self.kind.needs_due_date and doc["Status"] in ("SUBMITTED", "AUTHORISED") and "DueDate" not in doc:
            problems.append("DueDate must be specified")
        url = doc.get("Url", "")
        if url and (not url.startswith("https://") or "xero" in url.lower()):
            problems.append("Url must be a valid https address and may not contain 'xero'")
        return problems

    def _number_problems(self, doc: Row) -> list[str]:
        number = doc[self.kind.number_field]
        problems = []
        if len(number) > _MAX_NUMBER or not re.fullmatch(r"[\x20-\x7e]*", number):
            problems.append(f"{self.kind.number_field} must be at most {_MAX_NUMBER} printable ASCII characters")
        if doc["Type"] == self.kind.sale_type:
            others = self.table.find("number", fold(number))
            if any(_is_rival(other, doc, self.kind.id_field) for other in others):
                problems.append("Invoice # must be unique.")
        is_new = self.table.get(doc[self.kind.id_field]) is None and not self._books.is_loading
        if number and is_new and self._books.switches.now.refuses_deleted_numbers:
            # Reported of sales invoices; of bills it is not confirmed either way.
            others = self.table.find("number", fold(number))
            if any(other["Status"] == "DELETED" and other["Type"] == doc["Type"] for other in others):
                problems.append(_NOT_MODIFIABLE)
        return problems

    def _set_lines(self, doc: Row, element: Row, terms: LineTerms) -> None:
        if "LineItems" in element:
            doc["LineItems"] = self._lines.replaced(doc["LineItems"], element["LineItems"], terms)
        else:
            doc["LineItems"] = self._lines.recomputed(doc["LineItems"], terms)
        doc.update(sums(doc["LineItems"], doc["LineAmountTypes"]))
        if self._books.switches.now.rounds_totals:
            self._round(doc, element, terms)
        doc[self.kind.open_field] = doc["Total"] - doc[self.kind.paid_field]

    def _round(self, doc: Row, element: Row, terms: LineTerms) -> None:
        """RoundingAmount counts only where SubTotal, TotalTax and Total are sent with it (Xero's changelog of 2026)."""
        if "RoundingAmount" not in element and "LineItems" not in element and doc.get("RoundingAmount"):
            doc["Total"] += doc["RoundingAmount"]
        elif {"RoundingAmount", *_TOTALS} <= set(element) and terms.complete:
            doc["RoundingAmount"] = Decimal(element["RoundingAmount"])
            doc["Total"] += doc["RoundingAmount"]
        else:
            doc.pop("RoundingAmount", None)

    def _total_problems(self, doc: Row, element: Row, terms: LineTerms) -> list[str]:
        problems = []
        if abs(doc.get("RoundingAmount", 0)) > _MOST_ROUNDING:
            problems.append(f"RoundingAmount must be between -{_MOST_ROUNDING} and {_MOST_ROUNDING}")
        if terms.complete and not doc["LineItems"]:
            problems.append("One or more line items must be specified")
        if doc["Total"] < 0:
            problems.append("The total of the document must not be negative")
        if any(field in element and element[field] != doc[field] for field in _TOTALS):
            problems.append("The invoice total does not equal the sum of the lines.")
        return problems

    def _save(self, doc: Row, contact: Row, is_changed: bool) -> None:
        if is_changed:
            self._books.contacts.save(contact)
        # Xero does not count this as a change of the contact: its UpdatedDateUTC stays.
        contact["IsSupplier" if doc["Type"] == self.kind.purchase_type else "IsCustomer"] = True
        doc["UpdatedDateUTC"] = self._books.now()
        self.table.save(doc)

    def _live_with_number(self, element: Row) -> Row | None:
        number = element.get(self.kind.number_field)
        if not number:
            return None
        rows = self.table.find("number", fold(number))
        same = (row for row in rows if row["Type"] == element.get("Type") and row["Status"] not in FINAL)
        return next(same, None)

    def _blank(self, doc_type: str) -> Row:
        zero = Decimal("0.00")
        return {
            "Type": doc_type,
            self.kind.id_field: new_guid(),
            self.kind.number_field: "",
            "Reference": "",
            "Status": "DRAFT",
            "LineAmountTypes": "Exclusive",
            "Date": self._books.now().date(),
            "CurrencyCode": self._books.base_currency,
            "CurrencyRate": Decimal("1.000000"),
            "LineItems": [],
            self.kind.paid_field: zero,
            **({"AmountCredited": zero} if self.kind is INVOICES else {}),
        }


def _is_rival(other: Row, doc: Row, id_field: str) -> bool:
    is_same_type = other["Type"] == doc["Type"] and other["Status"] not in FINAL
    return bool(is_same_type and other[id_field] != doc[id_field])
