"""The sandbox's Xero: `build` makes its app from a seed's Xero half.

Each organisation has books, and addresses on an app, of its own; the header of a call says which of them answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from worker.sandbox.clock import Clock
from worker.sandbox.faults import Faults
from worker.sandbox.journal import Journal
from worker.sandbox.limits import LimitsInForce
from worker.sandbox.shell import Half, add_switches, build_app, json_object, json_response
from worker.sandbox.switches import InForce, XeroSwitches
from worker.sandbox.tokens import Tokens
from worker.sandbox.xero.access import add_access
from worker.sandbox.xero.edits import edit
from worker.sandbox.xero.files import add_files
from worker.sandbox.xero.guard import STARTER_CONNECTIONS, TOKEN_PATH, XeroGuard
from worker.sandbox.xero.history import add_history
from worker.sandbox.xero.loading import dump, load
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.paths import BASE, AnyCase
from worker.sandbox.xero.paying import add_paying
from worker.sandbox.xero.prepayments import add_prepayments
from worker.sandbox.xero.reading import add_reading
from worker.sandbox.xero.refusals import CallRefused, Rejected, not_found
from worker.sandbox.xero.writing import add_writing

_CREDENTIALS = {"client_id": "sandbox-xero-client", "client_secret": "sandbox-xero-secret"}


def build(seed: Mapping[str, Any], *, clock: Clock, limits: LimitsInForce) -> Half:
    """Xero over the seed's Xero half; raises SeedError for a document that cannot be."""
    switches = InForce(XeroSwitches(**seed.get("switches") or {}))
    organisation = load(seed, clock, switches)
    others = [load(more, clock, switches) for more in seed.get("more_organisations") or ()]
    all_of_them = [organisation, *others]
    by_people = STARTER_CONNECTIONS if (seed.get("credentials") or {}).get("tier") == "starter" else len(all_of_them)
    credentials = dict(seed.get("credentials") or _CREDENTIALS)
    tier = str(credentials.get("tier") or "core")
    tokens = Tokens(clock, lambda: limits.now.xero_token_s)
    dumped = partial(_dumped, all_of_them, credentials, switches)
    app = build_app(
        "xero",
        clock=clock,
        journal=Journal(),
        faults=Faults(),
        guard=XeroGuard(clock, limits, tokens, [one.books.tenant_id for one in all_of_them], by_people, switches, tier),
        limits=limits,
        token_path=TOKEN_PATH,
        dump=dumped,
    )
    add_switches(app, switches)
    add_access(app, all_of_them[:by_people], tokens, credentials, clock)
    _add_edits(app, all_of_them)
    _add_addresses(app, organisation)
    _hand_on(app, others)
    app.wsgi_app = AnyCase(app.wsgi_app)  # type: ignore[method-assign]
    return Half(app, dumped)


def _dumped(
    organisations: Sequence[Organisation], credentials: Mapping[str, str], switches: InForce[XeroSwitches]
) -> dict[str, Any]:
    own, *others = organisations
    kept = {"credentials": dict(credentials), "switches": switches.now.model_dump()}
    return {**dump(own), **kept, "more_organisations": [dump(one) for one in others]}


def _add_addresses(app: Flask, organisation: Organisation) -> None:
    _add_refusals(app)
    add_reading(app, organisation)
    add_writing(app, organisation)
    add_paying(app, organisation)
    add_prepayments(app, organisation)
    add_files(app, organisation)
    add_history(app, organisation)


def _hand_on(app: Flask, others: Sequence[Organisation]) -> None:
    """What is asked of another organisation is answered from its books."""
    apps: dict[str, Flask] = {}
    for organisation in others:
        its = Flask(f"xero {organisation.books.tenant_id}")
        its.config["PROPAGATE_EXCEPTIONS"] = True
        its.url_map.strict_slashes = False
        _add_addresses(its, organisation)
        apps[organisation.books.tenant_id] = its

    @app.before_request
    def hand_on() -> Response | None:
        its = apps.get(_tenant()) if request.path.startswith(f"{BASE}/") else None
        return None if its is None else Response.from_app(its.wsgi_app, request.environ, buffered=True)


def _tenant() -> str:
    return request.headers.get("xero-tenant-id", "").lower()


def _add_refusals(app: Flask) -> None:
    @app.errorhandler(CallRefused)
    def refused(error: CallRefused) -> Response:
        return error.response

    @app.errorhandler(HTTPException)
    def unknown_address(error: HTTPException) -> Response:
        return not_found()


def _add_edits(app: Flask, organisations: Sequence[Organisation]) -> None:
    """What a person does by hand: in the organisation of the header, else in the first."""
    by_tenant = {one.books.tenant_id: one for one in organisations}

    @app.patch("/_sandbox/documents/<collection>/<key>")
    def edit_document(collection: str, key: str) -> Response:
        organisation = by_tenant.get(_tenant(), organisations[0])
        try:
            row = edit(organisation, collection, key, json_object(request.get_data()))
        except (Rejected, ValueError) as error:
            return json_response({"error": str(error)}, 400)
        return json_response(row) if row is not None else json_response({"error": "no such document"}, 404)
