"""The addresses that write: contacts, documents, payments, items and tracking.

Every call is read as a whole first (`shape`), so that what refuses the call refuses it before anything is saved;
then each element goes through the rules of its kind.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.batch import Batch, summarizes
from worker.sandbox.xero.books import Table
from worker.sandbox.xero.documents import Documents
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.reading import BASE, unit_places
from worker.sandbox.xero.refusals import Rejected, bad_request, invalid_data, invalid_elements, not_found
from worker.sandbox.xero.shape import body_of, elements_of, refuse_unknown_contacts
from worker.sandbox.xero.tracking import category_answer, option_answer
from worker.sandbox.xero.values import ZERO_GUID, Row, to_wire
from worker.sandbox.xero.wire import Detail, envelope, rejected_element


def add_writing(app: Flask, organisation: Organisation) -> None:
    """Put every writing address on the app."""
    writing = _Writing(organisation)
    writing.add_contacts(app)
    for documents in organisation.documents.values():
        writing.add_documents(app, documents)
    writing.add_payments(app)
    writing.add_items(app)
    writing.add_tracking(app)


class _Writing:
    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._books = organisation.books
        self._wire = organisation.wire

    def _bulk(self, batch: Batch, write: Callable[[Row], Row]) -> Response:
        elements = elements_of(request, batch.collection)
        refuse_unknown_contacts(self._books, elements)
        batch.apply(elements, write)
        return batch.response(self._books.now(), summarize=summarizes(request))

    def _single(self, batch: Batch, key: str, write: Callable[[Row], Row]) -> Response:
        """POST to a document's own address: one element, whose id is the address's."""
        elements = elements_of(request, batch.collection)
        if len(elements) != 1 or elements[0].get(batch.id_field, key).lower() != key.lower():
            raise invalid_data(f"The body must hold the one document of the address and its {batch.id_field}")
        refuse_unknown_contacts(self._books, elements)
        batch.apply([{**elements[0], batch.id_field: key}], write)
        return batch.response(self._books.now(), summarize=summarizes(request))

    def add_contacts(self, app: Flask) -> None:
        """PUT and POST of contacts."""
        contacts = self._organisation.contacts

        def batch() -> Batch:
            return Batch("Contacts", "ContactID", "HasValidationErrors")

        def answer(row: Row) -> Row:
            return self._wire.contact(row, Detail.FULL)

        def one(key: str) -> Response:
            if self._books.contacts.get(key) is None:
                return not_found()
            return self._single(batch(), key, lambda element: answer(contacts.create_or_update(element)))

        create = _route(app, "PUT", "/Contacts")
        create(lambda: self._bulk(batch(), lambda element: answer(contacts.create(element))))
        update = _route(app, "POST", "/Contacts")
        update(lambda: self._bulk(batch(), lambda element: answer(contacts.create_or_update(element))))
        _route(app, "POST", "/Contacts/<key>")(one)

    def add_documents(self, app: Flask, documents: Documents) -> None:
        """PUT and POST of invoices or credit notes."""
        kind = documents.kind

        def batch() -> Batch:
            return Batch(kind.collection, kind.id_field, "HasErrors")

        def answer(row: Row) -> Row:
            return self._wire.document(kind, row, Detail.FULL, unit_places())

        def create(element: Row) -> Row:
            return answer(documents.create(element, unit_places()))

        def create_or_update(element: Row) -> Row:
            return answer(documents.create_or_update(element, unit_places()))

        def one(key: str) -> Response:
            if documents.table.get(key) is None:
                return not_found()
            return self._single(batch(), key, create_or_update)

        _route(app, "PUT", f"/{kind.collection}")(lambda: self._bulk(batch(), create))
        _route(app, "POST", f"/{kind.collection}")(lambda: self._bulk(batch(), create_or_update))
        _route(app, "POST", f"/{kind.collection}/<key>")(one)

    def add_payments(self, app: Flask) -> None:
        """PUT of many, POST of one, and POST to a payment's address, which can only delete it."""
        payments, table = self._organisation.payments, self._books.payments

        def batch() -> Batch:
            return Batch("Payments", "PaymentID", "HasValidationErrors")

        def create(element: Row) -> Row:
            return self._wire.payment(payments.create(element))

        def post() -> Response:
            made = batch()
            elements = elements_of(request, "Payments")
            if len(elements) > 1:
                raise bad_request(10, "ValidationException", "POST Payments creates one payment only")
            made.apply(elements, create)
            return made.response(self._books.now(), summarize=True)

        def delete(key: str) -> Response:
            row = table.get(key)
            if row is None:
                return not_found()
            body = body_of(request)
            made = batch()
            made.apply([body if isinstance(body, dict) else {}], lambda asked: self._deleted(row, asked))
            return made.response(self._books.now(), summarize=True)

        _route(app, "PUT", "/Payments")(lambda: self._bulk(batch(), create))
        _route(app, "POST", "/Payments")(post)
        _route(app, "POST", "/Payments/<key>")(delete)

    def _deleted(self, row: Row, asked: Row) -> Row:
        if asked != {"Status": "DELETED"}:
            raise Rejected("Only Status accepted for updates.")
        return self._wire.payment(self._organisation.payments.delete(row))

    def add_items(self, app: Flask) -> None:
        """PUT and POST of items."""
        items = self._organisation.items

        def batch() -> Batch:
            return Batch("Items", "ItemID", "HasValidationErrors")

        create = _route(app, "PUT", "/Items")
        create(lambda: self._bulk(batch(), lambda element: dict(to_wire(items.create(element)))))
        update = _route(app, "POST", "/Items")
        update(lambda: self._bulk(batch(), lambda element: dict(to_wire(items.create_or_update(element)))))

    def add_tracking(self, app: Flask) -> None:
        """Categories and options, one per call."""
        tracking, table = self._organisation.tracking, self._books.categories

        def create() -> Response:
            element = _named(body_of(request))
            return self._category(element, lambda: tracking.create_category(element))

        def update(key: str) -> Response:
            row, element = table.get(key), _named(body_of(request))
            return self._category(element, lambda: tracking.update_category(row, element)) if row else not_found()

        def delete(key: str) -> Response:
            row = table.get(key)
            if row is None:
                return not_found()

            def deleted() -> Row:
                tracking.delete_category(row)
                return {**row, "Status": "DELETED"}

            return self._category({}, deleted)

        def add_option(key: str) -> Response:
            category, element = table.get(key), _named(body_of(request))
            if category is None:
                return not_found()
            if "Name" not in element:
                # A body of another shape is answered 200 and makes nothing.
                return self._options([])
            return self._option(element, lambda: tracking.create_option(category, element))

        def update_option(key: str, option_key: str) -> Response:
            category, row = _option(table, key, option_key)
            if category is None or row is None:
                return not_found()
            element = _named(body_of(request))
            return self._option(element, lambda: tracking.update_option(category, row, element))

        def delete_option(key: str, option_key: str) -> Response:
            category, row = _option(table, key, option_key)
            if category is None or row is None:
                return not_found()

            def deleted() -> Row:
                tracking.delete_option(category, row)
                return {**row, "Status": "DELETED"}

            return self._option({}, deleted)

        _route(app, "PUT", "/TrackingCategories")(create)
        _route(app, "POST", "/TrackingCategories/<key>")(update)
        _route(app, "DELETE", "/TrackingCategories/<key>")(delete)
        _route(app, "PUT", "/TrackingCategories/<key>/Options")(add_option)
        _route(app, "POST", "/TrackingCategories/<key>/Options/<option_key>")(update_option)
        _route(app, "DELETE", "/TrackingCategories/<key>/Options/<option_key>")(delete_option)

    def _category(self, element: Row, write: Callable[[], Row]) -> Response:
        row = _written(element, "TrackingCategoryID", write)
        answer = envelope(self._books.now(), TrackingCategories=[category_answer(row, archived=True)])
        return json_response(answer)

    def _option(self, element: Row, write: Callable[[], Row]) -> Response:
        return self._options([option_answer(_written(element, "TrackingOptionID", write))])

    def _options(self, rows: list[Row]) -> Response:
        return json_response(envelope(self._books.now(), Options=rows))


def _route(app: Flask, method: str, rule: str) -> Callable[[Callable[..., Response]], None]:
    def add(view: Callable[..., Response]) -> None:
        app.add_url_rule(f"{BASE}{rule}", endpoint=f"{method} {rule}", view_func=view, methods=[method])

    return add


def _named(body: object) -> Row:
    return body if isinstance(body, dict) else {}


def _option(categories: Table, key: str, option_key: str) -> tuple[Row | None, Row | None]:
    category = categories.get(key)
    return category, category["Options"].get(option_key) if category else None


def _written(element: Row, id_field: str, write: Callable[[], Row]) -> Row:
    """One row per call: a broken rule refuses the call."""
    try:
        return write()
    except Rejected as error:
        echo = rejected_element({id_field: ZERO_GUID, **element}, error, id_field, "HasValidationErrors")
        raise invalid_elements([echo]) from None
