"""How one gets into Xero: tokens for the app itself, a person's consent and its tokens, and what a login reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.clock import Clock
from worker.sandbox.consent import add_consent
from worker.sandbox.grants import PERSONS, Grants
from worker.sandbox.shell import json_body, json_response
from worker.sandbox.tokens import Tokens, grant_error, persons_grant_error
from worker.sandbox.xero import scopes
from worker.sandbox.xero.guard import AUTHORIZE_PATH, CONNECTIONS_PATH, TOKEN_PATH
from worker.sandbox.xero.organisation import Organisation
from worker.sandbox.xero.values import new_guid

#: A code lives five minutes, an unused refresh token sixty days, and the last one may be used again for half an hour.
_CODE_S, _UNUSED_S, _GRACE_S = 300.0, 60 * 86400.0, 1800.0


def add_access(
    app: Flask,
    organisations: Sequence[Organisation],
    tokens: Tokens,
    credentials: Mapping[str, str],
    clock: Clock,
) -> None:
    """Adds the token address, the consent page and `/connections`."""
    grants = Grants(clock, code_life_s=_CODE_S, unused_life_s=_UNUSED_S, grace_s=_GRACE_S)

    def ticked() -> list[str]:
        named = str(credentials.get("scopes") or "").split() or scopes.ALL
        return scopes.still_valid(named, clock.now().date())

    add_consent(app, AUTHORIZE_PATH, credentials, grants, lambda text: scopes.granted(text, ticked()), challenges=True)
    _add_connections(app, organisations)

    @app.post(TOKEN_PATH)
    def token() -> Response:
        if request.form.get("grant_type") in PERSONS:
            return _for_person()
        error = grant_error(request, credentials)
        granted = scopes.asked(request.form.get("scope", ""), ticked())
        if error is not None or granted is None:
            return json_response({"error": error or "invalid_scope"}, 400)
        issued, life_s = tokens.issue(granted)
        return json_response(_answer(issued.value, life_s, granted))

    def _for_person() -> Response:
        error = persons_grant_error(request, credentials, basic=True)
        granted = None if error else grants.exchange(request.form)
        if granted is None:
            return json_response({"error": error or "invalid_grant"}, 400)
        issued, life_s = tokens.issue(granted.scopes, by_person=True)
        answer = _answer(issued.value, life_s, sorted(granted.scopes))
        if scopes.OFFLINE in granted.scopes:
            answer["refresh_token"] = granted.refresh
        return json_response(answer)


def _answer(token: str, life_s: int, granted: list[str]) -> dict[str, Any]:
    return {"access_token": token, "expires_in": life_s, "token_type": "Bearer", "scope": " ".join(granted)}


def _add_connections(app: Flask, organisations: Sequence[Organisation]) -> None:
    """The organisations there are, and whatever `POST /_sandbox/connections` with rows says the person also reaches."""
    others: list[dict[str, Any]] = []

    @app.get(CONNECTIONS_PATH)
    def connections() -> Response:
        all_books = [one.books for one in organisations]
        own = [{"tenantId": one.tenant_id, "tenantName": one.organisation.get("Name", "")} for one in all_books]
        times = dict.fromkeys(("createdDateUtc", "updatedDateUtc"), f"{all_books[0].now():%Y-%m-%dT%H:%M:%S}")
        rows = [{"id": new_guid(), "tenantType": "ORGANISATION", **row, **times} for row in (*own, *others)]
        return json_response(rows)

    @app.post("/_sandbox/connections")
    def connect_others() -> Response:
        rows = json_body(request.get_data())
        others[:] = rows if isinstance(rows, list) else [rows]
        return json_response({"connections": len(others)})
