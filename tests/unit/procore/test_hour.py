"""The hour's calls are what Procore's answers say; until one speaks of the hour, the settings are believed."""

from __future__ import annotations

import time

import fakeredis
import pytest

from tests.wire import Wire, answer, in_turn
from worker.procore.client import connect
from worker.procore.hour import Hour, Said
from worker.procore.limits import hour
from worker.settings import Settings

NOW_S = 1_800_000_000
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
ASSUMED = Said(600)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Hour:
    """On a clock that stands still."""
    monkeypatch.setattr(time, "time", lambda: float(NOW_S))
    return Hour(fakeredis.FakeRedis(), "app", 600)


def _headers(limit: object, left: object, reset_in_s: object) -> dict[str, str]:
    reset = NOW_S + reset_in_s if isinstance(reset_in_s, int) else reset_in_s
    values = {"Limit": limit, "Remaining": left, "Reset": reset}
    return {"Date": DATE, **{f"X-Rate-Limit-{name}": str(value) for name, value in values.items()}}


def test_the_settings_are_believed_until_an_answer_speaks_of_the_hour(known: Hour) -> None:
    """An answer about the ten seconds, the documentation's 25 of which 24 are left, says nothing about it."""
    assert known.said() == ASSUMED
    known.hear(_headers(25, 24, 8))
    assert known.said() == ASSUMED
    known.hear(_headers(3600, 3589, 1800))
    assert known.said() == Said(3600, 3589, 1800.0, is_heard=True)
    known.hear(_headers(25, 0, 10))
    assert known.said().calls == 3600


def test_the_newest_answer_counts(known: Hour) -> None:
    """Also one that gives fewer than before: an app's limit may be lowered."""
    known.hear(_headers(3600, 3000, 1800))
    known.hear(_headers(600, 20, 600))
    assert known.said() == Said(600, 20, 600.0, is_heard=True)


def test_after_the_reset_only_the_limit_is_known(known: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many calls others make from then on nobody has said."""
    known.hear(_headers(1200, 7, 60))
    monkeypatch.setattr(time, "time", lambda: NOW_S + 61.0)
    assert known.said() == Said(1200, is_heard=True)


@pytest.mark.parametrize(
    ("limit", "left", "reset"),
    [(600, 589, -5), (600, 589, 10**9), (600, "", 1800), ("", 589, 1800), (0, 0, 1800), (600, 589, "soon")],
)
def test_what_makes_no_sense_is_not_believed(known: Hour, limit: object, left: object, reset: object) -> None:
    """A reset that was or never comes, a limit of nothing, a header that is missing or no number."""
    known.hear(_headers(limit, left, reset))
    assert known.said() == ASSUMED


def test_the_client_listens_to_its_answers(known: Hour) -> None:
    """Whichever process made the call, all of the app know what was said."""
    settings = Settings(procore_client_id="app", procore_client_secret="s", procore_company_id=1)
    server = fakeredis.FakeRedis()
    token = answer({"access_token": "t", "expires_in": 5400})
    told = answer([], 200, _headers(600, 12, 1200))
    list(connect(settings, server, Wire(in_turn(token, told)).transport).companies())
    assert hour(settings, server).said() == Said(600, 12, 1200.0, is_heard=True)


def test_without_redis_the_settings_are_believed() -> None:
    """Also where no limit is heeded at all."""
    settings = Settings(procore_calls_at_once=0, procore_calls_per_hour=3600)
    heard = hour(settings, fakeredis.FakeRedis())
    heard.hear(_headers(600, 12, 1200))
    assert heard.said() == Said(3600)
