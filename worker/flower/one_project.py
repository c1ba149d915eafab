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
from worker.flower.markup import Times
from worker.flower.one_record import STATES, Row, state
from worker.flower.projects import page_number, press
from worker.flower.retry import Answer
from worker.ledger import accepted
from worker.ledger.accepted import Acceptance
from worker.ledger.history import Run, jobs_of
from worker.ledger.holds import open_holds
from worker.ledger.jobs import ACTIVE
from worker.ledger.lists import Listed, lists_of
from worker.ledger.projects import short_codes
from worker.ledger.records import RecordState, records
from worker.ledger.tables import Hold, ProjectRow
from worker.local_time import today
from worker.procore import limits
from worker.reports.causes import Cause, shared
from worker.reports.links import procore_page
from worker.sought import read
from worker.xero import links
from worker.xero.limits import DAY_S, MINUTE_S

#: Records on one page, and jobs below them.
ROWS, JOBS = 100, 20
#: Flower's own look of a record's state.
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
class Page:
    """All that the page shows; `project` is None where nobody knows this number, or nobody can say (`trouble`)."""

    wish: Wish
    project: ProjectRow | None = None
    #: Its jobs, the newest first.
    jobs: Sequence[Run] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    page: int = 1
    pages: int = 1
    around: Sequence[Finding] = ()
    #: When Procore's lists were read and are due; empty where every pass reads all of them.
    lists: Sequence[Listed] = ()
    #: What holds several records at once.
    causes: Sequence[Cause[Hold]] = ()
    trouble: str = ""
    times: Times | None = None

    @property
    def is_busy(self) -> bool:
        """Whether its job waits or runs, so that no record goes alone."""
        return any(job.state in ACTIVE for job in self.jobs)

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
    found, known = records(ours.engine, project.procore_id), _acceptances(ours, project)
    sought = read(wanted.search)
    fitting = [(state(one, known.get(one.hold_id)), one) for one in found if one.fits(sought)]
    chosen = [(its, one) for its, one in fitting if wanted.state in ("", its)]
    chosen.sort(key=lambda pair: list(STATES).index(pair[0]))
    pages = max(1, -(-len(chosen) // ROWS))
    page = min(wanted.page, pages)
    counts = Counter(its for its, _ in fitting)
    return Page(
        wanted,
        project,
        jobs_of(ours.engine, project.job_number, JOBS) if project.job_number else [],
        {state: counts[state] for state in STATES if counts[state] or state == wanted.state},
        _rows(ours, [one for _, one in chosen[(page - 1) * ROWS : page * ROWS]], known),
        page,
        pages,
        list(_around(ours, project)),
        lists_of(ours.engine, project.procore_id) if ours.settings.read_lists == "when_due" else (),
        causes=_causes(ours, project),
        times=Times.of(ours),
    )


def _causes(ours: Parts, project: ProjectRow) -> list[Cause[Hold]]:
    """Without what was acknowledged."""
    held = open_holds(ours.engine, project_id=project.procore_id)
    known = accepted.of_holds(ours.engine, held, {project.procore_id: project.job_number}, today(ours))
    return shared([hold for hold in held if hold.id not in known])


def _acceptances(ours: Parts, project: ProjectRow) -> Mapping[str, Acceptance]:
    """What people have acknowledged of it and still is, by the hold's id."""
    return accepted.acknowledged(ours.engine, today(ours)).get(project.job_number, {})


def _rows(ours: Parts, shown: Sequence[RecordState], known: Mapping[str, Acceptance]) -> list[Row]:
    pages, codes, web_url = procore_pages.at(ours), short_codes(ours.engine), ours.settings.xero_web_url
    return [
        Row(
            one,
            one.procore_url or procore_page(pages, one),
            links.page(web_url, one.wrapper, one.xero_id, codes.get(one.tenant_id, "")),
            known.get(one.hold_id),
        )
        for one in shown
    ]


def _around(ours: Parts, project: ProjectRow) -> Iterator[Finding]:
    """What every project needs: passes that begin, and calls that are left."""
    yield from looked("Beat", lambda: [beat(ours)])
    yield from looked("Calls to Xero", lambda: [_to_xero(ours.at(project.organisation))])
    yield from looked("Calls to Procore", lambda: [_to_procore(ours)])


def _to_xero(ours: Parts) -> Finding:
    left, settings = ours.xero_budget.left(), ours.settings
    limits = {MINUTE_S: ("this minute", settings.xero_calls_per_minute), DAY_S: ("today", settings.xero_calls_per_day)}
    said = [f"{left[seconds]:,} of {most:,} left {when}" for seconds, (when, most) in limits.items() if seconds in left]
    return ok("Calls to Xero", f"{', '.join(said) or 'not limited'}.")


def _to_procore(ours: Parts) -> Finding:
    said = limits.hour(ours.settings, ours.broker).said()
    if said.left is None:
        return ok("Calls to Procore", f"{said.calls:,} an hour.")
    return ok("Calls to Procore", f"{said.left:,} of {said.calls:,} left this hour.")


def is_well(finding: Finding) -> bool:
    return finding.state is State.OK
