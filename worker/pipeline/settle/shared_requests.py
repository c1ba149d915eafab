"""New bills, credit notes and payments that go in one request with those of other projects: a pass brings each project
a few, and a request of one costs as many calls as one of fifty.

A job of a pass hands over what fills no request and comes back later (`gathering`). By then it is in Xero: whichever
job of the organisation sends its own next takes along what waits, and looks for all of them at once. It sends bills
that are plainly new and payments that are plainly payable. What may be there already, is alike to another one, or is
refused is left to its own job, which sends it alone as ever. So no project waits for another one's fault, and nothing
here needs to be finished. What came after a job had handed over is the next pass's, unless it goes with something else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import msgspec
import structlog

from worker.errors import DocumentRejected
from worker.http import exact_json
from worker.ledger.handed_over import Waiting
from worker.pipeline.check import bills, payments
from worker.pipeline.check.bills import Beside
from worker.pipeline.check.found import is_alike
from worker.pipeline.check.paid import Paid
from worker.pipeline.draft import Draft
from worker.pipeline.look.strange import Books
from worker.pipeline.read import lists
from worker.pipeline.settle import gathering
from worker.pipeline.settle.gathering import KINDS
from worker.pipeline.work import Stage, Work
from worker.xero.chart import Chart
from worker.xero.documents import BILLS, Bill, Document, Payment

#: What goes together at most, the own of the job that sends it among it: so many take one look at their numbers.
MOST = 100
#: Records of a list that is read twice without more calls to Procore, and lists of payments for a few more.
SHORT, FEW_LISTS = 100, 10
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rider:
    """A new bill, credit note or payment of another project that is taken along."""

    procore_id: str
    project_id: int
    document: Bill | Payment
    fingerprint: str
    send: Mapping[str, Any]
    tax: Decimal | None
    facts: Mapping[str, Any]
    xero_id: None = None
    record: None = None

    @property
    def goes_with(self) -> None:
        """No request with it has come to nothing."""

    @property
    def noted(self) -> Mapping[str, Any]:
        """The ledger knew nothing of the record when it was handed over."""
        return {}


def parted(work: Work, stage: Stage, drafts: Sequence[Draft]) -> tuple[list[Draft], list[Rider], bool]:
    """Of drafts that fill no request those that this job sends now, and what goes along with them; True: another job
    takes some of them along at this moment."""
    ids = [draft.procore_id for draft in drafts if _may_share(stage, draft)]
    waited, taken = work.handed_over.take_back(stage.name, ids) if ids else (set(), set())
    own = _hand_over(work, stage, [draft for draft in drafts if draft.procore_id not in taken], waited)
    return own, _take(work, stage, own) if own else [], bool(taken)


def _hand_over(work: Work, stage: Stage, drafts: Sequence[Draft], waited: Collection[str]) -> list[Draft]:
    """Those of these drafts, which fill no request, that this job sends itself; the others wait.

    Only what is new, and not of a long list, which would be read twice. A stage that needed what the first attempt has
    handed over begins with the second one. So each document waits once, and nobody depends on a job.
    """
    new = [draft for draft in drafts if not draft.noted and _may_share(stage, draft)]
    if not new or not work.waits_at_most_s or work.merged or not _is_short(work, stage.name):
        return list(drafts)
    if not work.handed_over.others_come():
        return list(drafts)
    if work.handed_over.attempt > (2 if work.landed.keys() & set(stage.needs) else 1):
        is_put_off = not waited and gathering.put_off(work, stage.name, [draft.record for draft in drafts])
        return [] if is_put_off else list(drafts)
    work.handed_over.add(stage.name, {draft.procore_id: _text(draft) for draft in new})
    work.handed[stage.name] = [*work.handed.get(stage.name, ()), *(_called(draft.document) for draft in new)]
    log.info("handed over", kind=stage.name, documents=len(new))
    return [draft for draft in drafts if draft not in new]


def _take(work: Work, stage: Stage, drafts: Sequence[Draft]) -> list[Rider]:
    """What goes along with these of other projects. Not what stands on a contact or bill that this job has made: there
    it need not look for what people entered."""
    if work.merged or not all(_may_share(stage, draft) for draft in drafts):
        return []
    waiting = work.handed_over.take(stage.name, MOST - len(drafts))
    chart = work.settings.chart(to_write=bool(waiting))
    read = [rider for one in waiting if (rider := _read(stage, one))]
    others = [rider.procore_id for rider in read if rider.document.endpoint != drafts[0].document.endpoint]
    work.handed_over.let_go(stage.name, others)  # a bill and a credit note go to two addresses
    riders = [rider for rider in read if rider.procore_id not in others and _may_go(work, chart, rider)]
    work.handed_over.leave(stage.name, [id_ for id_ in _missing(_ids(waiting), riders) if id_ not in others])
    return riders


def plainly_new(work: Work, stage: Stage, beside: Beside, riders: Sequence[Rider], books: Books) -> list[Rider]:
    """Those of these that are surely not in Xero, nor among what goes with them; the others are left to their jobs."""
    own = [draft for draft in beside.drafts if not isinstance(draft, Rider)]
    kept: list[Rider] = []
    for rider in riders:
        others = [*(twin.document for twin in books.twins), *books.made, *(one.send for one in (*own, *kept))]
        if any(is_alike(beside.endpoint, rider.send, other) for other in others):
            continue
        if bills.check(replace(beside, adopts=False), rider, books.strange) is None:
            kept.append(rider)
    work.handed_over.leave(stage.name, _missing(_ids(riders), kept))
    return kept


def plainly_payable(
    work: Work, stage: Stage, drafts: Sequence[Draft], riders: Sequence[Rider], paid: Paid
) -> list[Rider]:
    """Those of these that surely may go beside these drafts; the others are left to their jobs."""
    left = {id_: payments.due(document) for id_, document in paid.documents.items()}
    for one in drafts:
        if isinstance(one.document, Payment) and one.document.bill_id in left:
            left[one.document.bill_id] -= one.document.amount
    kept: list[Rider] = []
    for rider in riders:
        if isinstance(rider.document, Payment) and payments.is_plain(rider.document, left, paid):
            left[rider.document.bill_id] -= rider.document.amount
            kept.append(rider)
    work.handed_over.leave(stage.name, _missing(_ids(riders), kept))
    return kept


def _is_short(work: Work, kind: str) -> bool:
    """Whether the list shows what has changed, or is compared as a whole and fits a page."""
    if not lists.is_full(work, kind):
        return True
    is_few = sum(work.counts.get(kind, {}).values()) <= SHORT and len(work.from_procore.payments_read) <= FEW_LISTS
    return is_few and lists.was_read(work, kind)


def _ids(some: Sequence[Waiting] | Sequence[Rider]) -> list[str]:
    return [one.procore_id for one in some]


def _missing(ids: Sequence[str], riders: Sequence[Rider]) -> list[str]:
    kept = {rider.procore_id for rider in riders}
    return [id_ for id_ in ids if id_ not in kept]


def _may_share(stage: Stage, draft: Draft) -> bool:
    document = draft.document
    if (
        draft.goes_with is not None
        or draft.xero_id is not None
        or draft.is_in_doubt()
        or not isinstance(document, KINDS.get(stage.name, ()))
    ):
        return False
    if isinstance(document, Payment):  # its share of the tax, or a refund, is its own job's
        return not document.credit and document.before_tax is None
    return True


def _called(document: Document) -> str:
    return "payment" if isinstance(document, Payment) else "bill" if document.endpoint == BILLS else "credit note"


def _may_go(work: Work, chart: Chart, rider: Rider) -> bool:
    """Not on what this job has made, and not what Xero's settings of now forbid: a person may have locked its period
    since it was handed over."""
    stands_on = rider.document.bill_id if isinstance(rider.document, Payment) else rider.document.contact_id
    try:
        chart.check(rider.document)
    except DocumentRejected:
        return False
    return stands_on not in work.created


def _text(draft: Draft) -> str:
    about = {"fingerprint": draft.fingerprint, "send": draft.send, "tax": draft.tax, "facts": draft.facts}
    return exact_json.dumps([msgspec.json.encode(draft.document).decode(), about])


def _read(stage: Stage, waiting: Waiting) -> Rider | None:
    """None where it cannot be read: an earlier or later version wrote it down otherwise."""
    try:
        document, about = exact_json.loads(waiting.text)
        read = msgspec.json.decode(document, type=KINDS[stage.name])
        return Rider(waiting.procore_id, waiting.project_id, read, **about)
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        log.warning("left to its own job", record=waiting.procore_id, why=str(error))
        return None
