"""The audit: every eligible project's two sides compared, from the APIs alone. It never writes; the weekly task alone
notes in the ledger what is still open of projects that are paused, and tells people what differs.

What the ledger knows of a record that differs (it is held, or waits) is said beside it, when the ledger can be read.
What is held is mended there, and what only waits goes by itself: both are shown, and leave the audit green.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any

import structlog
from celery import Task

from tasks import beside_audit
from tasks.eligibility import UNSEEN, judge_all, routed
from tasks.policy import NAMED, JobFailed, ends_red
from worker import stopping
from worker.assembly import Parts, parts
from worker.audit.books import Books
from worker.audit.compare import compare, of_no_project
from worker.audit.from_procore import procore_side
from worker.audit.from_xero import xero_side
from worker.audit.mapping_file import MappingFile
from worker.audit.procore_side import ProcoreSide
from worker.audit.result import (
    KINDS,
    NO_PROJECT,
    RETENTION,
    Difference,
    Result,
    Said,
    Sum,
    explained,
    open_ones,
)
from worker.celery import app
from worker.counting import counted, money
from worker.errors import MissingReference, Retriable
from worker.holds import HoldCode, Outcome
from worker.ledger import paused
from worker.ledger.notices import Notices
from worker.ledger.projects import Seen, folded
from worker.mapping import file as mapping_file
from worker.mapping import routing
from worker.mapping.routing import Route
from worker.nearest import did_you_mean
from worker.procore.records import Project
from worker.reports.channels import channels
from worker.reports.of_audit import of_audit
from worker.sought import Sought
from worker.waiting import Tell, untold

#: Starts of one weekly audit that finds an API unreachable, and the seconds between them.
MOST_TRIES = 12
TRY_AGAIN_S = 600

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Audited:
    """What was found in the projects that were looked at."""

    results: Sequence[Result]

    def fitting(self, wanted: Sought) -> Audited:
        """The same with those differences alone that are looked for."""
        return Audited([result.fitting(wanted) for result in self.results])

    @property
    def projects(self) -> int:
        """How many were looked at."""
        return sum(result.job_number != NO_PROJECT for result in self.results)

    @property
    def shown(self) -> list[Difference]:
        return [one for result in self.results for one in result.differences]

    @property
    def differences(self) -> list[Difference]:
        """Those that nobody has accepted, and that do not go by themselves."""
        return [one for one in open_ones(self.shown) if one.outcome != Outcome.WAITING]

    @property
    def unexplained(self) -> list[Difference]:
        """Those of which no held record is the reason: what `problems` lists is not counted twice."""
        return [one for one in self.differences if not one.hold]

    @property
    def accepted(self) -> list[Difference]:
        """Those that a person has accepted, with who, when and why."""
        return [one for one in self.shown if one.accepted is not None]

    @property
    def paused(self) -> list[tuple[str, str]]:
        """Job numbers of projects that are not synced any more, with why and what is still open."""
        return [(one.job_number, one.pause) for one in self.results if one.pause]

    @property
    def line(self) -> str:
        """One readable line, for the log and the task's result."""
        said = "; ".join(f"{number} is paused: {why}" for number, why in self.paused[:NAMED])
        return " ".join(filter(None, (self._line, said)))

    @property
    def _line(self) -> str:
        projects = f"{counted(self.projects, 'project')} audited"
        if not self.differences:
            count = len(self.accepted)
            known = f" {counted(count, 'difference')} acknowledged." if count else ""
            return f"{projects}: {self.agreed}{known}"
        found = self.unexplained or self.differences
        names = [" ".join([f"{one.job_number} {one.heading}: {one.sentence}", *one.to_do]) for one in found[:NAMED]]
        more = "; …" if len(found) > NAMED else ""
        return f"{projects}: {self.count}: {'; '.join(names)}{more}"

    @property
    def count(self) -> str:
        """ "2 differences, and 3 more that held records explain" """
        own, held = len(self.unexplained), len(self.differences) - len(self.unexplained)
        explained = f"{held} more" if own else counted(held, "difference")
        explained = f"{explained} that held records explain (procore-xero problems)" if held else ""
        return ", and ".join(filter(None, (counted(own, "difference") if own or not held else "", explained)))

    @property
    def agreed(self) -> str:
        """ "12 vendors, 20 bills (1,250.00 AUD and 300.00 USD) agree"; what there is none of is left out."""
        said = []
        for kind in KINDS:
            count, sums = 0, defaultdict[str, Decimal](Decimal)
            for (_, currency), (number, amount) in self._agreed(kind):
                count += number
                sums[currency] += amount
            if count:
                name = counted(count, kind.removesuffix("s"))
                if kind == RETENTION:
                    name = f"the retention of {counted(count, 'commitment')}"
                amounts = [money(total, currency) for currency, total in sorted(sums.items()) if total]
                said.append(name + (f" ({' and '.join(amounts)})" if amounts else ""))
        return f"{', '.join(said) or 'nothing is due, and nothing'} agree."

    def _agreed(self, kind: str) -> Iterator[tuple[Sum, tuple[int, Decimal]]]:
        return (one for result in self.results for one in result.agreed.items() if one[0][0] == kind)


