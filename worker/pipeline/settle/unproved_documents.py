"""Documents that Xero had stored otherwise than it was asked to: are they right now?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.check import hands_off
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import last_sent, look_up
from worker.pipeline.values import Reason, because, expected_tax
from worker.pipeline.verdicts import held, unchanged, without
from worker.pipeline.work import Stage, Work
from worker.xero import proof


def settle(
    work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The drafts but for these, of which none goes, and what is said of each."""
    doubted = [draft for draft in drafts if draft.is_in_doubt() and draft.procore_id in entries]
    verdicts = [_proved_again(work, stage, draft, entries[draft.procore_id]) for draft in doubted]
    return without(drafts, verdicts), verdicts


def _proved_again(work: Work, stage: Stage, draft: Draft, entry: Entry) -> Verdict:
    endpoint = draft.document.endpoint
    sent = last_sent(work, stage.name, endpoint, draft.procore_id)
    sent = sent or work.settings.chart().completed(draft.send, draft.document)
    rows = [row for row in look_up(work, endpoint, [sent])[0] if row.get(endpoint.id_field) == entry.xero_id]
    if not rows:
        return held(work, draft.record, gone(work, stage.name, draft.procore_id), entry)
    found = proof.differences(endpoint, sent, rows[0], expected_tax(entry.facts))
    if not found:
        work.entries.prove(stage.name, draft.procore_id, draft.fingerprint)
        return unchanged(draft.record)
    return held(work, draft.record, because(HoldCode.PROOF_FAILED, difference="; ".join(found)), entry)


def gone(work: Work, kind: str, procore_id: str) -> Reason:
    """Why a record waits whose document is not there any more; it is noted, so that nothing is paid on it."""
    work.entries.note(kind, procore_id, {"status": "VOIDED"})
    return hands_off.gone({})
