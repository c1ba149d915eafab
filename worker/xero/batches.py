"""How documents become requests: creates by PUT, updates by POST with the id, at most 50 documents and 3.5 MB each.

PUT means create in Xero; POST may match by number, so nothing is ever created by POST (xero-api.md §2, §4.0, §4.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from worker.http import exact_json
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS, Endpoint

#: Xero advises requests below 3.5 MB (§2).
MOST_BYTES = 3_500_000
_ENVELOPE_BYTES = 100

Body = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes."""

    method: str
    path: str


def create(endpoint: Endpoint) -> Target:
    return Target("PUT", endpoint.path + endpoint.params)


def update(endpoint: Endpoint, xero_id: str) -> Target:
    """Options carry the id in the address, all others in the body."""
    if endpoint.is_option:
        return Target("POST", f"{endpoint.path}/{xero_id}")
    return Target("POST", endpoint.path + endpoint.params)


def withdrawal(endpoint: Endpoint, xero_id: str) -> Target:
    """Deleting or voiding: at the document's own address, so that it is told from every other write."""
    return Target("POST", f"{endpoint.path}/{xero_id}")


def withdrawn_id(path: str) -> str | None:
    """The document that a journalled request deletes or voids; None when it is another write."""
    parts = path.split("?")[0].split("/")
    return parts[2] if len(parts) == 3 and f"/{parts[1]}" in (BILLS.path, CREDIT_NOTES.path, PAYMENTS.path) else None


def withdrawal_body(endpoint: Endpoint, xero_id: str, status: str) -> Body:
    """A payment's must hold the status alone (§4.8)."""
    if endpoint == PAYMENTS:
        return {"Status": status}
    return {endpoint.wrapper: [{endpoint.id_field: xero_id, "Status": status}]}


def render(endpoint: Endpoint, bodies: Sequence[Body]) -> str:
    """The request body for these documents; an option alone has no wrapper (§4.3)."""
    is_bare = endpoint.is_option and len(bodies) == 1
    return exact_json.dumps(bodies[0] if is_bare else {endpoint.wrapper: list(bodies)})


def members(endpoint: Endpoint, text: str) -> list[Body]:
    """The documents of a journalled request body."""
    parsed = exact_json.loads(text)
    is_bare = endpoint.is_option and endpoint.wrapper not in parsed
    return [parsed] if is_bare else parsed[endpoint.wrapper]


def split(endpoint: Endpoint, items: Sequence[tuple[T, Body]], most: int | None = None) -> Iterator[list[T]]:
    """The items in requests that Xero takes, of `most` documents where the endpoint does not say it."""
    most = endpoint.most if most is None else most
    batch: list[T] = []
    size = _ENVELOPE_BYTES
    for item, body in items:
        length = len(exact_json.dumps(body).encode()) + 1
        if batch and (len(batch) == most or size + length > MOST_BYTES):
            yield batch
            batch, size = [], _ENVELOPE_BYTES
        batch.append(item)
        size += length
    if batch:
        yield batch
