"""The options and items that new or changed bills name, held against those in Xero before the bills go.

One that a person renamed is named as it is called now, one that was deleted is found by its name or made anew, and what
names an archived option is held. So no bill is refused for what it names, or coded to what only has the old name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.errors import ProjectBusy, Skippable
from worker.facts import FORMER
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.mapping.references import Category
from worker.pipeline.decide.fingerprint import called, fingerprint
from worker.pipeline.draft import Draft
from worker.pipeline.look import items, options
from worker.pipeline.map import coding, known_options
from worker.pipeline.settle import sender, shared_documents
from worker.pipeline.values import why
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.procore.records import CostCode, CostItem, Record
from worker.xero.documents import Bill, Document, Item, Option, Tracking

PROJECTS, CODES = "projects", "cost_codes"


def settle(
    work: Work, stage: Stage, drafts: Sequence[Draft], entries: Mapping[str, Entry]
) -> tuple[list[Draft], list[Verdict]]:
    """The drafts with the options as they are in Xero, and why those are held that name an archived one."""
    lines = [line for draft in drafts if isinstance(draft.document, Bill) for line in draft.document.lines]
    named = (
        {tracking.option_id for line in lines for tracking in line.tracking}
        - work.created
        - work.from_xero.options_seen
    )
    codes = {line.item_code for line in lines if line.item_code} - work.from_xero.items_seen
    work.from_xero.options_seen |= named
    work.from_xero.items_seen |= codes
    amiss = [bool(named) and _is_amiss(work, named), bool(codes) and _is_recoded(work, codes)]
    if not any(amiss):
        return list(drafts), []
    kept: list[Draft] = []
    verdicts: list[Verdict] = []
    for draft in drafts:
        try:
            document = coding.again(work, stage, draft.record, draft.rules)
        except Skippable as reason:
            entry = entries.get(draft.record.procore_id)
            verdicts.append(held(work, draft.record, why(reason), entry))
            continue
        mark = fingerprint(document)
        document = called(document, draft.noted) if draft.xero_id else document
        kept.append(replace(draft, document=document, fingerprint=mark, send=document.body()))
    return kept, verdicts


def _is_recoded(work: Work, codes: set[str]) -> bool:
    """The same of items, by their codes. What this job made was answered just now."""
    entries = {key: one for key, one in items.live(work).items() if one.facts["code"] in codes}
    entries = {key: one for key, one in entries.items() if one.xero_id not in work.created}
    before = dict(work.known.items)
    for key, row in (items.standing(work, entries) if entries else {}).items():
        entry = entries[key]
        if row is not None:
            items.keep(work, entry, row)
            continue
        options.untie(work, CODES, entry)
        first = (*(entry.facts.get(FORMER) or ()), str(entry.facts["code"]))[0]
        record = CostItem(id=0, full_code=key.removeprefix("item:"), name=str(entry.facts["name"]))
        _send(work, work.stages[CODES], record, Item(first, str(entry.facts["name"])))
    items.load(work)
    work.from_xero.items_seen |= set(work.known.items.values()) - set(before.values())
    return before != work.known.items


def _is_amiss(work: Work, named: set[str]) -> bool:
    """Whether one of these options is not as the ledger has it. Mapping knows afterwards how it is."""
    before = (work.known.project, dict(work.known.cost_codes), set(work.known.archived))
    for one in options.named(work, named):
        if one.tracking is None:
            _make_anew(work, one.kind, one.category, one.entry)
        elif one.is_archived:
            work.known.archived.add(str(one.entry.xero_id))
        else:
            if one.facts:
                work.entries.note(one.kind, one.entry.procore_id, one.facts)
            _know(work, one.kind, one.entry.procore_id, one.tracking)
    return before != (work.known.project, work.known.cost_codes, work.known.archived)


def _make_anew(work: Work, kind: str, category: Category, entry: Entry) -> None:
    """The option of this name that somebody has put back, or a new one."""
    id_, stage = entry.procore_id, work.stages[kind]
    options.untie(work, kind, entry)
    _know(work, kind, id_, None)
    _send(work, stage, *_record(work, stage, category, entry))
    now = work.entries.known(kind, [id_]).get(id_)
    if now is not None and now.state == "live" and now.xero_id:
        _know(work, kind, id_, known_options.tracking(category, now))


def _send(work: Work, stage: Stage, record: Record, document: Document) -> None:
    kept, verdicts = shared_documents.settle(work, stage, [Draft.new(record, document)], {})
    work.settle(verdicts)
    if sender.send(work, stage, [kept]):
        raise ProjectBusy(f"Another job is sending some of these {stage.name} just now.", 2.0)


def _record(work: Work, stage: Stage, category: Category, entry: Entry) -> tuple[Record, Document]:
    """The project, or the cost code as far as its option needs it: its list need not have been read in this job."""
    if stage.name == PROJECTS:
        return work.project, stage.to_document(work.project, work.known)
    name = str(entry.facts["name"])
    return CostCode(id=0, full_code=entry.procore_id, name=name), Option(category.id, name)


def _know(work: Work, kind: str, procore_id: str, tracking: Tracking | None) -> None:
    """What mapping names from now on."""
    if kind == PROJECTS:
        work.known.project = tracking
    elif tracking is not None:
        work.known.cost_codes[procore_id] = tracking
    else:
        work.known.cost_codes.pop(procore_id, None)
