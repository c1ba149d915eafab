"""Procore's limits, which nobody knows beforehand: what its answers say is heeded by all processes."""

from __future__ import annotations

import time

import fakeredis
import httpx
import pytest
import redis
from pydantic import SecretStr

from tests.wire import Wire, answer, in_turn
from worker.errors import RateLimited
from worker.procore.client import Procore, connect
from worker.settings import Settings

TOKEN = answer({"access_token": "t", "expires_in": 5400})
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
DATE_S = 1_800_000_000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    """On a clock that stands still, and an hour behind that of the API."""
    monkeypatch.setattr(time, "time", lambda: DATE_S - 3600.0)
    return fakeredis.FakeRedis()


def _procore(server: redis.Redis, *answers: httpx.Response) -> Procore:
    """A client that never waits and is answered so."""
    settings = Settings(
        procore_client_id="app", procore_client_secret=SecretStr("s"), procore_company_id=1, longest_wait_s=0.01
    )
    return connect(settings, server, Wire(in_turn(TOKEN, *answers)).transport)


def _told(left: str, reset: float | str, status: int = 200, **more: str) -> httpx.Response:
    return answer([], status, {"X-Rate-Limit-Remaining": left, "X-Rate-Limit-Reset": str(reset), **more})


@pytest.mark.parametrize(
    ("status", "said"), [(200, r"^Procore's calls are used up\.$"), (429, r"^Procore asked for no calls\.$")]
)
def test_nobody_calls_before_the_reset_when_nothing_is_left(server: redis.Redis, status: int, said: str) -> None:
    """The time until it goes by the clock that answered: ours may be hours off."""
    asks = _procore(server, _told("0", DATE_S + 300, status, Date=DATE))
    if status == 429:
        with pytest.raises(RateLimited):
            list(asks.companies())
    else:
        list(asks.companies())
    with pytest.raises(RateLimited, match=said) as limited:
        list(_procore(server).companies())
    assert limited.value.retry_in_s == pytest.approx(300, abs=0.01)


def test_without_a_date_our_own_clock_must_do(server: redis.Redis) -> None:
    """RFC 9110 wants a Date, but a proxy may drop it."""
    list(_procore(server, _told("0", int(time.time()) + 300)).companies())
    with pytest.raises(RateLimited) as limited:
        list(_procore(server).companies())
    assert limited.value.retry_in_s == pytest.approx(300, abs=0.01)


@pytest.mark.parametrize(
    ("left", "reset"),
    [("0", DATE_S), ("0", DATE_S - 10), ("0", DATE_S + 10**9), ("0", "soon"), ("-1", DATE_S + 9), ("", DATE_S + 9)],
)
def test_what_makes_no_sense_stops_nobody(server: redis.Redis, left: str, reset: float | str) -> None:
    """A reset in the past, in thirty years or in words; a number of calls that is none."""
    list(_procore(server, _told(left, reset, Date=DATE)).companies())
    list(_procore(server, answer([])).companies())
