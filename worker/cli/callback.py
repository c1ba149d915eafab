"""Waits on this machine for a browser to come back from a login, and tells it whether it may be closed.

Anybody can send a browser to this address, so it is told from outside which answer is meant, and waits on after others.
"""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from urllib.parse import parse_qsl, urlsplit

from worker.cli.exits import RefusedError

PATH = "/callback"
#: A browser takes either for localhost: what we do not listen on, another program could.
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>procore-xero</title>
<body style="font-family: sans-serif; margin: 4em"><p>{}</p>
"""
_OURS = "You may close this window, and go back to the terminal."
_FOREIGN = "This does not belong to the login that waits here. Open the address that the terminal shows."
#: Seconds between two looks whether to stop listening.
_POLL_S = 0.05
#: A machine without IPv6 has no second address.
_NOT_THERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Answer = Mapping[str, str]


class Callback:
    """Listens from the moment it is made. `is_ours` says which answer is waited for.

    Raises RefusedError when the port is taken at one of the two addresses.
    """

    def __init__(self, port: int, is_ours: Callable[[Answer], bool]) -> None:
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._servers: list[_Server] = []
        for family, host in LOOPBACK:
            try:
                self._servers.append(_Server(family, (host, port), is_ours, self._answers))
            except OSError as error:
                if error.errno in _NOT_THERE and self._servers:
                    continue
                self._close_all()
                raise RefusedError(
                    f"Port {port} cannot be used ({error.strerror}). Set CONNECT_PORT to another one, and register "
                    f"http://localhost:PORT{PATH} with the app."
                ) from None
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True).start()

    def answer(self, within_s: float) -> Answer | None:
        """What the browser brought back to the redirect address; None when none of ours came in time."""
        try:
            return self._answers.get(timeout=within_s)
        except Empty:
            return None

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
        self._close_all()

    def _close_all(self) -> None:
        for server in self._servers:
            server.server_close()


class _Server(ThreadingHTTPServer):
    """With threads, because browsers open connections that they then do not use."""

    daemon_threads = True

    def __init__(
        self,
        family: socket.AddressFamily,
        address: tuple[str, int],
        is_ours: Callable[[Answer], bool],
        answers: SimpleQueue[Answer],
    ) -> None:
        self.address_family = family
        self.is_ours = is_ours
        self.answers = answers
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Anything but the redirect address (an icon, say) is not there."""
        address = urlsplit(self.path)
        if address.path != PATH:
            self.send_error(404)
            return
        answer = dict(parse_qsl(address.query))
        ours = self.server.is_ours(answer)
        page = _PAGE.format(_OURS if ours else _FOREIGN).encode()
        self.send_response(200 if ours else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page)
        if ours:
            self.server.answers.put(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address holds the code."""
