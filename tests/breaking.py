"""A worker that is killed at one point of its work: `celery -A tests.breaking worker`, the point being FAULT_POINT.

The product has no such points and cannot be told to have any: they are put around it here, from outside. A point is
"boundary:pattern". The pattern is searched in what the boundary is about: a request ("claims PUT /Invoices?…"), the
job's number when it is claimed, the state in which it would end, or "start" for the first token of a process.
"""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import httpx

from worker.celery import app
from worker.http.wire import Wire
from worker.ledger.entries import Entries
from worker.ledger.handed_over import HandedOver
from worker.ledger.jobs import Jobs
from worker.ledger.requests import Request
from worker.ledger.tables import Job

__all__ = ["Boundary", "app", "install"]
P = ParamSpec("P")
R = TypeVar("R")


class Boundary(StrEnum):
    """Where a worker can die, in the order in which a job passes them."""

    CLAIMED = "claimed"  # it holds the job and has done nothing
    HANDED_OVER = "handed over"  # its new documents wait for another job, and it has not said that it comes back
    PLANNED = "planned"  # the request is in the ledger and was not sent
    REFRESHING = "refreshing"  # the request was refused for its token, and no new one was asked for
    REFRESHED = "refreshed"  # the new token was given out and not received
    HALF_SENT = "half sent"  # the other side has not seen all of the request
    TAKEN = "taken"  # the other side has done it, and the answer was not read
    ANSWERED = "answered"  # the answer was read, and not written down
    CONFIRMED = "confirmed"  # it is written down, and the next request is not planned
    ENDING = "ending"  # everything is done but the job's end


def kill_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_worker() -> None:
    """With its pool and everything else that it started: a machine that loses power."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


class Point:
    """One point, once it is put around the product."""

    def __init__(self, point: str, kill: Callable[[], None]) -> None:
        name, _, pattern = point.partition(":")
        self._boundary = Boundary(name)
        self._pattern = re.compile(pattern)
        self._kill = kill
        #: What each request is about, by its key.
        self._about: dict[str, str] = {}
        #: For which request a token is asked for.
        self._token_for = "start"

    def reached(self, boundary: Boundary, about: str) -> None:
        if self.is_at(boundary, about):
            self._kill()

    def is_at(self, boundary: Boundary, about: str) -> bool:
        return boundary == self._boundary and self._pattern.search(about) is not None

    def know(self, request: Request) -> str:
        about = self._about[request.key] = f"{request.kind} {request.method} {request.path}"
        return about

    def send(self, real: Callable[[httpx.Request], httpx.Response], request: httpx.Request) -> httpx.Response:
        """One request on the wire, a request for a token among them."""
        about = self._about.get(request.headers.get("Idempotency-Key", ""))
        if about is None:
            is_token = request.url.path.endswith("/token")
            return self._ask_for_token(real, request) if is_token else real(request)
        if self.is_at(Boundary.HALF_SENT, about):
            send_half(request)
            self._kill()
        if self._token_for != about and any(
            self.is_at(boundary, about) for boundary in (Boundary.REFRESHING, Boundary.REFRESHED)
        ):
            request.headers["Authorization"] = "Bearer of-yesterday"
            self._token_for = about
        response = real(request)
        self.reached(Boundary.TAKEN, about)
        return response

    def _ask_for_token(self, real: Callable[[httpx.Request], httpx.Response], request: httpx.Request) -> httpx.Response:
        self.reached(Boundary.REFRESHING, self._token_for)
        response = real(request)
        self.reached(Boundary.REFRESHED, self._token_for)
        return response


def send_half(request: httpx.Request) -> None:
    """The head and half of the body, on a connection of its own."""
    head = b"%s %s HTTP/1.1\r\n" % (request.method.encode(), request.url.raw_path)
    fields = b"".join(b"%s: %s\r\n" % field for field in request.headers.raw)
    body = request.read()
    with socket.create_connection((request.url.host, request.url.port or 80)) as connection:
        connection.sendall(head + fields + b"\r\n" + body[: len(body) // 2])


def install(text: str, kill: Callable[[], None] = kill_process) -> None:
    """Put the point around the product, in this process and those it forks."""
    point = Point(text, kill)

    def claimed(job: Job | None) -> None:
        if job is not None:
            point.reached(Boundary.CLAIMED, job.job_number)

    def planned(planned: tuple[Request | None, Any]) -> None:
        if planned[0] is not None:
            point.reached(Boundary.PLANNED, point.know(planned[0]))

    def loaded(requests: list[Request]) -> None:
        for request in requests:
            point.know(request)

    _wrap(Jobs, "claim", after=claimed)
    _wrap(Jobs, "end", before=lambda _self, _job, _owner, state, *_: point.reached(Boundary.ENDING, state))
    _wrap(Entries, "plan", after=planned)
    _wrap(Entries, "unresolved", after=loaded)
    _wrap_hand_over(point)
    _wrap_confirm(point)
    _wrap_wire(point)


def _wrap(
    owner: type, name: str, *, before: Callable[..., None] | None = None, after: Callable[[Any], None] | None = None
) -> None:
    real = getattr(owner, name)

    @wraps(real)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if before is not None:
            before(*arguments)
        result = real(*arguments, **named)
        if after is not None:
            after(result)
        return result

    setattr(owner, name, wrapped)


def _wrap_hand_over(point: Point) -> None:
    real = HandedOver.add

    @wraps(real)
    def add(self: HandedOver, kind: str, texts: Mapping[str, str]) -> None:
        real(self, kind, texts)
        point.reached(Boundary.HANDED_OVER, kind)

    setattr(HandedOver, "add", add)  # noqa: B010 - mypy sees no assignment to a method in it


def _wrap_confirm(point: Point) -> None:
    real = Entries.confirm

    @wraps(real)
    def confirm(self: Entries, request: Request, *arguments: Any, **named: Any) -> bool:
        about = point.know(request)
        point.reached(Boundary.ANSWERED, about)
        confirmed = real(self, request, *arguments, **named)
        point.reached(Boundary.CONFIRMED, about)
        return confirmed

    setattr(Entries, "confirm", confirm)  # noqa: B010 - mypy sees no assignment to a method in it


def _wrap_wire(point: Point) -> None:
    real = Wire.handle_request

    @wraps(real)
    def handle_request(self: Wire, request: httpx.Request) -> httpx.Response:
        return point.send(lambda one: real(self, one), request)

    setattr(Wire, "handle_request", handle_request)  # noqa: B010 - as above


if "FAULT_POINT" in os.environ:
    install(os.environ["FAULT_POINT"], kill_worker if os.environ.get("FAULT_TAKES") == "worker" else kill_process)
