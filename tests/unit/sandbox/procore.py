"""A sandbox Procore in this process, with a client that has its token and header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import simplejson

from worker.sandbox.clock import Clock
from worker.sandbox.limits import Limits, LimitsInForce
from worker.sandbox.procore import build
from worker.sandbox.seed import read_seed

COMPANY = 8014
CREDENTIALS = {"client_id": "sandbox-procore-client", "client_secret": "sandbox-procore-secret"}


class Procore:
    """Asks the sandbox as a client of Procore would."""

    def __init__(self, seed: Mapping[str, Any] | None = None, limits: Limits | None = None) -> None:
        self.clock = Clock()
        self.half = build(read_seed(seed)["procore"], clock=self.clock, limits=LimitsInForce(limits))
        transport = httpx.WSGITransport(app=self.half.app)
        self.http = httpx.Client(transport=transport, base_url="http://procore.test")
        self.sign_in()

    def sign_in(self) -> None:
        """A new token for every later request."""
        answer = self.http.post("/oauth/token", data={"grant_type": "client_credentials", **CREDENTIALS})
        token = answer.json()["access_token"]
        self.http.headers.update({"Authorization": f"Bearer {token}", "Procore-Company-Id": str(COMPANY)})

    def get(self, path: str, **query: object) -> httpx.Response:
        """GET below /rest/; a double underscore in a name opens a filter: `filters__updated_at`."""
        params = {_parameter(name): value for name, value in query.items()}
        return self.http.get(f"/rest/{path}", params=httpx.QueryParams(params))  # type: ignore[arg-type]

    def rows(self, path: str, **query: object) -> list[dict[str, Any]]:
        """The rows of one page, with exact numbers."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = simplejson.loads(answer.text, use_decimal=True)
        return rows

    def row(self, path: str, **query: object) -> dict[str, Any]:
        """One shown record."""
        row: Any = self.rows(path, **query)
        assert isinstance(row, dict)
        return row

    def edit(self, collection: str, project: int | str, row_id: int, **fields: object) -> None:
        """A person changes a record in Procore."""
        address = f"/_sandbox/records/{collection}/{project}/{row_id}"
        assert self.http.put(address, json=fields).status_code == 200

    def delete(self, collection: str, project: int | str, row_id: int) -> None:
        """A person deletes a record in Procore."""
        assert self.http.delete(f"/_sandbox/records/{collection}/{project}/{row_id}").status_code == 200

    def switch(self, **values: object) -> None:
        """This customer's Procore is another one from now on."""
        answer = self.http.post("/_sandbox/switches", json=values)
        assert answer.status_code == 200, answer.text

    def script(self, **fault: object) -> None:
        """Something is going to go wrong."""
        assert self.http.post("/_sandbox/faults", json=fault).status_code == 201


def _parameter(name: str) -> str:
    scope, _, field = name.partition("__")
    return f"{scope}[{field}]" if field else name


def a_project(project_id: int, **fields: object) -> dict[str, object]:
    """A project row with what a test leaves out."""
    return {"id": project_id, "name": f"Project {project_id}", "active": True, **fields}


def a_seed(**procore: object) -> dict[str, object]:
    """A seed with one company and whatever the test names."""
    return {"procore": {"companies": [{"id": COMPANY, "name": "Builder"}], **procore}}
