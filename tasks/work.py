"""What one job works with, put together from the parts of its process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from tasks.counts import with_earlier
from tasks.stages import BY_NAME
from worker import procore_pages
from worker.assembly import Parts
from worker.ledger.attachments import Attachments
from worker.ledger.elsewhere import Elsewhere
from worker.ledger.entries import Entries
from worker.ledger.handed_over import HandedOver
from worker.ledger.holds import Holds
from worker.ledger.lists import Lists, Planned
from worker.ledger.names import Names
from worker.ledger.projects import Cursors
from worker.ledger.tables import Job
from worker.mapping.references import Category, Known
from worker.pipeline.heartbeat import Heartbeat
from worker.pipeline.work import Work
from worker.procore.records import Project
from worker.procore.shown import Shown


def work_of(parts: Parts, job: Job, owner: str, project: Project, since: datetime) -> Work:
    """Everything that one job of this project works with; the parts are those of its organisation."""
    tenant_id = parts.organisation.tenant_id
    categories = parts.categories()
    counts: dict[str, Counter[str]] = {}

    def progress() -> Mapping[str, Mapping[str, int]]:
        return with_earlier(counts, job.counts)

    entries = Entries(parts.engine, tenant_id, parts.jobs, job, owner, project.id, parts.now, progress)
    holds = Holds(parts.engine, tenant_id, project.id, parts.now)
    known = Known(
        rules=parts.rules().for_project(project.job_number),
        project_id=project.id,
        job_number=project.job_number,
        procore_web_url=parts.settings.procore_web_url,
        procore_pages=procore_pages.at(parts),
        project_category=categories["project"],
        cost_code_category=categories.get("cost_code", Category("", "")),
        held=holds.held(),
    )
    shown = Shown(known.rules.records.leaves_out)
    known.unseen = shown.refused.keys()
    due = None
    if parts.settings.read_lists == "when_due":
        lists = Lists(parts.engine, project.id)
        names = None if job.lists is None else frozenset(job.lists.split())
        due = Planned(lists, names, timedelta(minutes=parts.settings.sync_every_minutes))
    handed_over = HandedOver(parts.engine, tenant_id, job, project.id, parts.now)
    return Work(
        project=project,
        procore=parts.procore,
        xero=parts.xero,
        entries=entries,
        attachments=Attachments(parts.engine, tenant_id, parts.jobs, job, owner, project.id),
        fetch=lambda url, most_bytes: parts.fetch(url, most_bytes),
        holds=holds,
        names=Names(parts.engine, project.id),
        cursors=Cursors(parts.engine, project.id),
        references=parts.references(),
        of_procore=parts.of_procore(),
        known=known,
        stages=BY_NAME,
        heartbeat=Heartbeat(lambda: parts.jobs.extend(job.id, owner, progress()), parts.settings.lease_s, parts.now),
        since=since,
        now=parts.now,
        full_compare_every=timedelta(hours=parts.settings.full_compare_every_hours),
        lists_every=timedelta(hours=parts.settings.lists_every_hours),
        xero_web_url=parts.settings.xero_web_url,
        key_window_s=parts.settings.key_window_s,
        elsewhere=Elsewhere(parts.engine, tenant_id, project.id, parts.now),
        reach=parts.reach,
        shown=shown,
        due=due,
        job_number_of=parts.projects.job_number,
        organisation=parts.name or parts.organisation.name,
        short_code=parts.organisation.short_code if parts.name else "",
        by_hand=job.task_id if job.trigger == "manual" else "",
        counts=counts,
        handed_over=handed_over,
        waits_at_most_s=parts.settings.share_requests_after_s,
    )
