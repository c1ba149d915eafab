"""The sandbox's Procore: a company with projects, read over the addresses that the product needs.

Written from the API's documentation, not from what the worker sends; where the documentation is unclear it takes
the stricter reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from worker.sandbox.clock import Clock
from worker.sandbox.faults import Faults
from worker.sandbox.journal import Journal
from worker.sandbox.limits import LimitsInForce
from worker.sandbox.procore.control import add_control
from worker.sandbox.procore.guard import TOKEN_PATH, ProcoreGuard
from worker.sandbox.procore.routes import add_routes
from worker.sandbox.procore.state import State
from worker.sandbox.procore.storage import add_storage
from worker.sandbox.shell import Half, build_app, json_response
from worker.sandbox.tokens import Tokens, grant_error


def build(half: Mapping[str, Any], *, clock: Clock, limits: LimitsInForce) -> Half:
    """A Procore over the Procore half of a checked seed, which it takes over."""
    state = State(half, clock.now)
    tokens = Tokens(clock, lambda: limits.now.procore_token_s)
    app = build_app(
        "procore",
        clock=clock,
        journal=Journal(),
        faults=Faults(),
        guard=ProcoreGuard(clock, limits, tokens, lambda company_id: company_id in state.rows("companies")),
        limits=limits,
        token_path=TOKEN_PATH,
        dump=state.dump,
    )
    add_routes(app, state)
    add_storage(app, state, clock)
    add_control(app, state)

    @app.post(TOKEN_PATH)
    def issue_token() -> Response:
        """The client_credentials grant, which gives no refresh_token."""
        error = grant_error(request, state.credentials)
        if error is not None:
            return json_response({"error": error}, 401 if error == "invalid_client" else 400)
        token, life_s = tokens.issue()
        created_at = int(clock.timestamp())
        return json_response(
            {"access_token": token.value, "token_type": "bearer", "expires_in": life_s, "created_at": created_at}
        )

    return Half(app, state.dump)
