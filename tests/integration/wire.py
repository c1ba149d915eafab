"""Between the worker and the sandbox, in one process: where a test lets a connection break or a worker die."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from worker.sandbox import Sandbox

#: What happens to a request; the request that it returns goes on in its place.
Act = Callable[[httpx.Request], httpx.Request | None]


class Crash(BaseException):
    """The process is killed here: nothing below the test may catch it."""


@dataclass
class Trap:
    """Something that happens on the wire, once: before a request arrives, or after it was answered."""

    method: str
    path: str
    act: Act
    after: bool

    def matches(self, request: httpx.Request) -> bool:
        return request.method == self.method and re.search(self.path, request.url.path) is not None


class Wire(httpx.BaseTransport):
    """To the sandbox's two apps without a socket; a connection they cut is a network error."""

    def __init__(self, sandbox: Sandbox) -> None:
        procore = httpx.WSGITransport(app=sandbox.procore)
        self._apps = {
            "procore.sandbox": procore,
            # Where the sandbox's Procore says that files lie, and where it sends on to.
            "storage.procore.sandbox": procore,
            "presigned.invalid": procore,
            "xero.sandbox": httpx.WSGITransport(app=sandbox.xero),
        }
        self._traps: list[Trap] = []
        self._watching: list[Callable[[httpx.Request, httpx.Response], None]] = []

    def watch(self, see: Callable[[httpx.Request, httpx.Response], None]) -> None:
        """Show every request from now on, with its answer."""
        self._watching.append(see)

    def before(self, method: str, path: str, act: Act) -> None:
        self._traps.append(Trap(method, path, act, after=False))

    def after(self, method: str, path: str, act: Act) -> None:
        self._traps.append(Trap(method, path, act, after=True))

    def forget(self) -> None:
        """Nothing more happens."""
        self._traps.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request = self._sprung(request, after=False) or request
        try:
            response = self._apps[request.url.host].handle_request(request)
        except ConnectionResetError as cut:
            raise httpx.ReadError(str(cut)) from cut
        for see in self._watching:
            response.read()
            see(request, response)
        self._sprung(request, after=True)
        return response

    def _sprung(self, request: httpx.Request, *, after: bool) -> httpx.Request | None:
        for trap in self._traps:
            if trap.after == after and trap.matches(request):
                self._traps.remove(trap)
                return trap.act(request)
        return None


def crash(_: httpx.Request) -> None:
    raise Crash
