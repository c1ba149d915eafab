"""Stored documents as Xero answers them, which is not the same in a list, a page and a single GET.

Reads the books and changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.documents import CREDIT_NOTES, INVOICES, Kind
from worker.sandbox.xero.refusals import OfContact, Rejected
from worker.sandbox.xero.tracking import Tracking
from worker.sandbox.xero.values import DATE_FIELDS, ZERO_GUID, Row, money, new_guid, parse_date, to_wire, wire_date

KINDS = {kind.collection: kind for kind in (INVOICES, CREDIT_NOTES)}
#: Of a contact, only a single or paged GET shows these.
_UNPAGED_LEAVES_OUT = frozenset(
    [
        "ContactPersons",
        "MergedToContactID",
        "PaymentTerms",
        "Balances",
        "BatchPayments",
        "Website",
        "Discount",
        "PurchasesDefaultAccountCode",
        "SalesDefaultAccountCode",
    ]
)
_SUMMARY_LEAVES_OUT = _UNPAGED_LEAVES_OUT | frozenset(
    ["Addresses", "ContactGroups", "IsCustomer", "IsSupplier"]  # as documented for summaryOnly
)
_PRIVATE = frozenset({"ContactID", "LineItems", "Collection", "TargetID", "AccountID"})


class Detail(Enum):
    """How much of a document an answer shows."""

    FULL = "a single GET, or a write"
    PAGED = "one page of a list"
    LIST = "a list without paging"
    SUMMARY = "summaryOnly"


class Wire:
    """Renders one organisation's rows."""

    def __init__(self, books: Books, tracking: Tracking) -> None:
        self._books = books
        self._tracking = tracking

    def document(self, kind: Kind, row: Row, detail: Detail, unit_places: int = 2) -> Row:
        """An invoice or credit note."""
        out = {key: value for key, value in row.items() if key not in _PRIVATE}
        out["Contact"] = self._nested_contact(row["ContactID"], detail)
        for field in ("Date", "DueDate", "FullyPaidOnDate", "PlannedPaymentDate"):
            if field in row:
                out[field] = wire_date(row[field])
        for field in ("Date", "DueDate"):
            if field in row:
                out[f"{field}String"] = f"{row[field].isoformat()}T00:00:00"
        out.update(_stamps(row["UpdatedDateUTC"]))
        out["HasErrors"] = False
        if detail is not Detail.FULL:
            out.pop("RoundingAmount", None)  # answered by id only
        if detail is Detail.SUMMARY:
            return out
        out["HasAttachments"] = bool(self._books.attachments.find("document", row[kind.id_field]))
        out["Payments"] = self._thin_payments(row[kind.id_field])
        allocated = self._books.allocations_of(row[kind.id_field])
        if kind is CREDIT_NOTES:
            out["Allocations"] = [self.allocation(one) for one in allocated]
        else:
            prepaid = [self._prepaid(one) for one in allocated if "PrepaymentID" in one]
            notes = [self._credit(one) for one in allocated if "NoteID" in one]
            out.update({**_NO_CREDITS, "CreditNotes": notes, "Prepayments": prepaid})
        if detail is not Detail.LIST:
            is_full = detail is Detail.FULL
            out["LineItems"] = [self._line(line, unit_places, is_full) for line in row["LineItems"]]
        return out

    def contact(self, row: Row, detail: Detail) -> Row:
        """A contact."""
        out: Row = to_wire({**row, "ContactGroups": [], "HasAttachments": False, "HasValidationErrors": False})
        if self._books.switches.now.masks_tax_numbers and out.get("TaxNumber"):
            out["TaxNumber"] = f"{'*' * max(0, len(out['TaxNumber']) - 4)}{out['TaxNumber'][-4:]}"
        if detail in (Detail.LIST, Detail.SUMMARY):
            hidden = _UNPAGED_LEAVES_OUT if detail is Detail.LIST else _SUMMARY_LEAVES_OUT
            return {key: value for key, value in out.items() if key not in hidden}
        return out

    def payment(self, row: Row) -> Row:
        """A payment with the document it pays, in brief."""
        kind = KINDS[row["Collection"]]
        target = kind.table(self._books).get(row["TargetID"]) or {}
        account = self._books.accounts.get(row["AccountID"]) or {}
        contact = self._books.contacts.get(target.get("ContactID")) or {}
        brief = {
            "Type": target.get("Type"),
            kind.id_field: row["TargetID"],
            kind.number_field: target.get(kind.number_field, ""),
            "Payments": [],
            "CurrencyCode": target.get("CurrencyCode"),
            "Contact": {"ContactID": contact.get("ContactID"), "Name": contact.get("Name")},
            "HasErrors": False,
        }
        out = {key: value for key, value in row.items() if key not in _PRIVATE}
        out["Date"] = wire_date(row["Date"])
        out.update(_stamps(row["UpdatedDateUTC"]))
        out["Account"] = {"AccountID": row["AccountID"]}
        if not self._books.switches.now.answers_account_ids:
            out["Account"]["Code"] = account.get("Code", "")
        out["Invoice" if kind is INVOICES else "CreditNote"] = brief
        batch = self._books.batch_payments.get(row.get("BatchPaymentID"))
        if batch is not None:
            out["BatchPayment"] = {key: batch[key] for key in ("BatchPaymentID", "Type", "Status", "TotalAmount")}
        return {**out, "HasAccount": True, "HasValidationErrors": False}

    def batch_payment(self, row: Row) -> Row:
        """A batch payment with its members in brief."""
        out = {key: value for key, value in row.items() if key not in (*_PRIVATE, "PaymentIDs", "UpdatedDateUTC")}
        members = [payment for key in row["PaymentIDs"] if (payment := self._books.payments.get(key)) is not None]
        return {
            **out,
            "Account": {"AccountID": row["AccountID"]},
            "Date": wire_date(row["Date"]),
            "DateString": f"{row['Date'].isoformat()}T00:00:00",
            "UpdatedDateUTC": to_wire(row["UpdatedDateUTC"]),
            "Payments": [
                {"PaymentID": one["PaymentID"], "Invoice": {"InvoiceID": one["TargetID"]}, "Amount": one["Amount"]}
                for one in members
            ],
        }

    def allocation(self, row: Row) -> Row:
        """What a credit note says of one of its allocations."""
        invoice = self._books.invoices.get(row["InvoiceID"]) or {}
        return {
            "AllocationID": row["AllocationID"],
            "Amount": row["Amount"],
            "Date": wire_date(row["Date"]),
            "Invoice": {"InvoiceID": row["InvoiceID"], "InvoiceNumber": invoice.get("InvoiceNumber", "")},
            "IsDeleted": False,
        }

    def _credit(self, row: Row) -> Row:
        """What an invoice says of the credit note that was allocated to it."""
        note = self._books.credit_notes.get(row["NoteID"]) or {}
        return {
            "CreditNoteID": row["NoteID"],
            "CreditNoteNumber": note.get("CreditNoteNumber", ""),
            "AppliedAmount": row["Amount"],
            "Date": wire_date(row["Date"]),
            "Total": note.get("Total"),
            "HasErrors": False,
        }

    def _prepaid(self, row: Row) -> Row:
        """The same of a prepayment."""
        total = (self._books.prepayments.get(row["PrepaymentID"]) or {}).get("Total")
        when = {"Date": wire_date(row["Date"]), "Total": total, "HasErrors": False}
        return {"PrepaymentID": row["PrepaymentID"], "AppliedAmount": row["Amount"], **when}

    def _nested_contact(self, contact_id: str, detail: Detail) -> Row:
        row = self._books.contacts.get(contact_id) or {}
        if detail is Detail.FULL:
            return self.contact(row, detail)
        return {
            "ContactID": contact_id,
            "Name": row.get("Name"),
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
            "ContactPersons": [],
            "HasValidationErrors": False,
        }

    def _line(self, line: Row, unit_places: int, is_full: bool) -> Row:
        unit = line["UnitAmount"]
        return {
            **line,
            "UnitAmount": unit if unit_places == 4 else money(unit),
            "Tracking": self._tracking.answer(line["Tracking"], with_option_ids=is_full),
            **({"ValidationErrors": []} if is_full else {}),
        }

    def _thin_payments(self, target_id: str) -> list[Row]:
        """Inside a document a payment shows neither status nor reconciliation."""
        return [
            {
                "PaymentID": row["PaymentID"],
                "Date": wire_date(row["Date"]),
                "Amount": row["Amount"],
                "Reference": row["Reference"],
                "CurrencyRate": row["CurrencyRate"],
                "HasAccount": False,
                "HasValidationErrors": False,
            }
            for row in self._books.live_payments(target_id)
        ]


