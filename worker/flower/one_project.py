"""What a project's own page shows: its records, what needs somebody first, its jobs, and whether anybody works for it.

Read from the ledger, and from the budget of calls in Redis; no call goes to Procore or Xero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

from worker import procore_pages
from worker.assembly import Parts, parts
from worker.doctor.finding import Finding, State, looked, ok
from worker.doctor.machine import beat
from worker.errors import SyncError
from worker.flower.projects import page_number, press
from worker.flower.retry import Answer
from worker.ledger.history import newest_jobs
from worker.ledger.lists import Listed, lists_of
from worker.ledger.projects import short_codes
from worker.ledger.records import RecordState, records
from worker.ledger.tables import Job, ProjectRow
from worker.reports.links import procore_page
from worker.sought import read
from worker.xero import links
from worker.xero.limits import DAY_S, MINUTE_S

#: Records on one page, and jobs below them.
ROWS, JOBS = 100, 20
#: What needs somebody comes first.
STATES = {"held": "Held", "waiting": "Waiting", "sending": "Sending", "sent": "Sent", "ignored": "Left out"}
BADGES = {"held": "text-bg-danger", "waiting": "text-bg-warning", "sent": "text-bg-success"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see of a project."""

    project_id: int
    state: str = ""
    search: str = ""
    page: int = 1

    def query(self, **other: str | int) -> str:
        """The query of an address that asks for the same, but for `other`."""
        asked = {"state": self.state, "q": self.search, "page": self.page} | other
        said = {name: value for name, value in asked.items() if value not in ("", 1)}
        return f"?{urlencode(said)}" if said else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its two addresses; blank where it has none."""

    record: RecordState
    procore_url: str
    xero_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; `project` is None where nobody knows this number, or nobody can say (`trouble`)."""

    wish: Wish
    project: ProjectRow | None = None
    jobs: Sequence[Job] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    page: int = 1
    pages: int = 1
    around: Sequence[Finding] = ()
    #: When Procore's lists were read and are due; empty where every pass reads all of them.
    lists: Sequence[Listed] = ()
    trouble: str = ""

    @property
    def status(self) -> HTTPStatus:
        if self.trouble:
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.NOT_FOUND if self.project is None else HTTPStatus.OK


def wish(project_id: str, asked: Mapping[str, str]) -> Wish:
    """What the address asks for; what makes no sense in it is left out."""
    state = asked.get("state", "")
    page = max(1, page_number(asked.get("page", "")))
    return Wish(int(project_id), state if state in STATES else "", asked.get("q", "").strip(), page)


def show(wanted: Wish) -> Page:
    """The page that is wanted. Never raises: a ledger that cannot be read is said on the page."""
    try:
        return _page(parts(), wanted)
    except SyncError as error:
        return Page(wanted, trouble=f"The project cannot be shown now. {error}")


def send(project_id: int) -> Answer:
    """Start its job, as the list of projects does."""
    try:
        project = parts().projects.find(project_id)
    except SyncError as error:
        return Answer(503, str(error))
    return press("send", project.job_number) if project else Answer(404, "No project has this number.")


def _page(ours: Parts, wanted: Wish) -> Page:
    project = ours.projects.find(wanted.project_id)
    if project is None:
        return Page(wanted)
    found = records(ours.engine, project.procore_id)
    sought = read(wanted.search)
    fitting = [one for one in found if one.fits(sought)]
    chosen = [one for one in fitting if wanted.state in ("", one.state)]
    chosen.sort(key=lambda one: list(STATES).index(one.state))
    pages = max(1, -(-len(chosen) // ROWS))
    page = min(wanted.page, pages)
    counts = Counter(one.state for one in fitting)
    return Page(
        wanted,
        project,
        newest_jobs(ours.engine, project.job_number, JOBS) if project.job_number else [],
        {state: counts[state] for state in STATES if counts[state] or state == wanted.state},
        _rows(ours, chosen[(page - 1) * ROWS : page * ROWS]),
        page,
        pages,
        list(_around(ours, project)),
        lists_of(ours.engine, project.procore_id) if ours.settings.read_lists == "when_due" else (),
    )


def _rows(ours: Parts, shown: Sequence[RecordState]) -> list[Row]:
    pages, codes, web_url = procore_pages.at(ours), short_codes(ours.engine), ours.settings.xero_web_url
    return [
        Row(
            one,
            one.procore_url or procore_page(pages, one),
            links.page(web_url, one.wrapper, one.xero_id, codes.get(one.tenant_id, "")),
        )
        for one in shown
    ]


def _around(ours: Parts, project: ProjectRow) -> Iterator[Finding]:
    """What every project needs: passes that begin, and calls that are left."""
    yield from looked("Beat", lambda: [beat(ours)])
    yield from looked("Calls to Xero", lambda: [_calls(ours.at(project.organisation))])


def _calls(ours: Parts) -> Finding:
    left, settings = ours.xero_budget.left(), ours.settings
    limits = {MINUTE_S: ("this minute", settings.xero_calls_per_minute), DAY_S: ("today", settings.xero_calls_per_day)}
    said = [f"{left[seconds]:,} of {most:,} left {when}" for seconds, (when, most) in limits.items() if seconds in left]
    return ok("Calls to Xero", f"{', '.join(said) or 'not limited'}.")


def is_well(finding: Finding) -> bool:
    return finding.state is State.OK
