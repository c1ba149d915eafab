"""Everything that goes over the wire between the worker and Xero, held against Xero's own OpenAPI file.

Unlike a proxy that checks what it can (Prism leaves out the bodies of bills and payments, whose types refer to each
other in a ring), nothing is left out: address, query, headers and body of each request, and each answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from tests.contract.openapi import Contract
from tests.integration.world import XERO, World
from worker.http import exact_json

_API = f"{XERO}/api.xro/2.0/"
#: The file declares no 401, 403, 404, 429 or 5xx; what they look like is written elsewhere.
_DECLARED = (200, 204, 400)
#: Headers of a call that are Xero's own; all others are HTTP's.
_OF_XERO = ("idempotency-key", "if-modified-since", "xero-tenant-id")


@dataclass
class Traffic:
    """What one world said to Xero, and was answered."""

    seen: list[tuple[httpx.Request, httpx.Response]] = field(default_factory=list)

    @classmethod
    def of(cls, world: World) -> Traffic:
        """From now on."""
        traffic = cls()
        world.wire.watch(lambda request, response: traffic.seen.append((request, response)))
        return traffic

    @property
    def calls(self) -> list[tuple[httpx.Request, httpx.Response]]:
        """Those of the accounting API: logins are not in its file."""
        return [one for one in self.seen if str(one[0].url).startswith(_API)]

    @property
    def kinds(self) -> set[tuple[str, str]]:
        """Method and collection of each call: what was tried at all."""
        return {(request.method, _collection(request.url.path)) for request, _ in self.calls}

    def agrees(self, contract: Contract) -> None:
        """Raises AssertionError with everything that the file says otherwise."""
        found = []
        for request, response in self.calls:
            try:
                _check(contract, request, response)
            except AssertionError as error:
                found.append(str(error))
        assert not found, f"{len(found)} of {len(self.calls)} calls\n" + "\n".join(dict.fromkeys(found))


def _collection(path: str) -> str:
    words = path.removeprefix("/api.xro/2.0/").split("/")
    return words[2] if len(words) > 2 else words[0]


def _check(contract: Contract, request: httpx.Request, response: httpx.Response) -> None:
    method, path = request.method, request.url.path
    contract.check_call(method, path, request.url.params, [name for name in _OF_XERO if name in request.headers])
    if request.content and not contract.takes_a_file(method, path):
        body = exact_json.loads(request.content)
        several = body.get("Options") if _collection(path) == "Options" else None  # which the file does not speak of
        for one in several or [body]:
            contract.check_request(method, path, one)
    if response.status_code in _DECLARED:
        contract.check_response(method, path, response.status_code, exact_json.loads(response.content))
