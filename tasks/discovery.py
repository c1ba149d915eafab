"""Discovery: list the projects, judge each, start one job per eligible one.

Idempotent: a job number that is queued or running is left alone, so that a second beat costs a no-op.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import structlog
from celery import Task

from tasks import publishing, watching
from tasks.eligibility import judged_now
from tasks.policy import JobFailed, ends_red
from tasks.turns import turns
from worker import logins, logs, procore_pages
from worker.assembly import Parts, parts
from worker.broker import age
from worker.celery import app
from worker.errors import LoginLapsed, SyncError
from worker.ledger.jobs import Wanted
from worker.ledger.standing import count_options
from worker.ledger.tables import Job, Pass
from worker.local_time import local, zone

#: Options from which a tracking category is spoken of (xero-api.md §4.3).
MANY_OPTIONS = 90
#: Whose records become the options of each category.
ROLES = {"project": "projects", "cost_code": "cost_codes"}
log = structlog.get_logger(__name__)


def discover_projects(parts: Parts) -> str:
    """One pass: returns a line about it. Raises SyncError when nothing could start, or nothing of one organisation."""
    parts.check()
    this_pass, before = parts.passes.start(), Counter(parts.calls())
    with logs.at(pass_id=this_pass.id):
        try:
            return _discover(parts, this_pass, before)
        except SyncError as error:
            if isinstance(error, LoginLapsed):
                logins.park(parts, error)
            parts.passes.end(this_pass.id, message=str(error), failed=True)
            raise
        finally:
            parts.passes.note_calls(this_pass.id, Counter(parts.calls()) - before)


def _discover(parts: Parts, this_pass: Pass, before: Counter[str]) -> str:
    ours = parts.each()
    closed = {one.name: why for one in ours if (why := _why_closed(one)) is not None}
    said = " ".join(f"{name}: {why}" if name else str(why) for name, why in closed.items())
    if len(closed) < len(ours):
        line = _fan_out(parts, this_pass, before, [one for one in ours if one.name not in closed], said)
        if closed:
            raise SyncError(line)
        return line
    raise next(iter(closed.values())) if len(ours) == 1 else SyncError(f"Nothing started. {said}")


def _why_closed(one: Parts) -> SyncError | None:
    """Why none of its jobs is started: it is parked, or not set up. Raises LoginLapsed, which is about all of them."""
    try:
        parked = one.organisations.parked(one.organisation.tenant_id)
        if parked is not None:
            until = local(parked.parked_until, zone(one)) if parked.parked_until else "later"
            return SyncError(f"The organisation is parked until {until}: {parked.parked_why}")
        one.categories()
    except LoginLapsed:
        raise
    except SyncError as error:
        return error
    return None


def _fan_out(parts: Parts, this_pass: Pass, before: Counter[str], open_ones: Sequence[Parts], closed: str) -> str:
    settings, names = parts.settings, {one.name for one in open_ones}
    procore_pages.note(parts)
    seen = judged_now(parts)
    told = "".join(map(watching.watch, open_ones))
    eligible = [project for project in seen if project.state == "eligible"]
    stranded = parts.jobs.strand(publishing.expiry_s(settings))
    open_projects = [project for project in eligible if project.organisation in names]
    parts.passes.note_calls(this_pass.id, Counter(parts.calls()) - before)  # of the hour, too
    planned = turns(parts, open_projects, open_ones)
    told += planned.line
    wanted = [Wanted(one.job_number, one.name, planned.lists.get(one.procore_id)) for one in open_projects]
    counts = Counter(eligible=len(eligible), queued=0, refused=len(seen) - len(eligible))
    queued = _counted(parts.jobs.queue_in_parts(wanted, "periodic", this_pass.id), counts)
    try:
        publishing.publish(chain(stranded, queued), parts)
    finally:  # a pass has ended when its last message is out; without a broker its rows wait all the same
        deque(queued, maxlen=0)
        line = "{eligible} eligible, {queued} started, {refused} refused or paused".format(**counts)
        line += told + "".join(map(_crowded, open_ones)) + (f"; nothing started for {closed}" if closed else "")
        parts.passes.end(this_pass.id, message=line, **counts)
    log.info("discovered", **counts, stranded=len(stranded))
    return line


def _counted(queued: Iterator[Job], counts: Counter[str]) -> Iterator[Job]:
    for job in queued:
        counts["queued"] += 1
        yield job


def _crowded(parts: Parts) -> str:
    """A word about a tracking category whose options come near the hundred from which Xero gets slow."""
    counts = count_options(parts.engine, parts.organisation.tenant_id)
    names = {role: category.name for role, category in parts.categories().items()}
    many = {names[role]: counts.get(kind, 0) for role, kind in ROLES.items() if role in names}
    where = f" of {parts.name}" if parts.name else ""
    return "".join(
        f"; tracking category '{name}'{where} has {count} options of this worker's, and Xero gets slow from 100: "
        "archive old ones"
        for name, count in many.items()
        if count >= MANY_OPTIONS
    )


@app.task(name="discover", bind=True, max_retries=0, throws=(JobFailed,))
def discover(self: Task[Any, Any]) -> str:
    """One pass, started by beat. A pass that cannot start says why and is tried again at the next interval.

    One that waited for a whole interval, as many do when no worker ran for long, is the next one's.
    """
    with ends_red(log, "no pass"):
        ours = parts()
        if age.waited_s(ours.broker, self.request.headers or {}) > ours.settings.sync_every_minutes * 60:
            return "Nothing started: this message waited for a whole interval, and the next one is there"
        return discover_projects(ours)
