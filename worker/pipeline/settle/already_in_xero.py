"""Money that is in Xero already although the ledger does not know it: looked for before a bill or a payment is created.

The ledger forgets what was sent after a backup that is put back, and never knew what a person or another program has
entered. What this worker sent is tied to its record again; of the rest the mapping file says whether the record is held
or the document is taken for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import structlog

from worker.facts import UNPROVED
from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.pipeline.check import bills, payments, said, tax_on_payments
from worker.pipeline.check.bills import Beside
from worker.pipeline.draft import Draft
from worker.pipeline.look import paid, strange
from worker.pipeline.settle import notices, same_number, shared_requests
from worker.pipeline.settle.shared_requests import Rider
from worker.pipeline.values import MONEY, Doubt, Link, New, Standing, Stop, because
from worker.pipeline.verdicts import held, unchanged, without
from worker.pipeline.work import Stage, Work
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS, Endpoint, Payment

Settled = tuple[list[Draft], list[Rider], list[Verdict]]
Check = Callable[[Draft, Sequence[Element]], Link | Doubt | Stop | None]
log = structlog.get_logger(__name__)


def settle(
    work: Work, stage: Stage, endpoint: Endpoint, drafts: Sequence[Draft], riders: Sequence[Rider] = ()
) -> Settled:
    """Which of these documents, and of those taken along, are to be created, and what became of the others."""
    if endpoint.wrapper not in MONEY:
        return list(drafts), [], []
    if endpoint == PAYMENTS:
        return _payments(work, stage, drafts, riders)
    return _bills(work, stage, endpoint, drafts, riders)


def _bills(work: Work, stage: Stage, endpoint: Endpoint, drafts: Sequence[Draft], riders: Sequence[Rider]) -> Settled:
    together: list[New] = [*drafts, *riders]
    books, known = strange.look(work, endpoint, together, own=bool(riders)), work.known
    option = known.project.option if known.project else ""
    beside = Beside(endpoint, together, _adopts(work), option, known.procore_web_url)
    along = shared_requests.plainly_new(work, stage, beside, riders, books) if riders else []
    verdicts = _checked(work, stage, drafts, books.strange, lambda draft, rows: bills.check(beside, draft, rows))
    verdicts += same_number.settle(work, endpoint, without(drafts, verdicts), books.twins)
    return without(drafts, verdicts), along, verdicts


def _payments(work: Work, stage: Stage, drafts: Sequence[Draft], riders: Sequence[Rider]) -> Settled:
    verdicts = stopped(work, payments.left_out(drafts))
    together: list[New] = [*without(drafts, verdicts), *riders]
    new = [one.document for one in together if isinstance(one.document, Payment)]
    there = paid.look(work, stage.name, new, work.created)
    along = shared_requests.plainly_payable(work, stage, drafts, riders, there)
    verdicts += stopped(work, tax_on_payments.fill_in(drafts, there))
    verdicts += stopped(work, payments.differing(without(drafts, verdicts), there))
    one: Check = lambda draft, rows: payments.check(draft, rows, adopts=_adopts(work))  # noqa: E731
    verdicts += _checked(work, stage, without(drafts, verdicts), there.strange, one)
    verdicts += stopped(work, payments.doubtful(without(drafts, verdicts), there))
    verdicts += stopped(work, payments.beyond(without(drafts, verdicts), there))
    return without(drafts, verdicts), along, verdicts


def stopped(work: Work, found: Iterable[tuple[Draft, Stop | Doubt]]) -> list[Verdict]:
    """What is said of drafts that do not go; of what may be in Xero it is noted, so that a person can say so."""
    verdicts: list[Verdict] = []
    for draft, why in found:
        page, record = "", draft.record
        if isinstance(why, Doubt):
            page = work.xero_page(draft.document.endpoint.wrapper, why.shown)
            if like := said.like(draft, why.parts):
                work.entries.note_free(record.kind, record.procore_id, like)
        verdicts.append(held(work, record, why.reason, page=page))
    return verdicts


def _checked(work: Work, stage: Stage, drafts: Sequence[Draft], rows: Sequence[Element], check: Check) -> list[Verdict]:
    """What is said of those that are there already, or may be. What is one record's is no other one's."""
    verdicts: list[Verdict] = []
    rest = list(rows)
    for draft in drafts if rest else ():
        found = check(draft, rest) if rest else None
        if isinstance(found, Link):
            if (verdict := _tied(work, stage, draft, found)) is not None:
                rest.remove(found.row)
                verdicts.append(verdict)
        elif found is not None:
            verdicts += stopped(work, [(draft, found)])
    return verdicts


def _tied(work: Work, stage: Stage, draft: Draft, found: Link) -> Verdict | None:
    """The document is the record's from now on; nothing is sent. What this worker sent is proved like an answer."""
    record, endpoint, row = draft.record, draft.document.endpoint, found.row
    xero_id = str(row[endpoint.id_field])
    if found.adopted:
        draft.facts |= {"adopted": True, **found.facts}
    mark = f"{UNPROVED}{draft.fingerprint}" if found.differences else draft.fingerprint
    facts = {**draft.facts, "status": row["Status"]} if endpoint != PAYMENTS else draft.facts
    if not work.entries.adopt(stage.name, record.procore_id, xero_id, mark, facts):
        return None
    notices.tell(work, [Standing(record, draft.document, xero_id, facts)])
    log.info("found in Xero", record=record.title, document=xero_id)
    page = work.xero_page(endpoint.wrapper, xero_id)
    if not found.differences:
        return unchanged(record, page)
    return held(work, record, because(HoldCode.PROOF_FAILED, difference="; ".join(found.differences)), page=page)


def _adopts(work: Work) -> bool:
    return work.known.rules.documents.already_in_xero == "adopt"
