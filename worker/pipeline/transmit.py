"""A journalled request on its way to Xero, whatever it asks for."""

from __future__ import annotations

from collections.abc import Callable

from worker.errors import OutcomeUnknown
from worker.ledger.requests import Request
from worker.pipeline import observed
from worker.pipeline.lifetime import SEND_SHARE, is_within
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import Endpoint


def write(work: Work, endpoint: Endpoint, request: Request, share: float = SEND_SHARE) -> list[Element]:
    """Send a journalled request, the exact bytes under its key; not when it is so old that others may give it up.

    Raises OutcomeUnknown for an answer from beyond the key's life, too: what was sent again may be there twice.
    """
    in_time: Callable[[], bool] = lambda: is_within(work, request, share)  # noqa: E731
    with observed.request(request.kind, request.method, len(request.members), request.id):
        elements = work.xero.write(endpoint, request.method, request.path, request.body, request.key, in_time)
        if not is_within(work, request, 1.0):
            raise OutcomeUnknown("Xero's answer came when it had forgotten the request's key; the job comes back.", 5.0)
        return elements
