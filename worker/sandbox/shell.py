"""What both APIs of the sandbox share around their routes: journal, faults, latency, lock, control interface.

One request goes: cut? → guard (token, limits, replay) → latency → fault or handler → guard's headers →
journal → answer lost? The handler runs under one lock per API; sleeping does not, so that concurrent requests
really overlap. Nothing here knows what either API means.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

import simplejson
from flask import Flask, request
from werkzeug.wrappers import Request, Response

from worker.sandbox.clock import Clock
from worker.sandbox.faults import Fault, Faults
from worker.sandbox.journal import Journal, count_elements
from worker.sandbox.limits import LimitsInForce
from worker.sandbox.switches import InForce, S

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Where the shell leaves the fault due for a request, for handlers that act it out.
FAULT_KEY = "sandbox.fault"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Guard(Protocol):
    """One API's own doorkeeper. It may keep notes about a request in `request.environ`."""

    def check(self, request: Request) -> Response | None:
        """Refuse (token, limits, replayed answer), or None to let the request in."""

    def finish(self, request: Request, response: Response) -> Response:
        """Called once for every request that `check` saw, refused or not: headers, counters, replay store."""

    def refusal(self, request: Request, fault: Fault) -> Response:
        """This API's own answer for a scripted status or expired token."""


@dataclass(frozen=True)
class Half:
    """One API of the sandbox: its WSGI app and its state in the seed's own shape."""

    app: Flask
    dump: Callable[[], dict[str, Any]]