_NO_CREDITS: dict[str, Any] = {"Prepayments": [], "Overpayments": [], "CreditNotes": [], "IsDiscounted": False}


def rejected_element(element: Row, error: Rejected, id_field: str, flag_field: str) -> Row:
    """A rejected element: the state that was asked for, a zero id on a create, and why."""
    echo: Row = {id_field: ZERO_GUID, **element}
    for field in DATE_FIELDS & set(element):
        echo[field] = wire_date(parse_date(element[field]))
    errors = [{"Message": message} for message in error.messages]
    if isinstance(error, OfContact):
        echo["Contact"] = {**element["Contact"], "HasValidationErrors": True, "ValidationErrors": errors}
        errors = []
    return {**echo, flag_field: True, "StatusAttributeString": "ERROR", "ValidationErrors": errors}


def envelope(now: datetime, **content: object) -> dict[str, Any]:
    """The outer object of an answer. Its Status says nothing about the elements."""
    ticks = Decimal(now.timestamp()).scaleb(3).to_integral_value()
    stamp = f"/Date({ticks})/"
    return {"Id": new_guid(), "Status": "OK", "ProviderName": "Sandbox", "DateTimeUTC": stamp, **content}


def _stamps(moment: datetime) -> dict[str, str]:
    return {
        "UpdatedDateUTC": to_wire(moment),
        "UpdatedDateUTCString": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
    }
