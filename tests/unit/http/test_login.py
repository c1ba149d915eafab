"""A person's login: renewed by one process at a time, stored before it is used, and over when it is over."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from tests.ledgers import make_tables
from tests.wire import Wire, answer, in_turn
from worker.errors import ApiUnavailable, AuthRejected, ConfigError, LoginLapsed, RateLimited, SyncError
from worker.http.api import Api
from worker.http.login import SharedLogin
from worker.http.token_address import TokenAddress
from worker.ledger.cipher import Cipher
from worker.ledger.database import open_engine
from worker.ledger.tokens import Pair, Tokens

TOKEN_URL = "https://login.example/token"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LEASE_S = 120.0
Answering = Callable[[httpx.Request], httpx.Response]


def pair(number: int, expires_in: object = 1800) -> httpx.Response:
    return answer({"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": expires_in})


def fine(_: httpx.Request) -> httpx.Response:
    return answer({"ok": True})


def only(name: str) -> Answering:
    """An API that takes this token alone."""
    return lambda request: fine(request) if request.headers["Authorization"] == f"Bearer {name}" else answer({}, 401)


class House:
    """A ledger, a clock, and an API with its token address; `api()` is one process's client."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = START
        self.cipher = Cipher(Fernet.generate_key().decode())
        self._names = map(str, count())
        self.tokens: Answering = in_turn()
        self.answers: Answering = fine
        self.while_waiting: Callable[[], object] = lambda: None
        self.wire = Wire(self._answer)

    def store(self) -> Tokens:
        return Tokens(
            self.engine,
            "xero",
            "app-1",
            self.cipher,
            lease_s=LEASE_S,
            owner_name=lambda: f"process {next(self._names)}",
            now=lambda: self.now,
        )

    def connected(self, life_s: float = 1800) -> House:
        """A person has connected, just now."""
        self.store().connect("access-1", "refresh-1", life_s)
        return self

    def login(self, patience_s: float = 90.0) -> SharedLogin:
        address = TokenAddress("Xero", TOKEN_URL, "app-1", "s3cret", basic=True)
        return SharedLogin(address, self.store(), now=lambda: self.now, patience_s=patience_s, sleep=self._sleep)

    def api(self) -> Api:
        return self.wire.api(auth=self.login())

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def pair(self) -> Pair:
        found = self.store().read()
        assert found is not None
        return found

    @property
    def used(self) -> list[str]:
        """Refresh tokens that were sent to the token address."""
        forms = [parse_qs(r.content.decode()) for r in self.wire.requests if str(r.url) == TOKEN_URL]
        return [form["refresh_token"][0] for form in forms]

    @property
    def sent(self) -> list[str]:
        """Access tokens that calls were made with."""
        calls = [request for request in self.wire.requests if str(request.url) != TOKEN_URL]
        return [call.headers["Authorization"].removeprefix("Bearer ") for call in calls]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert self.engine.pool.checkedout() == 0, "a transaction is open across an HTTP call"  # type: ignore[attr-defined]
        return (self.tokens if str(request.url) == TOKEN_URL else self.answers)(request)

    def _sleep(self, seconds: float) -> None:
        self.passes(seconds=seconds)
        self.while_waiting()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    engine = open_engine(f"sqlite:///{tmp_path}/ledger.db")
    make_tables(engine)
    yield House(engine)
    engine.dispose()


def test_one_login_serves_many_calls(house: House) -> None:
    """A token that is good is not renewed, by any process."""
    house.connected()
    for api in (house.api(), house.api()):
        api.get("/Invoices")
        api.get("/Invoices")
    assert (house.sent, house.used) == (["access-1"] * 4, [])


