"""Retry of one job: whether its page offers it, and what a click does.

The job table decides, never Flower's view of a task: Flower misses what ends while it is down, and shows arguments
only as text. A retry is a compare-and-swap on the job's row, so five clicks make one run. Knows nothing of HTTP
beyond the number of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks import by_hand
from worker.assembly import parts
from worker.errors import SyncError
from worker.flower.markup import Times
from worker.holds import Outcome
from worker.ledger import accepted
from worker.ledger.accepted import Acceptance
from worker.ledger.history import held_after
from worker.ledger.jobs import ACTIVE, RETRYABLE
from worker.ledger.records import place
from worker.ledger.tables import Hold, Job
from worker.local_time import today
from worker.reports.causes import Cause, shared

NO_LOGIN = "Starting a job needs a login: set FLOWER_LOGIN to user:password and start Flower again."
READ_ONLY = "Flower is read-only here, so no job can be started."


@dataclass(frozen=True, slots=True)
class Offer:
    """What a task's page says about its job: a Retry button, else why there is none; both blank for most tasks."""

    job: Job | None = None
    may_retry: bool = False
    note: str = ""
    #: What the job held, for people, in the order of the sync.
    held: Sequence[Hold] = ()
    #: Which of that was acknowledged, by the hold's id.
    acknowledged: Mapping[int, Acceptance] = field(default_factory=dict)
    #: Its project, where one is known.
    project_id: int | None = None
    times: Times | None = None

    @property
    def causes(self) -> Sequence[Cause[Hold]]:
        """What holds several of its records, without those that were acknowledged."""
        return shared([hold for hold in self.held if hold.id not in self.acknowledged])

    @property
    def goes_on(self) -> bool:
        """Whether the job has not ended, as the job table says."""
        return self.job is not None and self.job.state in ACTIVE


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a click: 200 with the new task's id, 409 when there is nothing to retry, 503 for later."""

    status: int
    sentence: str
    task_id: str = ""


def offer(task_id: str, refusal: str = "") -> Offer:
    """What this task's page is to show. `refusal` is why Flower, as it was started, lets nobody retry.

    Never raises: a job table that cannot be read must not hide Flower's own page.
    """
    try:
        ours = parts()
        job = ours.jobs.find(task_id)
        if job is None:
            return Offer()
        found = [hold for _, hold in held_after(ours.engine, [job]) if hold.outcome == Outcome.HELD]
        held = sorted(found, key=place)
        projects, times = ours.projects.numbered(job.job_number), Times.of(ours)
        numbers = {one.procore_id: one.job_number for one in projects}
        known = accepted.of_holds(ours.engine, held, numbers, today(ours))
    except SyncError as error:
        return Offer(note=f"Retry is not possible now. {error}")
    offered = Offer(job, False, "", held, known, projects[0].procore_id if len(projects) == 1 else None, times)
    if job.state not in RETRYABLE:
        return offered
    if job.retried_as:
        return replace(offered, note=f"It was started again, as task {job.retried_as}.")
    return replace(offered, may_retry=not refusal, note=refusal)


def retry(task_id: str) -> Answer:
    """Queue the failed, parked or held job of this task again, under a new task id, and publish it."""
    try:
        job = by_hand.retry(parts(), task_id)
    except by_hand.NothingToRetry as nothing:
        return Answer(409, str(nothing))
    except SyncError as error:
        return Answer(503, str(error))
    return Answer(200, f"{job.job_number} is started again.", job.task_id)
