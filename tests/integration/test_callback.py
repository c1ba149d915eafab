"""The address that a browser comes back to: on both loopback addresses, and for one answer only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from worker.cli import callback as module
from worker.cli.callback import PATH, Answer, Callback
from worker.cli.exits import RefusedError
from worker.cli.processes import free_port

OURS = {"state": "ours", "code": "c-1"}


def _is_ours(answer: Answer) -> bool:
    return answer.get("state") == "ours"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def waiting(port: int) -> Iterator[Callback]:
    with closing(Callback(port, _is_ours)) as callback:
        yield callback


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_it_listens_where_a_browser_takes_localhost_to_be(waiting: Callback, port: int, host: str) -> None:
    """Browsers try ::1 first; another program could listen there and get the code."""
    answer = httpx.get(f"http://{host}:{port}{PATH}", params=OURS)
    assert (answer.status_code, "You may close this window" in answer.text) == (200, True)
    assert waiting.answer(5) == OURS


def test_an_answer_of_others_is_not_passed_on(waiting: Callback, port: int) -> None:
    """It waits on for ours; the browser is told."""
    for foreign in ({"state": "another", "code": "stolen"}, {"code": "stolen"}, {}):
        answer = httpx.get(f"http://localhost:{port}{PATH}", params=foreign)
        assert (answer.status_code, "Open the address that the terminal shows." in answer.text) == (400, True)
    httpx.get(f"http://localhost:{port}{PATH}", params=OURS)
    assert waiting.answer(5) == OURS
    assert waiting.answer(0.01) is None


@pytest.mark.parametrize(("family", "host"), module.LOOPBACK)
def test_a_port_that_another_program_has_is_refused(port: int, family: socket.AddressFamily, host: str) -> None:
    """At either address, and nothing of ours keeps listening."""
    with socket.create_server((host, port), family=family), pytest.raises(RefusedError, match="CONNECT_PORT"):
        Callback(port, _is_ours)
    with closing(Callback(port, _is_ours)):
        pass


def test_a_machine_without_ipv6_has_one_address(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing a browser could go to instead."""
    monkeypatch.setattr(module, "LOOPBACK", (module.LOOPBACK[0], (socket.AF_INET6, "2001:db8::1")))
    with closing(Callback(port, _is_ours)) as callback:
        httpx.get(f"http://127.0.0.1:{port}{PATH}", params=OURS)
        assert callback.answer(5) == OURS
