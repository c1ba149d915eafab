"""Xero's limits as budgets: which header and which 429 is about which of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext

import fakeredis
import httpx
import pytest
import redis
from pydantic import SecretStr

from tests.wire import Wire, answer, in_turn
from worker.errors import RateLimited
from worker.settings import Settings
from worker.xero import client
from worker.xero.client import Xero

TOKEN = answer({"access_token": "t", "expires_in": 1800})
DONE: dict[str, list[str]] = {"Currencies": []}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """On a clock that stands still."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    with fakeredis.FakeRedis() as server:
        yield server


def _organisation(server: redis.Redis, *answers: httpx.Response, tenant: str = "one", client_id: str = "app") -> Xero:
    """A client that never waits and is answered so."""
    settings = Settings(
        xero_client_id=client_id, xero_client_secret=SecretStr("s"), xero_tenant_id=tenant, longest_wait_s=0.01
    )
    return client.connect(settings, server, Wire(in_turn(TOKEN, *answers)).transport)


def _limited(**headers: str) -> httpx.Response:
    return answer(None, 429, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("problem", "retry_after", "wait_s"),
    [
        ("minute", "26", 26),
        ("Minute", "", 60),
        ("day", "73451", 73451),
        ("Daily", "", 3600),
        ("concurrent", "", 5),
        ("", "", 5),
        ("weekly", "9", 9),
    ],
)
def test_a_429_of_the_organisation_stops_that_organisation(
    server: redis.Redis, problem: str, retry_after: str, wait_s: float
) -> None:
    """Every process stays away for as long as Xero says or the limit needs; other organisations go on."""
    with pytest.raises(RateLimited) as limited:
        _organisation(server, _limited(X_Rate_Limit_Problem=problem, Retry_After=retry_after)).currencies()
    assert limited.value.retry_in_s == wait_s
    with pytest.raises(RateLimited, match=r"^Xero asked for no calls\.$") as limited:
        _organisation(server).currencies()
    assert limited.value.retry_in_s == pytest.approx(wait_s, abs=0.01)
    _organisation(server, answer(DONE), tenant="two").currencies()


def test_a_429_of_the_app_stops_all_its_organisations(server: redis.Redis) -> None:
    """And nobody else's."""
    with pytest.raises(RateLimited):
        _organisation(server, _limited(X_Rate_Limit_Problem="appminute")).currencies()
    for tenant in ("one", "two"):
        with pytest.raises(RateLimited, match=r"^Xero asked for no calls\.$") as limited:
            _organisation(server, tenant=tenant).currencies()
        assert limited.value.retry_in_s == pytest.approx(60, abs=0.01)
    _organisation(server, answer(DONE), client_id="another").currencies()


@pytest.mark.parametrize(
    ("header", "used_up", "for_s", "of_app"),
    [
        ("X-MinLimit-Remaining", "minute", 60, False),
        ("X-DayLimit-Remaining", "day", 86_400, False),
        ("X-AppMinLimit-Remaining", "minute", 60, True),
    ],
)
def test_an_answer_that_leaves_nothing_stops_the_next_call(
    server: redis.Redis, header: str, used_up: str, for_s: float, of_app: bool
) -> None:
    """Xero's count goes before ours, so that the next call is not the one that meets the 429; of another organisation
    neither, where it is the app's."""
    _organisation(server, answer(DONE, headers={header: "0"})).currencies()
    with pytest.raises(RateLimited, match=rf"^Xero's {used_up} is used up\.$") as limited:
        _organisation(server).currencies()
    assert limited.value.retry_in_s == pytest.approx(for_s, rel=0.01)
    with pytest.raises(RateLimited) if of_app else nullcontext():
        _organisation(server, answer(DONE), tenant="two").currencies()
