"""Discovery: list the projects, judge each, start one job per eligible one.

Idempotent: a job number that is queued or running is left alone, so that a second beat costs a no-op. Every refusal
has a reason that an operator can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

import structlog
from celery import Task

from tasks import publishing
from tasks.policy import JobFailed
from worker.assembly import Parts, parts
from worker.celery import app
from worker.errors import MissingReference, SyncError
from worker.holds import HoldCode
from worker.ledger.jobs import Wanted
from worker.ledger.projects import Seen
from worker.ledger.tables import Pass
from worker.procore.records import Project, Unreadable

log = structlog.get_logger(__name__)


class Refusal(Enum):
    """Why a project is not synced; the value is the sentence."""

    INACTIVE = "The project is not active in Procore."
    OTHER_STAGE = "Its stage is '{stage}'. Set it to '{wanted}' in the project's General settings."
    NO_JOB_NUMBER = "It has no job number. Enter it as Project Number in the project's General settings."
    DUPLICATE = "Job number '{job_number}' also belongs to {others}. Give one of them another number."
    UNREADABLE = "Procore's answer about it cannot be read: {detail}."

    @property
    def code(self) -> str:
        return self.name.lower()


def discover_projects(parts: Parts) -> str:
    """One pass: returns a line about it. Raises SyncError when nothing could be started at all."""
    parts.check()
    this_pass = parts.passes.start()
    with structlog.contextvars.bound_contextvars(this_pass=this_pass.id):
        parked = parts.organisations.parked(parts.organisation.tenant_id)
        if parked is not None:
            line = f"Nothing started: the organisation is parked until {parked.parked_until}: {parked.parked_why}"
            parts.passes.end(this_pass.id, message=line)
            return line
        try:
            parts.categories()
            return _fan_out(parts, this_pass)
        except SyncError as error:
            parts.passes.end(this_pass.id, message=str(error))
            raise


def _fan_out(parts: Parts, this_pass: Pass) -> str:
    before = parts.projects.synced_before()
    settings = parts.settings
    seen = [
        judge(project, settings.eligible_stages, settings.sync_after_stage_change and project_id(project) in before)
        for project in parts.procore.projects()
    ]
    seen = [_pause(project, before) for project in refuse_duplicates(seen)]
    parts.projects.record(seen)
    eligible = [project for project in seen if project.state == "eligible"]
    stranded = parts.jobs.strand(publishing.expiry_s(settings))
    wanted = [Wanted(project.job_number, project.name) for project in eligible]
    queued = parts.jobs.queue(wanted, "periodic", this_pass.id)
    refused = len(seen) - len(eligible)
    line = f"{len(eligible)} eligible, {len(queued)} started, {refused} refused or paused"
    parts.passes.end(this_pass.id, message=line, eligible=len(eligible), queued=len(queued), refused=refused)
    publishing.publish([*stranded, *queued], settings)
    log.info("discovered", eligible=len(eligible), queued=len(queued), refused=refused, stranded=len(stranded))
    return line


def judge(project: Project | Unreadable, stages: Sequence[str], keep: bool = False) -> Seen:
    """Whether one project is to be synced. `keep` lets a project go on that has left its stage."""
    if isinstance(project, Unreadable):
        number = int(project.procore_id) if project.procore_id.isdigit() else 0
        return _refused(Seen(number, "", project.title, "", "refused"), Refusal.UNREADABLE, detail=project.detail)
    seen = Seen(project.id, project.job_number.strip(), project.name, project.stage or "", "eligible")
    if not project.active:
        return _refused(seen, Refusal.INACTIVE)
    if not keep and _folded(seen.stage) not in {_folded(stage) for stage in stages}:
        return _refused(seen, Refusal.OTHER_STAGE, stage=seen.stage or "(none)", wanted=stages[0] if stages else "")
    if not seen.job_number:
        return _refused(seen, Refusal.NO_JOB_NUMBER)
    return seen


def refuse_duplicates(seen: Iterable[Seen]) -> list[Seen]:
    """Refuse every eligible project that shares its job number with another eligible one."""
    projects = list(seen)
    numbered: dict[str, list[Seen]] = {}
    for project in projects:
        if project.state == "eligible":
            numbered.setdefault(_folded(project.job_number), []).append(project)
    return [_unless_alone(project, numbered.get(_folded(project.job_number), [])) for project in projects]


def judge_one(parts: Parts, job_number: str) -> Project:
    """The one eligible project with this job number, read now. Raises MissingReference with the reason otherwise."""
    before = parts.projects.synced_before()
    settings = parts.settings
    found = [p for p in parts.procore.projects_numbered(job_number) if _is_numbered(p, job_number)]
    kept = settings.sync_after_stage_change
    judged = [judge(p, settings.eligible_stages, kept and project_id(p) in before) for p in found]
    ids = {project.procore_id for project in judged}
    judged += [
        Seen(row.procore_id, row.job_number, row.name, row.stage, "eligible")
        for row in parts.projects.numbered(job_number)
        if row.procore_id not in ids and (row.state == "eligible" or row.code == Refusal.DUPLICATE.code)
    ]
    judged = [_pause(project, before) for project in refuse_duplicates(judged)]
    parts.projects.record([project for project in judged if project.procore_id in ids])
    eligible = [project for project in judged if project.state == "eligible" and project.procore_id in ids]
    if not eligible:
        reason = judged[0].reason if judged else "Procore shows no project with this job number to this app."
        raise MissingReference(HoldCode.PROJECT_REFUSED, job_number=job_number, reason=reason)
    one = eligible[0]
    return Project(id=one.procore_id, name=one.name, project_number=one.job_number)


def project_id(project: Project | Unreadable) -> int:
    return project.id if isinstance(project, Project) else 0


def _is_numbered(project: Project | Unreadable, job_number: str) -> bool:
    return isinstance(project, Project) and _folded(project.job_number) == _folded(job_number)


def _refused(seen: Seen, refusal: Refusal, **facts: object) -> Seen:
    return replace(seen, state="refused", code=refusal.code, reason=refusal.value.format(**facts))


def _unless_alone(project: Seen, sharing: Sequence[Seen]) -> Seen:
    others = [other.name for other in sharing if other.procore_id != project.procore_id]
    if project.state != "eligible" or not others:
        return project
    return _refused(project, Refusal.DUPLICATE, job_number=project.job_number, others=", ".join(others))


def _pause(project: Seen, before: set[int]) -> Seen:
    """A project that was synced and is refused now is paused, not forgotten."""
    if project.state == "refused" and project.procore_id in before:
        return replace(project, state="paused")
    return project


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@app.task(name="discover", bind=True, max_retries=0, throws=(JobFailed,))
def discover(self: Task[Any, Any]) -> str:
    """One pass, started by beat. A pass that cannot start says why and is tried again at the next interval."""
    try:
        return discover_projects(parts())
    except SyncError as error:
        log.warning("no pass", why=str(error))
        raise JobFailed(str(error)) from None
