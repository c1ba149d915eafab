"""What is said of a record, with links into both systems: it went, it is as it was, or why it did not go."""

from __future__ import annotations

from collections.abc import Sequence

from worker.holds import Outcome
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason
from worker.pipeline.work import Work
from worker.procore.records import Record


def held(work: Work, record: Record, reason: Reason, entry: Entry | None = None, page: str = "") -> Verdict:
    """Why a record did not go. Its page in Xero is that of its entry's document, unless another one is given."""
    wrapper = str(entry.facts.get("wrapper", "")) if entry else ""
    if entry and wrapper:
        page = work.xero_page(wrapper, entry.xero_id)
    return said(record.kind, record.procore_id, record.title, reason, work.known.procore_url(record.page), page)


def said(kind: str, id_: str, title: str, reason: Reason, url: str = "", page: str = "") -> Verdict:
    """The same of what is known by its kind and id alone."""
    return Verdict(kind, id_, title, reason.code.outcome, reason.code, reason.sentence, url, page)


def unchanged(record: Record, page: str = "") -> Verdict:
    """It stands in Xero as it should."""
    return Verdict(record.kind, record.procore_id, record.title, Outcome.UNCHANGED, xero_url=page)


def without(drafts: Sequence[Draft], verdicts: Sequence[Verdict]) -> list[Draft]:
    """Those of the drafts about which nothing is said."""
    stay = {verdict.procore_id for verdict in verdicts}
    return [draft for draft in drafts if draft.record.procore_id not in stay]
