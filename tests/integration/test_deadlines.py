"""Every request is over in its time as a whole, whatever the other side does. Over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpcore
import httpx
import pytest

from tests.dripping import DRIPS, EVERY_S, HOST, Serve, head_of, serving
from tests.services import PATIENCE_S
from worker.clock import Machine
from worker.errors import ApiUnavailable, NotDelivered, OutcomeUnknown, SyncError
from worker.http import wire
from worker.http.api import Api
from worker.http.auth import ClientCredentials
from worker.http.budget import Budget
from worker.http.consent import Consent, exchange
from worker.http.login import SharedLogin
from worker.http.token_address import TokenAddress
from worker.procore.files import Files
from worker.reports import webhook

LONGEST_S = 0.4


#: So many that one time for each of them would be more than any machine takes for one.
ADDRESSES = 100


def an_api(port: int, auth: httpx.Auth | None = None, longest_s: float = LONGEST_S) -> Api:
    return Api(
        "Xero",
        f"http://{HOST}:{port}",
        auth=auth or httpx.Auth(),
        budget=Budget(None, "test", (), 0),
        timeout_s=longest_s,
        longest_wait_s=1.0,
        headers={},
    )


@contextmanager
def in_time(error: type[SyncError]) -> Iterator[None]:
    """It is given up when its time is over, and not before; the other side would go on until the test is ended."""
    began = time.monotonic()
    with pytest.raises(error) as said:
        yield
    assert said.type is error
    assert time.monotonic() - began >= LONGEST_S


def token_address(port: int) -> TokenAddress:
    return TokenAddress("Xero", f"http://{HOST}:{port}/token", "app", "secret", timeout_s=LONGEST_S)


class OneLogin:
    """A stored login that is due, and may be renewed by whoever asks."""

    released = 0

    def read(self) -> Any:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        return SimpleNamespace(
            access="a", refresh="r", refreshed_at=long_ago, expires_at=long_ago, version=1, lapsed=False
        )

    def claim(self, version: int) -> str:
        return "mine"

    def keep(self, *_: object) -> None:
        raise AssertionError("nothing was given")

    def lapse(self, version: int) -> bool:
        raise AssertionError("nothing was refused")

    def release(self, claim: str) -> None:
        self.released += 1


def read(port: int) -> None:
    an_api(port).get("/Invoices")


def write(port: int) -> None:
    an_api(port).write("PUT", "/Invoices", "{}", "key-1")


def download(port: int) -> None:
    files = Files(f"http://{HOST}:{port}", auth=httpx.Auth(), company_id=1, timeout_s=LONGEST_S)
    files.fetch(f"http://{HOST}:{port}/1.pdf", 1_000)


def tell(port: int) -> None:
    webhook.Webhook(f"http://{HOST}:{port}/hook").send(SimpleNamespace(id=1, facts={}))  # type: ignore[arg-type]


def connect(port: int) -> None:
    consent = Consent("Xero", f"http://{HOST}:{port}/authorize", "app", "http://localhost/callback")
    exchange(token_address(port), consent, "code")


def log_in(port: int) -> None:
    an_api(port, ClientCredentials(token_address(port))).write("PUT", "/Invoices", "{}", "key-1")


def renew(port: int) -> None:
    login = OneLogin()
    try:
        an_api(port, SharedLogin(token_address(port), login, now=lambda: datetime.now(UTC))).get("/Invoices")
    finally:
        assert login.released == 1


@pytest.mark.parametrize("drip", DRIPS)
def test_a_read_is_over_in_time(drip: str) -> None:
    """Each read from the socket is fast; together they would last for ever."""
    with serving(DRIPS[drip]) as port, in_time(ApiUnavailable):
        read(port)


@pytest.mark.parametrize(
    ("call", "drip", "error"),
    [
        (write, "early hints", OutcomeUnknown),
        (write, "body", OutcomeUnknown),
        (download, "body", ApiUnavailable),
        (tell, "chunks", NotDelivered),
        (connect, "early hints", ApiUnavailable),
        (log_in, "headers", ApiUnavailable),  # the write itself was never sent
        (renew, "body", ApiUnavailable),
    ],
)
def test_so_is_everything_else(
    call: Callable[[int], None], drip: str, error: type[SyncError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes, attachments, webhooks and tokens: who waits for them is free again, and says what is known."""
    monkeypatch.setattr(webhook, "TIMEOUT_S", LONGEST_S)
    with serving(DRIPS[drip]) as port, in_time(error):
        call(port)


