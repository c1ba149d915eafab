"""Payments that changed in Procore after they were sent. Xero cannot change one: it is deleted and made again.

Only while it is not reconciled, and only when the new one would surely be taken: a payment that is deleted and then
refused would leave the bill unpaid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.check import replaced, tax_on_payments
from worker.pipeline.check.found import ACCOUNT_CODE, Body, as_stored
from worker.pipeline.check.payments import differs, due
from worker.pipeline.draft import Draft
from worker.pipeline.look import paid
from worker.pipeline.look.documents import last_sent, stored
from worker.pipeline.send import withdrawals
from worker.pipeline.settle.already_in_xero import stopped
from worker.pipeline.values import Reason, Replace
from worker.pipeline.verdicts import held, without
from worker.pipeline.work import Stage, Work
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS, Payment


def settle(
    work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The drafts, in which changed payments are new ones, and why those are held that had to stay."""
    pairs = [(draft, draft.document) for draft in drafts if isinstance(draft.document, Payment)]
    changed = [pair for pair in pairs if isinstance(pair[0].decided, Replace)]
    if not changed:
        return list(drafts), []
    old = stored(work, PAYMENTS, [str(draft.xero_id) for draft, _ in changed])
    there = paid.look(work, stage.name, [payment for _, payment in changed])
    left = {id_: due(document) for id_, document in there.documents.items()}
    verdicts = stopped(work, tax_on_payments.fill_in([draft for draft, _ in changed], there))
    rest = without([draft for draft, _ in changed], verdicts)
    changed = [(draft, draft.document) for draft in rest if isinstance(draft.document, Payment)]
    for draft, payment in sorted(changed, key=lambda pair: replaced.increase(pair[1], old.get(str(pair[0].xero_id)))):
        before = old.get(str(draft.xero_id), {"Status": "DELETED"})
        reason = (
            replaced.persons(payment, before, there, draft.noted)
            or replaced.check(
                payment, before, there.documents.get(payment.bill_id, {}), left, work.settings.chart(to_write=True)
            )
            or replaced.edited(_last(work, stage, draft, before), before)
            or differs(payment, there)
            or _taken_back(work, stage, draft, before)
        )
        if reason is not None:
            verdicts.append(held(work, draft.record, reason, entries[draft.record.procore_id]))
            continue
        draft.xero_id = None
        left = replaced.after(left, before, payment)
    return without(drafts, verdicts), verdicts


def _last(work: Work, stage: Stage, draft: Draft, before: Element) -> Body | None:
    """What we wrote last, from its bank account as that is called in Xero now."""
    body = last_sent(work, stage.name, PAYMENTS, draft.record.procore_id)
    codes = {ACCOUNT_CODE: work.settings.chart().former_codes}
    return None if body is None else as_stored(codes, body, before)


def _taken_back(work: Work, stage: Stage, draft: Draft, before: Element) -> Reason | None:
    work.heartbeat()
    return withdrawals.take_back(work, stage.name, draft.record.procore_id, PAYMENTS, before, status="DELETED")
