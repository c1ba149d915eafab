"""Waits on this machine for one browser to come back from a login, and tells it that it may be closed.

It knows nothing of what the answer means.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from urllib.parse import parse_qsl, urlsplit

from worker.cli.exits import RefusedError

PATH = "/callback"
_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>procore-xero</title>
<body style="font-family: sans-serif; margin: 4em"><p>You may close this window, and go back to the terminal.</p>
"""
#: Seconds between two looks whether to stop listening.
_POLL_S = 0.05


class Callback:
    """Listens from the moment it is made. Raises RefusedError when the port is taken."""

    def __init__(self, port: int) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise RefusedError(
                f"Port {port} cannot be used ({error.strerror}). Set CONNECT_PORT to another one, and register "
                f"http://localhost:PORT{PATH} with the app."
            ) from None
        threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), daemon=True).start()

    def answer(self, within_s: float) -> Mapping[str, str] | None:
        """What the browser brought back to the redirect address; None when none came in time."""
        try:
            return self._server.answers.get(timeout=within_s)
        except Empty:
            return None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """With threads, because browsers open connections that they then do not use."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.answers: SimpleQueue[Mapping[str, str]] = SimpleQueue()
        super().__init__(address, handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Anything but the redirect address (an icon, say) is not there."""
        address = urlsplit(self.path)
        if address.path != PATH:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(_PAGE)
        self.server.answers.put(dict(parse_qsl(address.query)))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address holds the code."""
