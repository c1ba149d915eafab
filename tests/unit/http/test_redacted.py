"""Servers that echo what they were sent: no secret of a request is in what we say about its answer."""

from __future__ import annotations

import base64
from urllib.parse import quote

import httpx
import pytest

from worker.http.redacted import text_of
from worker.http.status import error_for, reason

TOKEN = "eyJ0b2tlbiI6IHRydWV9.made+up/one"
SECRET = "s3cret/with+signs&more"
BASIC = base64.b64encode(f"client:{SECRET}".encode()).decode()


def echoed(request: httpx.Request, text: str, status: int = 500) -> httpx.Response:
    return httpx.Response(status, content=text.encode(), request=request)


def a_call() -> httpx.Request:
    return httpx.Request("GET", "https://api.example/Invoices", headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("written", [TOKEN, quote(TOKEN, safe=""), f"Authorization: Bearer {TOKEN}"])
@pytest.mark.parametrize("status", [400, 401, 403, 409, 418, 500, 503])
def test_a_token_that_is_echoed(written: str, status: int) -> None:
    """Neither the sentence nor the body of a refusal has it, wherever it stands."""
    for text in (f"debug: {written} end", f'{{"Message": "{written}"}}', f'{{"Elements": [{{"Name": "{written}"}}]}}'):
        error = error_for("Xero", echoed(a_call(), text, status))
        said = f"{error} {error!r} {getattr(error, 'body', '')}"
        assert TOKEN not in said
        assert quote(TOKEN, safe="") not in said


def test_a_token_at_the_end_of_what_is_quoted() -> None:
    """It is taken out before the text is cut: half a token is none of anybody's business either."""
    assert TOKEN[:8] not in reason(echoed(a_call(), "x" * 292 + TOKEN))


@pytest.mark.parametrize("field", ["client_secret", "refresh_token", "code"])
def test_secrets_of_a_token_request(field: str) -> None:
    """A token address may quote the form it was sent."""
    request = httpx.Request("POST", "https://login.example/token", data={"client_id": "client", field: SECRET})
    for text in (f"bad request: {request.content.decode()}", SECRET, f"{{'{field}': '{SECRET}'}}"):
        assert SECRET not in text_of(echoed(request, text))
        assert quote(SECRET, safe="") not in text_of(echoed(request, text))


def test_a_password_in_http_basic() -> None:
    """Also when it is quoted in clear."""
    request = httpx.Request("POST", "https://login.example/token", headers={"Authorization": f"Basic {BASIC}"})
    assert text_of(echoed(request, f"no: {BASIC} is client and {SECRET}")) == "no: [hidden] is client and [hidden]"


def test_an_answer_without_secrets_is_said_as_it_is() -> None:
    """A request without credentials hides nothing."""
    assert text_of(echoed(httpx.Request("GET", "https://api.example/"), "Bearer of news")) == "Bearer of news"
