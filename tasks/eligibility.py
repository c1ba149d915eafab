"""Which projects are synced, to which organisation, and why the others are not. Pure, but for those that look for one.

Eligible: active, its stage is one of the configured ones or was when it began, a job number, no second eligible project
with the same one (with a duplicate both are refused), and where there are several organisations of Xero it fits exactly
one of them. Every refusal has a reason that an operator can read. What was begun and is refused now is paused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum

from worker.assembly import Parts
from worker.errors import MissingReference
from worker.holds import HoldCode
from worker.ledger.projects import Seen, folded
from worker.ledger.tables import Job, ProjectRow
from worker.mapping import routing
from worker.mapping.routing import Route
from worker.nearest import did_you_mean
from worker.procore.fields import LARGEST_ID
from worker.procore.records import Project, Unreadable
from worker.settings import Settings

#: Said of a job number that nobody knows.
UNSEEN = "Procore shows no project with this job number to this app."


class Refusal(Enum):
    """Why a project is not synced; the value is the sentence."""

    INACTIVE = "The project is not active in Procore."
    OTHER_STAGE = "Its stage is '{stage}'. Set it to '{wanted}' in the project's General settings."
    NO_JOB_NUMBER = "It has no job number. Enter it as Project Number in the project's General settings."
    DUPLICATE = "Job number '{job_number}' also belongs to {others}. Give one of them another number."
    UNREADABLE = "Procore's answer about it cannot be read: {detail}."
    NOT_SHOWN = (
        "Procore's list of projects does not show it any more. "
        "Give this app access to it again under Company Admin, App Management, or make the project active."
    )
    NO_ORGANISATION = (
        "It fits no organisation of Xero. "
        "Name its job number, region or custom field under one of [[organisations]] in the mapping file."
    )
    SEVERAL_ORGANISATIONS = (
        "It fits several organisations of Xero: {names}. "
        "Change the rules under [[organisations]] in the mapping file until one is left."
    )
    ORGANISATION_UNSAID = (
        "Procore's answer does not say its {what}, by which the organisation of Xero is chosen. "
        "Give it one in Procore, or name its job number under one of [[organisations]] in the mapping file."
    )

    @property
    def code(self) -> str:
        return self.name.lower()


def judge_all(
    found: Iterable[Project | Unreadable],
    settings: Settings,
    before: Collection[int],
    routes: Sequence[Route] = (),
) -> list[Seen]:
    """Every project judged; `before` are the ids of those that were begun: refused now, they are paused.

    `routes` are the organisations of Xero where there are several.
    """
    keep = before if settings.sync_after_stage_change else ()
    judged = [judge(project, settings.eligible_stages, _id(project) in keep, routes) for project in found]
    return [_pause(project, before) for project in refuse_duplicates(judged)]


def judge(
    project: Project | Unreadable, stages: Sequence[str], keep: bool = False, routes: Sequence[Route] = ()
) -> Seen:
    """Whether one project is to be synced. `keep` lets a project go on that has left its stage."""
    if isinstance(project, Unreadable):
        number = _number(project)
        return _refused(Seen(number, "", project.title, "", "refused"), Refusal.UNREADABLE, detail=project.detail)
    seen = Seen(project.id, project.job_number.strip(), project.name, project.stage or "", "eligible")
    if not project.active:
        return _refused(seen, Refusal.INACTIVE)
    if not keep and folded(seen.stage) not in {folded(stage) for stage in stages}:
        return _refused(seen, Refusal.OTHER_STAGE, stage=seen.stage or "(none)", wanted=stages[0] if stages else "")
    if not seen.job_number:
        return _refused(seen, Refusal.NO_JOB_NUMBER)
    return routed(seen, project, routes)


def routed(seen: Seen, project: Project, routes: Sequence[Route]) -> Seen:
    """With its organisation, or refused: whose books a bill belongs to is never guessed. As it is where one is all."""
    if not routes:
        return seen
    choice = routing.choose(routes, project)
    if choice.unsaid:
        return _refused(seen, Refusal.ORGANISATION_UNSAID, what=choice.unsaid)
    if not choice.fitting:
        return _refused(seen, Refusal.NO_ORGANISATION)
    if len(choice.fitting) > 1:
        return _refused(seen, Refusal.SEVERAL_ORGANISATIONS, names=", ".join(choice.fitting))
    return replace(seen, organisation=choice.fitting[0], routed_by=routing.digest(routes))


def refuse_duplicates(seen: Iterable[Seen]) -> list[Seen]:
    """Refuse every eligible project that shares its job number with another eligible one."""
    projects = list(seen)
    numbered: dict[str, list[Seen]] = {}
    for project in projects:
        if project.state == "eligible":
            numbered.setdefault(folded(project.job_number), []).append(project)
    return [_unless_alone(project, numbered.get(folded(project.job_number), [])) for project in projects]


def judged_now(parts: Parts) -> list[Seen]:
    """Every project, read and judged now, and written down."""
    routes = parts.routes()
    found = parts.procore.projects(with_region=routing.need_regions(routes))
    before = parts.projects.begun()
    judged = judge_all(found, parts.settings, before.keys(), routes)
    judged += [_gone(before[id_]) for id_ in sorted(before.keys() - {seen.procore_id for seen in judged})]
    parts.projects.record(judged)
    return judged


def project_of(parts: Parts, job: Job) -> Seen:
    """A job's project: as its pass saw it; or for a job enqueued by hand, as seen lately, else read and judged now.

    What was seen under other rules of where projects go is not used.
    """
    known = _known(parts, job.job_number)
    if job.pass_id is not None and len(eligible := [row for row in known if row.state == "eligible"]) == 1:
        return _seen(eligible[0])
    since = parts.now() - timedelta(minutes=parts.settings.sync_every_minutes)
    if len(known) == 1 and known[0].state == "eligible" and known[0].seen_at >= since:
        return _seen(known[0])
    return one_eligible(parts, job.job_number)


def parts_for(parts: Parts, job: Job) -> Parts:
    """What works for the organisation that this job's project goes to."""
    return parts.at(project_of(parts, job).organisation) if parts.routes() else parts


