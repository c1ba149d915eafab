"""What each HTTP answer means, and that its sentence carries the other side's own words."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from worker.errors import (
    ApiUnavailable,
    AuthRejected,
    ContractBroken,
    FailedAnswer,
    ListTooLarge,
    NotPermitted,
    NotThere,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    ScopeMissing,
    SyncError,
)
from worker.http.status import error_for, reason, wait_s


def responded(
    status: int, body: Any = None, *, text: str = "", headers: dict[str, str] | None = None, method: str = "GET"
) -> httpx.Response:
    content = text if body is None else json.dumps(body)
    request = httpx.Request(method, "https://api.example/Invoices?token=no")
    return httpx.Response(status, content=content.encode(), headers=headers, request=request)


CHALLENGE = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
DETAIL = {"Title": "Unauthorized", "Status": 401, "Detail": "AuthorizationUnsuccessful"}


@pytest.mark.parametrize(
    ("path", "status", "headers", "body", "scope"),
    [
        ("Payments", 403, CHALLENGE, None, "accounting.payments"),
        ("payments", 403, {"WWW-Authenticate": "Bearer error=insufficent_scope"}, None, "accounting.payments"),
        ("Invoices/0-1", 401, {}, DETAIL, "accounting.invoices"),
        ("CreditNotes", 403, {}, DETAIL, "accounting.invoices"),
        ("Invoices/0-1/Attachments/a.pdf", 403, CHALLENGE, None, "accounting.attachments"),
        ("TrackingCategories/0-1/Options", 403, CHALLENGE, None, "accounting.settings"),
        ("Items", 403, {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="x.items"'}, None, "x.items"),
        ("Contacts", 403, {}, {"Detail": "AuthenticationUnsuccessful"}, ""),
        ("Contacts", 401, {}, {"Detail": "TokenExpired"}, ""),
    ],
)
def test_a_missing_scope_is_named(path: str, status: int, headers: dict[str, str], body: Any, scope: str) -> None:
    """By the answer where it says so, else by the address; a disconnected organisation lacks no scope."""
    request = httpx.Request("GET", f"https://api.xero.com/api.xro/2.0/{path}")
    content = json.dumps(body).encode() if body else b""
    error = error_for("Xero", httpx.Response(status, headers=headers, content=content, request=request))
    assert isinstance(error, ScopeMissing) is (scope != "")
    assert f"has not the scope {scope}" in str(error) or not scope


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_is_no_error(status: int) -> None:
    """Every 2xx is a success."""
    assert error_for("Xero", responded(status)) is None


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (301, ContractBroken, ContractBroken),
        (400, RequestRefused, RequestRefused),
        (401, AuthRejected, AuthRejected),
        (403, NotPermitted, NotPermitted),
        (404, NotThere, NotThere),
        (406, RequestRefused, RequestRefused),
        (408, ApiUnavailable, OutcomeUnknown),
        (409, ApiUnavailable, OutcomeUnknown),
        (410, NotThere, NotThere),
        (412, RequestRefused, RequestRefused),
        (413, RequestRefused, RequestRefused),
        (422, RequestRefused, RequestRefused),
        (429, RateLimited, RateLimited),
        (500, ApiUnavailable, FailedAnswer),
        (501, ApiUnavailable, OutcomeUnknown),
        (502, ApiUnavailable, OutcomeUnknown),
        (503, ApiUnavailable, OutcomeUnknown),
        (504, ApiUnavailable, OutcomeUnknown),
    ],
)
def test_each_status_has_its_error(status: int, read: type[SyncError], write: type[SyncError]) -> None:
    """The status decides what happens next; after a write a server error leaves open whether it happened."""
    assert type(error_for("Xero", responded(status))) is read
    for method in ("PUT", "POST"):
        assert type(error_for("Xero", responded(status, method=method))) is write


def test_an_empty_429_with_a_time() -> None:
    """Xero's own 429 has no body at all: the headers say which limit and how long."""
    headers = {"Retry-After": "26", "X-Rate-Limit-Problem": "Minute", "X-MinLimit-Remaining": "0"}
    error = error_for("Xero", responded(429, headers=headers))
    assert isinstance(error, RateLimited)
    assert error.retry_in_s == 26
    assert "the minute limit" in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "73451"}, 73451),
        ({"Retry-After": "26", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1800000100"}, 26),
        ({"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1800000100"}, 100),
        ({"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1700000000"}, 1),
        ({"X-Rate-Limit-Remaining": "11", "X-Rate-Limit-Reset": "1800000100"}, 5),
        ({"Retry-After": "Fri, 15 Jan 2027 08:01:00 GMT"}, 60),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 1),
        ({"Retry-After": "Wed, 21 Oct 9999 07:28:00 GMT"}, 86_400),
        ({"Retry-After": "1000000000"}, 86_400),
        ({"Retry-After": "9" * 5000}, 86_400),
        ({"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "9" * 5000}, 86_400),
        ({"Retry-After": "-5"}, 5),
        ({"Retry-After": "²"}, 5),
        ({}, 5),
    ],
)
def test_seconds_to_wait(headers: dict[str, str], seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry-After counts, else Procore's reset time, else a few seconds; nobody waits for years."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    assert wait_s(headers) == seconds


BODIES: list[tuple[Any, str]] = [
    ({"errors": "Unauthorized"}, "Unauthorized"),
    ({"errors": ["App is not connected to this company."]}, "App is not connected to this company."),
    ({"errors": {"assignees": ["required"]}}, "assignees: required"),
    ({"errors": [{"name": ["can't be blank"]}]}, "name: can't be blank"),
    ({"errors": {"base": ["File is checked out"]}, "error_type": "FileIsCheckedOut"}, "File is checked out"),
    ({"error": {"code": "BAD_REQUEST", "message": "Missing Project or Company ID"}}, "Missing Project or Company ID"),
    ({"error": {"error": "Too many requests. Please try again."}}, "Too many requests. Please try again."),
    ({"message": "", "error": "422 - Unprocessable Currency"}, "422 - Unprocessable Currency"),
    ({"message": ""}, "no text"),
    (
        {"code": 401, "message": "The access token is invalid", "error": "Invalid Token"},
        "The access token is invalid; Invalid Token",
    ),
    ({"Title": "Unauthorized", "Status": 401, "Detail": "AuthorizationUnsuccessful"}, "AuthorizationUnsuccessful"),
    ({"title": "Unauthorized", "detail": "TokenExpired"}, "TokenExpired"),
    ({"ErrorNumber": 14, "Message": "Bad date", "Elements": [{"Name": "x"}]}, "Bad date"),
    ({"error": "invalid_grant"}, "invalid_grant"),
    ([], "no text"),
    (5, "no text"),
]


@pytest.mark.parametrize(("body", "words"), BODIES)
def test_the_words_of_an_error_body(body: Any, words: str) -> None:
    """Whatever shape the error has, its text reaches the sentence and nothing else of it does."""
    assert reason(responded(400, body)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Organisation is offline.", "The Organisation is offline"),
        ("", "no text"),
        ("x" * 1000, "x" * 300),
        ("<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1>\n<p>nginx</p></body></html>", "502 Bad Gateway nginx"),
    ],
)
def test_the_words_of_a_plain_answer(text: str, words: str) -> None:
    """Maintenance answers are plain text or a web page: the sentence has its words, on one short line."""
    error = error_for("Xero", responded(503, text=text))
    assert isinstance(error, ApiUnavailable)
    assert str(error) == f"Xero answers 503: {words}."


def test_a_page_of_nothing_but_brackets_is_quoted_at_once() -> None:
    """Words are found in a hostile page without looking at it again and again."""
    assert reason(responded(503, text="<" * 5_000_000)).startswith("<<<")


def test_a_web_page_cannot_write_on_a_terminal() -> None:
    """Escape sequences and NUL of a failed answer reach neither a terminal nor the database."""
    assert reason(responded(503, text="\x1b[31mgone\x00\u202e")) == "[31mgone"


def test_an_answer_that_lies_about_its_letters_is_quoted_all_the_same() -> None:
    """The name of a codec is taken from nobody."""
    error = error_for("Xero", responded(503, text="down", headers={"Content-Type": "text/html; charset=hex"}))
    assert str(error) == "Xero answers 503: down."


def test_an_html_404() -> None:
    """Xero's 404 is a web page: the sentence says what was asked for instead of quoting it."""
    error = error_for("Xero", responded(404, text="<html>", headers={"Content-Type": "text/html"}))
    assert "html" not in str(error)
    assert str(error).startswith("Xero answers 404 for its list /Invoices: the address is gone, or")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/rest/v1.1/requisitions/11", 404, "for /rest/v1.1/requisitions/11. It was deleted, or this app may not see"),
        ("/rest/v1.1/requisitions/11", 410, "for /rest/v1.1/requisitions/11. It was deleted, or this app may not see"),
        ("/rest/v1.1/projects/310/direct_costs", 404, "its list /rest/v1.1/projects/310/direct_costs: the address is"),
        ("/rest/v1.1/projects", 410, "its list /rest/v1.1/projects: the address is gone for good. Update this program"),
    ],
)
def test_a_list_that_is_not_there_is_no_deleted_record(path: str, status: int, sentence: str) -> None:
    """Nobody looks for a record that was deleted where an address is gone."""
    request = httpx.Request("GET", f"https://api.example{path}?page=1")
    assert sentence in str(error_for("Procore", httpx.Response(status, request=request)))


def test_a_refusal_keeps_its_body() -> None:
    """The elements of a ValidationException are read from the refused answer."""
    error = error_for("Xero", responded(400, {"Message": "A validation exception occurred", "Elements": [{"a": 1}]}))
    assert isinstance(error, RequestRefused)
    assert error.body == {"Message": "A validation exception occurred", "Elements": [{"a": 1}]}


def test_a_refusal_that_is_not_json_has_no_body() -> None:
    """An answer that is not JSON has nothing to read."""
    error = error_for("Xero", responded(400, text="<html>"))
    assert isinstance(error, RequestRefused)
    assert error.body is None


def test_a_list_that_is_too_large_is_told_from_a_slow_answer() -> None:
    """Only what was asked for by pages can be asked for in smaller ones."""
    paged = httpx.Response(408, request=httpx.Request("GET", "https://api.example/list?page=1&per_page=100"))
    assert isinstance(error_for("Procore", paged), ListTooLarge)
    whole = httpx.Response(408, request=httpx.Request("GET", "https://api.example/list"))
    assert not isinstance(error_for("Procore", whole), ListTooLarge)
