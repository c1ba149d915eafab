"""Finding again in Xero what a request may have made: by natural keys, whatever happened to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.ledger.entries import Request
from worker.pipeline.work import Work
from worker.xero import proof
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS, Endpoint

Body = Mapping[str, Any]


def look_up(work: Work, endpoint: Endpoint, request: Request, bodies: Sequence[Body]) -> list[list[Element]]:
    """The documents in Xero that each member may have become."""
    pool = [row for row in _pool(work, endpoint, request, bodies) if row.get("Status") not in ("DELETED", "VOIDED")]
    return [[row for row in pool if proof.same(endpoint, body, row)] for body in bodies]


def _pool(work: Work, endpoint: Endpoint, request: Request, bodies: Sequence[Body]) -> list[Element]:
    if endpoint.is_option:
        rows = work.xero.tracking_categories()
        own = (row for row in rows if row["TrackingCategoryID"] in request.path)
        return [{**option, "Status": None} for row in own for option in row.get("Options") or []]
    if endpoint.wrapper == "Contacts":
        return [row for row in work.xero.contacts() if row.get("ContactStatus") == "ACTIVE"]
    if endpoint == PAYMENTS:
        return list(work.xero.payments_of_bills(body["Invoice"]["InvoiceID"] for body in bodies))
    if all(member.xero_id for member in request.members):
        return list(work.xero.documents(endpoint, [str(member.xero_id) for member in request.members]))
    contacts = dict.fromkeys(str(body["Contact"]["ContactID"]) for body in bodies)
    return list(work.xero.documents_of_contacts(endpoint, contacts))