def test_the_next_request_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end is the request's, not the connection's: one that is kept open serves the next for as long."""
    answers = iter(range(3))
    awake, passed_s = Machine.seconds, [0.0]
    monkeypatch.setattr(Machine, "seconds", lambda machine: awake(machine) + passed_s[0])

    def slowly(connection: socket.socket, _: threading.Event) -> None:
        while True:
            head_of(connection)
            passed_s[0] += 600.0
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % next(answers))

    with serving(slowly) as port:
        api = an_api(port, longest_s=1000.0)
        assert [api.get("/Invoices").body for _ in range(3)] == [0, 1, 2]


def test_an_answer_that_comes_in_time_is_taken_however_it_comes() -> None:
    """Slow is not late."""

    def slowly(connection: socket.socket, _: threading.Event) -> None:
        head_of(connection)
        for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
            time.sleep(0.001)
            connection.sendall(bytes([letter]))

    with serving(slowly) as port:
        assert an_api(port, longest_s=100.0).get("/Invoices").body == {}


def test_a_handshake_is_over_in_time() -> None:
    """TLS that drips comes before any of HTTP."""

    def shake(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00\x02")
        while not stopped.wait(EVERY_S):
            connection.sendall(b"\x00")

    with (
        serving(shake) as port,
        wire.client(LONGEST_S) as http,
        pytest.raises(httpx.ConnectTimeout, match="it was not over after"),
    ):
        http.get(f"https://{HOST}:{port}/")


def _taken_slowly(taken: bytearray, bytes_s: int) -> Serve:
    def serve(connection: socket.socket, stopped: threading.Event) -> None:
        while not stopped.wait(EVERY_S) and (piece := connection.recv(int(bytes_s * EVERY_S))):
            taken.extend(piece)

    return serve


def test_a_request_that_is_taken_slowly_is_over_in_time() -> None:
    """Each write to the socket goes; the whole would take an hour."""
    with serving(_taken_slowly(bytearray(), 10_000), receive_bytes=4096) as port, in_time(OutcomeUnknown):
        an_api(port).write("PUT", "/Invoices", b"x" * 30_000_000, "key-1")


def test_what_is_given_up_is_not_sent_afterwards() -> None:
    """The system holds what it could not deliver yet; it must not arrive when others have given it up."""
    taken, body = bytearray(), b"x" * 300_000
    ready, over = threading.Event(), threading.Event()

    def later(connection: socket.socket, _: threading.Event) -> None:
        ready.wait(PATIENCE_S)
        try:
            while piece := connection.recv(65_536):
                taken.extend(piece)
        finally:
            over.set()

    with serving(later, receive_bytes=4096) as port:
        with in_time(OutcomeUnknown):
            an_api(port).write("PUT", "/Invoices", body, "key-1")
        ready.set()
        assert over.wait(PATIENCE_S)
    assert len(taken) < len(body)


@contextmanager
def swallowing(host: str, port: int) -> Iterator[None]:
    """Nobody is refused there, and nobody gets in."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        full.bind((host, port))
        full.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex((host, port))
        yield


def _with_addresses(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        found = addresses if host == "api.example" else (host,)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_the_first_of_two_addresses_may_swallow_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address gets its share of the time, so that the second one is reached in it."""
    _with_addresses(monkeypatch, "127.0.0.2", HOST)
    taken = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"])

    def answer(connection: socket.socket, _: threading.Event) -> None:
        head_of(connection)
        connection.sendall(next(taken))

    with serving(answer) as port, swallowing("127.0.0.2", port), wire.client(3.0) as http:
        assert http.get(f"http://api.example:{port}/").json() == {}


def test_many_addresses_that_swallow_everything_have_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not each of them the whole."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    _with_addresses(monkeypatch, *["127.0.0.2"] * ADDRESSES)
    with swallowing("127.0.0.2", port), wire.client(LONGEST_S) as http:
        began = time.monotonic()
        with pytest.raises(httpx.ConnectTimeout):
            http.get(f"http://api.example:{port}/")
        assert LONGEST_S <= time.monotonic() - began < ADDRESSES * LONGEST_S


def test_a_machine_that_slept_sends_nothing_when_it_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fell asleep with the connection made and the request unsent; whoever waited for it has given it up."""
    heard: list[bytes] = []
    awake, slept_s = Machine.seconds, [0.0]
    monkeypatch.setattr(Machine, "seconds", lambda machine: awake(machine) + slept_s[0])
    connect_tcp = httpcore.SyncBackend.connect_tcp

    def connect_and_sleep(*arguments: Any) -> httpcore.NetworkStream:
        connection = connect_tcp(*arguments)
        slept_s[0] = 300.0
        return connection

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_and_sleep)
    with serving(lambda connection, _: heard.append(connection.recv(65_536))) as port, pytest.raises(OutcomeUnknown):
        an_api(port, longest_s=60.0).write("PUT", "/Invoices", "{}", "key-1")
    assert b"".join(heard) == b""
