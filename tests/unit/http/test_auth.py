"""Tokens: fetched once, renewed in time, and never seen by anybody."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from tests.wire import Wire, answer, in_turn
from worker.clock import Machine
from worker.errors import ApiUnavailable, AuthRejected, ContractBroken, OutcomeUnknown, SyncError
from worker.http.api import Api
from worker.http.auth import ClientCredentials
from worker.http.token_address import TokenAddress

SECRET = "s3cret-of-the-app"
TOKEN_URL = "https://login.example/token"


class Login:
    """The two addresses of an API: its token address and everything else."""

    def __init__(self, *tokens: httpx.Response | Exception, api: Callable[[httpx.Request], httpx.Response]) -> None:
        self._tokens = in_turn(*tokens)
        self._api = api
        self.wire = Wire(lambda request: (self._tokens if self._is_token(request) else self._api)(request))

    def api(self) -> Api:
        address = TokenAddress("Xero", TOKEN_URL, "app-1", SECRET)
        return self.wire.api(auth=ClientCredentials(address, "accounting.invoices"))

    @property
    def token_requests(self) -> list[httpx.Request]:
        return [request for request in self.wire.requests if self._is_token(request)]

    @property
    def calls(self) -> list[httpx.Request]:
        return [request for request in self.wire.requests if not self._is_token(request)]

    @staticmethod
    def _is_token(request: httpx.Request) -> bool:
        return str(request.url) == TOKEN_URL


def token(name: str = "token-1", expires_in: object = 1800) -> httpx.Response:
    return answer({"access_token": name, "token_type": "bearer", "expires_in": expires_in})


def fine(_: httpx.Request) -> httpx.Response:
    return answer({"ok": True})


def only(name: str) -> Callable[[httpx.Request], httpx.Response]:
    """An API that takes this token alone."""
    return lambda request: fine(request) if request.headers["Authorization"] == f"Bearer {name}" else answer({}, 401)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(Machine, "seconds", lambda _: now[0])
    return now


def test_one_token_serves_many_calls() -> None:
    """A token is asked for once, in the form both APIs take."""
    login = Login(token(), api=only("token-1"))
    api = login.api()
    for _ in range(3):
        assert api.get("/Invoices").body == {"ok": True}
    assert len(login.token_requests) == 1
    assert parse_qs(login.token_requests[0].content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["app-1"],
        "client_secret": [SECRET],
        "scope": ["accounting.invoices"],
    }


def test_credentials_go_where_the_api_documents_them() -> None:
    """As HTTP Basic, or in the form, and never in both."""
    basic = TokenAddress("Xero", TOKEN_URL, "app-1", SECRET, basic=True).request("refresh_token", refresh_token="r-1")
    assert basic.headers["Authorization"] == f"Basic {base64.b64encode(f'app-1:{SECRET}'.encode()).decode()}"
    assert parse_qs(basic.content.decode()) == {"grant_type": ["refresh_token"], "refresh_token": ["r-1"]}


@pytest.mark.parametrize(("life_s", "after_s", "tokens"), [(1800, 1739, 1), (1800, 1740, 2), (20, 9, 1), (20, 10, 2)])
def test_a_token_is_renewed_before_it_expires(clock: list[float], life_s: int, after_s: int, tokens: int) -> None:
    """No call goes out with a token about to expire: a minute early, or at half of a short life."""
    login = Login(token(expires_in=life_s), token("token-2", life_s), api=fine)
    api = login.api()
    api.get("/Invoices")
    clock[0] += after_s
    api.get("/Invoices")
    assert len(login.token_requests) == tokens


def test_a_refused_token_is_renewed_once() -> None:
    """A token that was revoked costs one more token and one more try, also for a write."""
    login = Login(token("old"), token("new"), token("newer"), api=only("new"))
    api = login.api()
    assert api.get("/Invoices").body == {"ok": True}
    assert api.write("PUT", "/Invoices", "{}", "key-1").body == {"ok": True}
    assert [call.headers["Authorization"] for call in login.calls] == ["Bearer old", "Bearer new", "Bearer new"]


def test_a_token_refused_twice_needs_a_person() -> None:
    """When a fresh token is refused too, no third one is asked for."""
    login = Login(token("old"), token("new"), api=only("none"))
    with pytest.raises(AuthRejected, match="Check client id, secret"):
        login.api().get("/Invoices")
    assert (len(login.token_requests), len(login.calls)) == (2, 2)


@pytest.mark.parametrize(
    ("refusal", "error", "words"),
    [
        (answer({"error": "invalid_client"}, 400), AuthRejected, "invalid_client"),
        (answer({"error": "invalid_scope"}, 401), AuthRejected, "invalid_scope"),
        (httpx.Response(404, text="<html>"), ContractBroken, "token address"),
        (httpx.Response(302), ContractBroken, "token address"),
        (httpx.Response(200, text="<html>"), ContractBroken, "token address"),
        (answer({"token": "x"}), ContractBroken, "without an access_token"),
        (answer({"access_token": ""}), ContractBroken, "without an access_token"),
        (answer({"access_token": "to\nken"}), ContractBroken, "without an access_token"),
        (answer({"access_token": "tökén"}), ContractBroken, "without an access_token"),
        (answer({"access_token": "token", "expires_in": 10**400}), ContractBroken, "expires_in"),
        (answer(["token"]), ContractBroken, "without an access_token"),
        (token(expires_in="soon"), ContractBroken, "expires_in"),
    ],
)
def test_no_token_says_why(refusal: httpx.Response, error: type[SyncError], words: str) -> None:
    """Wrong credentials, scopes or addresses are one sentence, and no call goes out without a token."""
    login = Login(refusal, api=fine)
    with pytest.raises(SyncError, match=words) as refused:
        login.api().get("/Invoices")
    assert type(refused.value) is error
    assert not login.calls


FAILURES = [httpx.Response(500), httpx.Response(503), httpx.ReadTimeout("slow"), httpx.ConnectError("refused")]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_write_without_a_token_surely_did_not_happen(failure: httpx.Response | Exception) -> None:
    """A token address in trouble is tried again: nothing was written, so no outcome is unknown."""
    login = Login(failure, token(), api=only("token-1"))
    assert login.api().write("PUT", "/Invoices", "{}", "key-1").body == {"ok": True}


def test_a_token_address_that_stays_down_leaves_no_outcome_unknown() -> None:
    """A job without a token comes back later, and its requests need no recovery."""
    login = Login(*[httpx.Response(503)] * 4, api=fine)
    with pytest.raises(ApiUnavailable) as down:
        login.api().write("PUT", "/Invoices", "{}", "key-1")
    assert not isinstance(down.value, OutcomeUnknown)
    assert not login.calls


@pytest.mark.parametrize(
    "login",
    [
        Login(answer({"error": "invalid_client"}, 401), api=fine),
        Login(httpx.ConnectError("refused"), httpx.ConnectError("refused"), *[httpx.ReadTimeout("slow")] * 2, api=fine),
        Login(httpx.Response(200, text="<html>"), api=fine),
        Login(*[token("t0ken-of-the-day")] * 2, api=only("none")),
        Login(token("t0ken-of-the-day"), api=in_turn(*[httpx.ReadError("cut")] * 4)),
        Login(token("t0ken-of-the-day"), api=lambda _: httpx.Response(403, text="no")),
        Login(token("t0ken-of-the-day"), api=lambda _: httpx.Response(200, text="<html>")),
    ],
)
def test_no_secret_is_ever_said(login: Login, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the client's secret nor a token stands in an error, its causes, its traceback or the log."""
    api = login.api()
    with pytest.raises(SyncError) as raised:
        api.get("/Invoices")
    said = "".join(traceback.format_exception(raised.value)) + capsys.readouterr().out
    error: BaseException | None = raised.value
    while error is not None:
        said += f"{error!r} {error} {error.args}"
        error = error.__cause__ or error.__context__
    for secret in (SECRET, "t0ken-of-the-day", base64.b64encode(SECRET.encode()).decode()):
        assert secret not in said
    assert SECRET not in repr(vars(api)) + repr(api)
