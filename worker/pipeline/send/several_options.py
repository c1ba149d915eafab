"""How many new options go in one request: found out for each organisation, since no page of Xero's says it.

The first two go together. Where the answer shows both and reading finds them, fifty go in a request from then on; where
not, each goes alone, as Xero documents it (xero-api.md §4.3). Nothing is made twice either way: what an answer does not
show is looked for by its name first. An answer that does not show what was asked ends it for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import structlog

from worker.holds import HoldCode
from worker.http import exact_json
from worker.pipeline.values import New, Proof
from worker.pipeline.work import Work
from worker.xero.lines import plain

#: Under which name of the ledger's references it stands, for each organisation.
LEARNT = "options_in_a_request"
TOGETHER, ALONE = "together", "alone"
_MOST = {None: 2, TOGETHER: 50, ALONE: 1}
T = TypeVar("T", bound=New)
log = structlog.get_logger(__name__)


def learnt(work: Work) -> str | None:
    """TOGETHER or ALONE; None: not known yet."""
    text = work.references.get(LEARNT)
    return str(exact_json.loads(text)) if text else None


def most(work: Work) -> int:
    """How many new options go in one request."""
    return _MOST[learnt(work)]


def told_apart(drafts: Sequence[T]) -> list[T]:
    """The first of these, up to the one whose name reads like one before it: found by name they would be the same."""
    names: set[str] = set()
    for number, draft in enumerate(drafts):
        name = str(plain(draft.send["Name"])).casefold()
        if name in names:
            return list(drafts[:number])
        names.add(name)
    return list(drafts)


def are_looked_at(work: Work, proofs: Sequence[Proof]) -> bool:
    """Whether reading must tell what became of several: they were the first, or the answer does not show them all."""
    return len(proofs) > 1 and (not _are_shown(proofs) or learnt(work) != TOGETHER)


def learn(work: Work, kind: str, answered: Sequence[Proof], read: Sequence[Proof]) -> None:
    """What this request shows, once those that were not there have gone alone. A refusal that one of them explains, or
    a name that was used, shows nothing."""
    is_refusal = not answered or any(one.reason and one.reason.code is HoldCode.REJECTED for one in answered)
    if _are_shown(answered) and [one.xero_id for one in answered] == [one.xero_id for one in read]:
        way = TOGETHER
    elif not is_refusal or _went_alone(work, kind, read):
        way = ALONE
    else:
        return
    log.info("options in a request", way=way)
    work.references.put({LEARNT: exact_json.dumps(way)})


def _are_shown(proofs: Sequence[Proof]) -> bool:
    return bool(proofs) and all(one.xero_id is not None and one.reason is None for one in proofs)


def _went_alone(work: Work, kind: str, read: Sequence[Proof]) -> bool:
    """Whether none was there and each was taken by itself: nothing but their number was against them."""
    ids = [one.procore_id for one in read if one.xero_id is None]
    now = work.entries.known(kind, ids).values()
    return len(ids) == len(read) and all(entry.state == "live" for entry in now)
