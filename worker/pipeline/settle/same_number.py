"""A new bill or credit note whose supplier and number another record of ours has: one that stands, or a new one.

It may be the same claim, entered anew, or a cost that was moved to another job. So Procore is asked about a record of
which a document stands: if it is gone, that is taken out before the new one is made, as the mapping file says; if it
stands, or nothing proves that it does not, both are held (`held_together`). Where Procore shows both, of one amount, in
two projects or as two kinds, or where both are new, they are meant as two by default: the new one goes and is named
(`notices`).
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.facts import TOLD, TWICE
from worker.holds import HoldCode
from worker.ledger.holds import Verdict
from worker.mapping.absence import Said
from worker.pipeline.check.found import before_tax, is_alike, number
from worker.pipeline.draft import Draft
from worker.pipeline.look.strange import Twin
from worker.pipeline.read import evidence
from worker.pipeline.read.evidence import Missing
from worker.pipeline.settle import held_together, missing_records
from worker.pipeline.values import because
from worker.pipeline.verdicts import held, without
from worker.pipeline.work import Work
from worker.xero.answers import amount
from worker.xero.documents import Bill, Endpoint

#: How what was done to the later one of two begins, for people.
SAME = "with the number and amount of "


def settle(work: Work, endpoint: Endpoint, drafts: Sequence[Draft], twins: Sequence[Twin]) -> list[Verdict]:
    """Why some of these drafts are held. What is gone in Procore is out of Xero then."""
    verdicts = _beside_others(work, endpoint, drafts, twins)
    return verdicts + _among_new(work, endpoint, without(drafts, verdicts))


def _beside_others(work: Work, endpoint: Endpoint, drafts: Sequence[Draft], twins: Sequence[Twin]) -> list[Verdict]:
    """Beside documents that stand."""
    if not twins:
        return []
    verdicts: list[Verdict] = []
    for draft in drafts:
        for twin in (twin for twin in twins if is_alike(endpoint, draft.send, twin.document)):
            if why := _stays(work, draft, twin):
                verdicts.append(held_together.hold(work, draft.record, twin, why))
                break
    return verdicts


def _among_new(work: Work, endpoint: Endpoint, drafts: Sequence[Draft]) -> list[Verdict]:
    """Beside one another, in one job; of those that go it is noted which one came before."""
    verdicts: list[Verdict] = []
    for draft in drafts:
        record, bill = draft.record, draft.document
        if not isinstance(bill, Bill):
            continue
        key = (endpoint.wrapper, bill.contact_id, bill.number.casefold(), before_tax(draft.send, draft.tax))
        first = work.from_xero.billed.setdefault(key, (record.kind, record.procore_id))
        draft.facts.setdefault(TWICE, None)
        if first == (record.kind, record.procore_id):
            continue
        name = work.title_of(*first, work.project.id)
        if work.known.rules.documents.same_number == "hold":
            how = {"other": name, "why": "both are new, of one amount", "document": f"that of {name}"}
            verdicts.append(held(work, record, because(HoldCode.NUMBER_TWICE, **how)))
        else:
            _note(draft, first, name)
    return verdicts


def _note(draft: Draft, other: tuple[str, str], title: str) -> None:
    """The record goes although another one, by kind and id, has its supplier, number and amount."""
    what = {"number": number(draft.send), "amount": str(before_tax(draft.send, draft.tax))}
    draft.facts |= {TWICE: {"of": list(other), "title": title, **what}, TOLD: f"{SAME}{title}"}


def _stays(work: Work, draft: Draft, twin: Twin) -> str:
    """Why the document of the other record stays, in words; blank where it is out of Xero, or need not be."""
    if _is_shown(work, twin):
        return _beside(work, draft, twin)
    if twin.entry.project_id != work.project.id:
        return "the job of its project has yet to find out what became of it"
    (now,) = work.entries.known(twin.kind, [twin.procore_id]).values()
    return "that one is held, too" if now.xero_id == twin.entry.xero_id else ""


def _beside(work: Work, draft: Draft, twin: Twin) -> str:
    """Both stand in Procore. Of one amount they are named where they go, since it may be one invoice."""
    rule = work.known.rules.documents.same_number
    is_equal = amount(twin.document, "SubTotal") == before_tax(draft.send, draft.tax)
    is_elsewhere = twin.entry.project_id != work.project.id or twin.kind != draft.record.kind
    if rule == "hold" or (rule == "name" and not (is_equal and is_elsewhere)):
        return "Procore still shows that one"
    if is_equal:
        _note(draft, (twin.kind, twin.procore_id), held_together.title_of(work, twin))
    return ""


def _is_shown(work: Work, twin: Twin) -> bool:
    """Whether Procore shows the other record. One of this project that is gone is taken out, or held."""
    stage, entry = work.stages[twin.kind], twin.entry
    if entry.project_id != work.project.id:
        return evidence.ask(work, stage, twin.procore_id, entry.facts, entry.project_id)[0] is Said.SHOWN
    if twin.procore_id in work.from_procore.missed.get(twin.kind, ()):
        return False  # decided in this job
    standing = missing_records.owed(work.entries.live_in_project(twin.kind))
    missing = Missing(stage, {twin.procore_id: entry}, standing, work.from_procore.seen.get(twin.kind, ""))
    return bool(missing_records.of_list(work, missing, anew=False))
