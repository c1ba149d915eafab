"""The sandbox's Procore: a company with projects, read over the addresses that the product needs.

Written from the API's documentation, not from what the worker sends; where the documentation is unclear it takes
the stricter reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from worker.sandbox.clock import Clock
from worker.sandbox.consent import add_consent
from worker.sandbox.faults import Faults
from worker.sandbox.grants import PERSONS, Grants
from worker.sandbox.journal import Journal
from worker.sandbox.limits import LimitsInForce
from worker.sandbox.procore import refusals
from worker.sandbox.procore.control import add_control
from worker.sandbox.procore.guard import AUTHORIZE_PATH, TOKEN_PATH, ProcoreGuard
from worker.sandbox.procore.hook_routes import add_hook_routes
from worker.sandbox.procore.hooks import Hooks
from worker.sandbox.procore.routes import add_routes
from worker.sandbox.procore.state import State
from worker.sandbox.procore.storage import add_storage
from worker.sandbox.shell import Half, add_switches, build_app, json_response
from worker.sandbox.switches import InForce, ProcoreSwitches
from worker.sandbox.tokens import Tokens, grant_error, persons_grant_error

#: A code lives ten minutes.
_CODE_S = 600.0


def build(half: Mapping[str, Any], *, clock: Clock, limits: LimitsInForce) -> Half:
    """A Procore over the Procore half of a checked seed, which it takes over."""
    state = State(half, clock.now)
    switches = InForce(ProcoreSwitches(**half["switches"]))
    tokens = Tokens(clock, lambda: limits.now.procore_token_s)

    def dumped() -> dict[str, Any]:
        return {**state.dump(), "switches": switches.now.model_dump()}

    app = build_app(
        "procore",
        clock=clock,
        journal=Journal(),
        faults=Faults(),
        guard=ProcoreGuard(clock, limits, tokens, lambda company_id: company_id in state.rows("companies")),
        limits=limits,
        token_path=TOKEN_PATH,
        dump=dumped,
    )
    add_switches(app, switches)
    add_routes(app, state, switches)
    add_storage(app, state, clock)
    hooks = Hooks(switches, clock.now)
    add_hook_routes(app, state, switches, hooks)
    add_control(app, state, hooks)

    _add_access(app, state, tokens, clock)
    return Half(app, dumped)


def _add_access(app: Flask, state: State, tokens: Tokens, clock: Clock) -> None:
    grants = Grants(clock, code_life_s=_CODE_S, unused_life_s=None, grace_s=0)
    add_consent(app, AUTHORIZE_PATH, state.credentials, grants, lambda _: (), challenges=False)

    @app.post(TOKEN_PATH)
    def issue_token() -> Response:
        """client_credentials gives no refresh_token; the others give one, which is good once and does not expire."""
        if request.form.get("grant_type") in PERSONS:
            return _for_person()
        error = grant_error(request, state.credentials)
        return _refused(error) if error else json_response(_answer(by_person=False))

    def _for_person() -> Response:
        error = persons_grant_error(request, state.credentials, basic=False)
        granted = None if error else grants.exchange(request.form)
        if granted is not None:
            return json_response({**_answer(by_person=True), "refresh_token": granted.refresh})
        if error is None and "refresh_token" in request.form:
            return refusals.token_invalid("refresh")
        return _refused(error or "invalid_grant")

    def _answer(*, by_person: bool) -> dict[str, Any]:
        token, life_s = tokens.issue(by_person=by_person)
        created_at = int(clock.timestamp())
        return {"access_token": token.value, "token_type": "bearer", "expires_in": life_s, "created_at": created_at}


def _refused(error: str) -> Response:
    return json_response({"error": error}, 401 if error == "invalid_client" else 400)
