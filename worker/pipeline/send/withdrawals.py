"""Deleting or voiding a document of ours in Xero: planned, sent, confirmed like every other write, one per request.

It only does it; whether a document may be taken back is decided in `check.hands_off`. Once it is
confirmed the record's entry is free, and nothing else makes it free: so a payment is never there twice.
"""

from __future__ import annotations

import structlog

from worker.errors import FailedAnswer, ProjectBusy, RequestRefused
from worker.holds import HoldCode
from worker.http import exact_json
from worker.ledger.requests import Planned, Request, Result
from worker.pipeline.check.found import VOID
from worker.pipeline.decide import came_to_nothing
from worker.pipeline.look.documents import stored
from worker.pipeline.send.request import write
from worker.pipeline.values import Reason, because
from worker.pipeline.work import Work
from worker.xero import answers, batches
from worker.xero.documents import Endpoint, endpoint_of
from worker.xero.naming import named

#: Instead of a fingerprint: the record becomes no document.
_MARK = ""
log = structlog.get_logger(__name__)


def take_back(
    work: Work, kind: str, procore_id: str, endpoint: Endpoint, document: answers.Element, status: str
) -> Reason | None:
    """Give the document, as it was read, the status DELETED or VOIDED. Returns why Xero did not, or why it is not asked
    now; None when it is done.

    Raises OutcomeUnknown when it may have happened, ProjectBusy when another job is at the record.
    """
    if work.leaves(work.entries.known(kind, [procore_id])[procore_id].facts, _MARK):
        return came_to_nothing.LEFT
    xero_id = str(document[endpoint.id_field])
    target = batches.withdrawal(endpoint, xero_id)
    body = batches.withdrawal_body(endpoint, xero_id, status)
    item = Planned(procore_id, _MARK, body, xero_id)
    request, _ = work.entries.plan(kind, target.method, target.path, [item], lambda _: exact_json.dumps(body))
    if request is None:
        raise ProjectBusy(f"Another job is sending some of these {kind} just now.", 2.0)
    try:
        return _sent(work, endpoint, request, named(document))
    except RequestRefused as refused:
        work.entries.confirm(request, [Result(procore_id, None)])
        return because(HoldCode.REJECTED, messages=str(refused))


def is_one(request: Request) -> bool:
    """Whether this journalled request deletes or voids."""
    return batches.withdrawn_id(request.path) is not None


def sent_again(work: Work, request: Request) -> bool:
    """The same bytes under the same key. False when Xero replays a failure: then only looking tells."""
    try:
        _sent(work, endpoint_of(request.path), request)
    except (FailedAnswer, RequestRefused):
        return False
    return True


def resolve(work: Work, request: Request) -> None:
    """Look at the document: it is gone if Xero says so, else its record is judged again."""
    endpoint, xero_id = endpoint_of(request.path), str(batches.withdrawn_id(request.path))
    row = stored(work, endpoint, [xero_id]).get(xero_id)
    is_gone = row is not None and row.get("Status") in VOID
    _confirmed(work, request, named(row) if row is not None and is_gone else "")
    for id_, entry in work.entries.known(request.kind, [one.procore_id for one in request.members]).items():
        if not is_gone:
            work.entries.note(request.kind, id_, came_to_nothing.noted(entry.facts, _MARK, 1, request.planned_at))


def _sent(work: Work, endpoint: Endpoint, request: Request, what: str = "") -> Reason | None:
    """`what` the document is called; blank: as Xero's answer says."""
    elements = write(work, endpoint, request)
    reason = _refusal(endpoint, elements[0] if elements else {})
    _confirmed(work, request, "" if reason else what or named(elements[0]))
    return reason


def _confirmed(work: Work, request: Request, what: str) -> None:
    """What is gone is named; of what is blank nothing became."""
    results = [Result(member.procore_id, None, gone=what != "", what=what) for member in request.members]
    if not work.entries.confirm(request, results) or not what:
        return
    for member in request.members:
        work.took_out(request.kind, member.procore_id, what)
        log.info("taken out of Xero", kind=request.kind, record=member.procore_id, document=what)


def _refusal(endpoint: Endpoint, element: answers.Element) -> Reason | None:
    if refusals := answers.problems(element, endpoint.id_field):
        return because(HoldCode.REJECTED, messages="; ".join(refusals))
    if element.get("Status") not in VOID:
        difference = f"it is {element.get('Status')} and not deleted or voided"
        return because(HoldCode.PROOF_FAILED, difference=difference)
    return None
