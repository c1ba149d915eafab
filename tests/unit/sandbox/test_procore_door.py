"""The door of the sandbox's Procore: tokens, company header, limits, scripted refusals."""

from __future__ import annotations

import httpx
import pytest

from tests.unit.sandbox.procore import COMPANY, CREDENTIALS, Procore
from worker.sandbox.limits import Limits


def test_token_has_no_refresh_token_and_says_how_long_it_lives() -> None:
    """Client credentials get an access token for 5400 s and nothing to refresh it with."""
    procore = Procore()
    answer = procore.http.post("/oauth/token", data={"grant_type": "client_credentials", **CREDENTIALS})
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "created_at"}
    assert answer.json()["expires_in"] == 5400


def test_token_by_basic_authentication() -> None:
    """Credentials may come as HTTP Basic too."""
    auth = httpx.BasicAuth(CREDENTIALS["client_id"], CREDENTIALS["client_secret"])
    procore = Procore()
    del procore.http.headers["Authorization"]
    answer = procore.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=auth)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "client_credentials", **CREDENTIALS, "client_secret": "wrong"}, 401),
        ({"grant_type": "authorization_code", **CREDENTIALS}, 400),
        ({}, 400),
    ],
)
def test_token_refused(form: dict[str, str], status: int) -> None:
    """Wrong credentials or another grant get no token."""
    assert Procore().http.post("/oauth/token", data=form).status_code == status


def test_expired_token_is_a_401_until_a_new_one_is_fetched() -> None:
    """A token stops to work when its life is over."""
    procore = Procore()
    procore.clock.advance(5400)
    refused = procore.get("v1.0/companies")
    assert (refused.status_code, refused.json()["error"]) == (401, "Invalid Token")
    procore.sign_in()
    assert procore.get("v1.0/companies").status_code == 200


def test_no_token() -> None:
    """A request without a token gets the bare 401 body."""
    procore = Procore()
    del procore.http.headers["Authorization"]
    answer = procore.get("v1.0/companies")
    assert (answer.status_code, answer.json()) == (401, {"errors": "Unauthorized"})


def test_company_header_is_demanded_everywhere() -> None:
    """Even the list of companies wants Procore-Company-Id."""
    procore = Procore()
    del procore.http.headers["Procore-Company-Id"]
    answer = procore.get("v1.0/companies")
    assert answer.status_code == 400
    assert answer.text.startswith("Missing Procore-Company-Id header!")


def test_foreign_company() -> None:
    """A company that the app is not installed in is a 403 with a list of texts."""
    procore = Procore()
    procore.http.headers["Procore-Company-Id"] = "999"
    answer = procore.get("v1.1/projects", company_id=999)
    assert (answer.status_code, answer.json()) == (403, {"errors": ["App is not connected to this company."]})
    procore.http.headers["Procore-Company-Id"] = str(COMPANY)
    assert procore.get("v1.1/projects", company_id=999).status_code == 403


def test_rate_headers_describe_the_nearer_limit() -> None:
    """Of the hourly and the 10-second limit, the headers tell the one with fewer calls left."""
    procore = Procore(limits=Limits(procore_per_hour=5, procore_spike=3))
    first = procore.get("v1.0/companies").headers
    assert (first["X-Rate-Limit-Limit"], first["X-Rate-Limit-Remaining"]) == ("3", "2")
    procore.get("v1.0/companies")
    procore.get("v1.0/companies")
    procore.clock.advance(10)
    later = procore.get("v1.0/companies").headers
    assert (later["X-Rate-Limit-Limit"], later["X-Rate-Limit-Remaining"]) == ("5", "1")


def test_over_the_limit() -> None:
    """A used-up window answers 429 without Retry-After until its reset, whatever token the app asks with."""
    procore = Procore(limits=Limits(procore_spike=2))
    procore.get("v1.0/companies")
    procore.get("v1.0/companies")
    refused = procore.get("v1.0/companies")
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert refused.json() == {"error": {"error": "Too many requests. Please try again in a few minutes."}}
    wait_s = int(refused.headers["X-Rate-Limit-Reset"]) - procore.clock.timestamp()
    assert 0 < wait_s <= 11
    procore.sign_in()
    assert procore.get("v1.0/companies").status_code == 429
    procore.clock.advance(wait_s)
    assert procore.get("v1.0/companies").status_code == 200


def test_limits_that_are_off() -> None:
    """A limit of 0 is not enforced."""
    procore = Procore(limits=Limits(procore_spike=0, procore_per_hour=0))
    assert {procore.get("v1.0/companies").status_code for _ in range(150)} == {200}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, "Unauthorized"),
        (403, "App is not connected"),
        (404, "Not Found"),
        (429, "Too many requests"),
        (500, "Internal Server Error"),
        (503, "<html>"),
    ],
)
def test_scripted_status_has_the_documented_body(status: int, text: str) -> None:
    """Each status looks as Procore documents it; 503 is a page with Retry-After."""
    procore = Procore()
    procore.script(kind="status", status=status)
    answer = procore.get("v1.0/companies")
    assert answer.status_code == status
    assert text in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert procore.get("v1.0/companies").status_code == 200


def test_scripted_status_with_own_body() -> None:
    """A script may bring its own headers and body."""
    procore = Procore()
    procore.script(kind="status", status=429, headers={"Retry-After": "7"}, body="slow down")
    answer = procore.get("v1.0/companies")
    assert (answer.text, answer.headers["Retry-After"]) == ("slow down", "7")


def test_scripted_expired_token() -> None:
    """The API may call a good token expired once."""
    procore = Procore()
    procore.script(kind="expired_token")
    assert procore.get("v1.0/companies").json()["error"] == "Invalid Token"
    assert procore.get("v1.0/companies").status_code == 200


def test_unknown_address_is_json() -> None:
    """An address that this Procore does not have is a 404 in JSON, as the API's are."""
    assert Procore().get("v1.0/no_such_thing").json() == {"error": "Not Found"}