@pytest.mark.parametrize(("life_s", "after_s", "used"), [(1800, 1739, 0), (1800, 1740, 1), (20, 9, 0), (20, 10, 1)])
def test_it_is_renewed_before_it_expires(house: House, life_s: int, after_s: int, used: int) -> None:
    """No call goes out with a token about to expire: a minute early, or at half of a short life."""
    house.connected(life_s).tokens = in_turn(pair(2))
    api = house.api()
    api.get("/Invoices")
    house.passes(seconds=after_s)
    api.get("/Invoices")
    assert len(house.used) == used


def test_each_refresh_token_is_used_once(house: House) -> None:
    """The next renewal takes what the last one gave, in whichever process."""
    house.connected().tokens = in_turn(pair(2), pair(3), pair(4))
    for api in (house.api(), house.api(), house.api()):
        house.passes(hours=1)
        api.get("/Invoices")
    assert house.used == ["refresh-1", "refresh-2", "refresh-3"]
    assert house.sent == ["access-2", "access-3", "access-4"]


def test_a_token_is_stored_before_it_is_used(house: House) -> None:
    """When the first call with a new token goes out, its refresh token is in the ledger already."""
    house.connected().tokens = in_turn(pair(2))
    house.answers = lambda _: answer({"stored": house.pair.refresh})
    house.passes(hours=1)
    assert house.api().get("/Invoices").body == {"stored": "refresh-2"}


def test_a_refused_token_is_renewed_once(house: House) -> None:
    """A 401 costs one renewal and one more try, for a write as for a read."""
    house.connected().tokens = in_turn(pair(2))
    house.answers = only("access-2")
    api = house.api()
    house.passes(minutes=5)
    assert api.write("PUT", "/Invoices", "{}", "key-1").body == {"ok": True}
    assert house.sent == ["access-1", "access-2"]


def test_a_refused_token_gives_way_to_a_newer_one(house: House) -> None:
    """Where another process has renewed the login meanwhile, nothing is renewed."""
    house.connected().answers = only("access-2")
    api = house.api()
    house.passes(minutes=5)
    house.answers = fine
    api.get("/Invoices")
    claim = house.store().claim(house.pair.version)
    assert claim
    house.store().keep(claim, house.pair.version, "access-2", "refresh-2", 1800)
    house.answers = only("access-2")
    assert api.get("/Invoices").body == {"ok": True}
    assert house.used == []


def test_a_fresh_token_that_is_refused_is_not_renewed(house: House) -> None:
    """A missing scope answers 401, too: renewing at each such call would not help."""
    house.connected().answers = only("none")
    with pytest.raises(AuthRejected, match="still connected"):
        house.api().get("/Payments")
    assert (house.sent, house.used) == (["access-1"], [])


def test_an_answer_that_is_lost_is_asked_for_again(house: House) -> None:
    """With the same refresh token, at once, and without waiting for a lease."""
    house.connected().tokens = in_turn(httpx.ReadError("cut"), pair(3))
    house.passes(hours=1)
    house.api().write("PUT", "/Invoices", "{}", "key-1")
    assert (house.used, house.sent) == (["refresh-1", "refresh-1"], ["access-3"])
    assert house.now == START + timedelta(hours=1)


OVER = [
    answer({"error": "invalid_grant"}, 400),
    answer({"error": "invalid_grant", "error_description": "It is revoked."}, 401),
    answer({"code": 401, "message": "The refresh token is invalid", "error": "Invalid Token"}, 401),
]


@pytest.mark.parametrize("refusal", OVER, ids=["xero", "oauth", "procore"])
def test_a_refresh_token_that_is_over_needs_a_person(house: House, refusal: httpx.Response) -> None:
    """One sentence with the command, and nobody asks again: neither this process nor another one."""
    house.connected().tokens = in_turn(refusal)
    house.passes(hours=1)
    for api in (house.api(), house.api()):
        with pytest.raises(LoginLapsed, match=r"^Xero's login has lapsed; run `procore-xero connect xero`\.$"):
            api.get("/Invoices")
    assert (house.used, house.sent) == (["refresh-1"], [])