@dataclass(frozen=True)
class Compared:
    """One project, with both sides that were compared; `holds` are outcome and code by record."""

    project: Project
    organisation: str
    procore: ProcoreSide
    books: Books
    result: Result
    holds: Mapping[tuple[str, str], tuple[str, str]]


def compared(parts: Parts, job_numbers: Collection[str] = (), tell: Tell = untold) -> Iterator[Compared]:
    """These projects, or every one that is eligible or has a bill in Xero, each read and compared when it is asked for.

    Raises MissingReference when no project has one of these numbers.
    """
    file = mapping_file.load(parts.settings.mapping_file)  # a mistake in it is said before anything is read
    holds, taxed, acknowledged = beside_audit.held(parts), beside_audit.taxed(parts), beside_audit.acknowledged(parts)
    not_synced = beside_audit.paused_projects(parts)

    @cache
    def books(organisation: str) -> Books:
        at, own = parts.at(organisation), MappingFile(file, organisation)
        return Books(xero_side(at.xero, own, beside_audit.tied(at, own)))

    projects = _projects(parts, job_numbers, books)
    for number, (project, organisation) in enumerate(projects):
        stopping.check()
        tell(project.job_number, number, len(projects))
        own, there = MappingFile(file, organisation, project.job_number.strip()), books(organisation)
        side = procore_side(
            parts.procore,
            project,
            own,
            there.side.country,
            there.side.tax_types,
            parts.now().date(),
            taxed,
            there.tax_type,
        )
        said = beside_audit.said(parts.at(organisation), side, there)
        said = replace(said, differences=acknowledged.get(side.job_number, {}))
        known = holds.get(project.id, {})
        result = explained(compare(side, there, said), known, said)
        result = replace(
            result, organisation=organisation, project_id=project.id, paused=not_synced.get(project.id, "")
        )
        log.info("audited", job=result.job_number, differences=len(result.differences))
        yield Compared(project, organisation, side, there, result, known)


@dataclass
class Auditing:
    """What an audit keeps of each project that was compared; of a thousand of them the claims are not kept."""

    results: list[Result] = field(default_factory=list)
    accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    books: dict[str, Books] = field(default_factory=dict)

    def add(self, one: Compared) -> None:
        self.accounts[one.organisation] |= set(one.procore.retention_accounts)
        self.books[one.organisation] = one.books
        self.results.append(replace(one.result, matched={}))

    def whole(self, parts: Parts) -> Audited:
        """With what is tracked to no project, once all of them were added."""
        spoken = {id_ for result in self.results for id_ in result.documents}
        start = MappingFile(mapping_file.load(parts.settings.mapping_file)).not_before
        rest = [(name, of_no_project(self.books[name], codes, start, spoken)) for name, codes in self.accounts.items()]
        said = Said(differences=beside_audit.acknowledged(parts).get(NO_PROJECT, {}))
        strays = [explained(replace(found, organisation=name), {}, said) for name, found in rest if found]
        return Audited([*self.results, *strays])


