"""One request to Xero, whatever it asks for: journalled, and sent under its key while that lives.

How long that is, in shares of the time for which Xero remembers a key (xero-api.md §3): a request that was let go is
over after HTTP_TIMEOUT_S as a whole, and what is unsent then is thrown away (`worker.http.deadline`); later it can only
arrive if the network itself holds it back. So it is let go for the first time early enough to have arrived before
somebody looks it up, and again early enough to arrive while Xero knows the first one: either way it has 70 % of the
key's life, four minutes of six.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from worker.errors import OutcomeUnknown, RateLimited, RequestRefused
from worker.ledger.requests import Planned, Request, Result
from worker.pipeline import instrument
from worker.pipeline.values import Proof
from worker.pipeline.work import Work
from worker.xero import batches
from worker.xero.answers import Element
from worker.xero.batches import Target
from worker.xero.documents import Endpoint

#: For the first time, until then.
SEND_SHARE = 0.5
#: Again, until then.
RESEND_SHARE = 0.3
#: From then on it has arrived, or never will.
SETTLED_SHARE = 1.2


#: What became of a request's members, by its answer or its refusal.
Judge = Callable[[Request, Sequence[Element] | RequestRefused], Sequence[Proof]]


def exchange(
    work: Work, kind: str, target: Target, endpoint: Endpoint, items: Sequence[Planned], judge: Judge
) -> list[Proof] | None:
    """One request from its journal to its note, for those of these that no other job is sending; None where there are
    none. Returns what became of each. Raises what writing raises, but for a refusal."""
    render: Callable[[list[Planned]], str] = lambda ours: batches.render(endpoint, [one.body for one in ours])  # noqa: E731
    request = work.entries.plan(kind, target.method, target.path, items, render)[0]
    if request is None:
        return None
    answer: Sequence[Element] | RequestRefused
    try:
        answer = write(work, endpoint, request)
    except RequestRefused as refused:
        answer = refused
    except RateLimited:  # it has not gone, so there is nothing to look up later
        work.entries.confirm(request, [Result(member.procore_id, None) for member in request.members])
        raise
    proofs = list(judge(request, answer))
    note_answer(work, request, proofs)
    return proofs


def write(work: Work, endpoint: Endpoint, request: Request, share: float = SEND_SHARE) -> list[Element]:
    """Send a journalled request, the exact bytes under its key; not when it is so old that others may give it up.

    Raises OutcomeUnknown for an answer from beyond the key's life, too: what was sent again may be there twice.
    """
    in_time: Callable[[], bool] = lambda: _is_within(work, request, share)  # noqa: E731
    with instrument.request(request.kind, request.method, len(request.members), request.id):
        elements = work.xero.write(endpoint, request.method, request.path, request.body, request.key, in_time)
        if not _is_within(work, request, 1.0):
            raise OutcomeUnknown("Xero's answer came when it had forgotten the request's key.", 5.0)
        return elements


def note_answer(work: Work, request: Request, proofs: Sequence[Proof]) -> bool:
    """Write down what became of the members; those that no answer mentioned are looked up later. False when somebody
    else resolved the request meanwhile."""
    answered = [proof for proof in proofs if proof.is_answered]
    results = [Result(proof.procore_id, proof.xero_id, proved=proof.reason is None) for proof in answered]
    return work.entries.confirm(request, results, done=len(answered) == len(proofs))


def age_s(work: Work, request: Request) -> float:
    """Below nothing when the clock that all processes share was set back since: then nobody knows."""
    return (work.now() - request.planned_at).total_seconds()


def _is_within(work: Work, request: Request, share: float) -> bool:
    """Whether it is surely younger than this share of the key's life."""
    return 0 <= age_s(work, request) < share * work.key_window_s
