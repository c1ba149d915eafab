"""Retries of one API: reads come back, writes only where they surely did not happen."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx
import pytest

from tests.wire import Wire, answer, in_turn
from worker.errors import ApiUnavailable, AuthRejected, ContractBroken, OutcomeUnknown, RateLimited, RequestRefused

OK: dict[str, list[str]] = {"Invoices": []}
BUSY = httpx.Response(503, text="The Organisation is offline")
LIMITED = httpx.Response(429, headers={"Retry-After": "26"})
REFUSED_CONNECTION = httpx.ConnectError("connection refused")


def write(wire: Wire) -> Any:
    return wire.api().write("PUT", "/Invoices?summarizeErrors=false", '{"Invoices":[]}', "key-1").body


@pytest.mark.parametrize(
    "failure",
    [
        BUSY,
        httpx.Response(500),
        httpx.Response(408),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("cut"),
        httpx.RemoteProtocolError("cut"),
        httpx.PoolTimeout("full"),
        REFUSED_CONNECTION,
    ],
)
def test_a_read_is_tried_again(failure: httpx.Response | Exception) -> None:
    """A passing failure of a read costs a short wait, not the job."""
    wire = Wire(in_turn(failure, failure, answer(OK)))
    assert wire.api().get("/Invoices").body == OK
    assert len(wire.waits) == 2
    assert 0.5 <= wire.waits[0] <= 2
    assert wire.waits[0] < wire.waits[1] <= 4


def test_a_read_is_tried_four_times() -> None:
    """An outage ends in an error that brings the job back later."""
    wire = Wire(lambda _: BUSY)
    with pytest.raises(ApiUnavailable, match="The Organisation is offline"):
        wire.api().get("/Invoices")
    assert (len(wire.requests), len(wire.waits)) == (4, 3)


def test_a_limit_is_waited_out_for_as_long_as_it_says() -> None:
    """Retry-After is waited for, not guessed."""
    wire = Wire(in_turn(LIMITED, answer(OK)))
    assert wire.api().get("/Invoices").body == OK
    assert wire.waits == [26]


def test_a_day_limit_is_not_waited_out() -> None:
    """Nothing sleeps for hours: a wait longer than a job may wait goes to the job at once."""
    wire = Wire(lambda _: httpx.Response(429, headers={"Retry-After": "73451"}))
    with pytest.raises(RateLimited) as limited:
        wire.api().get("/Invoices")
    assert (limited.value.retry_in_s, wire.waits) == (73451, [])


@pytest.mark.parametrize(("status", "error"), [(401, AuthRejected), (403, AuthRejected), (404, RequestRefused)])
def test_what_does_not_pass_is_not_tried_again(status: int, error: type[Exception]) -> None:
    """A refusal stays one, however often it is asked for."""
    wire = Wire(lambda _: httpx.Response(status))
    with pytest.raises(error):
        wire.api().get("/Invoices")
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "failure", [LIMITED, REFUSED_CONNECTION, httpx.ConnectTimeout("far"), httpx.PoolTimeout("full")]
)
def test_a_write_that_surely_did_not_happen_is_tried_again(failure: httpx.Response | Exception) -> None:
    """A refused connection and a 429 stored nothing: the same bytes go again under the same key."""
    wire = Wire(in_turn(failure, answer(OK)))
    assert write(wire) == OK
    first, second = wire.requests
    assert first.content == second.content == b'{"Invoices":[]}'
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "key-1"


@pytest.mark.parametrize(
    "failure",
    [
        BUSY,
        httpx.Response(500),
        httpx.Response(409),
        httpx.ReadTimeout("slow"),
        httpx.WriteError("cut"),
        httpx.RemoteProtocolError("cut"),
        httpx.DecodingError("garbled"),
        httpx.Response(200, text="<html>"),
    ],
)
def test_a_write_whose_answer_is_lost_is_not_tried_again(failure: httpx.Response | Exception) -> None:
    """Whoever holds the ledger decides what to do about a write that may have happened."""
    wire = Wire(in_turn(failure))
    with pytest.raises(OutcomeUnknown):
        write(wire)
    assert (len(wire.requests), wire.waits) == (1, [])


class SlowLogin(httpx.Auth):
    """Asks for a token before each call, and that takes too long."""

    late = False

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield httpx.Request("POST", "https://identity.example/connect/token")
        self.late = True
        yield request


def test_a_write_that_waited_for_a_token_does_not_go_late() -> None:
    """A write's turn has come, and then a token must be renewed: only after that is it asked whether it still may."""
    login = SlowLogin()
    wire = Wire(lambda _: answer(OK))
    with pytest.raises(OutcomeUnknown, match="waited too long"):
        wire.api(auth=login).write("PUT", "/Invoices", "{}", "key-1", in_time=lambda: not login.late)
    assert [request.url.path for request in wire.requests] == ["/connect/token"]


def test_a_read_that_is_not_json_breaks_the_contract() -> None:
    """A web page instead of data is said so."""
    with pytest.raises(ContractBroken, match="Xero answered /Invoices with something else than JSON"):
        Wire(lambda _: httpx.Response(200, text="<html>")).api().get("/Invoices")


def test_a_garbled_read_is_an_error_of_ours() -> None:
    """No exception of the HTTP library leaves this layer."""
    with pytest.raises(ApiUnavailable):
        Wire(in_turn(*[httpx.DecodingError("garbled")] * 4)).api().get("/Invoices")


def test_every_try_is_a_call() -> None:
    """Calls are counted as the other side counts them."""
    wire = Wire(in_turn(BUSY, answer(OK)))
    api = wire.api()
    api.get("/Invoices")
    assert api.calls == 2


def test_numbers_of_an_answer_are_exact() -> None:
    """Money never passes through a float on its way in."""
    wire = Wire(lambda _: httpx.Response(200, text='{"Total": 0.10}'))
    assert str(wire.api().get("/Invoices").body["Total"]) == "0.10"


def test_a_file_goes_byte_for_byte() -> None:
    """What is no JSON goes as it is, under its own type."""
    wire = Wire(in_turn(answer({"Attachments": []})))
    wire.api().write("PUT", "/Invoices/1/Attachments/a.pdf", b"%PDF-\xff", "key-1", content_type="application/pdf")
    (request,) = wire.requests
    assert (request.content, request.headers["Content-Type"]) == (b"%PDF-\xff", "application/pdf")
    assert request.headers["Idempotency-Key"] == "key-1"
