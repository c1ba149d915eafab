"""Where every project stands, for people: its last job, what of it is in Xero, what is held and what waits.

Counts and lists of the whole ledger; what one job needs of it is in `entries`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, bindparam, func, select

from worker.holds import Outcome
from worker.ledger.database import on_rows, transaction
from worker.ledger.holds import open_counts
from worker.ledger.projects import folded
from worker.ledger.tables import Entry, Job, ProjectRow

#: A vendor and a cost code go to Xero once for all projects, so neither counts as sent for any of them.
OWN_KINDS = ("claims", "payments", "invoices", "invoice_payments")
#: Asked in each pass, and built once.
_OPTIONS = (
    select(Entry.kind, func.count())
    .where(Entry.tenant_id == bindparam("tenant_id"), Entry.state == "live")
    .where(Entry.kind.in_(("projects", "cost_codes")), Entry.procore_id.not_like("item:%"))
    .group_by(Entry.kind)
)
#: Projects that are looked up one by one.
MOST_NAMED = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """One project, or a job number that no project has (then `project` is None)."""

    job_number: str
    project: ProjectRow | None
    job: Job | None
    #: Documents in Xero by kind.
    sent: Mapping[str, int] = field(default_factory=dict)
    held: int = 0
    waiting: int = 0


def standings(engine: Engine, projects: Sequence[ProjectRow], latest: Mapping[str, Job]) -> list[Standing]:
    """One for each project, in the order given, then one for each latest job that belongs to none of them."""
    sent, open_ones = _sent(engine, [row.procore_id for row in projects]), open_counts(engine)
    jobs = {folded(number): job for number, job in sorted(latest.items(), key=lambda item: item[1].id)}
    found = [
        Standing(
            row.job_number,
            row,
            jobs.get(folded(row.job_number)) if row.job_number else None,
            sent.get(row.procore_id, {}),
            open_ones.get((row.procore_id, Outcome.HELD), 0),
            open_ones.get((row.procore_id, Outcome.WAITING), 0),
        )
        for row in projects
    ]
    known = {folded(row.job_number) for row in projects}
    return found + [Standing(job.job_number, None, job) for number, job in jobs.items() if number not in known]


def count_options(engine: Engine, tenant_id: str) -> dict[str, int]:
    """How many options of each tracking category are ours, by kind of record: made by us, or taken over."""
    with on_rows(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(_OPTIONS, {"tenant_id": tenant_id})}


def live_documents(engine: Engine) -> list[tuple[str, str, int, str]]:
    """(kind, Procore id, project id, Xero id) of every record that is in Xero, for reports."""
    columns = (Entry.kind, Entry.procore_id, Entry.project_id, Entry.xero_id)
    with transaction(engine) as session:
        rows = session.execute(select(*columns).where(Entry.state == "live").order_by(Entry.id))
        return [(kind, procore_id, project_id, str(xero_id)) for kind, procore_id, project_id, xero_id in rows]


def _sent(engine: Engine, project_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """By project and kind: of a page's projects, or where there are more all in one go, from an index alone."""
    query = (
        select(Entry.project_id, Entry.kind, func.count())
        .where(Entry.state == "live", Entry.kind.in_(OWN_KINDS))
        .group_by(Entry.project_id, Entry.kind)
    )
    if len(project_ids) <= MOST_NAMED:
        query = query.where(Entry.project_id.in_(project_ids))
    found: dict[int, dict[str, int]] = {}
    with transaction(engine) as session:
        for project_id, kind, count in session.execute(query):
            found.setdefault(project_id, {})[kind] = count
    return found
