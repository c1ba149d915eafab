"""What became of a request's documents: told by its answer, by its refusal, and by reading where neither tells.

Whether a refused request may have stored some of its documents is not documented, and an answer may leave some out or,
of options, not be the whole truth. So Xero is asked before one of these goes alone, or is held.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.errors import NotThere, RequestRefused
from worker.facts import NUMBER_REFUSED
from worker.holds import HoldCode
from worker.ledger.requests import Request
from worker.pipeline.check import contacts
from worker.pipeline.check.found import landed
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import coded, look_up, not_anothers
from worker.pipeline.send import several_options
from worker.pipeline.send.prove import Sent, prove
from worker.pipeline.settle.shared_requests import Rider
from worker.pipeline.values import Proof, because
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import Endpoint

Going = Sequence[Draft | Rider]


def judge(
    work: Work,
    endpoint: Endpoint,
    drafts: Going,
    unsure: list[Sequence[Proof]],
    request: Request,
    answer: Sequence[Element] | RequestRefused,
) -> list[Proof]:
    """Of each of these drafts that the request has. One of which nothing is said was not taken, and may go alone.
    `unsure` gets what the answer showed where reading told instead: nothing, where all was refused."""
    by_id = {draft.procore_id: draft for draft in drafts}
    going = [by_id[member.procore_id] for member in request.members]
    if isinstance(answer, RequestRefused) and len(going) > 1:
        unsure.append(())
        return _looked_up(work, endpoint, request.kind, going)
    if isinstance(answer, RequestRefused):
        proofs = [Proof(going[0].procore_id, None, because(HoldCode.REJECTED, messages=str(answer)))]
        return proofs if isinstance(answer, NotThere) else _tied(work, request.kind, going, proofs)
    proofs = prove(endpoint, list(map(_sent, going)), coded(work, endpoint, answer))
    if endpoint.is_option and several_options.are_looked_at(work, proofs):
        unsure.append(proofs)
        return _looked_up(work, endpoint, request.kind, going)
    return _tied(work, request.kind, going, _completed(work, endpoint, request.kind, going, proofs))


def _completed(work: Work, endpoint: Endpoint, kind: str, drafts: Going, proofs: Sequence[Proof]) -> list[Proof]:
    """What an answer leaves out is looked for. Of what is not found nobody knows yet: its own job looks once more,
    and only then it may go again."""
    out = [draft for draft, proof in zip(drafts, proofs, strict=True) if not proof.is_answered]
    found = {proof.procore_id: proof for proof in _looked_up(work, endpoint, kind, out)} if out else {}
    known = {id_: proof for id_, proof in found.items() if proof.xero_id or proof.reason}
    return [known.get(proof.procore_id, proof) for proof in proofs]


def _looked_up(work: Work, endpoint: Endpoint, kind: str, drafts: Going) -> list[Proof]:
    """What reading shows of these: one that is surely there is proved like an answer; among several a person must
    choose; of what is not there nothing is said."""
    proofs: list[Proof] = []
    like = look_up(work, endpoint, [draft.send for draft in drafts])
    for draft, some in zip(drafts, like, strict=True):
        rows = not_anothers(work, endpoint, kind, draft.procore_id, some)
        there = [row for row in rows if landed(endpoint, draft.xero_id, draft.send, row)]
        if len(there) > 1:
            several = because(HoldCode.AMBIGUOUS, count=len(there), what="what was sent just now")
            proofs.append(Proof(draft.procore_id, None, several, is_answered=False))
        else:
            proofs += prove(endpoint, [_sent(draft)], there) if there else [Proof(draft.procore_id, None)]
    return proofs


def _tied(work: Work, kind: str, drafts: Going, proofs: Sequence[Proof]) -> list[Proof]:
    """A contact that is there is the vendor's, though Xero refused to write the vendor's number on it."""
    tied: list[Proof] = []
    for draft, proof in zip(drafts, proofs, strict=True):
        is_refused = isinstance(draft, Draft) and contacts.is_refused_number(draft, proof.reason)
        if isinstance(draft, Draft) and proof.reason is not None and is_refused:
            draft.facts[NUMBER_REFUSED] = proof.reason.sentence
            work.entries.note(kind, proof.procore_id, {NUMBER_REFUSED: proof.reason.sentence})
            tied.append(Proof(proof.procore_id, str(draft.send["ContactID"])))
        else:
            tied.append(proof)
    return tied


def _sent(draft: Draft | Rider) -> Sent:
    return Sent(draft.procore_id, draft.send, draft.tax)
