"""The addresses of files: attached to a document, listed, and given back as they came."""

from __future__ import annotations

from functools import partial

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.attachments import Attachments
from worker.sandbox.xero.books import Books
from worker.sandbox.xero.documents import Kind
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import BASE
from worker.sandbox.xero.refusals import CallRefused, Rejected, invalid_elements, not_found
from worker.sandbox.xero.values import ZERO_GUID, Row
from worker.sandbox.xero.wire import envelope


def add_files(app: Flask, organisation: Organisation) -> None:
    """Put them on the app, below each kind of document."""
    for kind in organisation.kinds:
        files = _Files(organisation.books, organisation.attachments, kind)
        base = f"{BASE}/{kind.collection}/<document_id>/Attachments"
        route = partial(app.add_url_rule, methods=["GET"])
        route(base, endpoint=f"GET {base}", view_func=files.listed)
        route(f"{base}/<key>", endpoint=f"GET {base}/<key>", view_func=files.give)
        app.add_url_rule(f"{base}/<path:name>", view_func=files.take, endpoint=f"PUT {base}", methods=["PUT", "POST"])


class _Files:
    def __init__(self, books: Books, attachments: Attachments, kind: Kind) -> None:
        self._books = books
        self._attachments = attachments
        self._kind = kind

    def listed(self, document_id: str) -> Response:
        self._document(document_id)
        return self._answer(*self._attachments.of(document_id.lower()))

    def give(self, document_id: str, key: str) -> Response:
        self._document(document_id)
        row = self._attachments.get(document_id.lower(), key)
        if row is None or row["Content"] is None:
            return not_found()
        return Response(row["Content"], content_type=row["MimeType"])

    def take(self, document_id: str, name: str) -> Response:
        document, content = self._document(document_id), request.get_data()
        try:
            return self._answer(self._attachments.attach(self._kind, document, name, request.mimetype, content))
        except Rejected as error:
            asked = {"FileName": name, "MimeType": request.mimetype, "ContentLength": len(content)}
            errors = [{"Message": message} for message in error.messages]
            raise invalid_elements([{"AttachmentID": ZERO_GUID, **asked, "ValidationErrors": errors}]) from None

    def _document(self, document_id: str) -> Row:
        row = self._kind.table(self._books).get(document_id)
        if row is None:
            raise CallRefused(not_found())
        return row

    def _answer(self, *rows: Row) -> Response:
        return json_response(envelope(self._books.now(), Attachments=[self._shown(row) for row in rows]))

    def _shown(self, row: Row) -> Row:
        address = f"{request.host_url}{BASE[1:]}/{self._kind.collection}/{row['DocumentID']}/Attachments"
        shown = {field: row[field] for field in ("AttachmentID", "FileName", "MimeType", "ContentLength")}
        return {**shown, "Url": f"{address}/{row['FileName']}"}