def json_response(obj: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with Decimals as exact numbers."""
    text = simplejson.dumps(obj, use_decimal=True, separators=(",", ":"))
    return Response(text, status=status, headers=dict(headers or {}), content_type="application/json; charset=utf-8")


def json_body(data: bytes) -> dict[str, Any] | list[Any]:
    """A request body with fractions as Decimal; raises ValueError when it is no JSON object or list."""
    body = simplejson.loads(data.decode("utf-8"), use_decimal=True)
    if not isinstance(body, dict | list):
        raise ValueError("the body must be a JSON object or list")
    return body


def json_object(data: bytes) -> dict[str, Any]:
    """The same for a body that must be an object."""
    body = json_body(data)
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def build_app(
    name: str,
    *,
    clock: Clock,
    journal: Journal,
    faults: Faults,
    guard: Guard,
    limits: LimitsInForce,
    token_path: str,
    dump: Callable[[], dict[str, Any]],
) -> Flask:
    """A Flask app with the control interface, whose later routes are the API's own."""
    app = Flask(name)
    # A bug in the sandbox must be seen as a bug, not as the API's 500.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.url_map.strict_slashes = False
    _add_control(app, clock, journal, faults, limits, dump)
    inner = app.wsgi_app
    app.wsgi_app = _Pipeline(inner, clock, journal, faults, guard, limits, token_path)  # type: ignore[method-assign]
    return app


def add_switches(app: Flask, switches: InForce[S]) -> None:
    """The control interface of one API's switches."""

    @app.get("/_sandbox/switches")
    def read_switches() -> Response:
        return json_response(switches.now.model_dump())

    @app.post("/_sandbox/switches")
    def change_switches() -> Response:
        try:
            switches.change(json_object(request.get_data()))
        except ValueError as error:
            return json_response({"error": str(error)}, 400)
        return json_response(switches.now.model_dump())


class _Pipeline:
    """The way of one request through the shell, as WSGI middleware."""

    def __init__(
        self,
        inner: WSGIApplication,
        clock: Clock,
        journal: Journal,
        faults: Faults,
        guard: Guard,
        limits: LimitsInForce,
        token_path: str,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._guard = guard
        self._limits = limits
        self._token_path = token_path
        self._lock = threading.RLock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            with self._lock:
                return Response.from_app(self._inner, environ, buffered=True)(environ, start_response)
        incoming = Request(environ)
        data = incoming.get_data(cache=True)
        is_token = incoming.path == self._token_path
        if self._faults.take(incoming.method, incoming.path, data, is_token=is_token, cuts=True):
            self._note(incoming, None, "cut")
            raise ConnectionResetError("scripted fault: cut")
        response, fault = self._answer(incoming, is_token)
        self._note(incoming, response, fault.kind if fault else None)
        if fault is not None and fault.kind == "lost_answer":
            raise ConnectionResetError("scripted fault: lost_answer")
        return response(environ, start_response)

    def _answer(self, incoming: Request, is_token: bool) -> tuple[Response, Fault | None]:
        fault: Fault | None = None
        with self._lock:
            response = self._guard.check(incoming)
        try:
            if response is None:
                data = incoming.get_data()
                fault = self._faults.take(incoming.method, incoming.path, data, is_token=is_token, cuts=False)
                self._sleep(fault, is_token)
                with self._lock:
                    response = self._handle(incoming, fault)
        except BaseException:
            with self._lock:
                self._guard.finish(incoming, Response(status=500))
            raise
        with self._lock:
            response = self._guard.finish(incoming, response)
        response.date = self._clock.now()
        return response, fault

    def _sleep(self, fault: Fault | None, is_token: bool) -> None:
        wait_s = 0.0 if is_token else self._limits.now.latency_s
        if fault is not None and fault.kind == "slow":
            self._faults.sleep(fault)
        if wait_s:
            time.sleep(wait_s)

    def _handle(self, incoming: Request, fault: Fault | None) -> Response:
        refused = fault if fault is not None and fault.kind in ("status", "expired_token") else None
        if refused is not None and not refused.done:
            return self._guard.refusal(incoming, refused)
        environ = incoming.environ
        environ["wsgi.input"] = BytesIO(incoming.get_data())
        environ[FAULT_KEY] = fault
        done = Response.from_app(self._inner, environ, buffered=True)
        return done if refused is None else self._guard.refusal(incoming, refused)

    def _note(self, incoming: Request, response: Response | None, fault: str | None) -> None:
        data = incoming.get_data()
        body = _noted_body(incoming, data)
        self._journal.add(
            {
                "at": self._clock.now().isoformat(),
                "method": incoming.method,
                "path": incoming.path,
                "query": incoming.args.to_dict(),
                "status": response.status_code if response else 0,
                "idempotency_key": incoming.headers.get("Idempotency-Key"),
                "tenant": incoming.headers.get("xero-tenant-id"),
                "fault": fault,
                "elements": count_elements(incoming.method, body),
                "request_bytes": len(data),
                "response_bytes": len(response.get_data()) if response else 0,
                "body": body,
            }
        )


def _noted_body(incoming: Request, data: bytes) -> Any:
    """What the journal keeps of a body: JSON whole, a form not at all, of a file what it can be known again by."""
    if not data or incoming.mimetype in _FORMS:
        return None
    if not incoming.is_json:
        return {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    try:
        return json_body(data)
    except ValueError:
        return None


def _add_control(
    app: Flask,
    clock: Clock,
    journal: Journal,
    faults: Faults,
    limits: LimitsInForce,
    dump: Callable[[], dict[str, Any]],
) -> None:
    @app.get("/_sandbox/journal")
    def read_journal() -> Response:
        since = request.args.get("since", 0, type=int)
        return json_response({"entries": journal.since(since), "last": journal.last})

    @app.get("/_sandbox/faults")
    def list_faults() -> Response:
        return json_response({"faults": faults.listed()})

    @app.post("/_sandbox/faults")
    def add_fault() -> Response:
        try:
            return json_response({"id": faults.add(json_object(request.get_data())).id}, 201)
        except ValueError as error:
            return json_response({"error": str(error)}, 400)

    @app.delete("/_sandbox/faults")
    def clear_faults() -> Response:
        faults.clear()
        return json_response({"faults": []})

    @app.post("/_sandbox/clock")
    def advance_clock() -> Response:
        try:
            clock.advance(float(json_object(request.get_data())["advance_s"]))
        except (KeyError, TypeError, ValueError):
            return json_response({"error": 'send {"advance_s": seconds}'}, 400)
        return json_response({"now": clock.now().isoformat()})

    @app.post("/_sandbox/limits")
    def change_limits() -> Response:
        try:
            limits.change(json_object(request.get_data()))
        except ValueError as error:
            return json_response({"error": str(error)}, 400)
        return json_response({"limits": vars(limits.now)})

    @app.get("/_sandbox/dump")
    def read_dump() -> Response:
        return json_response(dump())