def one_eligible(parts: Parts, job_number: str) -> Seen:
    """The one eligible project with this job number, read now. Raises MissingReference with the reason otherwise.

    Reads the whole list: Procore's filter takes a number literally, and would not show the duplicate " 24-030".
    """
    mine = [project for project in judged_now(parts) if folded(project.job_number) == folded(job_number)]
    eligible = [project for project in mine if project.state == "eligible"]
    if not eligible:
        numbers = (row.job_number for row in parts.projects.all())
        reason = mine[0].reason if mine else f"{UNSEEN}{did_you_mean(job_number, numbers)}"
        raise MissingReference(HoldCode.PROJECT_REFUSED, job_number=job_number, reason=reason)
    return eligible[0]


def record_of(seen: Seen) -> Project:
    """The project as its own stage carries it."""
    return Project(id=seen.procore_id, name=seen.name, project_number=seen.job_number)


def _known(parts: Parts, job_number: str) -> list[ProjectRow]:
    rows, rules = parts.projects.numbered(job_number), routing.digest(parts.routes())
    return [] if any(row.state == "eligible" and row.routed_by != rules for row in rows) else rows


def _seen(row: ProjectRow) -> Seen:
    return Seen(
        row.procore_id,
        row.job_number,
        row.name,
        row.stage,
        row.state,
        organisation=row.organisation,
        routed_by=row.routed_by,
    )


def _number(unreadable: Unreadable) -> int:
    """Its id, or where it has none that can be one, a number of its own below all ids: each is refused by itself."""
    said = unreadable.procore_id
    if said.isdecimal() and int(said) <= LARGEST_ID:
        return int(said)
    return -int.from_bytes(hashlib.sha256(said.encode()).digest()[:7])


def _id(project: Project | Unreadable) -> int:
    return project.id if isinstance(project, Project) else 0


def _refused(seen: Seen, refusal: Refusal, **facts: object) -> Seen:
    return replace(seen, state="refused", code=refusal.code, reason=refusal.value.format(**facts))


def _unless_alone(project: Seen, sharing: Sequence[Seen]) -> Seen:
    others = [other.name for other in sharing if other.procore_id != project.procore_id]
    if project.state != "eligible" or not others:
        return project
    return _refused(project, Refusal.DUPLICATE, job_number=project.job_number, others=", ".join(others))


def _gone(row: ProjectRow) -> Seen:
    """A project that was begun and that the list does not show: its documents are in Xero, so it is not forgotten."""
    return replace(_refused(_seen(row), Refusal.NOT_SHOWN), state="paused")


def _pause(project: Seen, before: Collection[int]) -> Seen:
    """A project that was begun and is refused now is paused, not forgotten."""
    if project.state == "refused" and project.procore_id in before:
        return replace(project, state="paused")
    return project
