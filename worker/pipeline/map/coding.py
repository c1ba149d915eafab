"""What records become in Xero: of a bill that stands also by which rules it is coded, and to whom it is payable.

It is coded by the mapping file as it was when the bill was made, until a person says `recode`; a draft follows the
file. What Procore changes is followed by the same rules, so that amounts move and accounts stay. Where they cannot code
it, a new cost code say, or cost codes became something else since, the file of now codes the whole bill.

It is payable to the contact that its vendor had when it was sent: a person may tie the vendor to another contact, or
untie it, and Procore may say that it is somebody else now. What stands in Xero stays; what is new goes to the contact
that the vendor has now, if it has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from worker import logs
from worker.errors import Skippable
from worker.facts import CODED_BY, RECODE
from worker.ledger.entries import Known as Entry
from worker.mapping.coding_rules import CodingRules
from worker.mapping.references import Known
from worker.mapping.rules import Rules
from worker.pipeline.decide.fingerprint import fingerprint, mark_of
from worker.pipeline.look import items
from worker.pipeline.look.documents import last_written
from worker.pipeline.map import known_options
from worker.pipeline.values import Reason, why
from worker.pipeline.work import Stage, Work
from worker.procore.records import Claim, Invoice, Record
from worker.xero.documents import BILLS, CREDIT_NOTES, Bill, Document

#: In the ledger's references, before the mark of the rules.
_KEPT = "coding:"
#: Cursor of a project: the rules by which an earlier version coded its bills.
_FIRST = "coded_by"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record's document, and the rules that coded it where these are not the mapping file's of now."""

    document: Document
    rules: Rules | None = None
    #: What it would be by the rules of before, where it is to be recoded.
    kept: Document | None = None
    #: What its entry gets when it goes: by which rules it is coded.
    facts: Mapping[str, Any] = field(default_factory=dict)


def mapped(work: Work, stage: Stage, records: Sequence[Record], entries: Mapping[str, Entry]) -> list[Mapped | Reason]:
    """What each of these records becomes in Xero, or why it becomes nothing."""
    found: list[Mapped | Reason] = []
    for record in records:
        with logs.at(record=record.title):
            try:
                entry = entries.get(record.procore_id)
                found.append(_with_rules(work, _mapped(work, stage, record, entry), entry))
            except Skippable as error:
                found.append(why(error))
    return found


def _mapped(work: Work, stage: Stage, record: Record, entry: Entry | None) -> Mapped:
    before = _before(work, record, entry)
    if before is None or entry is None:
        return Mapped(_document(work, stage, record, entry, work.known))
    known = _under(work, before)
    try:
        kept = _document(work, stage, record, entry, known)
    except Skippable:
        return Mapped(_document(work, stage, record, entry, work.known))
    is_same = mark_of(kept, entry.fingerprint) == entry.fingerprint
    if not is_same and before.target != _now(work).target:
        return Mapped(_document(work, stage, record, entry, work.known))
    may_recode = work.recoding.is_asked or entry.facts.get("status") == "DRAFT"
    may_recode = may_recode or entry.facts.get(RECODE) == _now(work).mark
    if may_recode or work.recoding.looks:
        document = _by_now(work, stage, record, entry)
        if isinstance(document, Bill) and fingerprint(document) != fingerprint(kept):
            if work.recoding.is_asked or not may_recode:
                work.recoding.outdated[record.kind, record.procore_id] = document.on
            if may_recode:
                return Mapped(document, kept=kept)
    return Mapped(kept, rules=known.rules)


def again(work: Work, stage: Stage, record: Record, rules: Rules | None) -> Document:
    """The same once more, after options were called otherwise."""
    return stage.to_document(record, work.known if rules is None else replace(work.known, rules=rules))


