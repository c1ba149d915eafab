"""Requests whose outcome nobody knows: a crash, a timeout, a cut connection, a server error.

While Xero surely remembers the key, the same bytes go again under it and the stored answer comes back (xero-api.md §3).
Later, each member is looked up by its natural key: found means adopted, not found means free to be planned anew. In
between nothing is done, since a request may still be on its way: the job comes back. One that seems to come from the
future, because the clock was set back, may be of any age: it does not go again, and is looked up as late as if it had
gone just now. Nor is a change sent again to a bill that somebody was at in the meantime.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import structlog

from worker.errors import FailedAnswer, OutcomeUnknown, RequestRefused
from worker.holds import HoldCode, title
from worker.ledger.entries import Known
from worker.ledger.entry_statements import SHARED
from worker.ledger.holds import Verdict
from worker.ledger.requests import Planned, Request, Result
from worker.local_time import local
from worker.pipeline.check.found import fitting, is_sure, landed, live, taken_out
from worker.pipeline.decide import came_to_nothing
from worker.pipeline.look.documents import as_called_now, candidates, not_anothers, stored, touched
from worker.pipeline.map import named_cost_codes, prepare
from worker.pipeline.send import withdrawals
from worker.pipeline.send.prove import Sent, prove
from worker.pipeline.send.request import RESEND_SHARE, SETTLED_SHARE, age_s, note_answer, write
from worker.pipeline.settle.unproved_documents import gone
from worker.pipeline.values import Reason, because, expected_tax
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.xero import batches, proof
from worker.xero.answers import Element
from worker.xero.documents import BILLS, CONTACTS, CREDIT_NOTES, Endpoint, endpoint_of

log = structlog.get_logger(__name__)
Body = Mapping[str, Any]


def recover(work: Work) -> None:
    """Resolve every request of this project, and of dead jobs, whose outcome is unknown.

    Raises OutcomeUnknown when it is too early to say: the job comes back.
    """
    for request in work.entries.unresolved():
        work.heartbeat()
        age = age_s(work, request)
        log.info("recovering", request=request.id, kind=request.kind, age_s=round(age, 1))
        if age < 0:
            work.entries.date(request, work.now() - timedelta(seconds=RESEND_SHARE * work.key_window_s))
            age = RESEND_SHARE * work.key_window_s
        sent_again, resolve = _sent_again, _resolve
        if withdrawals.is_one(request):
            sent_again, resolve = withdrawals.sent_again, withdrawals.resolve
        overtaken = _is_overtaken(work, request)
        if age < RESEND_SHARE * work.key_window_s and not overtaken and sent_again(work, request):
            continue
        early_s = 0.0 if overtaken else RESEND_SHARE * work.key_window_s
        if early_s <= age < SETTLED_SHARE * work.key_window_s:
            wait_s = SETTLED_SHARE * work.key_window_s - age
            raise OutcomeUnknown("An earlier request to Xero is not settled yet.", wait_s)
        resolve(work, request)


def _is_overtaken(work: Work, request: Request) -> bool:
    """Whether a person was at one of the bills that were to be changed: sent again, the change would be written over
    theirs, if it was not done the first time."""
    endpoint = endpoint_of(request.path)
    ids = {member.xero_id: member for member in request.members if member.xero_id}
    if endpoint not in (BILLS, CREDIT_NOTES) or withdrawals.is_one(request) or not ids:
        return False
    prepare.project_option(work)
    named_cost_codes.load(work)  # options are compared as they are called now
    rows = stored(work, endpoint, ids)
    found = any(
        _is_anothers(work, endpoint, request.kind, member, body, rows.get(str(member.xero_id), {}))
        for member, body in zip(request.members, _bodies(endpoint, request), strict=True)
    )
    work.known.cost_codes, work.known.items = {}, {}  # this job may add to them
    return found


def _is_anothers(work: Work, endpoint: Endpoint, kind: str, member: Planned, body: Body, row: Element) -> bool:
    """Whether a bill is neither what it is to become nor what we left it as."""
    if not proof.differences(endpoint, body, row):
        return False
    return touched(work, kind, endpoint, member.procore_id, row) is not None


def _sent_again(work: Work, request: Request) -> bool:
    """The same bytes under the same key. False when Xero replays a failure: then only looking tells."""
    endpoint = endpoint_of(request.path)
    bodies = _bodies(endpoint, request)
    try:
        elements = write(work, endpoint, request, RESEND_SHARE)
    except (FailedAnswer, RequestRefused):
        return False
    if endpoint.is_option and len(batches.members(endpoint, request.body)) > 1:
        _resolve(work, request)  # of several options only reading tells
        return True
    sent = [
        Sent(member.procore_id, body, expected_tax(member.facts))
        for member, body in zip(request.members, bodies, strict=True)
    ]
    proofs = prove(endpoint, sent, elements)
    if not all(proof.is_answered for proof in proofs):
        return False
    if note_answer(work, request, proofs):
        own = _own(work, request.kind, work.entries.known(request.kind, [proof.procore_id for proof in proofs]))
        held = [proof for proof in proofs if proof.reason and proof.procore_id in own]
        work.settle([_held(request.kind, proof.procore_id, proof.reason) for proof in held if proof.reason])
    return True


def _resolve(work: Work, request: Request) -> None:
    """Adopt what is found, free what is not. What fits without being sure stays planned and is held for a person.

    What was made and taken out since by a person is not made anew behind their back: it is held.
    """
    endpoint = endpoint_of(request.path)
    bodies = [as_called_now(work, body) for body in _bodies(endpoint, request)]
    pool = candidates(work, endpoint, bodies)
    there = fitting(endpoint, bodies, live(pool))
    out = fitting(endpoint, bodies, taken_out(pool))
    results: list[Result] = []
    verdicts: list[Verdict] = []
    removed_ids: list[str] = []
    known = work.entries.known(request.kind, [member.procore_id for member in request.members])
    for member, body, rows, removed in zip(request.members, bodies, there, out, strict=True):
        found = not_anothers(work, endpoint, request.kind, member.procore_id, rows)
        removed_id = _removed(endpoint, member, body, removed, known[member.procore_id])
        if len(found) > 1 or (found and not is_sure(body, found[0])):
            code = HoldCode.AMBIGUOUS
            what = f"the request of {local(request.planned_at, work.settings.zone())}"
            verdicts.append(_held(request.kind, member.procore_id, because(code, count=len(found), what=what)))
        elif not found:
            results.append(Result(member.procore_id, removed_id, proved=False))
            removed_ids += [member.procore_id] if removed_id else []
        else:
            wrong = _proof(work, endpoint, request.kind, member, body, found[0])
            results.append(
                Result(member.procore_id, landed(endpoint, member.xero_id, body, found[0]), proved=not wrong)
            )
            verdicts += wrong
    if work.entries.confirm(request, results, done=len(results) == len(bodies)):
        _note_nothing_came(work, request, {one.procore_id for one in results if one.xero_id is None}, known)
        verdicts += [_held(request.kind, id_, gone(work, request.kind, id_)) for id_ in removed_ids]
        own = _own(work, request.kind, known)
        work.settle([verdict for verdict in verdicts if verdict.procore_id in own])
        log.info("looked up", request=request.id, found=sum(1 for result in results if result.xero_id))


def _note_nothing_came(work: Work, request: Request, ids: Collection[str], known: Mapping[str, Known]) -> None:
    """Of these members nothing is in Xero: one of them may be what it cannot take."""
    for member in request.members:
        if member.procore_id in ids:
            before, together = known[member.procore_id].facts, len(request.members)
            noted = came_to_nothing.noted(before, member.fingerprint, together, request.planned_at)
            work.entries.note(request.kind, member.procore_id, noted)


def _own(work: Work, kind: str, known: Mapping[str, Known]) -> set[str]:
    """Those of these records of which this project says something: of another one's that went along, its job does."""
    return {id_ for id_, one in known.items() if kind in SHARED or one.project_id == work.project.id}


