"""Which projects are synced, and why the others are not. Pure, but for the two at the end that look for one project.

Eligible: active, its stage is one of the configured ones, a job number, and no second eligible project with the same
one; with a duplicate both are refused. Every refusal has a reason that an operator can read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum

from worker.assembly import Parts
from worker.errors import MissingReference
from worker.holds import HoldCode
from worker.ledger.projects import Seen, folded
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

    @property
    def code(self) -> str:
        return self.name.lower()


def judge_all(found: Iterable[Project | Unreadable], settings: Settings, before: set[int]) -> list[Seen]:
    """Every project judged; `before` are the ids of those that were synced once: refused now, they are paused."""
    keep = before if settings.sync_after_stage_change else set()
    judged = [judge(project, settings.eligible_stages, _id(project) in keep) for project in found]
    return [_pause(project, before) for project in refuse_duplicates(judged)]


def judge(project: Project | Unreadable, stages: Sequence[str], keep: bool = False) -> Seen:
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
    return seen


def refuse_duplicates(seen: Iterable[Seen]) -> list[Seen]:
    """Refuse every eligible project that shares its job number with another eligible one."""
    projects = list(seen)
    numbered: dict[str, list[Seen]] = {}
    for project in projects:
        if project.state == "eligible":
            numbered.setdefault(folded(project.job_number), []).append(project)
    return [_unless_alone(project, numbered.get(folded(project.job_number), [])) for project in projects]


def seen_lately(parts: Parts, job_number: str) -> Project | None:
    """The eligible project with this job number, if a pass saw it within the last interval and no other has it."""
    rows = parts.projects.numbered(job_number)
    since = parts.now() - timedelta(minutes=parts.settings.sync_every_minutes)
    if len(rows) != 1 or rows[0].state != "eligible" or rows[0].seen_at < since:
        return None
    return Project(id=rows[0].procore_id, name=rows[0].name, project_number=rows[0].job_number)


def one_eligible(parts: Parts, job_number: str) -> Project:
    """The one eligible project with this job number, read now. Raises MissingReference with the reason otherwise.

    Reads the whole list: Procore's filter takes a number literally, and would not show the duplicate " 24-030".
    """
    judged = judge_all(parts.procore.projects(), parts.settings, parts.projects.synced_before())
    parts.projects.record(judged)
    mine = [project for project in judged if folded(project.job_number) == folded(job_number)]
    eligible = [project for project in mine if project.state == "eligible"]
    if not eligible:
        reason = mine[0].reason if mine else UNSEEN
        raise MissingReference(HoldCode.PROJECT_REFUSED, job_number=job_number, reason=reason)
    one = eligible[0]
    return Project(id=one.procore_id, name=one.name, project_number=one.job_number)


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


def _pause(project: Seen, before: set[int]) -> Seen:
    """A project that was synced and is refused now is paused, not forgotten."""
    if project.state == "refused" and project.procore_id in before:
        return replace(project, state="paused")
    return project
