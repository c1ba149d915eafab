"""A pass as it is told to people: plain values, cut to a length that somebody reads.

Each record by the name that people use, with its links into both systems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from worker.holds import title
from worker.ledger.accepted import Acceptance
from worker.ledger.landing import WITHDRAWN
from worker.ledger.moved import Move
from worker.ledger.reporting import Did, Happened
from worker.ledger.tables import Hold, Job
from worker.reports.causes import causes
from worker.reports.links import flower_page, procore_page, xero_page
from worker.settings import Settings

#: Records named of one project, and projects named: beyond them a report says how many more there are.
MOST_RECORDS, MOST_PROJECTS = 20, 40
#: A pass that moved more documents tells how many, and names those alone that a person may want to look at.
MOST_MOVED = 20
#: Kinds in the order in which a bookkeeper looks at them.
_KINDS = ("claims", "payments", "invoices", "invoice_payments", "vendors", "projects", "cost_codes")
#: What can become of a document, in the order in which it is told.
DONE = ("created", "updated", "adopted", WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Moved:
    """One document that this pass created, changed, took over or took back."""

    title: str
    name: str
    done: str
    procore_url: str
    xero_url: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One record that a person is needed for."""

    title: str
    name: str
    code: str
    sentence: str
    remedy: str
    procore_url: str
    xero_url: str
    is_new: bool
    #: By whom it was acknowledged, until when and why; blank where nobody did.
    acknowledged: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the pass. `stopped` is why its job did not come to its end."""

    job_number: str
    name: str
    counts: Mapping[str, int]
    moved: Sequence[Moved] = ()
    problems: Sequence[Problem] = ()
    held: int = 0
    new: int = 0
    #: Of what is held, what was acknowledged.
    acknowledged: int = 0
    waiting: int = 0
    solved: int = 0
    stopped: str = ""
    stopped_anew: bool = False
    #: Its page in Flower; blank where its address is not set.
    page_url: str = ""

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say of it."""
        return bool(self.counts or self.held or self.waiting or self.solved or self.stopped)

    @property
    def unnamed(self) -> int:
        """Documents and held records beyond those that are named."""
        return sum(self.counts.values()) - len(self.moved) + self.held - len(self.problems)

    @property
    def others(self) -> str:
        """Those that are not named, in words."""
        return f"And {self.unnamed} more" if self.moved or self.problems else "Each of them"


@dataclass(frozen=True, slots=True)
class Refused:
    """A project that is not synced until a person mends something."""

    job_number: str
    name: str
    reason: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """What holds several records, how many, and what to do about all of them."""

    said: str
    remedy: str


@dataclass(frozen=True)
class Summary:
    """A pass that is over. `stopped` is why it started nothing."""

    pass_id: int
    organisation: str
    started_at: datetime
    finished_at: datetime
    projects: Sequence[Project] = ()
    refused: Sequence[Refused] = ()
    stopped: str = ""
    stopped_anew: bool = False
    #: What holds more than one record, in the order of the sync.
    causes: Sequence[Cause] = ()
    #: Of the organisation: in it times are told to people.
    zone: tzinfo = UTC

    @property
    def counts(self) -> Counter[str]:
        """How many documents were created, updated, … in all projects."""
        total: Counter[str] = Counter()
        for project in self.projects:
            total.update(project.counts)
        return total

    @property
    def held(self) -> int:
        return sum(project.held for project in self.projects)

    @property
    def waiting(self) -> int:
        return sum(project.waiting for project in self.projects)

    @property
    def solved(self) -> int:
        return sum(project.solved for project in self.projects)

    @property
    def new_problems(self) -> int:
        """Held records, stopped jobs and refused projects that the pass before did not have."""
        of_projects = sum(project.new + project.stopped_anew for project in self.projects)
        return of_projects + sum(one.is_new for one in self.refused) + self.stopped_anew

    @property
    def has_news(self) -> bool:
        return bool(self.counts or self.solved or self.new_problems)


def summary(found: Happened, organisation: str, settings: Settings, procore_pages: str, zone: tzinfo = UTC) -> Summary:
    """What is to be told of a pass that is over; `procore_pages` is where Procore's pages are."""
    this, before = found.this, found.before
    is_short = sum(len(did.moved) for did in found.jobs) <= MOST_MOVED
    projects = [_project(did, found.acknowledged, settings, procore_pages, is_short) for did in found.jobs]
    refused = [
        Refused(one.row.job_number, one.row.name, one.reason, one.row.procore_id in found.newly_refused)
        for one in found.refused
    ]
    return Summary(
        this.id,
        organisation,
        this.started_at,
        this.finished_at or this.started_at,
        sorted((one for one in projects if one.is_told), key=_urgency),
        refused,
        this.message if this.failed else "",
        this.failed and not (before is not None and before.failed and before.message == this.message),
        [
            Cause(one.said, one.remedy)
            for one in causes([hold for did in found.jobs for hold in did.held])
            if one.records[1:]
        ],
        zone,
    )


def _project(
    did: Did, known: Mapping[int, Acceptance], settings: Settings, procore_pages: str, is_short: bool
) -> Project:
    job = did.job
    came_to_its_end = job.state in ("done", "held") or (job.state == "failed" and bool(job.counts))  # with records held
    stopped = "" if came_to_its_end else job.message.removeprefix(f"{job.job_number}: ")
    told = [move for move in sorted(did.moved, key=_of_interest) if is_short or move.done == WITHDRAWN or move.what]
    new_first = sorted(did.held, key=lambda hold: hold.id not in did.new)
    return Project(
        job.job_number,
        did.project.name if did.project else job.project_name,
        Counter(move.done for move in did.moved),
        [_moved(move, settings, procore_pages) for move in told[:MOST_RECORDS]],
        [_problem(hold, hold.id in did.new, known.get(hold.id)) for hold in new_first[:MOST_RECORDS]],
        len(did.held),
        len(did.new),
        sum(hold.id in known for hold in did.held),
        did.waiting,
        did.solved,
        stopped,
        bool(stopped) and not _is_same_trouble(job, did.before),
        flower_page(settings, did.project.procore_id if did.project else None),
    )


def _moved(move: Move, settings: Settings, procore_pages: str) -> Moved:
    name = move.what if move.done == WITHDRAWN else ", ".join(filter(None, (move.called.said, move.what)))
    return Moved(
        title(move.kind, move.procore_id),
        name,
        move.done,
        procore_page(procore_pages, move),
        xero_page(settings, move),
    )


def _problem(hold: Hold, is_new: bool, known: Acceptance | None) -> Problem:
    links = hold.procore_url, hold.xero_url
    named = (hold.title, hold.called.said, hold.code, hold.sentence, hold.remedy)
    return Problem(*named, *links, is_new, known.said if known else "")


def _is_same_trouble(job: Job, before: Job | None) -> bool:
    return before is not None and (before.state, before.message) == (job.state, job.message)


def _of_interest(move: Move) -> tuple[bool, bool, int]:
    """What left Xero first, then who is paid otherwise than before, then money."""
    return move.done != WITHDRAWN, not move.what, _KINDS.index(move.kind) if move.kind in _KINDS else len(_KINDS)


def _urgency(project: Project) -> tuple[bool, bool, str]:
    """What is new and needs somebody stands above what does not."""
    return not (project.new or project.stopped_anew), not (project.held or project.stopped), project.job_number