def _with_rules(work: Work, mapped: Mapped, entry: Entry | None) -> Mapped:
    """Of a bill that the file of now codes also that. Its rules are kept from the first bill on that they code."""
    if not isinstance(mapped.document, Bill) or mapped.rules is not None:
        return mapped
    is_known = entry is not None and entry.facts.get(CODED_BY) == _now(work).mark
    return replace(mapped, facts={CODED_BY: _now(work).mark if is_known else _kept_mark(work), RECODE: None})


def _kept_mark(work: Work) -> str:
    if not work.recoding.is_kept:
        _keep(work)
    return _now(work).mark


def _document(work: Work, stage: Stage, record: Record, entry: Entry | None, known: Known) -> Document:
    """What the record becomes by what is known. Raises Skippable, as its stage's mapping does."""
    if entry is None or entry.state != "live" or not isinstance(record, Claim | Invoice):
        return stage.to_document(record, known)
    had = known.had.get(str(record.vendor_id))
    if not had:
        return stage.to_document(record, known)
    documents = {contact_id: _to(known, stage, record, contact_id) for contact_id in had}
    same = [document for document in documents.values() if mark_of(document, entry.fingerprint) == entry.fingerprint]
    if same:
        return same[0]
    document = stage.to_document(record, known)  # changed: not while nobody knows whom it is payable to
    return documents.get(_paid_by_it(work, entry, record), document)


def _to(known: Known, stage: Stage, record: Claim | Invoice, contact_id: str) -> Document:
    contacts = {**known.contacts, str(record.vendor_id): contact_id}
    return stage.to_document(record, replace(known, contacts=contacts))


def _paid_by_it(work: Work, entry: Entry, record: Record) -> str:
    """The contact on what we wrote last; blank where that is not known."""
    endpoint = CREDIT_NOTES if entry.facts.get("wrapper") == CREDIT_NOTES.wrapper else BILLS
    body = last_written(work, endpoint, record.kind, record.procore_id)
    return str(body["Contact"]["ContactID"]) if body else ""


def _by_now(work: Work, stage: Stage, record: Record, entry: Entry) -> Document | None:
    try:
        return _document(work, stage, record, entry, work.known)
    except Skippable:
        return None


def _before(work: Work, record: Record, entry: Entry | None) -> CodingRules | None:
    """The rules by which the record's bill was coded; None where these are those of now, or there is no bill."""
    if entry is None or entry.state != "live" or not isinstance(record, Claim | Invoice):
        return None
    by = entry.facts.get(CODED_BY) or _first(work)
    return None if by == _now(work).mark else _rules(work, str(by))


def _first(work: Work) -> str:
    """Bills of an earlier version were coded by the file that the first job of this one finds."""
    if not (first := work.cursors.get(_FIRST)):
        first = _kept_mark(work)
        work.cursors.set({_FIRST: first})
    return first


def _now(work: Work) -> CodingRules:
    if work.recoding.now is None:
        work.recoding.now = CodingRules.of(work.known.rules)
    return work.recoding.now


def _keep(work: Work) -> None:
    name = f"{_KEPT}{_now(work).mark}"
    if work.references.get(name) is None:
        work.references.put({name: _now(work).model_dump_json()})
    work.recoding.is_kept = True


def _rules(work: Work, by: str) -> CodingRules | None:
    rules = work.recoding.rules
    if by not in rules:
        text = work.references.get(f"{_KEPT}{by}")
        rules[by] = CodingRules.model_validate_json(text) if text else None
    return rules[by]


def _under(work: Work, before: CodingRules) -> Known:
    """What mapping knows, with these rules and with what cost codes were under them."""
    known = replace(work.known, rules=before.over(work.known.rules))
    if before.target == _now(work).target:
        return known
    codes = work.recoding.codes
    if before.target not in codes:
        as_options = known_options.of_cost_codes(work) if before.target == "tracking" else {}
        codes[before.target] = as_options, items.codes(items.live(work)) if before.target == "item" else {}
    of_options, of_items = codes[before.target]
    return replace(known, cost_codes=dict(of_options), items=dict(of_items))
