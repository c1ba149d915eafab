"""Projects to look through: filtered, searched and cut into pages, so that ten thousand of them stay cheap.

All projects are read in a few columns each, only what a page shows is read whole. It knows nothing of how it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from sqlalchemy import Engine, func, select

from worker.holds import Outcome
from worker.ledger import accepted
from worker.ledger.accepted import Acceptance
from worker.ledger.database import transaction
from worker.ledger.holds import open_counts
from worker.ledger.jobs import ACTIVE, newest_ids
from worker.ledger.projects import FOR_A_PERSON, folded
from worker.ledger.standing import Standing, standings
from worker.ledger.tables import Hold, Job, ProjectRow

#: Projects on one page.
PAGE = 50
#: Held and waiting records shown of each project.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Brief:
    """A project in what filters and search need; a job number that no project has is without `procore_id`."""

    procore_id: int | None
    job_number: str
    name: str
    stage: str
    state: str
    job_id: int | None
    job_state: str
    held: int = 0
    waiting: int = 0
    organisation: str = ""
    #: Why it is not synced.
    code: str = ""

    @property
    def is_failed(self) -> bool:
        """Whether its last job did not come to its end, or needs a person: what "Retry all failed" is about."""
        return self.job_state in ("failed", "parked")

    @property
    def attention(self) -> int:
        """The lower, the sooner somebody is needed: failed, held, not synced by a mistake, synced, not to be synced."""
        is_refused, is_mistake = self.state == "refused", self.code in FOR_A_PERSON
        needs = (self.is_failed, self.held > 0, is_refused and is_mistake, not is_refused)
        return 4 if self.state == "paused" or True not in needs else needs.index(True)

    def has(self, words: Sequence[str]) -> bool:
        text = folded(f"{self.job_number} {self.name} {self.stage} {self.organisation}")
        return all(word in text for word in words)


#: What can be asked for, by its name in an address.
FILTERS: Mapping[str, Callable[[Brief], bool]] = {
    "all": lambda _: True,
    "failed": lambda one: one.is_failed,
    "held": lambda one: one.held > 0,
    "waiting": lambda one: one.waiting > 0,
    "running": lambda one: one.job_state in ACTIVE,
    "parked": lambda one: one.job_state == "parked",
    "done": lambda one: one.job_state == "done",
    "paused": lambda one: one.state == "paused",
    "refused": lambda one: one.state == "refused",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see."""

    state: str = "all"
    search: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of projects, with how many there are of each kind among those that the search finds."""

    wish: Wish
    rows: Sequence[Standing] = ()
    records: Mapping[int, Sequence[Hold]] = field(default_factory=dict)
    #: Which of them were acknowledged, by the hold's id.
    acknowledged: Mapping[int, Acceptance] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    page: int = 1
    pages: int = 1
    #: Of all projects, whatever is filtered: what "Send all" and "Retry all failed" are about.
    eligible: int = 0
    failed: int = 0


def listing(engine: Engine, wish: Wish, today: date) -> Listing:
    """The page that is wanted, or the last one there is; what needs somebody comes first."""
    everything = _briefs(engine)
    words = folded(wish.search).split()
    found = [one for one in everything if one.has(words)]
    chosen = [one for one in found if FILTERS.get(wish.state, FILTERS["all"])(one)]
    chosen.sort(key=lambda one: one.attention)
    pages = max(1, -(-len(chosen) // PAGE))
    page = min(max(1, wish.page), pages)
    rows = chosen[(page - 1) * PAGE : page * PAGE]
    records = _records(engine, rows)
    numbers = {one.procore_id: one.job_number for one in rows if one.procore_id is not None}
    return Listing(
        wish,
        _whole(engine, rows),
        records,
        accepted.of_holds(engine, chain(*records.values()), numbers, today),
        {name: sum(map(fits, found)) for name, fits in FILTERS.items()},
        page,
        pages,
        eligible=sum(one.state == "eligible" for one in everything),
        failed=sum(one.state == "eligible" and one.is_failed for one in everything),
    )


def _briefs(engine: Engine) -> list[Brief]:
    shown = (ProjectRow.procore_id, ProjectRow.job_number, ProjectRow.name, ProjectRow.stage, ProjectRow.state)
    project = select(*shown, ProjectRow.organisation, ProjectRow.code)
    newest = Job.id.in_(newest_ids())
    job = select(Job.id, Job.job_number, Job.project_name, Job.state).where(newest).order_by(Job.id)
    with transaction(engine) as session:
        projects = session.execute(project.order_by(ProjectRow.job_number, ProjectRow.procore_id)).all()
        jobs = {folded(row.job_number): row for row in session.execute(job)}
    counts = open_counts(engine)
    found = []
    for row in projects:
        its = jobs.get(folded(row.job_number)) if row.job_number else None
        held, waiting = (counts.get((row.procore_id, outcome), 0) for outcome in (Outcome.HELD, Outcome.WAITING))
        job_id, job_state = (its.id, its.state) if its else (None, "")
        found.append(
            Brief(
                row.procore_id,
                row.job_number,
                row.name,
                row.stage,
                row.state,
                job_id,
                job_state,
                held,
                waiting,
                row.organisation,
                row.code,
            )
        )
    known = {folded(row.job_number) for row in projects}
    strays = [row for number, row in jobs.items() if number not in known]
    return found + [Brief(None, row.job_number, row.project_name, "", "", row.id, row.state) for row in strays]


def _whole(engine: Engine, briefs: Sequence[Brief]) -> list[Standing]:
    with transaction(engine) as session:
        these = ProjectRow.procore_id.in_([one.procore_id for one in briefs if one.procore_id is not None])
        projects = {row.procore_id: row for row in session.scalars(select(ProjectRow).where(these))}
        jobs = session.scalars(select(Job).where(Job.id.in_([one.job_id for one in briefs if one.job_id is not None])))
        latest = {job.job_number: job for job in jobs}
    in_order = [projects[one.procore_id] for one in briefs if one.procore_id in projects]
    return standings(engine, in_order, latest)


def _records(engine: Engine, briefs: Sequence[Brief]) -> dict[int, list[Hold]]:
    """The first held and waiting records of each of these projects, the held ones first."""
    ids = [one.procore_id for one in briefs if one.held or one.waiting]
    place = func.row_number().over(partition_by=(Hold.project_id, Hold.outcome), order_by=(Hold.kind, Hold.procore_id))
    numbered = (
        select(Hold.id, place.label("place"))
        .where(Hold.closed_at.is_(None), Hold.project_id.in_(ids), Hold.outcome.in_((Outcome.HELD, Outcome.WAITING)))
        .subquery()
    )
    first = select(Hold).join(numbered, numbered.c.id == Hold.id).where(numbered.c.place <= SHOWN)
    found: dict[int, list[Hold]] = {}
    with transaction(engine) as session:
        for hold in session.scalars(first.order_by(Hold.project_id, Hold.outcome, Hold.kind, Hold.procore_id)):
            found.setdefault(hold.project_id, []).append(hold)
    return found
