"""The four limits and the idempotency store, as a client meets them."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from tests.services import PATIENCE_S, eventually
from tests.unit.sandbox.xero_driver import BASE, NO_LIMITS, Xero, a_line, read
from worker.sandbox.limits import Limits

CONTACT = {"Contacts": [{"Name": "New Pty Ltd"}]}


def keyed(xero: Xero, key: str, body: object = CONTACT, path: str = "Contacts") -> httpx.Response:
    """One write under a key."""
    return xero.http.put(f"{BASE}/{path}", json=body, headers={"Idempotency-Key": key})


def in_flight(xero: Xero, *call: Any) -> threading.Thread:
    """A call that has passed the door, and is not answered before it is `let_through`."""
    xero.fault(kind="slow", seconds=PATIENCE_S)
    thread = threading.Thread(target=xero.send, args=call)
    thread.start()
    eventually(lambda: not xero.http.get("/_sandbox/faults").json()["faults"])
    return thread


def let_through(xero: Xero, *calls: threading.Thread) -> None:
    xero.http.delete("/_sandbox/faults")
    for thread in calls:
        thread.join()


def test_minute_limit_is_an_empty_429() -> None:
    """The 61st call of a minute: no body, no content type, and when to come back."""
    xero = Xero(limits=Limits())
    left = [xero.send("GET", "Currencies").headers["X-MinLimit-Remaining"] for _ in range(60)]
    assert (left[0], left[-1]) == ("59", "0")
    answer = xero.send("GET", "Currencies")
    assert (answer.status_code, answer.content) == (429, b"")
    assert "content-type" not in answer.headers
    assert answer.headers["X-Rate-Limit-Problem"] == "minute"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    xero.clock.advance(60)
    assert xero.send("GET", "Currencies").status_code == 200


def test_day_limit_says_the_hours_to_wait() -> None:
    """The day's 429 carries a Retry-After of hours."""
    xero = Xero(limits=Limits(xero_per_day=1))
    xero.send("GET", "Currencies")
    answer = xero.send("GET", "Currencies")
    assert answer.headers["X-Rate-Limit-Problem"] == "day"
    assert int(answer.headers["Retry-After"]) > 80_000
    assert answer.headers["X-DayLimit-Remaining"] == "0"


def test_app_minute_limit_has_no_retry_after() -> None:
    """The whole app's limit does not say when to come back."""
    xero = Xero(limits=Limits(xero_app_per_minute=1))
    xero.send("GET", "Currencies")
    answer = xero.send("GET", "Currencies")
    assert answer.headers["X-Rate-Limit-Problem"] == "appminute"
    assert "Retry-After" not in answer.headers


def test_sixth_concurrent_request_is_refused() -> None:
    """Five at once; the sixth is a 429 without Retry-After, and a free slot is used again."""
    xero = Xero(limits=Limits())
    running = [in_flight(xero, "GET", "Currencies") for _ in range(5)]
    answer = xero.send("GET", "Currencies")
    assert answer.headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in answer.headers
    let_through(xero, *running)
    assert xero.send("GET", "Currencies").status_code == 200


def test_limit_of_zero_is_not_enforced() -> None:
    """Benchmarks run without limits."""
    xero = Xero(limits=NO_LIMITS)
    assert {xero.send("GET", "Currencies").status_code for _ in range(70)} == {200}


def test_same_key_replays_the_first_answer() -> None:
    """The same request under the same key is answered from the store and does nothing."""
    xero = Xero()
    first, second = keyed(xero, "k1"), keyed(xero, "k1")
    assert first.content == second.content
    assert len(xero.rows("Contacts", where='Name=="New Pty Ltd"')) == 1


def test_key_is_forgotten_after_six_minutes() -> None:
    """Then the same request is a new one, which here meets the used name."""
    xero = Xero()
    keyed(xero, "k1")
    xero.clock.advance(359)
    assert keyed(xero, "k1").status_code == 200
    xero.clock.advance(2)
    assert keyed(xero, "k1").status_code == 400


def test_key_with_another_request_is_refused() -> None:
    """Another body or address under a used key is a 400 that names the key."""
    xero = Xero()
    keyed(xero, "k1")
    for answer in (keyed(xero, "k1", {"Contacts": [{"Name": "Other"}]}), keyed(xero, "k1", path="Invoices")):
        assert answer.status_code == 400
        assert "Idempotency Key: k1 is used with a different request." in answer.text


def test_key_longer_than_128_is_refused() -> None:
    """128 characters are the maximum."""
    xero = Xero()
    assert keyed(xero, "k" * 129).status_code == 400
    assert keyed(xero, "k" * 128).status_code == 200


def test_server_error_is_kept_and_replayed() -> None:
    """A 500 under a key stays a 500 under that key; a new key goes through."""
    xero = Xero()
    xero.fault(kind="status", status=500, method="PUT")
    assert [keyed(xero, "k1").status_code for _ in range(2)] == [500, 500]
    assert keyed(xero, "k2").status_code == 200


def test_rate_limited_and_expired_answers_are_not_kept() -> None:
    """Those come before the store, so the same key works afterwards."""
    xero = Xero()
    xero.fault(kind="status", status=429)
    xero.fault(kind="expired_token")
    assert [keyed(xero, "k1").status_code for _ in range(3)] == [429, 401, 200]


def test_replay_counts_against_the_limits() -> None:
    """Limits are checked before keys."""
    xero = Xero(limits=Limits())
    left = [int(keyed(xero, "k1").headers["X-MinLimit-Remaining"]) for _ in range(60)]
    assert left[:2] == [59, 58]
    assert keyed(xero, "k1").status_code == 429


def test_lost_answer_can_be_fetched_again_under_its_key() -> None:
    """The bytes that were lost come back under the same key, and the bill stands once."""
    xero = Xero()
    xero.fault(kind="lost_answer", method="PUT")
    body = {"Invoices": [xero.a_bill(LineItems=[a_line()])]}
    with pytest.raises(ConnectionResetError):
        keyed(xero, "k1", body, "Invoices")
    again = read(keyed(xero, "k1", body, "Invoices"))
    assert [row["InvoiceID"] for row in again["Invoices"]] == [row["InvoiceID"] for row in xero.rows("Invoices")]


def test_key_of_a_running_request_is_refused() -> None:
    """While the first request runs, its key answers 409; after it, the stored answer."""
    xero = Xero()
    xero.http.headers["Idempotency-Key"] = "k1"
    first = in_flight(xero, "PUT", "Contacts", CONTACT)
    assert xero.send("PUT", "Contacts", CONTACT).status_code == 409
    let_through(xero, first)
    assert xero.send("PUT", "Contacts", CONTACT).status_code == 200


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [(503, "text/plain", "The Xero API is temporarily unavailable"), (404, "text/html", ""), (429, "", "")],
)
def test_scripted_statuses_use_xeros_own_bodies(status: int, kind: str, body: str) -> None:
    """A scripted status answers what Xero would, not JSON everywhere."""
    xero = Xero()
    xero.fault(kind="status", status=status)
    answer = xero.send("GET", "Currencies")
    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers.get("content-type", "").startswith(kind)


def test_scripted_429_takes_headers() -> None:
    """The script may say which limit and how long."""
    xero = Xero()
    xero.fault(kind="status", status=429, headers={"Retry-After": "73451", "X-Rate-Limit-Problem": "day"})
    assert xero.send("GET", "Currencies").headers["Retry-After"] == "73451"