def _removed(endpoint: Endpoint, member: Planned, body: Body, rows: list[Element], entry: Known) -> str | None:
    """The document that a create has made and that somebody has taken out since. Those before it are known."""
    earlier = entry.facts.get("earlier", ())
    ids = [str(row[endpoint.id_field]) for row in rows if is_sure(body, row)] if not member.xero_id else []
    return next((xero_id for xero_id in ids if xero_id not in earlier), None)


def _proof(work: Work, endpoint: Endpoint, kind: str, member: Planned, body: Body, element: Element) -> list[Verdict]:
    if endpoint == CONTACTS:
        return []  # it carries our number; what else it says a person may have typed since
    found = proof.differences(endpoint, body, element, expected_tax(member.facts))
    if not found or member.xero_id:
        return []
    return [_held(kind, member.procore_id, because(HoldCode.PROOF_FAILED, difference="; ".join(found)))]


def _bodies(endpoint: Endpoint, request: Request) -> list[Body]:
    """The members' bodies by position; members that were confirmed before are not asked for again."""
    bodies = batches.members(endpoint, request.body)
    return [bodies[position] for position in request.positions]


def _held(kind: str, procore_id: str, reason: Reason) -> Verdict:
    return said(kind, procore_id, title(kind, procore_id), reason)
