"""What the ledger says beside an audit, which asks the two APIs alone: what is held, and what people said or accepted.

Each is nothing when the ledger cannot be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import tzinfo

import structlog

from worker.assembly import Parts
from worker.audit.books import Books
from worker.audit.compare import unmatched
from worker.audit.mapping_file import MappingFile
from worker.audit.options import NOTHING_TIED, Tied
from worker.audit.procore_side import ProcoreSide
from worker.audit.result import NOTHING_SAID, Accepted, Said
from worker.errors import SyncError
from worker.holds import Outcome
from worker.ledger import accepted, tying
from worker.ledger.holds import open_holds
from worker.ledger.projects import folded, of_any_project
from worker.local_time import today, zone
from worker.pipeline.look import categories
from worker.pipeline.read import stated_zero

log = structlog.get_logger(__name__)


def held(parts: Parts) -> dict[int, dict[tuple[str, str], tuple[str, str]]]:
    """Outcome and code of what is held or waits, by project and record; nothing when the ledger cannot be read."""
    found: dict[int, dict[tuple[str, str], tuple[str, str]]] = {}
    try:
        rows = [row for outcome in (Outcome.WAITING, Outcome.HELD) for row in open_holds(parts.engine, outcome)]
    except SyncError as error:
        log.warning("the ledger cannot say what is held", why=str(error))
        return found
    for row in rows:
        found.setdefault(row.project_id, {})[(row.kind, row.procore_id)] = (row.outcome, row.code)
    return found


def paused_projects(parts: Parts) -> Mapping[int, str]:
    """Projects that were begun and are not synced now, each with why; nothing when the ledger cannot be read."""
    try:
        return {row.procore_id: row.reason for row in parts.projects.all() if row.state == "paused"}
    except SyncError as error:
        log.warning("the ledger cannot say what is paused", why=str(error))
        return {}


def acknowledged(parts: Parts) -> Mapping[str, Mapping[str, Accepted]]:
    """What people acknowledged, by job number and difference; nothing when the ledger cannot be read."""
    try:
        found = accepted.acknowledged(parts.engine, today(parts))
    except SyncError as error:
        log.warning("the ledger cannot say what was acknowledged", why=str(error))
        return {}
    at = zone(parts)
    return {number: {id_: _accepted(one, at) for id_, one in its.items()} for number, its in found.items()}


def said(parts: Parts, side: ProcoreSide, books: Books) -> Said:
    """What people said of a project's records that carry no address, and of its vendors; nothing without a ledger."""
    try:
        organisation = parts.known_organisation()
        if organisation is None:
            return NOTHING_SAID
        same = accepted.same(parts.engine, organisation.tenant_id, unmatched(side, books))
        payees = accepted.payees(parts.engine, organisation.tenant_id, [one.id for one in side.suppliers])
    except SyncError as error:
        log.warning("the ledger cannot say what was accepted", why=str(error))
        return NOTHING_SAID
    at = zone(parts)
    return Said(
        {key: (ids, _accepted(one, at)) for key, (ids, one) in same.items()},
        {id_: (ids, _accepted(one, at)) for id_, (ids, _, one) in payees.items() if ids},
        {id_: (name, _accepted(one, at)) for id_, (ids, name, one) in payees.items() if not ids},
    )


def _accepted(one: accepted.Acceptance, at: tzinfo) -> Accepted:
    return Accepted(one.by, one.at and one.at.astimezone(at), one.why, one.until, one.sentence)


def tied(parts: Parts, file: MappingFile) -> Tied:
    """What categories and options of this organisation are, by their ids; nothing when the ledger cannot be read."""
    try:
        organisation = parts.known_organisation()
        if organisation is None:
            return NOTHING_TIED
        found = categories.known_ids(parts.references(), (file.project_category, file.cost_code_category))
        rows = parts.projects.all()
        shared = Counter(folded(row.job_number) for row in rows)
        numbers = {str(row.procore_id): row.job_number for row in rows if shared[folded(row.job_number)] == 1}
        options = tying.options(parts.engine, organisation.tenant_id)
    except SyncError as error:
        log.warning("the ledger cannot say what was renamed", why=str(error))
        return NOTHING_TIED
    codes = {id_: numbers.get(key, "") if kind == "projects" else key for id_, (kind, key) in options.items()}
    return Tied(found, codes)


def taxed(parts: Parts) -> Collection[str]:
    """The kinds on which Procore is known to compute tax; of each project its own records are looked at, too."""
    try:
        return {kind for kind, cursor in stated_zero.CURSORS.items() if of_any_project(parts.engine, cursor)}
    except SyncError as error:
        log.warning("the ledger cannot say where Procore computes tax", why=str(error))
        return ()
