"""Serves the sandbox's two apps over real HTTP/1.1 on 127.0.0.1, for processes that cannot share memory.

werkzeug's own handler closes the connection after every answer, so a client with a connection pool would
never be tried against a kept-alive connection. This handler keeps it open, and closes it without an answer when the
app raises ConnectionResetError (the scripted faults "cut" and "lost_answer").
"""

from __future__ import annotations

import threading
from io import BytesIO
from types import TracebackType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

#: No client has a request of this size; it only bounds what one request can make us hold.
_MAX_BODY_BYTES = 64 * 1024 * 1024


class _KeepAliveHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(min(int(environ.get("CONTENT_LENGTH") or 0), _MAX_BODY_BYTES))
        environ["wsgi.input"] = BytesIO(body)
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except ConnectionResetError:
            self.close_connection = True
            return
        payload = b"".join(chunks)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for key, value in headers:
            if key.lower() != "content-length":
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the journal is the log."""


class Served:
    """Both servers while they run; a context manager."""

    def __init__(self, procore: Flask, xero: Flask, procore_port: int, xero_port: int) -> None:
        self._servers: list[BaseWSGIServer] = []
        try:
            self.procore_url = self._start(procore, procore_port)
            self.xero_url = self._start(xero, xero_port)
        except BaseException:
            self.close()
            raise

    def _start(self, app: Flask, port: int) -> str:
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_KeepAliveHandler)
        server.daemon_threads = True  # type: ignore[attr-defined]  # of ThreadingMixIn
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def close(self) -> None:
        """Stop both servers and free their ports."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers.clear()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