def audit_books(parts: Parts, job_number: str = "", tell: Tell = untold) -> Audited:
    """Compare one project, or every one that is eligible or has a bill in Xero.

    Raises MissingReference when no project has this number.
    """
    auditing = Auditing()
    for one in compared(parts, (job_number,) if job_number else (), tell):
        auditing.add(one)
    return Audited(auditing.results) if job_number else auditing.whole(parts)


def _projects(parts: Parts, job_numbers: Collection[str], books: Callable[[str], Books]) -> list[tuple[Project, str]]:
    """These projects, or those that are eligible now or have bills in Xero, each with the organisation that it goes to.

    They are read and judged without noting anything. A project that fits no organisation has no books to look at.
    """
    routes = parts.routes()
    found = parts.procore.projects(with_region=routing.need_regions(routes))
    rows = [row for row in found if isinstance(row, Project)]
    if job_numbers:
        wanted = {row.id: row for row in (_named(rows, number) for number in job_numbers)}
        return [(row, _organisation(row, routes)) for row in wanted.values()]
    judged = {seen.procore_id: seen for seen in judge_all(rows, parts.settings, set(), routes)}
    ours: list[tuple[Project, str]] = []
    for row in sorted(rows, key=lambda row: row.job_number):
        seen = judged[row.id] if judged[row.id].state == "eligible" else _as_if_eligible(row, routes)
        if judged[row.id].state == "eligible" or (seen.state == "eligible" and books(seen.organisation).bills(row.id)):
            ours.append((row, seen.organisation))
    return ours


def _named(rows: Sequence[Project], job_number: str) -> Project:
    """The one project of this number. Raises MissingReference."""
    fitting = [row for row in rows if folded(row.job_number) == folded(job_number)]
    if len(fitting) == 1:
        return fitting[0]
    near = did_you_mean(job_number, (row.job_number for row in rows))
    reason = "Several projects have this job number." if fitting else f"{UNSEEN}{near}"
    raise MissingReference(HoldCode.PROJECT_REFUSED, job_number=job_number, reason=reason)


def _as_if_eligible(project: Project, routes: Sequence[Route]) -> Seen:
    """Where its bills are, whatever its stage; refused where that is nowhere, or not one place."""
    return routed(Seen(project.id, project.job_number, project.name, "", "eligible"), project, routes)


def _organisation(project: Project, routes: Sequence[Route]) -> str:
    seen = _as_if_eligible(project, routes)
    if seen.state != "eligible":
        raise MissingReference(HoldCode.PROJECT_REFUSED, job_number=project.job_number, reason=seen.reason)
    return seen.organisation


def _note_paused(parts: Parts, audited: Audited) -> None:
    """Of projects that are not synced any more, whether anything is open: `problems` and the e-mail go by it."""
    for one in audited.results:
        if one.paused and one.still_open is not None:
            paused.note(parts.engine, one.project_id, one.still_open, parts.now())


def _tell(parts: Parts, audited: Audited) -> None:
    """The differences go where reports go, once a day; that all agrees only where somebody wants to hear all."""
    when, now = parts.settings.report_when, parts.now()
    if when == "always" or (when == "changes" and (audited.differences or audited.paused)):
        message = of_audit(parts.title, audited.count, audited.agreed, audited.differences, audited.paused)
        Notices(parts.engine, parts.now).tell(f"audit {now.date()}", message, list(channels(parts.settings)))


@app.task(name="audit", bind=True, max_retries=MOST_TRIES, throws=(JobFailed,))
def audit(self: Task[Any, Any]) -> str:
    """The weekly audit of all projects, started by beat; fails where something differs that nothing held explains."""
    with ends_red(log, "no audit"):
        try:
            ours = parts()
            audited = audit_books(ours)
        except Retriable as error:
            raise self.retry(exc=JobFailed(str(error)), countdown=TRY_AGAIN_S) from None
    _note_paused(ours, audited)
    _tell(ours, audited)
    for one in open_ones(audited.shown):
        log.warning("differs", job=one.job_number, what=one.title, why=one.sentence, hold=one.hold)
    log.info("audit", line=audited.line)
    if audited.unexplained:
        raise JobFailed(audited.line)
    return audited.line
