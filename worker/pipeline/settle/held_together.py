"""Two records of one supplier and number, of which the one that came later does not go: both are held, so that the job
of the other one looks at it, too, and both are let go together.
"""

from __future__ import annotations

from worker.facts import SAME_NUMBER
from worker.holds import HoldCode, title
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.look.strange import Twin
from worker.pipeline.values import because
from worker.pipeline.verdicts import held, said
from worker.pipeline.work import Work
from worker.procore.records import Record
from worker.xero.naming import named


def hold(work: Work, record: Record, twin: Twin, why: str) -> Verdict:
    """The new record does not go. The other one is held, too, so that its job looks at it: by its own hold, if it has
    one."""
    document = named(twin.document)
    holds = work.holds.of_project(twin.entry.project_id)
    if not holds.is_held(twin.kind, twin.procore_id):
        by = f"{record.title} of {work.project.job_number}"
        reason = because(HoldCode.NUMBER_TWICE, other=by, why="that is not sent for it", document=document)
        page = work.xero_page(str(twin.entry.facts["wrapper"]), twin.entry.xero_id)
        name = title(twin.kind, twin.procore_id)
        holds.settle([said(twin.kind, twin.procore_id, name, reason, page=page)])
    if (own := [record.kind, record.procore_id]) != twin.entry.facts.get(SAME_NUMBER):
        work.entries.note(twin.kind, twin.procore_id, {SAME_NUMBER: own})
    reason = because(HoldCode.NUMBER_TWICE, other=title_of(work, twin), why=why, document=document)
    return held(work, record, reason, twin.entry)


def still(work: Work, record: Record, entry: Entry) -> list[Verdict]:
    """A record whose document stands, as long as another one is held for having its supplier and number."""
    if not (other := entry.facts.get(SAME_NUMBER)):
        return []
    (kind, procore_id), code = other, HoldCode.NUMBER_TWICE
    is_held = work.holds.is_open(record.kind, record.procore_id, code)
    if is_held and work.holds.is_open_anywhere(kind, procore_id, code):
        return work.holds.still(record.kind, [record.procore_id])
    work.entries.note(record.kind, record.procore_id, {SAME_NUMBER: None})
    return []


def title_of(work: Work, twin: Twin) -> str:
    return work.title_of(twin.kind, twin.procore_id, twin.entry.project_id)
