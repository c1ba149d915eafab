"""The small server that takes Procore's messages: a sender without the secret, or one that sends too much, is refused.

It answers what a message needs and says nothing about itself. 204 means that nothing has to come again: noted, or
nothing follows from it. 401, 429 and 503 make Procore send it again, later and later, for twelve hours (procore-api.md
§5). TLS is the business of the proxy before it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.iostream import IOStream
from tornado.web import Application, RequestHandler

from worker.listen.intake import Busy, Intake
from worker.procore.message import NoHint, read

#: Bytes of a message and of its headers; one of Procore's has about 500.
MOST_BYTES, MOST_HEADERS = 64 * 1024, 16 * 1024
#: Seconds for a message's headers, which is also how long an idle connection is kept, and for its body.
HEADERS_S, BODY_S = 60.0, 5.0
#: Connections at the same time; and messages a second for long, and at once.
CONNECTIONS, RATE, BURST = 200, 100.0, 2_000.0
#: Seconds between two looks at what is to be started; and for that when the server ends.
LOOK_EVERY_S, ENDING_S = 1.0, 10.0
#: Seconds between two lines about messages without the secret.
TOLD_EVERY_S = 60.0

log = structlog.get_logger(__name__)


class Rate:
    """So many messages a second for long, and as many at once as were spared."""

    def __init__(self, rate: float = RATE, burst: float = BURST, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._seconds = rate, burst, seconds
        self._left, self._at = burst, seconds()

    def takes(self) -> bool:
        """Whether one more goes now."""
        now = self._seconds()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class Door:
    """Who is let in."""

    secret: str
    company_id: int
    rate: Rate
    _told_at: float = -TOLD_EVERY_S

    def knows(self, authorization: str) -> bool:
        """Whether this header shows the secret, compared in a time that says nothing of either."""
        shown, ours = (hashlib.sha256(text.encode()).digest() for text in (authorization, f"Bearer {self.secret}"))
        if hmac.compare_digest(shown, ours):
            return True
        if time.monotonic() - self._told_at >= TOLD_EVERY_S:
            self._told_at = time.monotonic()
            log.warning(
                "a message without the secret", todo="`procore-xero hooks set-up` tells Procore the present one"
            )
        return False


class _Quiet(RequestHandler):
    """An answer is its status."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.clear_header("Content-Type")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if self.get_status() >= 500:
            log.error("a message could not be taken", exc_info=(typ, value, tb))


class _Health(_Quiet):
    def get(self) -> None:
        self.set_status(204)


class _Message(_Quiet):
    def initialize(self, door: Door, intake: Intake) -> None:
        self._door, self._intake = door, intake

    async def post(self) -> None:
        if not self._door.knows(self.request.headers.get("Authorization", "")):
            self.set_status(401)
            return
        if not self._door.rate.takes():
            self._again(429)
            return
        self.set_status(204)
        try:
            await self._intake.take(read(self.request.body, self._door.company_id))
        except NoHint as why:
            log.debug("nothing follows from a message", why=str(why))
        except Busy as why:
            log.warning("a message has to come again", why=str(why))
            self._again(503)

    def _again(self, status: int) -> None:
        self.set_status(status)
        self.set_header("Retry-After", "1")


class _Server(HTTPServer):
    """Takes no more connections than it has room for."""

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        if len(self._connections) >= CONNECTIONS:
            stream.close()
        else:
            super().handle_stream(stream, address)


def server(door: Door, intake: Intake) -> HTTPServer:
    """Answers `GET /healthcheck`, and takes messages at every other path, since a proxy may have cut it."""
    parts = {"door": door, "intake": intake}
    handlers: Sequence[Any] = [(r"/healthcheck", _Health), (r"/.*", _Message, parts)]
    return _Server(
        Application(handlers, log_function=lambda _: None),
        max_body_size=MOST_BYTES,
        max_buffer_size=4 * MOST_BYTES,
        max_header_size=MOST_HEADERS,
        idle_connection_timeout=HEADERS_S,
        body_timeout=BODY_S,
    )


async def serve(door: Door, intake: Intake, sockets: Sequence[socket.socket]) -> None:
    """Until SIGTERM or Ctrl-C; then what was gathered is started."""
    ours = server(door, intake)
    ours.add_sockets(sockets)
    looking = PeriodicCallback(intake.start_due, LOOK_EVERY_S * 1000)
    looking.start()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    await asked_to_stop.wait()
    ours.stop()
    looking.stop()
    try:
        await asyncio.wait_for(intake.close(), ENDING_S)
    except TimeoutError:
        log.warning("some jobs were not started; the next pass reads what moved")
    await ours.close_all_connections()
