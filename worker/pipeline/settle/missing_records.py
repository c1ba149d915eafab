"""Records that their list does not have any more, though their document may be in Xero.

One that never went is forgotten; of one whose document stands it is found out whether it is gone. If it is, the mapping
file says what becomes of the document. If nothing proves it, the record is held and its document stays, until the list
shows it again, or until a person says that it was deleted (`procore-xero gone`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from worker.facts import WHY_GONE
from worker.holds import HoldCode, title
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.look.documents import standing
from worker.pipeline.read import evidence
from worker.pipeline.read.evidence import MOST_ASKED, Missing
from worker.pipeline.settle.undone_records import taken_back
from worker.pipeline.values import Reason, because, is_owed
from worker.pipeline.verdicts import said
from worker.pipeline.work import Row, Stage, Work
from worker.xero.answers import Element
from worker.xero.naming import named


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
    looked_at = [*found.proved, *found.doubted, *found.still[:MOST_ASKED]]
    documents = standing(work, {id_: missing.entries[id_] for id_ in looked_at})
    stay = {
        id_: because(HoldCode.OUT_OF_SIGHT, why=why, document=named(documents[id_]))
        for id_, why in found.doubted.items()
        if id_ in documents
    }
    for id_, document in documents.items():
        why = found.proved.get(id_)
        if why and (reason := _taken_out(work, missing.stage, id_, missing.entries[id_], document, why)):
            stay[id_] = reason
    still = [id_ for id_ in found.still if id_ in documents or id_ not in looked_at]
    verdicts = work.holds.still(kind, still)
    verdicts += [_held(work, kind, id_, missing.entries[id_], reason) for id_, reason in sorted(stay.items())]
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
    return taken_back(work, stage, procore_id, entry, document)


def _never_sent(work: Work, stage: Stage, ids: Sequence[str]) -> list[Row]:
    """Nothing of these stands in Xero. What is said of them goes; those that are held or wait are asked about first,
    since a list that fell silent would make them look done."""
    kept, shown = evidence.asked(work, stage, ids)
    work.settle(work.holds.still(stage.name, kept))
    stay = {*kept, *(row.procore_id for row in shown)}
    work.holds.forget(stage.name, [id_ for id_ in ids if id_ not in stay])
    return shown


def _held(work: Work, kind: str, procore_id: str, entry: Entry, reason: Reason) -> Verdict:
    page = work.xero_page(str(entry.facts["wrapper"]), entry.xero_id)
    return said(kind, procore_id, title(kind, procore_id), reason, page=page)
