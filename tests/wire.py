"""An API in the test's own process: it gives the answers it was told and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from worker.http import exact_json
from worker.http.api import Api
from worker.http.budget import Budget

Answering = Callable[[httpx.Request], httpx.Response]


def answer(body: object = None, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    """A JSON answer."""
    return httpx.Response(status, content=exact_json.dumps(body).encode(), headers=headers)


def in_turn(*results: httpx.Response | Exception) -> Answering:
    """Give these one after the other; an exception is what the network does instead of answering."""
    rest = iter(results)

    def answering(_: httpx.Request) -> httpx.Response:
        result = next(rest)
        if isinstance(result, Exception):
            raise result
        return result

    return answering


@dataclass
class Wire:
    """Stands where the network would be."""

    answering: Answering
    requests: list[httpx.Request] = field(default_factory=list)
    #: Seconds that the client would have slept, instead of sleeping.
    waits: list[float] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def api(self, *, where: str = "Xero", auth: httpx.Auth | None = None, longest_wait_s: float = 90.0) -> Api:
        return Api(
            where,
            "https://api.example",
            auth=auth or httpx.Auth(),
            budget=Budget(None, "test", (), 0),
            timeout_s=5.0,
            longest_wait_s=longest_wait_s,
            headers={},
            transport=self.transport,
            sleep=self.waits.append,
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        self.requests.append(sent)  # as it went out: authentication changes the request and sends it again
        return self.answering(request)
