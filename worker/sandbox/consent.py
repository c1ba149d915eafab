"""The page on which a person lets the app in: it redirects back at once, as if Allow had been pressed.

The control interface decides beforehand what the person presses. A wrong app or address gets a page and no redirect:
the browser must not be sent to where nobody registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode, urlsplit

from flask import Flask, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from worker.sandbox.grants import Grants
from worker.sandbox.shell import json_object, json_response

#: The scopes that a text asks for, or None when the app may not have them all.
Scopes = Callable[[str], Iterable[str] | None]


def add_consent(
    app: Flask, path: str, credentials: Mapping[str, str], grants: Grants, scopes: Scopes, *, challenges: bool
) -> None:
    """Adds the page at `path`, and `POST /_sandbox/consent` with {"deny": true} or false.

    `challenges`: it knows RFC 7636 (PKCE). A page that does not document it refuses what it does not know.
    """
    answers = {"deny": False}

    @app.get(path)
    def authorize() -> Response:
        asked = request.args
        to = asked.get("redirect_uri", "")
        if asked.get("client_id") != credentials["client_id"] or not _is_registered(to, credentials):
            return Response("Invalid client or redirect address.", status=400, content_type="text/html; charset=utf-8")
        granted = scopes(asked.get("scope", ""))
        if asked.get("response_type") != "code":
            outcome = {"error": "unsupported_response_type"}
        elif not _is_challenge(asked, challenges):
            outcome = {"error": "invalid_request"}
        elif granted is None:
            outcome = {"error": "invalid_scope"}
        elif answers["deny"]:
            outcome = {"error": "access_denied", "error_description": "The user has denied access"}
        else:
            outcome = {"code": grants.code(to, granted, asked.get("code_challenge", ""))}
        state = {"state": asked["state"]} if "state" in asked else {}
        return redirect(f"{to}?{urlencode({**outcome, **state})}")

    @app.post("/_sandbox/consent")
    def decide() -> Response:
        answers["deny"] = bool(json_object(request.get_data()).get("deny"))
        return json_response(answers)


def _is_challenge(asked: Mapping[str, str], challenges: bool) -> bool:
    """None, or where they are known one of the method S256: 43 characters."""
    given = [asked[name] for name in ("code_challenge", "code_challenge_method") if name in asked]
    return not given or (challenges and len(given) == 2 and len(given[0]) == 43 and given[1] == "S256")


def _is_registered(address: str, credentials: Mapping[str, str]) -> bool:
    """Exactly the one that the seed registers; else https, or http on localhost, which 127.0.0.1 is not."""
    registered = credentials.get("redirect_uri")
    if registered:
        return address == registered
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
