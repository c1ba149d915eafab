"""What is said of a record, with links into both systems: it went, it is as it was, or why it did not go."""

from __future__ import annotations

from collections.abc import Sequence

from worker.called import UNNAMED
from worker.errors import Skippable
from worker.holds import Outcome
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping import naming
from worker.mapping.payments import claim_of
from worker.pipeline.draft import Draft
from worker.pipeline.values import Reason
from worker.pipeline.work import Work
from worker.procore.records import Payment, Record


def held(work: Work, record: Record, reason: Reason, entry: Entry | None = None, page: str = "") -> Verdict:
    """Why a record did not go. Its page in Xero is that of its entry's document, unless another one is given."""
    wrapper = str(entry.facts.get("wrapper", "")) if entry else ""
    if entry and wrapper:
        page = work.xero_page(wrapper, entry.xero_id)
    if reason.has_amounts:
        reason = reason.in_currency(_currency(work, record))
    return said(record.kind, record.procore_id, record.title, reason, work.known.procore_url(record.page), page)


def _currency(work: Work, record: Record) -> str:
    """That of its amounts: a payment has its claim's."""
    own = work.settings.currency()
    if not isinstance(record, Payment):
        return naming.of_amounts(record, own)
    try:
        claim = ("claims", claim_of(record, work.known))
    except Skippable:
        return own
    return work.names.of({claim}).get(claim, UNNAMED).currency or own


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
