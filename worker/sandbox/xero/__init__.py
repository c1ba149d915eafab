"""The sandbox's Xero: `build` makes its app from a seed's Xero half."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from worker.sandbox.clock import Clock
from worker.sandbox.faults import Faults
from worker.sandbox.journal import Journal
from worker.sandbox.limits import LimitsInForce
from worker.sandbox.shell import Half, build_app, json_object, json_response
from worker.sandbox.tokens import Tokens
from worker.sandbox.xero.access import add_access
from worker.sandbox.xero.edits import edit
from worker.sandbox.xero.files import add_files
from worker.sandbox.xero.guard import TOKEN_PATH, XeroGuard
from worker.sandbox.xero.loading import dump, load
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.reading import add_reading
from worker.sandbox.xero.refusals import CallRefused, Rejected, not_found
from worker.sandbox.xero.writing import add_writing

_CREDENTIALS = {"client_id": "sandbox-xero-client", "client_secret": "sandbox-xero-secret"}


def build(seed: Mapping[str, Any], *, clock: Clock, limits: LimitsInForce) -> Half:
    """Xero over the seed's Xero half; raises SeedError for a document that cannot be."""
    organisation = load(seed, clock)
    credentials = dict(seed.get("credentials") or _CREDENTIALS)
    tokens = Tokens(clock, lambda: limits.now.xero_token_s)
    dumped = partial(dump, organisation, credentials)
    app = build_app(
        "xero",
        clock=clock,
        journal=Journal(),
        faults=Faults(),
        guard=XeroGuard(clock, limits, tokens, organisation.books.tenant_id),
        limits=limits,
        token_path=TOKEN_PATH,
        dump=dumped,
    )
    add_access(app, organisation, tokens, credentials, clock)
    _add_refusals(app)
    _add_edits(app, organisation)
    add_reading(app, organisation)
    add_writing(app, organisation)
    add_files(app, organisation)
    return Half(app, dumped)


def _add_refusals(app: Flask) -> None:
    @app.errorhandler(CallRefused)
    def refused(error: CallRefused) -> Response:
        return error.response

    @app.errorhandler(HTTPException)
    def unknown_address(error: HTTPException) -> Response:
        return not_found()


def _add_edits(app: Flask, organisation: Organisation) -> None:
    @app.patch("/_sandbox/documents/<collection>/<key>")
    def edit_document(collection: str, key: str) -> Response:
        try:
            row = edit(organisation, collection, key, json_object(request.get_data()))
        except (Rejected, ValueError) as error:
            return json_response({"error": str(error)}, 400)
        return json_response(row) if row is not None else json_response({"error": "no such document"}, 404)
