"""How Xero refuses: a whole call (`CallRefused`, with its answer) or one element of it (`Rejected`).

Sentences come from Xero's published or recorded answers where there are any; nothing here decides when to refuse.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response
from worker.sandbox.xero.values import new_guid


class CallRefused(Exception):
    """The whole call is refused and nothing of it was saved."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Rejected(Exception):
    """One element breaks a rule; its neighbours go on."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


class OfContact(Rejected):
    """The element's contact breaks the rule: the sentences stand at the contact, and none at the element."""


def not_found() -> Response:
    """Xero's 404: an empty page, not JSON."""
    return Response(b"", status=404, content_type="text/html; charset=utf-8")


def bad_request(number: int, kind: str, message: str) -> CallRefused:
    """A 400 without elements."""
    return CallRefused(json_response({"ErrorNumber": number, "Type": kind, "Message": message}, 400))


def invalid_data(message: str) -> CallRefused:
    """The body cannot be read into Xero's types."""
    return bad_request(14, "PostDataInvalidException", message)


def invalid_query(message: str) -> CallRefused:
    """The where or order text cannot be read."""
    return bad_request(16, "QueryParseException", message)


def invalid_elements(elements: list[dict[str, Any]]) -> CallRefused:
    """The 400 of a call with rejected elements."""
    body = {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": elements,
    }
    return CallRefused(json_response(body, 400))


def problem(status: int, title: str, detail: str) -> Response:
    """The problem body of 401, 403 and the like."""
    body: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": new_guid(),
        "Extensions": {},
    }
    return json_response(body, status)


def token_expired(at: datetime) -> Response:
    """The 401 of a token whose life is over."""
    return problem(401, "Unauthorized", f"TokenExpired: token expired at {at:%m/%d/%Y %H:%M:%S}")


def scope_missing(status: int) -> Response:
    """For a token without the scope of the address; the 403 names the reason in a header (Xero's FAQ)."""
    if status == 401:
        return problem(401, "Unauthorized", "AuthorizationUnsuccessful")
    response = problem(403, "Forbidden", "AuthorizationUnsuccessful")
    response.headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    return response
