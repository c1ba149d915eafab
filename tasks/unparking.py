"""An organisation of Xero that is parked is asked at once, by a person: what is over need not be waited for.

Procore and Xero get one read each, since either may have parked it. What answers again is parked no more, and the jobs
that were parked start again; one that does not stays parked until the time that was set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import tasks.project  # noqa: F401 - registers the task that is published
from tasks import publishing
from worker.assembly import Parts
from worker.counting import counted
from worker.errors import ConfigError, ContractBroken, NotPermitted, SyncError
from worker.ledger.tables import Job
from worker.local_time import local, zone

#: Said where there is nothing to try.
NOT_PARKED = "Nothing is parked."


@dataclass(frozen=True, slots=True)
class Parked:
    """An organisation to which nothing is sent before a time in its own zone; `name` is blank where nobody has named
    it."""

    tenant_id: str
    name: str
    until: datetime
    why: str

    @property
    def until_then(self) -> str:
        """ "2026-11-29 14:30 AEDT" """
        return local(self.until, self.until.tzinfo or UTC)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of it: a sentence for each organisation, and the jobs that were started."""

    sentences: Sequence[str]
    jobs: Sequence[Job]
    is_over: bool


def parked(parts: Parts) -> list[Parked]:
    """What is parked now, from the ledger alone."""
    return [found for _, found in _parked(parts)]


def _parked(parts: Parts) -> list[tuple[Parts, Parked]]:
    found: list[tuple[Parts, Parked]] = []
    for one in parts.each():
        try:
            known = one.known_organisation()
        except ConfigError:  # nobody has logged in to it yet
            continue
        row = one.organisations.parked(known.tenant_id) if known else None
        if row is not None and row.parked_until is not None:
            name = one.title or row.name
            until = row.parked_until.astimezone(zone(one))
            found.append((one, Parked(row.tenant_id, name, until, row.parked_why or "")))
    return found


def try_now(parts: Parts) -> Tried:
    """Ask for each organisation that is parked. Raises ApiUnavailable when the broker cannot be reached."""
    sentences, jobs, is_over = list[str](), list[Job](), True
    for one, found in _parked(parts):
        try:
            _ask(one)
        except SyncError as error:
            sentences.append(f"{found.name} stays parked until {found.until_then}: {error}")
            is_over = False
            continue
        one.organisations.unpark(found.tenant_id, found.why)
        jobs += (started := parts.jobs.retry_all(_its_jobs(one)))
        sentences.append(
            f"Procore and Xero answer for {found.name}. {counted(len(started), 'parked job')} started again."
        )
    publishing.publish(jobs, parts)
    return Tried(sentences, jobs, is_over)


def _ask(one: Parts) -> None:
    """A read of each. That Procore does not open this one to the app is an answer, too."""
    one.xero.organisation()
    try:
        one.procore.pages_at()
    except (ContractBroken, NotPermitted):
        return


def _its_jobs(one: Parts) -> list[int]:
    """The jobs that were parked, of eligible projects that go to it."""
    mine = {row.job_number for row in one.projects.all() if row.state == "eligible" and row.organisation == one.name}
    return [job.id for number, job in one.jobs.latest().items() if job.state == "parked" and number in mine]
