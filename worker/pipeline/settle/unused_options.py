"""Options of cost codes that were deleted in Procore are archived in Xero, where the mapping file asks for it.

Options are shared by all projects, so each project's list is kept in the ledger and an option is archived by the last
project that had its code. Should another one need it after all, its own list brings it back before a line names it.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from worker.http import exact_json
from worker.ledger.entries import Known as Entry
from worker.mapping.absence import most_at_once
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.draft import Draft
from worker.pipeline.look.items import KIND
from worker.pipeline.map.known_options import is_open
from worker.pipeline.settle import sender
from worker.pipeline.values import Update
from worker.pipeline.work import Work
from worker.procore.records import CostCode
from worker.xero.documents import Option

_LISTS = "codes:"
log = structlog.get_logger(__name__)


def settle(work: Work) -> None:
    """Archive what no project has any more, and remember what this one has. An empty list is taken for a mishap, and so
    is one that lost more than `gone_at_once` of its codes: it is compared again when it is read next. So is what
    Procore shows, or shows no other beside, when it is asked for by its id: a list that lacks it is not enough."""
    codes = [row for row in work.from_procore.cost_codes or () if isinstance(row, CostCode)]
    now = {code.full_code: code.id for code in codes if code.deleted_at is None}
    is_whole = work.shown.any_of([KIND]) and len(codes) == len(work.from_procore.cost_codes or ())
    if not work.known.rules.cost_codes.archive_deleted or not now or not is_whole:
        return
    own = f"{_LISTS}{work.project.id}"
    lists = {name: _kept(text) for name, text in work.references.starting(_LISTS).items()}
    before = lists.pop(own, {})
    missing = {code: id_ for code, id_ in before.items() if code not in now}
    if len(missing) > most_at_once(len(before), work.known.rules.documents.gone_at_once):
        log.warning("nothing is archived", missing=len(missing), of=len(before))
        return
    doubted = _still_shown(work, missing, next(iter(now.values()))) if missing else {}
    if gone := missing.keys() - doubted.keys() - set().union(*lists.values()):
        _archive(work, sorted(gone))
    if (kept := {**doubted, **now}) != before:
        work.references.put({own: exact_json.dumps(dict(sorted(kept.items())))})


def _kept(text: str) -> dict[str, int]:
    """Code to id, as a list was kept; ids were not, once: then 0."""
    kept = exact_json.loads(text)
    return kept if isinstance(kept, dict) else dict.fromkeys(kept, 0)


def _still_shown(work: Work, missing: dict[str, int], neighbour: int) -> dict[str, int]:
    """Of codes that the list does not have those that may be there: Procore shows them by their ids, or does not show
    the neighbour in the same call, or their ids are not known."""
    asked = [str(id_) for id_ in (*missing.values(), neighbour) if id_]
    rows = work.procore.cost_codes_by_id(work.project.id, asked)
    shown = {str(row.id) if isinstance(row, CostCode) else row.procore_id for row in work.shown.rows(KIND, rows)}
    return {code: id_ for code, id_ in missing.items() if str(neighbour) not in shown or not id_ or str(id_) in shown}


def _archive(work: Work, codes: Sequence[str]) -> None:
    entries = work.entries.known(KIND, codes)
    drafts = [_draft(work, entry) for entry in entries.values() if entry.state == "live" and is_open(entry)]
    sender.send(work, work.stages[KIND], [drafts])


def _draft(work: Work, entry: Entry) -> Draft:
    name = str(entry.facts["name"])
    option = Option(work.known.cost_code_category.id, name, archived=True)
    record = CostCode(id=0, full_code=entry.procore_id, name=name)
    return Draft.of(record, Update(option, fingerprint(option), {"archived": True}, str(entry.xero_id)))