def test_over_means_nothing_when_another_process_was_faster(house: House) -> None:
    """The row is looked at again before a person is asked for: it holds what the other one was given."""

    def too_late(_: httpx.Request) -> httpx.Response:
        house.store().keep("somebody", house.pair.version, "access-2", "refresh-2", 1800)
        return OVER[0]

    house.connected().tokens = too_late
    house.passes(hours=1)
    house.api().get("/Invoices")
    assert (house.sent, house.pair.lapsed) == (["access-2"], False)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (answer({"error": "invalid_client"}, 401), AuthRejected),
        (answer({"error": "unauthorized_client"}, 400), AuthRejected),
        (httpx.Response(503), ApiUnavailable),
        (httpx.Response(429, headers={"Retry-After": "900"}), RateLimited),
        (httpx.Response(200, text="<html>"), SyncError),
    ],
)
def test_another_refusal_leaves_the_login_as_it_is(
    house: House, refusal: httpx.Response, error: type[SyncError]
) -> None:
    """A wrong secret or an outage is not the refresh token's fault: it is there when they are over."""
    house.connected().tokens = lambda _: refusal
    house.passes(hours=1)
    with pytest.raises(error) as refused:
        house.api().get("/Invoices")
    assert not isinstance(refused.value, LoginLapsed)
    house.tokens = in_turn(pair(2))
    house.api().get("/Invoices")
    assert house.sent == ["access-2"]


def test_who_waits_uses_what_the_other_process_was_given(house: House) -> None:
    """While one renews, the others look at the row until it is done, and ask for nothing."""
    house.connected()
    house.passes(hours=1)
    claim = house.store().claim(house.pair.version)
    assert claim
    house.while_waiting = lambda: house.store().keep(claim, house.pair.version, "access-2", "refresh-2", 1800)
    house.api().get("/Invoices")
    assert (house.sent, house.used) == (["access-2"], [])


def test_waiting_has_an_end(house: House) -> None:
    """A process that renews for too long is not waited for in the middle of a job: the job comes back."""
    house.connected()
    house.passes(hours=1)
    assert house.store().claim(house.pair.version)
    with pytest.raises(ApiUnavailable, match="Another process"):
        next(house.login(patience_s=1.0).sync_auth_flow(httpx.Request("GET", "https://api.example/Invoices")))
    assert house.used == []


def test_a_claim_whose_process_died_lapses(house: House) -> None:
    """The next one renews with the same refresh token when the lease is over."""
    house.connected().tokens = in_turn(pair(2))
    house.passes(hours=1)
    assert house.store().claim(house.pair.version)
    house.passes(seconds=LEASE_S + 1)
    house.api().get("/Invoices")
    assert (house.used, house.sent) == (["refresh-1"], ["access-2"])


def test_a_token_without_a_life_is_not_renewed_for_ever(house: House) -> None:
    """One renewal per call, whatever life the API gives."""
    house.connected().tokens = in_turn(pair(2, expires_in=0))
    house.passes(hours=1)
    house.api().get("/Invoices")
    assert house.sent == ["access-2"]


def test_before_anybody_has_connected_the_command_is_named(house: House) -> None:
    """The first job after a change of the setting says what to type."""
    with pytest.raises(ConfigError, match="procore-xero connect xero"):
        house.api().get("/Invoices")


@pytest.mark.parametrize("failure", [OVER[0], answer({"error": "invalid_client"}, 401), httpx.Response(200, text="x")])
def test_no_secret_is_ever_said(house: House, failure: httpx.Response, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither token nor secret stands in an error, its traceback, a value's repr or the log."""
    house.connected().tokens = lambda _: failure
    said = repr(house.pair) + repr(house.store())
    house.passes(hours=1)
    with pytest.raises(SyncError) as raised:
        house.api().get("/Invoices")
    said += "".join(traceback.format_exception(raised.value)) + capsys.readouterr().out
    assert not [secret for secret in ("access-1", "refresh-1", "s3cret") if secret in said]
