"""Discovery: list the projects, judge each, start one job per eligible one.

Idempotent: a job number that is queued or running is left alone, so that a second beat costs a no-op.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task

from tasks import publishing
from tasks.eligibility import judge_all
from tasks.policy import JobFailed
from worker import logins
from worker.assembly import Parts, parts
from worker.celery import app
from worker.errors import LoginLapsed, SyncError
from worker.ledger.jobs import Wanted
from worker.ledger.standing import count_options
from worker.ledger.tables import Pass

#: Options from which a tracking category is spoken of (xero-api.md §4.3).
MANY_OPTIONS = 90
#: Whose records become the options of each category.
ROLES = {"project": "projects", "cost_code": "cost_codes"}
log = structlog.get_logger(__name__)


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
            if isinstance(error, LoginLapsed):
                logins.park(parts, error)
            parts.passes.end(this_pass.id, message=str(error))
            raise


def _fan_out(parts: Parts, this_pass: Pass) -> str:
    before = parts.projects.synced_before()
    settings = parts.settings
    seen = judge_all(parts.procore.projects(), settings, before)
    parts.projects.record(seen)
    eligible = [project for project in seen if project.state == "eligible"]
    stranded = parts.jobs.strand(publishing.expiry_s(settings))
    wanted = [Wanted(project.job_number, project.name) for project in eligible]
    queued = parts.jobs.queue(wanted, "periodic", this_pass.id)
    refused = len(seen) - len(eligible)
    line = f"{len(eligible)} eligible, {len(queued)} started, {refused} refused or paused{_crowded(parts)}"
    try:
        publishing.publish([*stranded, *queued], settings)
    finally:  # a pass has ended when its last message is out; without a broker its rows wait all the same
        parts.passes.end(this_pass.id, message=line, eligible=len(eligible), queued=len(queued), refused=refused)
    log.info("discovered", eligible=len(eligible), queued=len(queued), refused=refused, stranded=len(stranded))
    return line


def _crowded(parts: Parts) -> str:
    """A word about a tracking category whose options come near the hundred from which Xero gets slow."""
    counts = count_options(parts.engine, parts.organisation.tenant_id)
    names = {role: category.name for role, category in parts.categories().items()}
    many = {names[role]: counts.get(kind, 0) for role, kind in ROLES.items() if role in names}
    return "".join(
        f"; tracking category '{name}' has {count} options from here, and Xero gets slow from 100: archive old ones"
        for name, count in many.items()
        if count >= MANY_OPTIONS
    )


@app.task(name="discover", bind=True, max_retries=0, throws=(JobFailed,))
def discover(self: Task[Any, Any]) -> str:
    """One pass, started by beat. A pass that cannot start says why and is tried again at the next interval."""
    try:
        return discover_projects(parts())
    except SyncError as error:
        log.warning("no pass", why=str(error))
        raise JobFailed(str(error)) from None
