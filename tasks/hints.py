"""What follows from Procore's webhook messages: lists become due, and their projects' jobs start soon.

A message is only a hint: what it says is read in Procore by a job like any other, and whatever does not come is found
by the passes. So nothing here is wrong for a message that is late, twice, or about something that we do not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from kombu.exceptions import OperationalError

import tasks.project  # noqa: F401 - registers the task that is published
from tasks import publishing
from tasks.eligibility import judged_now
from tasks.policy import JobFailed, ends_red
from tasks.turns import list_at
from worker.assembly import Parts, parts
from worker.celery import app
from worker.errors import ApiUnavailable
from worker.ledger import hints as ledger
from worker.ledger.calls import calls_since
from worker.ledger.jobs import Wanted
from worker.ledger.lists import Listed, lists_of_each
from worker.ledger.tables import Job
from worker.pipeline.read import rhythm
from worker.procore import limits
from worker.procore.message import Hint
from worker.procore.resources import PROJECTS

#: A message asks for a list of projects that waits no longer than this; the next pass reads it anyway.
JUDGE_LIFE_S = 600.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Noted:
    """What some hints come to."""

    #: A job that begins later reads what they are about.
    at: datetime
    #: Eligible projects, and the lists of each that may have moved.
    lists: Mapping[int, frozenset[str]]
    #: Projects that are to be judged again.
    changed: frozenset[int] = frozenset()


def note(parts: Parts, hints: Collection[Hint]) -> Noted:
    """Make the lists due, and say of which projects a job is to start. Raises ApiUnavailable without the ledger."""
    hinted: dict[int, set[str]] = defaultdict(set)
    changed = frozenset(hint.project_id for hint in hints if hint.name == PROJECTS and hint.project_id is not None)
    for hint in hints:
        for id_ in _projects(parts, hint) if hint.name != PROJECTS else ():
            hinted[id_].add(hint.name)
    known = parts.projects.with_ids(hinted)
    eligible = {}
    for id_, names in hinted.items():
        row = known.get(id_)
        if row is not None and row.state == "eligible":
            eligible[id_] = frozenset(names)
        else:
            log.debug("no job for a message", project=id_, why="no pass has seen it" if row is None else row.reason)
    now = parts.now()
    ledger.make_due(parts.engine, eligible, now)
    return Noted(now, eligible, changed)


def _projects(parts: Parts, hint: Hint) -> Collection[int]:
    """The projects that a hint is about: of a vendor of the company, those that have to do with it."""
    if hint.project_id is not None:
        return (hint.project_id,)
    found = ledger.projects_of_vendor(parts.engine, hint.record_id or 0)
    if not found:
        log.debug("no job for a message", vendor=hint.record_id, why="no project has it in Xero, or waits for it")
    return found


def start(parts: Parts, lists: Mapping[int, Collection[str]], since: Mapping[int, datetime]) -> set[int]:
    """Start these projects' jobs, or have those that wait read these lists; returns projects to come back to.

    Those are projects whose job runs since before their first message, `since`: it may have read the list already; and
    those for which messages have no calls to Procore left just now, the longest waiting one goes first.
    Raises ApiUnavailable without the ledger. Without the broker a job waits in the ledger, and a worker finds it there.
    """
    known = lists_of_each(parts.engine, lists)
    in_turn = _in_turn(parts, lists, since, known)
    if left := lists.keys() - in_turn:
        log.debug("messages wait for calls to Procore", projects=len(left))
    return _start(parts, {id_: lists[id_] for id_ in in_turn}, since, known) | left


def _in_turn(
    parts: Parts,
    lists: Mapping[int, Collection[str]],
    since: Mapping[int, datetime],
    known: Mapping[int, Sequence[Listed]],
) -> Collection[int]:
    """Those whose jobs may start now: all of them, where every pass reads everything anyway. `known`: what was read of
    each."""
    if parts.settings.read_lists == "every_pass":
        return lists
    said, now = limits.hour(parts.settings, parts.broker).said(), parts.now()
    made = calls_since(parts.engine, now, now - timedelta(hours=1), "procore")
    active = ledger.under_way(parts.engine)
    known = {**lists_of_each(parts.engine, {id_ for id_, _ in active} - lists.keys()), **known}

    def takes(project_id: int, names: Collection[str] | None) -> int:
        read = [one for one in known.get(project_id, ()) if names is None or one.name in names]
        return rhythm.of_a_message([list_at(one, now) for one in read], now)

    waiting = {id_: takes(id_, lists[id_]) for id_ in sorted(lists, key=lambda id_: (since[id_], id_))}
    under_way = sum(takes(id_, names) for id_, names in active)
    return rhythm.for_messages(waiting, said.calls, made, said.left, under_way)


def _start(
    parts: Parts, lists: Mapping[int, Collection[str]], since: Mapping[int, datetime], known: Collection[int]
) -> set[int]:
    """`known`: the projects of which at least one list was read; of others all lists are."""
    rows = parts.projects.with_ids(lists)
    wanted = {
        id_: Wanted(row.job_number, row.name, " ".join(sorted(lists[id_])) if id_ in known else None)
        for id_, row in rows.items()
        if row.state == "eligible"
    }
    queued = parts.jobs.queue(list(wanted.values()), "periodic")
    _publish(parts, queued)
    numbers = {job.job_number for job in queued}
    others = {id_: one for id_, one in wanted.items() if one.job_number not in numbers}
    return {
        id_
        for id_, one in others.items()
        if not ledger.joins(parts.engine, one.job_number, lists[id_] if id_ in known else None, since[id_])
    }


def _publish(parts: Parts, jobs: Sequence[Job]) -> None:
    if not jobs:
        return
    try:
        publishing.publish(jobs, parts)
    except ApiUnavailable as away:
        log.warning("jobs wait in the ledger", jobs=len(jobs), why=str(away))
    else:
        log.info("started by messages", jobs=len(jobs))


def ask_to_judge(ids: Collection[int]) -> None:
    """Have a worker judge these projects anew: who listens has no login of Procore. Raises ApiUnavailable."""
    try:
        app.send_task("judge_projects", args=(sorted(ids),), ignore_result=True, expires=JUDGE_LIFE_S, retry=False)
    except OperationalError as error:
        raise ApiUnavailable(f"The broker cannot be reached ({error}).") from error


def judge(parts: Parts, ids: Collection[int]) -> str:
    """Read and judge all projects, and start a job for those of `ids` that are eligible; returns a line about it."""
    found = [seen for seen in judged_now(parts) if seen.procore_id in ids and seen.state == "eligible"]
    started = parts.jobs.queue([Wanted(seen.job_number, seen.name) for seen in found], "periodic")
    publishing.publish(started, parts)
    return f"{len(found)} of {len(ids)} changed projects eligible, {len(started)} jobs started"


@app.task(name="judge_projects", max_retries=0, throws=(JobFailed,), ignore_result=True)
def judge_projects(ids: list[int]) -> str:
    """Sent when messages said that projects changed: which are eligible now is not for the next pass alone."""
    with ends_red(log, "projects not judged"):
        return judge(parts(), set(ids))
