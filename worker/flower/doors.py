"""What is checked before each of Flower's handlers, and said with each of its answers.

`Unframed` says on every answer that no other page may show it. `Door` answers in a handler's place where the handler
must not be asked: control characters, which PostgreSQL and the system's files refuse by an error; without a login a
name that is not this machine's (a page elsewhere can have its own name lead here); and a login from an address that has
just given too many wrong ones.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote_to_bytes

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import HTTPError, OutputTransform, StaticFileHandler, url

from worker.flower.attempts import Attempts

FOREIGN = (
    "Without a login Flower answers on this machine only, by the names localhost and 127.0.0.1. "
    "To reach it by another one, set FLOWER_LOGIN to user:password and start Flower again."
)
ODD = "There are control characters in this address, or in what was sent with it."
TOO_MANY = "Too many wrong logins came from this address. Try again in {} s."
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unframed(OutputTransform):
    """Pages, files and errors alike: in another page's frame somebody could be led to press our buttons."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        headers["X-Frame-Options"] = "DENY"
        headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        return status_code, headers, chunk


#: Tornado's argument of an application.
TRANSFORMS: list[type[OutputTransform]] = [Unframed]


class Typed:
    """Mixed into a handler class, before it: what nobody can type is refused."""

    def prepare(self: Any) -> Any:
        if any(map(_CONTROLS.search, _said(self.request))):
            return self._refuse(HTTPStatus.BAD_REQUEST, ODD)
        return super().prepare()  # type: ignore[misc]  # the handler's own

    def _refuse(self: Any, status: HTTPStatus, sentence: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(sentence)


class StaticFiles(Typed, StaticFileHandler):
    """Flower's files, which everybody may read; Tornado's argument `static_handler_class`."""


class Door(Typed):
    """The same for a handler class of Flower's, and who may come in at all."""

    attempts: Attempts

    def prepare(self: Any) -> Any:
        options, request = self.application.options, self.request
        if not (options.basic_auth or options.auth) and not is_loopback(request.host_name):
            return self._refuse(HTTPStatus.MISDIRECTED_REQUEST, FOREIGN)
        if options.basic_auth and "Authorization" in request.headers:
            wait_s = math.ceil(self.attempts.wait_s(request.remote_ip))
            if wait_s:
                self.set_header("Retry-After", str(wait_s))
                return self._refuse(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY.format(wait_s))
            self._look_at_login()
        return super().prepare()

    def _look_at_login(self: Any) -> None:
        try:
            self.get_current_user()
        except (HTTPError, TypeError) as wrong:  # Python compares no text beyond ASCII, and says so by TypeError
            self.attempts.wrong(self.request.remote_ip)
            raise HTTPError(HTTPStatus.UNAUTHORIZED) from wrong
        self.attempts.right(self.request.remote_ip)


def _said(request: HTTPServerRequest) -> Iterator[bytes]:
    """All that a handler may take out of a request's address and form."""
    yield unquote_to_bytes(request.path)
    for name, values in request.arguments.items():
        yield from (name.encode(), *values)


def guarded(handlers: Iterable[Any], attempts: Attempts) -> list[Any]:
    """Flower's table of addresses with a door before each handler; all doors count wrong logins together."""
    return [_guarded(one, attempts) for one in handlers]


def _guarded(entry: Any, attempts: Attempts) -> Any:
    if isinstance(entry, url):
        return url(entry.regex.pattern, _behind(entry.handler_class, attempts), entry.kwargs, entry.name)
    pattern, handler, *rest = entry
    return (pattern, _behind(handler, attempts), *rest)


def _behind(handler: type, attempts: Attempts) -> type:
    return type(handler.__name__, (Door, handler), {"attempts": attempts})


def is_loopback(host: str) -> bool:
    """Whether this name, as it stands in an address, can only be this machine's own."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
