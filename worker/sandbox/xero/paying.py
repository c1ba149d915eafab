"""The addresses that pay: payments, batch payments, and allocations of credit notes; and those that take them back."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.batch import Batch, summarizes, write_all
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import route
from worker.sandbox.xero.refusals import Rejected, bad_request, invalid_elements, not_found
from worker.sandbox.xero.shape import body_of, elements_of
from worker.sandbox.xero.values import Row, wire_date
from worker.sandbox.xero.wire import envelope, rejected_element

_DELETED = {"Status": "DELETED"}


def add_paying(app: Flask, organisation: Organisation) -> None:
    """Put them on the app."""
    paying = _Paying(organisation)
    route(app, "PUT", "/Payments")(paying.pay_many)
    route(app, "POST", "/Payments")(paying.pay_one)
    route(app, "POST", "/Payments/<key>")(paying.delete_payment)
    route(app, "GET", "/BatchPayments")(paying.batches)
    route(app, "GET", "/BatchPayments/<key>")(paying.batch)
    route(app, "PUT", "/BatchPayments")(paying.pay_in_a_batch)
    route(app, "POST", "/BatchPayments")(paying.delete_batch_named)
    route(app, "POST", "/BatchPayments/<key>")(paying.delete_batch)
    route(app, "PUT", "/CreditNotes/<key>/Allocations")(paying.allocate)
    route(app, "DELETE", "/CreditNotes/<key>/Allocations/<allocation>")(paying.take_back)


class _Paying:
    def __init__(self, organisation: Organisation) -> None:
        self._payments = organisation.payments
        self._batches = organisation.batch_payments
        self._allocations = organisation.allocations
        self._books = organisation.books
        self._wire = organisation.wire

    def _pay(self, element: Row) -> Row:
        return self._wire.payment(self._payments.create(element))

    def pay_many(self) -> Response:
        return write_all(Batch("Payments", "PaymentID", "HasValidationErrors"), self._books, self._pay)

    def pay_one(self) -> Response:
        batch = Batch("Payments", "PaymentID", "HasValidationErrors")
        elements = elements_of(request, "Payments")
        if len(elements) > 1:
            raise bad_request(10, "ValidationException", "POST Payments creates one payment only")
        batch.apply(elements, self._pay)
        return batch.response(self._books.now(), summarize=True)

    def delete_payment(self, key: str) -> Response:
        """POST to a payment's own address can do nothing else."""
        row = self._books.payments.get(key)
        if row is None:
            return not_found()
        batch = Batch("Payments", "PaymentID", "HasValidationErrors")
        batch.apply([_asked()], lambda asked: self._wire.payment(self._payments.delete(_only_deleted(row, asked))))
        return batch.response(self._books.now(), summarize=True)

    def batches(self) -> Response:
        """All of them: this list does not page."""
        rows = [self._wire.batch_payment(row) for row in self._books.batch_payments.all()]
        return json_response(envelope(self._books.now(), BatchPayments=rows))

    def batch(self, key: str) -> Response:
        row = self._books.batch_payments.get(key)
        if row is None:
            return not_found()
        return json_response(envelope(self._books.now(), BatchPayments=[self._wire.batch_payment(row)]))

    def pay_in_a_batch(self) -> Response:
        batch = Batch("BatchPayments", "BatchPaymentID", "HasErrors")
        return write_all(batch, self._books, lambda one: self._wire.batch_payment(self._batches.create(one)))

    def delete_batch_named(self) -> Response:
        """`{"BatchPaymentID": .., "Status": "DELETED"}`."""
        asked = _asked()
        return self._delete_batch(str(asked.pop("BatchPaymentID", "")), asked)

    def delete_batch(self, key: str) -> Response:
        return self._delete_batch(key, _asked())

    def _delete_batch(self, key: str, asked: Row) -> Response:
        row = self._books.batch_payments.get(key)
        if row is None:
            return not_found()
        batch = Batch("BatchPayments", "BatchPaymentID", "HasErrors")
        batch.apply([asked], lambda one: self._wire.batch_payment(self._batches.delete(_only_deleted(row, one))))
        return batch.response(self._books.now(), summarize=True)

    def allocate(self, key: str) -> Response:
        note = self._books.credit_notes.get(key)
        if note is None:
            return not_found()
        note_id = note["CreditNoteID"]

        def one(element: Row) -> Row:
            standing = self._books.credit_notes.get(note_id) or {}
            row = self._wire.allocation(self._allocations.create(standing, element))
            return {key: value for key, value in row.items() if key != "AllocationID"}  # as in Xero's own example

        batch = Batch("Allocations", "AllocationID", "HasErrors")
        batch.apply(elements_of(request, "Allocations"), one)
        return batch.response(self._books.now(), summarize=summarizes(request))

    def take_back(self, key: str, allocation: str) -> Response:
        row = self._books.allocations.get(allocation)
        if row is None or row["NoteID"] != key.lower():
            return not_found()
        try:
            self._allocations.delete(row)
        except Rejected as error:
            raise invalid_elements([rejected_element(dict(row), error, "AllocationID", "HasErrors")]) from None
        shown = {"AllocationID": row["AllocationID"], "Amount": row["Amount"], "Date": wire_date(row["Date"])}
        return json_response({**shown, "Invoice": {"InvoiceID": row["InvoiceID"]}, "IsDeleted": True})


def _asked() -> Row:
    body = body_of(request)
    return dict(body) if isinstance(body, dict) else {}


def _only_deleted(row: Row, asked: Row) -> Row:
    if asked != _DELETED:
        raise Rejected("Only Status accepted for updates.")
    return row
