"""Records that now would not go, though their document may be in Xero: sent back for revision, undone, deleted in
Procore, or missing in their list.

What becomes of a bill depends on how far it is in Xero; nothing that a person or the bank has touched is ever taken
back. A payment that is undone is deleted as long as it is not reconciled. A missing record that never went is
forgotten; of one whose document stands it is found out whether it is gone. If it is, the mapping file says what becomes
of the document. If nothing proves it, the record is held and its document stays, until the list shows it again, or
until a person says that it was deleted (`procore-xero gone`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from worker.facts import WHY_GONE
from worker.holds import HoldCode, title
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping.absence import Said
from worker.pipeline.check import hands_off
from worker.pipeline.look.documents import standing, touched
from worker.pipeline.read import evidence
from worker.pipeline.read.evidence import Missing
from worker.pipeline.send import withdrawals
from worker.pipeline.values import MONEY, Reason, because, is_owed
from worker.pipeline.verdicts import held, said
from worker.pipeline.work import Row, Stage, Work
from worker.procore.records import Record
from worker.xero.answers import Element
from worker.xero.documents import PAYMENTS
from worker.xero.naming import named

Case = tuple[Record, Entry, Reason]

#: Records whose holds are looked at anew in one job, without anything new about them; so many go in one call to Xero.
_MOST_ASKED = 40


def undone(work: Work, stage: Stage, cases: Sequence[Case]) -> list[Verdict]:
    """What becomes of these records, which the mapping leaves out for the reason given."""
    found = standing(work, {record.procore_id: entry for record, entry, _ in cases})
    return [_undone(work, stage, case, found.get(case[0].procore_id)) for case in cases]


def _taken_back(work: Work, stage: Stage, procore_id: str, entry: Entry, document: Element) -> Reason | None:
    """Take the document of a record that Procore deleted or undid out of Xero. Returns why it must stay."""
    endpoint, setting = MONEY[str(entry.facts["wrapper"])], work.known.rules.documents.deleted_in_procore
    way = hands_off.way_out(endpoint, document, setting, is_adopted=bool(entry.facts.get("adopted")))
    if isinstance(way, Reason):
        return way
    reason = touched(work, stage.name, endpoint, procore_id, document)
    return reason or withdrawals.take_back(work, stage.name, procore_id, endpoint, document, way)


def _undone(work: Work, stage: Stage, case: Case, document: Element | None) -> Verdict:
    record, entry, left_out = case
    if document is None:  # out of both systems; a person took it out of Xero, so it does not come back by itself
        work.entries.doubt(stage.name, record.procore_id)
        return held(work, record, left_out)
    if entry.facts["wrapper"] != PAYMENTS.wrapper and left_out.code is not HoldCode.DELETED:
        return held(work, record, hands_off.sent_back(record, left_out, document), entry)
    if reason := _taken_back(work, stage, record.procore_id, entry, document):
        return held(work, record, reason, entry)
    return held(work, record, left_out)


def expected(work: Work, stage: Stage) -> set[str]:
    """The records that must be in a full reading: those whose document is a bill, a credit note or a payment, and
    those of which something is said."""
    return set(owed(work.entries.live_in_project(stage.name))) | set(work.holds.ids(stage.name))


def owed(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Those whose document is a bill, a credit note or a payment in Xero."""
    return {procore_id: entry for procore_id, entry in entries.items() if is_owed(entry)}


def missing(work: Work, stage: Stage, ids: Collection[str], *, is_full: bool) -> list[Row]:
    """What becomes of records that were looked for and not shown. Returns those that Procore shows when it is asked
    for them alone: they are carried like all others."""
    ids = set(ids) - work.from_procore.missed.get(stage.name, set())
    entries = owed(work.entries.known(stage.name, ids)) if ids else {}
    shown = _never_sent(work, stage, sorted(ids - entries.keys()))
    if entries:
        standing = owed(work.entries.live_in_project(stage.name))
        shown += of_list(
            work, Missing(stage, entries, standing, work.from_procore.seen.get(stage.name, "")), anew=is_full
        )
    return shown


def of_list(work: Work, missing: Missing, *, anew: bool) -> list[Row]:
    """The same of one list, for records that stand in Xero."""
    kind = missing.stage.name
    work.from_procore.missed.setdefault(kind, set()).update(missing.entries)
    found = evidence.look(work, missing, anew=anew)
    looked_at = [*found.proved, *found.doubted, *found.still[:_MOST_ASKED]]
    documents = standing(work, {id_: missing.entries[id_] for id_ in looked_at})
    still = [id_ for id_ in found.still if id_ in documents or id_ not in looked_at]
    verdicts = work.holds.still(kind, still)
    for procore_id, document in documents.items():
        entry = missing.entries[procore_id]
        if procore_id in found.proved:
            reason = _taken_out(work, missing.stage, procore_id, entry, document, found.proved[procore_id])
        elif procore_id in found.doubted:
            reason = because(HoldCode.OUT_OF_SIGHT, why=found.doubted[procore_id], document=named(document))
        else:
            continue
        if reason is not None:
            verdicts.append(_held(work, kind, procore_id, entry, reason))
    work.settle(verdicts)
    kept = {verdict.procore_id for verdict in verdicts} | {row.procore_id for row in found.shown}
    work.holds.forget(kind, [id_ for id_ in missing.entries if id_ not in kept])
    return found.shown


def _taken_out(work: Work, stage: Stage, procore_id: str, entry: Entry, document: Element, why: str) -> Reason | None:
    """Take the document out as the mapping file says. Returns why it stays; the evidence is remembered then."""
    if "contract_id" in entry.facts:  # what was paid on it is looked at in this job
        work.cursors.set({f"payments:{entry.facts['contract_id']}": "open"})
    if entry.facts.get(WHY_GONE) != why:
        work.entries.note(stage.name, procore_id, {WHY_GONE: why})
    return _taken_back(work, stage, procore_id, entry, document)


def _never_sent(work: Work, stage: Stage, ids: Sequence[str]) -> list[Row]:
    """Nothing of these stands in Xero. What is said of them goes; those that are held or wait are asked about first,
    since a list that fell silent would make them look done."""
    open_ones = set(work.holds.to_look_at(stage.name)) if stage.show is not None else set()
    kept: list[str] = []
    shown: list[Row] = []
    for number, id_ in enumerate(id_ for id_ in ids if id_ in open_ones):
        is_asked = number < _MOST_ASKED and stage.name not in work.from_procore.silent
        said, row = evidence.ask(work, stage, id_, {}) if is_asked else (Said.NOT_ASKED, None)
        if said in (Said.NOT_ASKED, Said.NOT_PERMITTED):
            kept.append(id_)
        elif said is Said.SHOWN and row is not None:
            shown.append(row)
    work.settle(work.holds.still(stage.name, kept))
    stay = {*kept, *(row.procore_id for row in shown)}
    work.holds.forget(stage.name, [id_ for id_ in ids if id_ not in stay])
    return shown


def _held(work: Work, kind: str, procore_id: str, entry: Entry, reason: Reason) -> Verdict:
    page = work.xero_page(str(entry.facts["wrapper"]), entry.xero_id)
    return said(kind, procore_id, title(kind, procore_id), reason, page=page)
