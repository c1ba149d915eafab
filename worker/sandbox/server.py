"""Serves the sandbox's two apps over real HTTP/1.1, for processes that cannot share memory.

werkzeug's own handler closes the connection after every answer, so a client with a connection pool would
never be tried against a kept-alive connection. This handler keeps it open, and closes it without an answer when the
app raises ConnectionResetError (the scripted faults "cut" and "lost_answer").
"""

from __future__ import annotations

import contextlib
import socket
import threading
from io import BytesIO
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

#: In the config of a served app: the ports of its two other origins, for what must not lie on the API's own.
MORE_ORIGINS = "sandbox.more_origins"
#: No client has a request of this size; it only bounds what one request can make us hold.
_MAX_BODY_BYTES = 64 * 1024 * 1024
#: How long `close` may wait for the accepting loop.
_POLL_S = 0.05


class _KeepAliveHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            length = min(int(environ.get("CONTENT_LENGTH") or 0), _MAX_BODY_BYTES)
            body = self.rfile.read(length)
            if len(body) < length:  # the client went in the middle of its request: nobody acts on half of one
                self.close_connection = True
                return
        environ["wsgi.input"] = BytesIO(body)
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except ConnectionResetError:
            self.close_connection = True
            return
        payload = b"".join(chunks)
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)  # the Date is the app's own: its clock may be ahead of ours
        for key, value in headers:
            if key.lower() != "content-length":
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the journal is the log."""


class _Server(ThreadedWSGIServer):
    """Knows its open connections, because closing must end the kept-alive ones too."""

    daemon_threads = True

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._open: set[socket.socket] = set()
        # Bound here, so that a taken port is an OSError and not werkzeug's exit of the process.
        with socket.create_server((host, port)) as listening:
            super().__init__(host, port, app, handler=_KeepAliveHandler, fd=listening.fileno())
        threading.Thread(target=self.serve_forever, args=(_POLL_S,), daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it may have gone by itself
                connection.shutdown(socket.SHUT_RDWR)


class Served:
    """The servers while they run; a context manager. Raises OSError when a port is taken."""

    def __init__(self, procore: Flask, xero: Flask, procore_port: int, xero_port: int, host: str) -> None:
        self._servers: list[_Server] = []
        self._host = host
        self._procore = procore
        try:
            self.procore_url = self._start(procore, procore_port)
            self.xero_url = self._start(xero, xero_port)
            procore.config[MORE_ORIGINS] = [urlsplit(self._start(procore, 0)).port for _ in range(2)]
        except BaseException:
            self.close()
            raise

    def _start(self, app: Flask, port: int) -> str:
        server = _Server(app, self._host, port)
        self._servers.append(server)
        return f"http://{self._host}:{server.port}"

    def close(self) -> None:
        """Stop the servers and free their ports."""
        self._procore.config.pop(MORE_ORIGINS, None)
        for server in self._servers:
            server.close()
        self._servers.clear()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
