"""New bills that go in one request with those of other projects: a pass brings each project a few, and a request of one
costs as many calls as one of fifty.

A job of a pass hands over what fills no request and comes back later (SHARE_REQUESTS_AFTER_S). By then it is in Xero:
whichever job of the organisation sends its own bills next takes along what waits, and looks for all of them at once. It
sends what is plainly new. What may be there already, is alike to another one, or is refused is left to its own job,
which sends it alone as ever. So no project waits for another one's fault, and nothing here needs to be finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import structlog

from worker.counting import counted
from worker.errors import HandedOver
from worker.http import exact_json
from worker.ledger.handed_over import Waiting
from worker.local_time import hour
from worker.pipeline.check import bills
from worker.pipeline.check.bills import Beside
from worker.pipeline.check.found import is_alike
from worker.pipeline.draft import Draft
from worker.pipeline.look.strange import Books
from worker.pipeline.read import lists
from worker.pipeline.work import Stage, Work
from worker.xero.documents import BILLS, Bill

#: Bills that go together at most, those of the job that sends them among them: so many take one look at their numbers.
MOST = 100
#: Records of a list that is read twice without more calls to Procore.
SHORT = 100
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rider:
    """A new bill of another project that is taken along."""

    procore_id: str
    project_id: int
    document: Bill
    fingerprint: str
    send: Mapping[str, Any]
    tax: Decimal | None
    facts: Mapping[str, Any]
    xero_id: None = None
    record: None = None

    @property
    def noted(self) -> Mapping[str, Any]:
        """The ledger knew nothing of the record when it was handed over."""
        return {}


def hand_over(work: Work, stage: Stage, drafts: Sequence[Draft]) -> list[Draft]:
    """Those of these drafts, which fill no request, that this job sends itself; the others wait.

    Only new bills, and not of a long list, which would be read twice.
    """
    new = [draft for draft in drafts if not draft.noted and _may_share(draft)]
    if not new or not work.comes_back_s or work.merged or not _is_short(work, stage.name) or not work.handed_over.may():
        return list(drafts)
    work.handed_over.add(stage.name, {draft.procore_id: _text(draft) for draft in new})
    work.handed[stage.name] = len(new)
    log.info("handed over", kind=stage.name, bills=len(new))
    return [draft for draft in drafts if draft not in new]


def waits(work: Work) -> HandedOver:
    """With which the job ends for now."""
    at = work.now() + timedelta(seconds=work.comes_back_s)
    bills = counted(sum(work.handed.values()), "bill")
    by = hour(at, work.settings.zone())
    said = f"{bills} of {work.project.job_number} go to Xero with those of other projects, by {by}."
    return HandedOver(said, work.comes_back_s)


def take_back(work: Work, stage: Stage, drafts: Sequence[Draft]) -> list[Draft]:
    """These without those that another job takes along at this moment: one that came back sends its own itself."""
    ids = [draft.procore_id for draft in drafts if _may_share(draft)]
    taken = work.handed_over.take_back(stage.name, ids) if ids else set()
    return [draft for draft in drafts if draft.procore_id not in taken]


def take(work: Work, stage: Stage, drafts: Sequence[Draft]) -> list[Rider]:
    """Bills of other projects that go along with these. Not of a supplier whose contact this job has made: of one it
    need not look for bills by hand."""
    if not all(map(_may_share, drafts)) or work.merged:
        return []
    waiting = work.handed_over.take(stage.name, MOST - len(drafts))
    riders = [rider for one in waiting if (rider := _read(one)) and rider.document.contact_id not in work.created]
    work.handed_over.leave(stage.name, _missing([one.procore_id for one in waiting], riders))
    return riders


def plainly_new(work: Work, stage: Stage, beside: Beside, riders: Sequence[Rider], books: Books) -> list[Rider]:
    """Those of these that are surely not in Xero, nor among what goes with them; the others are left to their jobs."""
    own = [draft for draft in beside.drafts if not isinstance(draft, Rider)]
    kept: list[Rider] = []
    for rider in riders:
        others = [*(twin.document for twin in books.twins), *books.made, *(one.send for one in (*own, *kept))]
        if any(is_alike(BILLS, rider.send, other) for other in others):
            continue
        if bills.check(replace(beside, adopts=False), rider, books.strange) is None:
            kept.append(rider)
    work.handed_over.leave(stage.name, _missing([rider.procore_id for rider in riders], kept))
    return kept


def _is_short(work: Work, kind: str) -> bool:
    """Whether the list shows what has changed, or is compared as a whole and fits a page."""
    if not lists.is_full(work, kind):
        return True
    return lists.was_read(work, kind) and sum(work.counts.get(kind, {}).values()) <= SHORT


def _missing(ids: Sequence[str], riders: Sequence[Rider]) -> list[str]:
    kept = {rider.procore_id for rider in riders}
    return [id_ for id_ in ids if id_ not in kept]


def _may_share(draft: Draft) -> bool:
    is_new = draft.xero_id is None and not draft.is_in_doubt()
    return is_new and isinstance(draft.document, Bill) and draft.document.endpoint == BILLS


def _text(draft: Draft) -> str:
    about = {"fingerprint": draft.fingerprint, "send": draft.send, "tax": draft.tax, "facts": draft.facts}
    return exact_json.dumps([msgspec.json.encode(draft.document).decode(), about])


def _read(waiting: Waiting) -> Rider | None:
    """None where it cannot be read: an earlier or later version wrote it down otherwise."""
    try:
        document, about = exact_json.loads(waiting.text)
        bill = msgspec.json.decode(document, type=Bill)
        return Rider(waiting.procore_id, waiting.project_id, bill, **about)
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        log.warning("left to its own job", record=waiting.procore_id, why=str(error))
        return None
