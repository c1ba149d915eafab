"""History records: notes on a document, which nobody can change or delete (xero-api.md §4.11).

What Xero itself writes there when a document changes is not kept here.
"""

from __future__ import annotations

from functools import partial

from flask import Flask
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.batch import Batch, write_all
from worker.sandbox.xero.books import Books, Table
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import route
from worker.sandbox.xero.refusals import Rejected, not_found
from worker.sandbox.xero.values import Row, to_wire
from worker.sandbox.xero.wire import envelope

_LONGEST = 2500
_WRITER = "System Generated"


def add_history(app: Flask, organisation: Organisation) -> None:
    """GET and PUT below each kind of document that has a history."""
    books = organisation.books
    tables = {
        "Contacts": books.contacts,
        "Invoices": books.invoices,
        "CreditNotes": books.credit_notes,
        "Payments": books.payments,
        "BatchPayments": books.batch_payments,
        "Items": books.items,
    }
    for collection, table in tables.items():
        route(app, "GET", f"/{collection}/<key>/History")(partial(_listed, books, table))
        route(app, "PUT", f"/{collection}/<key>/History")(partial(_written, books, table))


def _listed(books: Books, table: Table, key: str) -> Response:
    if table.get(key) is None:
        return not_found()
    rows = [_shown(row) for row in reversed(books.history.get(key.lower(), []))]
    return json_response(envelope(books.now(), HistoryRecords=rows))


def _written(books: Books, table: Table, key: str) -> Response:
    if table.get(key) is None:
        return not_found()

    def write(element: Row) -> Row:
        details = str(element.get("Details") or "")
        if not details.strip() or len(details) > _LONGEST:
            raise Rejected(f"Details must hold 1 to {_LONGEST} characters")
        row = {"Details": details, "DateUTC": books.now()}
        books.history.setdefault(key.lower(), []).append(row)
        return _shown(row)

    return write_all(Batch("HistoryRecords", "HistoryRecordID", "HasErrors"), books, write)


def _shown(row: Row) -> Row:
    stamps = {"DateUTC": to_wire(row["DateUTC"]), "DateUTCString": f"{row['DateUTC']:%Y-%m-%dT%H:%M:%S}"}
    return {"Changes": "Note", "User": _WRITER, "Details": row["Details"], **stamps}
