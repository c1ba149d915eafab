"""Records that Procore no longer has. One that never went is forgotten; of one whose document stands in Xero the
mapping file says whether it is held or the document is taken back.

The daily reading of everything finds them: what is in Xero and was not read is asked for by its id first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode, title
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline import withdrawn
from worker.pipeline.stage import Stage
from worker.pipeline.withdrawing import Reason
from worker.pipeline.work import Work
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS


def expected(work: Work, stage: Stage) -> set[str]:
    """The records that must be in a full reading: those whose document is a bill, a credit note or a payment, and
    those of which something is said."""
    return set(_owed(work.entries.live_in_project(stage.name))) | set(work.holds.ids(stage.name))


def settle(work: Work, stage: Stage, ids: Sequence[str]) -> None:
    """Take back or hold those whose document still stands in Xero; forget the holds of all others."""
    if not ids:
        return
    entries = _owed(work.entries.known(stage.name, ids))
    verdicts: list[Verdict] = []
    for procore_id, document in withdrawn.standing(work, entries).items():
        entry = entries[procore_id]
        if reason := _reason(work, stage, procore_id, entry, document):
            verdicts.append(_held(work, stage, procore_id, entry, reason))
    work.settle(verdicts)
    kept = {verdict.procore_id for verdict in verdicts}
    work.holds.forget(stage.name, [id_ for id_ in ids if id_ not in kept])


def _reason(work: Work, stage: Stage, procore_id: str, entry: Entry, document: Element) -> Reason | None:
    """Why its document stays. A payment whose contract was not read may only be out of sight."""
    unread = entry.facts.get("contract_id") not in work.contracts_read
    if entry.facts["wrapper"] == PAYMENTS.wrapper and unread:
        code = HoldCode.CHANGED_AFTER_SENDING
        return code, code.sentence(why="Procore no longer shows its contract")
    return withdrawn.taken_back(work, stage, procore_id, entry, document)


def _owed(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {
        procore_id: entry
        for procore_id, entry in entries.items()
        if entry.state == "live" and entry.facts.get("wrapper") in withdrawn.MONEY
    }


def _held(work: Work, stage: Stage, procore_id: str, entry: Entry, reason: Reason) -> Verdict:
    code, sentence = reason
    page = work.xero_page(str(entry.facts["wrapper"]), entry.xero_id)
    return Verdict(stage.name, procore_id, title(stage.name, procore_id), code.outcome, code, sentence, xero_url=page)
