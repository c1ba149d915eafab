"""Records that Procore no longer has. One that never went is forgotten; one whose document stands in Xero is held.

The daily reading of everything finds them: what is in Xero and was not read is asked for by its id first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.existing import last_sent
from worker.pipeline.lookup import VOID
from worker.pipeline.stage import Stage
from worker.pipeline.work import Work
from worker.xero.documents import BILLS, CREDIT_NOTES, PAYMENTS

_MONEY = {endpoint.wrapper: endpoint for endpoint in (BILLS, CREDIT_NOTES, PAYMENTS)}


def expected(work: Work, stage: Stage) -> set[str]:
    """The records that must be in a full reading: those whose document is a bill, a credit note or a payment."""
    return set(_owed(work.entries.live_in_project(stage.name)))


def settle(work: Work, stage: Stage, ids: Sequence[str]) -> None:
    """Hold those whose document still stands in Xero; forget the holds of all others."""
    if not ids:
        return
    entries = _owed(work.entries.known(stage.name, ids))
    standing = _standing(work, stage, entries)
    verdicts = [_held(work, stage, id_, entry) for id_, entry in entries.items() if entry.xero_id in standing]
    work.settle(verdicts)
    kept = {verdict.procore_id for verdict in verdicts}
    work.holds.forget(stage.name, [id_ for id_ in ids if id_ not in kept])


def _owed(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {
        procore_id: entry
        for procore_id, entry in entries.items()
        if entry.state == "live" and entry.facts.get("wrapper") in _MONEY
    }


def _standing(work: Work, stage: Stage, entries: Mapping[str, Entry]) -> set[str]:
    """Which of these documents Xero still has, not voided."""
    found: set[str] = set()
    for wrapper, endpoint in _MONEY.items():
        own = {id_: str(entry.xero_id) for id_, entry in entries.items() if entry.facts["wrapper"] == wrapper}
        if endpoint == PAYMENTS:
            bodies = [last_sent(work, stage, endpoint, id_) for id_ in own]
            rows = work.xero.payments_of_bills(body["Invoice"]["InvoiceID"] for body in bodies if body)
        else:
            rows = work.xero.documents(endpoint, own.values())
        found |= {str(row[endpoint.id_field]) for row in rows if row.get("Status") not in VOID}
    return found


def _held(work: Work, stage: Stage, procore_id: str, entry: Entry) -> Verdict:
    code = HoldCode.CHANGED_AFTER_SENDING
    title = f"{stage.name.removesuffix('s')} {procore_id}"
    page = work.xero_page(str(entry.facts["wrapper"]), entry.xero_id)
    sentence = code.sentence(why="Procore no longer has it")
    return Verdict(stage.name, procore_id, title, code.outcome, code, sentence, xero_url=page)
