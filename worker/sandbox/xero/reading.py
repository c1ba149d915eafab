"""The addresses that read: lists, pages and single documents of every collection.

Reads the call, asks `listing` which rows, and `wire` how they look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.books import Table
from worker.sandbox.xero.documents import Documents, Kind
from worker.sandbox.xero.listing import Listed, Listing, comma_list, flag
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import route
from worker.sandbox.xero.refusals import not_found
from worker.sandbox.xero.tracking import category_answer
from worker.sandbox.xero.values import Row, fold, is_guid, to_wire
from worker.sandbox.xero.where import Fields, Predicate
from worker.sandbox.xero.wire import Detail, envelope

_ACCOUNT: Fields = {
    "AccountID": "guid", "Code": "text", "Name": "text", "Type": "text", "Status": "text", "Class": "text",
    "SystemAccount": "text", "TaxType": "text", "EnablePaymentsToAccount": "bool", "UpdatedDateUTC": "moment",
}  # fmt: skip
_TAX_RATE: Fields = {"Name": "text", "TaxType": "text", "Status": "text", "EffectiveRate": "number"}
_CATEGORY: Fields = {"TrackingCategoryID": "guid", "Name": "text", "Status": "text"}
_ITEM: Fields = {"ItemID": "guid", "Code": "text", "Name": "text", "UpdatedDateUTC": "moment"}
_CONTACT: Fields = {
    "ContactID": "guid", "ContactNumber": "text", "Name": "text", "EmailAddress": "text", "AccountNumber": "text",
    "ContactStatus": "text", "TaxNumber": "text", "IsSupplier": "bool", "IsCustomer": "bool",
    "UpdatedDateUTC": "moment",
}  # fmt: skip
_PAYMENT: Fields = {
    "PaymentID": "guid", "PaymentType": "text", "Status": "text", "Date": "date", "Reference": "text",
    "Amount": "number", "Invoice.InvoiceID": "guid", "Invoice.InvoiceNumber": "text",
    "CreditNote.CreditNoteID": "guid", "Account.AccountID": "guid", "UpdatedDateUTC": "moment",
}  # fmt: skip


def _document_fields(kind: Kind) -> Fields:
    return {
        kind.id_field: "guid", kind.number_field: "text", "Type": "text", "Status": "text", "Reference": "text",
        "Date": "date", "DueDate": "date", kind.open_field: "number", kind.paid_field: "number",
        "Total": "number", "CurrencyCode": "text", "UpdatedDateUTC": "moment", "Contact.ContactID": "guid",
        "Contact.Name": "text", "Contact.ContactNumber": "text",
    }  # fmt: skip


def add_reading(app: Flask, organisation: Organisation) -> None:
    """Put every reading address on the app."""
    reading = _Reading(organisation)
    reading.add_reference(app)
    reading.add_contacts(app)
    for documents in organisation.documents.values():
        reading.add_documents(app, documents)
    reading.add_payments(app)


def unit_places() -> int:
    """4 decimal places of UnitAmount only for those who ask."""
    return 4 if request.args.get("unitdp") == "4" else 2


class _Reading:
    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._books = organisation.books
        self._wire = organisation.wire

    def _answer(self, collection: str, rows: Iterable[Row], pagination: dict[str, int] | None = None) -> Response:
        paged = {"pagination": pagination} if pagination else {}
        return json_response(envelope(self._books.now(), **paged, **{collection: list(rows)}))

    def add_reference(self, app: Flask) -> None:
        """Organisation, accounts, tax rates, currencies, tracking, items."""
        books = self._books
        route(app, "GET", "/Organisation")(lambda: self._answer("Organisations", [to_wire(books.organisation)]))
        route(app, "GET", "/Organisation/Actions")(lambda: self._answer("Actions", books.actions))
        route(app, "GET", "/Currencies")(lambda: self._answer("Currencies", map(_listed_currency, books.currencies)))
        route(app, "GET", "/TaxRates")(lambda: self._plain("TaxRates", books.tax_rates.values(), "TaxType", _TAX_RATE))
        route(app, "GET", "/TaxRates/<key>")(lambda key: self._one("TaxRates", books.tax_rates.get(key)))
        route(app, "GET", "/Accounts")(lambda: self._plain("Accounts", books.accounts.all(), "AccountID", _ACCOUNT))
        route(app, "GET", "/Accounts/<key>")(lambda key: self._one("Accounts", books.accounts.get(key)))
        route(app, "GET", "/Items")(lambda: self._plain("Items", books.items.all(), "ItemID", _ITEM))
        route(app, "GET", "/Items/<key>")(lambda key: self._one("Items", _by_id_or(books.items, "code", key)))
        route(app, "GET", "/TrackingCategories")(self._categories)
        route(app, "GET", "/TrackingCategories/<key>")(self._category)

    def _plain(self, collection: str, rows: Iterable[Row], id_field: str, fields: Fields) -> Response:
        listing = Listing(id_field, fields, _flat, lambda _: rows, is_paged=False)
        return self._answer(collection, [to_wire(row) for row in listing.select(request).rows])

    def _one(self, collection: str, row: Row | None) -> Response:
        return self._answer(collection, [to_wire(row)]) if row is not None else not_found()

    def _categories(self) -> Response:
        archived = flag(request, "includeArchived")
        rows = self._books.categories.all()
        listing = Listing("Name", _CATEGORY, _flat, lambda _: rows, is_paged=False, default_order="Name")
        found = listing.select(request, lambda row: archived or row["Status"] == "ACTIVE").rows
        return self._answer("TrackingCategories", [self._answered(row, archived=archived) for row in found])

    def _category(self, key: str) -> Response:
        row = self._books.categories.get(key)
        return self._one("TrackingCategories", self._answered(row, archived=True) if row else None)

    def _answered(self, row: Row, *, archived: bool) -> Row:
        return category_answer(row, archived=archived, deleted=self._books.switches.now.lists_deleted_options)

    def add_contacts(self, app: Flask) -> None:
        """Contacts by page, and one by id or ContactNumber."""
        table = self._books.contacts
        listing = Listing(
            "ContactID",
            _CONTACT,
            _flat,
            lambda required: _indexed(table, required, {"ContactID": None, "ContactNumber": "number"}),
            search_fields=("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress"),
            forces_paging=("summaryOnly",),
        )

        def contacts() -> Response:
            tests = _in_list("IDs", "ContactID")
            if not flag(request, "includeArchived"):
                tests.append(lambda row: row["ContactStatus"] != "ARCHIVED")
            listed = listing.select(request, *tests)
            detail = _detail(listed)
            rows = [self._wire.contact(row, detail) for row in listed.rows]
            return self._answer("Contacts", rows, listed.pagination)

        def contact(key: str) -> Response:
            row = _by_id_or(table, "number", key)
            return self._one("Contacts", self._wire.contact(row, Detail.FULL) if row else None)

        route(app, "GET", "/Contacts")(contacts)
        route(app, "GET", "/Contacts/<key>")(contact)

    def add_documents(self, app: Flask, documents: Documents) -> None:
        """Invoices or credit notes by page, and one by id or number."""
        kind, table = documents.kind, documents.table
        indexes = {kind.id_field: None, kind.number_field: "number", "Contact.ContactID": "contact"}
        listing = Listing(
            kind.id_field,
            _document_fields(kind),
            self._read_document,
            lambda required: _candidates(table, kind, required, indexes),
            search_fields=(kind.number_field, "Reference"),
        )

        def many() -> Response:
            listed = listing.select(request, *_document_tests(kind))
            detail = _detail(listed)
            rows = [self._wire.document(kind, row, detail, unit_places()) for row in listed.rows]
            return self._answer(kind.collection, rows, listed.pagination)

        def one(key: str) -> Response:
            row = _by_id_or(table, "number", key)
            answered = self._wire.document(kind, row, Detail.FULL, unit_places()) if row else None
            return self._one(kind.collection, answered)

        route(app, "GET", f"/{kind.collection}")(many)
        route(app, "GET", f"/{kind.collection}/<key>")(one)

    def add_payments(self, app: Flask) -> None:
        """Payments by page, and one by id."""
        table = self._books.payments
        listing = Listing(
            "PaymentID",
            _PAYMENT,
            self._read_payment,
            lambda required: _indexed(table, required, {"PaymentID": None, "Invoice.InvoiceID": "target"}),
        )

        def payments() -> Response:
            listed = listing.select(request)
            return self._answer("Payments", map(self._wire.payment, listed.rows), listed.pagination)

        def payment(key: str) -> Response:
            row = table.get(key)
            return self._one("Payments", self._wire.payment(row) if row else None)

        route(app, "GET", "/Payments")(payments)
        route(app, "GET", "/Payments/<key>")(payment)

    def _read_document(self, row: Row, field: str) -> object:
        if not field.startswith("Contact."):
            return row.get(field)
        contact = self._books.contacts.get(row["ContactID"]) or {}
        return contact.get(field.removeprefix("Contact."))

    def _read_payment(self, row: Row, field: str) -> object:
        outer, _, inner = field.partition(".")
        if not inner:
            return row.get(field)
        if outer == "Account":
            return row["AccountID"]
        if row["Collection"] != f"{outer}s":
            return None
        return (self._organisation.documents[row["Collection"]].table.get(row["TargetID"]) or {}).get(inner)


def _listed_currency(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "Rate"}


def _flat(row: Row, field: str) -> object:
    return row.get(field)


def _detail(listed: Listed) -> Detail:
    if flag(request, "summaryOnly"):
        return Detail.SUMMARY
    return Detail.LIST if listed.pagination is None else Detail.PAGED


def _by_id_or(table: Table, index: str, given: str) -> Row | None:
    if is_guid(given):
        return table.get(given)
    return next(iter(table.find(index, fold(given))), None)


def _indexed(table: Table, required: Mapping[str, Any], indexes: Mapping[str, str | None]) -> Iterable[Row]:
    """The rows that can match, asked of the first index that an equality names."""
    for field, index in indexes.items():
        if field in required and isinstance(required[field], str):
            if index is not None:
                return table.find(index, required[field])
            row = table.get(required[field])
            return [] if row is None else [row]
    return table.all()


def _candidates(
    table: Table, kind: Kind, required: Mapping[str, Any], indexes: Mapping[str, str | None]
) -> Iterable[Row]:
    """The rows that can match, asked of IDs or InvoiceNumbers first."""
    ids = dict.fromkeys(comma_list(request, "IDs", guids=True))
    if ids:
        return [row for row in map(table.get, ids) if row is not None]
    numbers = dict.fromkeys(map(fold, comma_list(request, f"{kind.number_field}s", guids=False)))
    if numbers:
        return [row for number in numbers for row in table.find("number", number)]
    return _indexed(table, required, indexes)


def _in_list(parameter: str, field: str) -> list[Predicate]:
    wanted = frozenset(comma_list(request, parameter, guids=True))
    return [lambda row: row[field] in wanted] if wanted else []


def _document_tests(kind: Kind) -> list[Predicate]:
    tests = _in_list("IDs", kind.id_field)
    tests += _in_list("ContactIDs", "ContactID")
    numbers = frozenset(map(fold, comma_list(request, f"{kind.number_field}s", guids=False)))
    if numbers:
        tests.append(lambda row: fold(row[kind.number_field]) in numbers)
    statuses = frozenset(comma_list(request, "Statuses", guids=False))
    if statuses:
        tests.append(lambda row: row["Status"].lower() in statuses)
    return tests
