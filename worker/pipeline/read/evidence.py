"""Asks Procore about records that their list does not have any more: by their ids, and about a neighbour of theirs.

It only finds out; what it means is decided in `mapping.absence`, and what becomes of a document in `settle`. They are
asked about while few are missing, so that a list that fell silent does not cost a call for each of its records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import structlog

from worker.errors import NotPermitted
from worker.facts import WHY_GONE
from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.mapping import absence
from worker.mapping.absence import Absence, Said
from worker.pipeline.work import Row, Stage, Work
from worker.procore.records import Record

#: Records among which a neighbour is looked for, where the job has met none.
_NEIGHBOURS = 40
#: Records whose holds are looked at anew in one job, without anything new about them; so many go in one call to Xero.
MOST_ASKED = 40
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """Records of one list that stand in Xero, and that the list does not have any more."""

    stage: Stage
    entries: Mapping[str, Entry]
    #: All of the list that stand in Xero, these among them.
    standing: Mapping[str, Entry]
    #: The id of a record that the list showed in this job; blank where it showed none.
    neighbour: str = ""
    #: The contract's total of payments moved by just as much as its list did.
    total_moved: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it, by record: why it is gone, or why nothing proves that; and what Procore shows after all."""

    proved: dict[str, str] = field(default_factory=dict)
    doubted: dict[str, str] = field(default_factory=dict)
    #: Held already for want of evidence, and not asked about again.
    still: list[str] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)


def look(work: Work, missing: Missing, *, anew: bool) -> Found:
    """Find out about each of them. Without `anew` those that are held for want of evidence are not asked about."""
    found, stage = Found(), missing.stage
    found.proved.update(
        {id_: str(one.facts[WHY_GONE]) for id_, one in missing.entries.items() if one.facts.get(WHY_GONE)}
    )
    moved = missing.total_moved and _agrees(work, missing)
    silent = {
        id_: _silent(work, missing, one, total_moved=moved)
        for id_, one in missing.entries.items()
        if id_ not in found.proved
    }
    lost = sum(one.has_contract and not absence.evidence(one) for one in silent.values())
    for id_, before in silent.items():
        one = replace(before, lost=lost)
        is_held = work.holds.is_open(stage.name, id_, HoldCode.OUT_OF_SIGHT)
        if absence.may_be_asked(one) and (anew or not is_held):
            said, row = ask(work, stage, id_, missing.entries[id_].facts)
            if row is not None and said is Said.SHOWN:
                found.shown.append(row)
                continue
            one = replace(one, said=said, has_neighbour=said is Said.NOT_THERE and _shows_neighbour(work, missing))
        if why := absence.evidence(one):
            found.proved[id_] = why
        elif is_held and not anew:
            found.still.append(id_)
        else:
            found.doubted[id_] = absence.doubt(one)
    log.info("missing", kind=stage.name, gone=len(found.proved), unproved=len(found.doubted) + len(found.still))
    return found


def asked(work: Work, stage: Stage, ids: Sequence[str]) -> tuple[list[str], list[Row]]:
    """Of records of which nothing stands in Xero, and that are held or wait: those of which Procore says nothing, and
    those that it shows. The others are gone."""
    open_ones = set(work.holds.to_look_at(stage.name)) if stage.show is not None else set()
    kept: list[str] = []
    shown: list[Row] = []
    for number, id_ in enumerate(id_ for id_ in ids if id_ in open_ones):
        is_asked = number < MOST_ASKED and stage.name not in work.from_procore.silent
        said, row = ask(work, stage, id_, {}) if is_asked else (Said.NOT_ASKED, None)
        if said in (Said.NOT_ASKED, Said.NOT_PERMITTED):
            kept.append(id_)
        elif said is Said.SHOWN and row is not None:
            shown.append(row)
    return kept, shown


def ask(
    work: Work, stage: Stage, procore_id: str, facts: Mapping[str, object], project_id: int | None = None
) -> tuple[Said, Row | None]:
    """What Procore says of a record when it is asked for it by its id, and the record where it shows one.

    It is one of this job's project unless another one is named.
    """
    work.heartbeat()
    if stage.show is None:
        return Said.NOT_ASKED, None
    try:
        row = stage.show(work.procore, work.project.id if project_id is None else project_id, procore_id, facts)
    except NotPermitted:
        return Said.NOT_PERMITTED, None
    if row is None:
        return Said.NOT_THERE, None
    return (Said.DELETED if isinstance(row, Record) and row.deleted_at is not None else Said.SHOWN), row


def _agrees(work: Work, missing: Missing) -> bool:
    """Whether the address of one of them does not contradict the contract's total."""
    id_, entry = next(iter(missing.entries.items()))
    return ask(work, missing.stage, id_, entry.facts)[0] in (Said.NOT_THERE, Said.DELETED)


def _silent(work: Work, missing: Missing, entry: Entry, *, total_moved: bool) -> Absence:
    """What is known without asking for the record."""
    has_contract = "contract_id" not in entry.facts or any(
        contract.procore_id == str(entry.facts["contract_id"]) for contract in work.contracts()
    )
    return Absence(
        kind=missing.stage.name,
        has_contract=has_contract,
        total_moved=total_moved,
        of=len(missing.standing),
        percent=work.known.rules.documents.gone_at_once,
    )


def _shows_neighbour(work: Work, missing: Missing) -> bool:
    """Whether another record of the list is shown in the way in which the missing one was asked for."""
    stage, id_ = missing.stage, missing.neighbour
    if not id_ and stage.find is not None:
        others = sorted(missing.standing.keys() - missing.entries.keys())[:_NEIGHBOURS]
        id_ = next((row.procore_id for row in islice(stage.find(work, others), 1)), "") if others else ""
    if not id_:
        return False
    key = (stage.name, id_)
    if key not in work.from_procore.neighbours:
        facts = next(iter(missing.entries.values())).facts
        work.from_procore.neighbours[key] = ask(work, stage, id_, facts)[0] is Said.SHOWN
    return work.from_procore.neighbours[key]
