"""Procore's ways of saying no. It has no single error shape, so each kind here keeps the one documented for it.

Bodies and statuses only; who refuses what is decided by the guard and the routes.
"""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.wrappers import Response

from worker.sandbox.shell import json_response

_MISSING_HEADER = (
    "Missing Procore-Company-Id header! Send the id of the company as Procore-Company-Id on every request."
)
_BODIES: Mapping[int, object] = {
    400: {"error": {"code": "BAD_REQUEST", "message": "Bad Request"}},
    401: {"errors": "Unauthorized"},
    403: {"errors": ["App is not connected to this company."]},
    404: {"error": "Not Found"},
    408: {"errors": "The request took too long. Ask for fewer rows at once."},
    429: {"error": {"error": "Too many requests. Please try again in a few minutes."}},
    500: {"error": {"code": "Internal Server Error", "message": "Internal Server Error"}},
}
_HTML = "<html><head><title>{status}</title></head><body><h1>The service is unavailable.</h1></body></html>"


class Refusal(Exception):
    """A request that gets this answer instead of what it asked for."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def of_status(status: int) -> Response:
    """The documented body of a status; 502 and 503 are pages, not JSON, and 503 alone says when to return."""
    if status in (502, 503):
        headers = {"Retry-After": "1"} if status == 503 else {}
        return Response(_HTML.format(status=status), status=status, headers=headers, content_type="text/html")
    default = {"error": {"code": str(status), "message": "Unexpected error", "details": []}}
    return json_response(_BODIES.get(status, default), status)


def token_invalid(which: str = "access") -> Response:
    """For a token that is unknown or past its life; one without any token gets the bare 401."""
    body = {
        "code": 401,
        "message": f"The {which} token is invalid",
        "fields": "",
        "reason": "",
        "error": "Invalid Token",
    }
    return json_response(body, 401)


def header_missing() -> Response:
    """For a request without Procore-Company-Id: a sentence, not JSON."""
    return Response(_MISSING_HEADER, status=400, content_type="text/plain; charset=utf-8")


def scope_missing() -> Refusal:
    """For a list that was not told which company or project."""
    body = {"error": {"code": "BAD_REQUEST", "message": "Missing Project or Company ID"}}
    return Refusal(json_response(body, 400))


def blank(parameter: str) -> Refusal:
    """For another required parameter that is not there."""
    return Refusal(json_response({"errors": [{parameter: ["can't be blank"]}]}, 400))


def bad_parameter(parameter: str, complaint: str) -> Refusal:
    """For a parameter whose value cannot be used."""
    return Refusal(json_response({"errors": {parameter: [complaint]}}, 400))


def not_connected() -> Refusal:
    """For a company that this app is not installed in."""
    return Refusal(of_status(403))


def project_forbidden() -> Refusal:
    """For a project on the company's list that this app is not permitted to open."""
    return Refusal(json_response({"errors": ["You do not have permission to access this project."]}, 403))


def tool_off() -> Refusal:
    """For a tool that is off in the project, or closed to this app; its 403 has a bare text in `errors`."""
    return Refusal(json_response({"errors": "You do not have permission to view this page"}, 403))


def project_unknown() -> Refusal:
    """For a project that is not there, or must look as if it were not."""
    detail = {"code": "NOT_FOUND", "message": "Project not found", "source": "project_id"}
    error = {"code": "NOT_FOUND", "message": "Not Found", "details": [detail]}
    return Refusal(json_response({"error": error}, 404))


def too_large() -> Refusal:
    """For a list that would hold too much: 408, "add filters or paging" (error_reference.md of Procore's pages)."""
    return Refusal(of_status(408))


def record_unknown() -> Refusal:
    """For a record that is not there."""
    return Refusal(of_status(404))
