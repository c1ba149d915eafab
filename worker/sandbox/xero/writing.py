"""The addresses that write contacts, documents, items and tracking. Those that pay are in `paying`.

Every call is read as a whole first (`shape`), so that what refuses the call refuses it before anything is saved;
then each element goes through the rules of its kind.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero import several_options
from worker.sandbox.xero.batch import Batch, fault_is, summarizes, write_all
from worker.sandbox.xero.books import Table
from worker.sandbox.xero.documents import Documents
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import route
from worker.sandbox.xero.reading import unit_places
from worker.sandbox.xero.refusals import Rejected, invalid_data, invalid_elements, not_found
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
    writing.add_items(app)
    writing.add_tracking(app)


class _Writing:
    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._books = organisation.books
        self._wire = organisation.wire

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

        create = route(app, "PUT", "/Contacts")
        create(lambda: write_all(batch(), self._books, lambda element: answer(contacts.create(element))))
        update = route(app, "POST", "/Contacts")
        update(lambda: write_all(batch(), self._books, lambda element: answer(contacts.create_or_update(element))))
        route(app, "POST", "/Contacts/<key>")(one)

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
            standing = documents.table.get(element.get(kind.id_field))
            if standing is not None and fault_is("ok_but_unchanged"):
                return answer(standing)
            return answer(documents.create_or_update(element, unit_places()))

        def one(key: str) -> Response:
            if documents.table.get(key) is None:
                return not_found()
            return self._single(batch(), key, create_or_update)

        route(app, "PUT", f"/{kind.collection}")(lambda: write_all(batch(), self._books, create))
        route(app, "POST", f"/{kind.collection}")(lambda: write_all(batch(), self._books, create_or_update))
        route(app, "POST", f"/{kind.collection}/<key>")(one)

    def add_items(self, app: Flask) -> None:
        """PUT and POST of items."""
        items = self._organisation.items

        def batch() -> Batch:
            return Batch("Items", "ItemID", "HasValidationErrors")

        create = route(app, "PUT", "/Items")
        create(lambda: write_all(batch(), self._books, lambda element: dict(to_wire(items.create(element)))))
        update = route(app, "POST", "/Items")
        update(lambda: write_all(batch(), self._books, lambda element: dict(to_wire(items.create_or_update(element)))))

        def delete(key: str) -> Response:
            row = self._books.items.get(key)
            if row is None:
                return not_found()
            items.delete(row)
            return Response(status=204)  # XeroAPI/Xero-OpenAPI, deleteItem

        route(app, "DELETE", "/Items/<key>")(delete)

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
            named = element.get("Options")
            if isinstance(named, list) and len(named) > 1:
                way = self._books.switches.now.several_options
                write = lambda row: tracking.create_option(category, row)  # noqa: E731
                return self._options(several_options.create(named, category["Options"], way, write))
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

        route(app, "PUT", "/TrackingCategories")(create)
        route(app, "POST", "/TrackingCategories/<key>")(update)
        route(app, "DELETE", "/TrackingCategories/<key>")(delete)
        route(app, "PUT", "/TrackingCategories/<key>/Options")(add_option)
        route(app, "POST", "/TrackingCategories/<key>/Options/<option_key>")(update_option)
        route(app, "DELETE", "/TrackingCategories/<key>/Options/<option_key>")(delete_option)

    def _category(self, element: Row, write: Callable[[], Row]) -> Response:
        row = _written(element, "TrackingCategoryID", write)
        answer = envelope(self._books.now(), TrackingCategories=[category_answer(row, archived=True)])
        return json_response(answer)

    def _option(self, element: Row, write: Callable[[], Row]) -> Response:
        return self._options([option_answer(_written(element, "TrackingOptionID", write))])

    def _options(self, rows: list[Row]) -> Response:
        return json_response(envelope(self._books.now(), Options=rows))


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
