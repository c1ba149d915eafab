"""Proxies of the environment: who may only go out through one sets the names that every program knows."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode

import httpx
import pytest

from tests.dripping import HOST, head_of, serving
from tests.integration.test_deadlines import LONGEST_S, an_api, in_time
from worker.errors import ApiUnavailable, ConfigError, OutcomeUnknown
from worker.http import wire

LOGIN = b64encode(b"user:p@ss").decode()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Proxy:
    """Answers in everybody's place, and remembers what it was asked."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") -> None:
        self._answer = answer
        self.asked: list[list[str]] = []

    def __call__(self, connection: socket.socket, _: threading.Event) -> None:
        while True:
            self.asked.append(head_of(connection).decode().splitlines())
            connection.sendall(self._answer)


def test_calls_go_through_the_proxy_with_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked by the whole address, with the login from the proxy's own address."""
    proxy = Proxy()
    with serving(proxy) as port, wire.client(1.0) as http:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:p%40ss@{HOST}:{port}")
        with wire.client(1.0) as http:
            assert http.get("http://api.example/Invoices?page=1").json() == {}
    ((first, *headers),) = proxy.asked
    assert first == "GET http://api.example/Invoices?page=1 HTTP/1.1"
    assert f"Proxy-Authorization: Basic {LOGIN}" in headers


@pytest.mark.parametrize("names", ["127.0.0.1", "other.example,127.0.0.1", "*"])
def test_who_is_named_is_asked_directly(monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    """NO_PROXY."""
    api = Proxy()
    with serving(api) as port:
        monkeypatch.setenv("ALL_PROXY", f"http://{HOST}:1")
        monkeypatch.setenv("NO_PROXY", names)
        assert an_api(port, longest_s=10.0).get("/Invoices").body == {}
    assert api.asked[0][0] == "GET /Invoices HTTP/1.1"


def test_a_proxy_that_refuses_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tunnel that is not there carries no write, so its outcome is known; and what the proxy says is made plain."""
    proxy = Proxy(b"HTTP/1.1 407 Proxy \x1b[31m\x07Login\r\nContent-Length: 0\r\n\r\n")
    with serving(proxy) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"{HOST}:{port}")
        api = an_api(port, longest_s=10.0)
        with pytest.raises(ApiUnavailable, match=r"^Xero cannot be reached \(407 Proxy  \[31m Login\)\.$") as refused:
            api.write("PUT", "https://api.example/Invoices", "{}", "key-1")
    assert refused.type is ApiUnavailable
    assert proxy.asked[0][0] == "CONNECT api.example:443 HTTP/1.1"


def test_a_proxy_that_drips_is_over_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer to CONNECT is part of the request's time."""

    def drip(connection: socket.socket, stopped: threading.Event) -> None:
        head_of(connection)
        while not stopped.wait(0.02):
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    with serving(drip) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{HOST}:{port}")
        with in_time(OutcomeUnknown):
            an_api(port, longest_s=5 * LONGEST_S).write("PUT", "https://api.example/Invoices", "{}", "key-1")


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "http://127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_said_so(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """In a sentence, without the address: it may hold a password."""
    monkeypatch.setenv("HTTP_PROXY", address)
    with wire.client(LONGEST_S) as http, pytest.raises(ConfigError, match="proxy") as wrong:
        http.send(httpx.Request("GET", "http://api.example/"))
    assert "127.0.0.1" not in str(wrong.value)
