"""What a job does with each kind of error: the job table says it, and Celery only repeats it.

The task is the one thing that is not real here: Celery would need a broker to publish the retry to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import fakeredis
import httpx
import pytest
from celery import Task
from celery.exceptions import Ignore, Retry

from tasks import policy, project
from tasks.policy import JobFailed, Report, in_a_line
from tests.integration.conftest import MakeWorld
from tests.integration.published import ATask, Message
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from tests.integration.world import World
from worker import stopping
from worker.assembly import Parts
from worker.errors import (
    ApiUnavailable,
    AuthRejected,
    ConfigError,
    ContractBroken,
    OutcomeUnknown,
    ProjectBusy,
    RateLimited,
    SyncError,
    WorkerStopped,
)
from worker.ledger.tables import Job
from worker.settings import Settings
from worker.xero import client as xero_client

OWNER = "test"
Sync = Callable[[Parts, Job, str], Report]


def raising(error: Exception) -> Sync:
    def sync(_parts: Parts, _job: Job, _owner: str) -> Report:
        raise error

    return sync


def reporting(held: int, urgent: Sequence[int] = ()) -> Sync:
    return lambda _parts, _job, _owner: Report({"claims": {"sent": 3}}, f"{JOB_NUMBER}: 3 records", held, urgent)


@dataclass
class Run:
    """One message at work."""

    world: World
    task: ATask

    def __call__(self, sync: Sync) -> str:
        task = cast("Task[Any, Any]", self.task)
        job = policy.claim(self.world.parts, task, JOB_NUMBER, "Tower", OWNER)
        assert job is not None
        return policy.finish(self.world.parts, task, job, OWNER, sync)

    @property
    def job(self) -> Job:
        return self.world.job(JOB_NUMBER)

    @property
    def countdown(self) -> float:
        return self.task.back_in_s


@pytest.fixture
def run(a_world: MakeWorld) -> Run:
    """The message of a job that discovery queued."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.discover()
    job = world.job(JOB_NUMBER)
    return Run(world, ATask(Message(job.task_id, {"job_id": str(job.id)})))


@pytest.mark.parametrize("off_s", [-480, 480])
def test_a_job_says_that_its_machines_clock_is_off(run: Run, off_s: float) -> None:
    """Where operators read how it ended; it ends as it would have."""
    run.world.machine.off = timedelta(seconds=off_s)
    line = run(project.sync)
    assert "4 sent" in line
    assert f"480 s {'ahead of' if off_s > 0 else 'behind'} Xero's" in line
    assert (run.job.state, run.job.message) == ("done", line)


def test_a_job_that_went_well_is_done(run: Run) -> None:
    """With its line and its counts."""
    assert run(reporting(held=0)) == f"{JOB_NUMBER}: 3 records"
    assert (run.job.state, run.job.message, run.job.counts) == (
        "done",
        f"{JOB_NUMBER}: 3 records",
        {"claims": {"sent": 3}},
    )
    assert run.job.owner is None


def test_the_real_sync_runs_under_it(run: Run) -> None:
    """End to end: the job's line says what went."""
    line = run(project.sync)
    assert line.startswith(f"{JOB_NUMBER}: ")
    assert "sent" in line
    assert len(run.world.documents("invoices")) == 1


def test_what_is_held_and_known_makes_no_job_red(run: Run) -> None:
    """And yet it does not look like one that left nothing; it can be retried."""
    assert run(reporting(held=2)) == f"{JOB_NUMBER}: 3 records"
    assert run.job.state == "held"
    assert run.world.parts.jobs.retry({"task_id": run.task.request.id}) is not None


def test_held_records_that_need_a_person_make_a_job_red(run: Run) -> None:
    """So that it is seen, and can be retried."""
    with pytest.raises(JobFailed, match="3 records"):
        run(reporting(held=2, urgent=[7]))
    assert (run.job.state, run.job.counts) == ("failed", {"claims": {"sent": 3}})
    assert run.task.retries == []
    assert run.world.parts.jobs.retry({"task_id": run.task.request.id}) is not None


@pytest.mark.parametrize(
    "error",
    [
        AuthRejected("Xero refuses our credentials."),
        ContractBroken("Procore answers with something else."),
        ConfigError("The mapping file is missing."),
    ],
)
def test_what_needs_a_person_fails_at_once(run: Run, error: Exception) -> None:
    """With its sentence, and without coming back."""
    with pytest.raises(JobFailed, match=str(error)):
        run(raising(error))
    assert (run.job.state, run.job.message) == ("failed", str(error))
    assert run.task.retries == []


def test_a_mistake_of_ours_fails_and_says_so(run: Run) -> None:
    """An unknown exception is fatal; its kind stands in the line."""
    with pytest.raises(JobFailed, match="Unexpected KeyError"):
        run(raising(KeyError("InvoiceID")))
    assert run.job.state == "failed"


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (ApiUnavailable("Xero does not answer.", 60.0), 60, 60),
        (OutcomeUnknown("Xero gave no answer.", 2.0), 2, 2),
        (RateLimited("The minute limit is used up.", 30.0), 30, 30),
        (ProjectBusy("Another job is sending some of these.", 2.0), 2, 2),
        (OutcomeUnknown("Settled later.", 5000.0), 600, 600),
    ],
)
def test_what_passes_comes_back(run: Run, error: Exception, least: float, most: float) -> None:
    """The same message after a countdown that stays below the broker's visibility timeout; the row waits for it."""
    with pytest.raises(Retry):
        run(raising(error))
    assert least <= run.countdown <= most
    assert (run.job.state, run.job.message, run.job.owner) == ("queued", str(error), None)
    assert run.job.task_id == run.task.request.id
    assert run.job.not_before is not None
    assert run(reporting(held=0))
    assert run.job.attempt == 2


def test_a_day_limit_parks_the_organisation(run: Run) -> None:
    """Nothing sleeps for hours: the job ends, the pass says so, and after the time it starts anew."""
    with pytest.raises(JobFailed, match=r"^Parked until"):  # red in Flower: nothing was sent
        run(raising(RateLimited("Xero says that the day limit is used up.", 30_000.0)))
    assert run.job.state == "parked"
    assert run.task.retries == []
    with pytest.raises(SyncError, match="parked"):
        run.world.discover()
    run.world.clock.advance(30_001)
    assert run.world.discover().startswith("1 eligible, 1 started")


def test_xeros_day_limit_parks_a_job_in_the_middle(run: Run) -> None:
    """One 429, nothing sleeps, nobody asks Xero again before the time; then a new job brings what is missing, once."""
    run.world.limit(xero_per_day=len(run.world.journal()) + 3)
    before = run.world.clock.now()
    with pytest.raises(JobFailed, match=r"^Parked until"):
        run(project.sync)
    assert (run.job.state, run.task.retries) == ("parked", [])
    assert (run.world.clock.now() - before).total_seconds() < 60
    assert [entry["status"] for entry in run.world.journal()].count(429) == 1
    assert run.world.writes()

    since = run.world.last()
    with pytest.raises(SyncError, match="parked"):
        run.world.discover()
    assert run.world.journal(since) == []

    run.world.limit(xero_per_day=0)
    run.world.clock.advance(86_401)
    assert run.world.discover().startswith("1 eligible, 1 started")
    run.world.run(JOB_NUMBER)
    assert len(run.world.documents("invoices")) == 1


def test_what_a_limit_stopped_goes_whole_when_the_day_is_over(a_world: MakeWorld) -> None:
    """It never went: nobody looks for it in Xero, and it goes with as many beside it as before."""
    world = a_world(a_seed(claims=[a_claim(number) for number in range(11, 17)]))

    def stop(_: httpx.Request) -> None:
        raise RateLimited("Xero says that the day limit is used up.", 30_000.0)

    world.wire.before("PUT", "/Invoices", stop)
    with pytest.raises(RateLimited):
        world.run(JOB_NUMBER)
    world.clock.advance(86_401)
    since = world.last()
    world.run(JOB_NUMBER)
    assert len(world.documents("invoices")) == 6
    assert len(world.writes(since, "/Invoices")) == 1
    assert len([call for call in world.journal(since) if call["method"] == "GET" and "/Contacts" in call["path"]]) <= 1


def test_our_own_count_of_the_day_parks_without_a_429(run: Run) -> None:
    """The budget says how long it is until the next call, and the job does not wait for it."""
    limited = run.world.settings.model_copy(update={"xero_calls_per_day": 3})
    run.world.parts.xero = xero_client.connect(
        limited, fakeredis.FakeRedis(), run.world.wire, machine=run.world.machine
    )
    with pytest.raises(JobFailed, match=r"^Parked until"):
        run(project.sync)
    parked = run.world.parts.organisations.parked(run.world.parts.organisation.tenant_id)
    assert parked is not None
    assert parked.parked_until is not None
    assert 86_000 < (parked.parked_until - run.world.clock.now()).total_seconds() <= 86_410
    assert 429 not in [entry["status"] for entry in run.world.journal()]


def test_a_long_outage_parks_the_organisation(run: Run) -> None:
    """After several attempts with growing pauses, and not before."""
    outage = raising(ApiUnavailable("Xero cannot be reached.", 2.0))
    pauses = []
    for _ in range(policy.OUTAGE_ATTEMPTS - 1):
        with pytest.raises(Retry):
            run(outage)
        pauses.append(run.countdown)
    assert pauses == sorted(set(pauses))
    with pytest.raises(JobFailed, match=r"^Parked until"):
        run(outage)
    assert run.job.state == "parked"


def test_an_unknown_outcome_is_not_parked(run: Run) -> None:
    """It is settled first: what may have been sent must not be forgotten over a pause."""
    for _ in range(policy.OUTAGE_ATTEMPTS + 2):
        with pytest.raises(Retry):
            run(raising(OutcomeUnknown("Xero gave no answer.", 2.0)))
    assert run.job.state == "queued"


def test_a_job_that_kills_its_worker_does_not_loop(run: Run) -> None:
    """After so many starts without an end it fails, and says why."""
    for _ in range(policy.MOST_ATTEMPTS):
        job = run.world.parts.jobs.claim(run.task.request.id, "killed")
        assert job is not None
        run.world.clock.advance(run.world.settings.lease_s + 1)
    with pytest.raises(JobFailed, match="without coming to an end"):
        run(reporting(held=0))
    assert run.job.state == "failed"


def test_jobs_that_wait_for_each_other_are_patient(run: Run) -> None:
    """Another job may hold a document for minutes: the pauses grow, so that the starts last."""
    waited = 0.0
    for _ in range(policy.MOST_ATTEMPTS):
        with pytest.raises(Retry):
            run(raising(ProjectBusy("Another job is sending some of these.", 2.0)))
        waited += run.countdown
        assert run.countdown <= 60
    assert waited > 600


def test_a_job_whose_worker_is_stopped_goes_on_at_once(run: Run) -> None:
    """Its message does not wait, however often it was started, and does not expire: no pass starts another one."""
    for _ in range(3):
        with pytest.raises(Retry):
            run(raising(WorkerStopped()))
    assert run.countdown == 0
    assert run.task.retries[-1]["expires"] is None
    assert (run.job.state, run.job.owner) == ("queued", None)
    assert run(reporting(held=0))


def test_who_waits_for_a_call_limit_can_be_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its turn would be a minute away; the worker is gone long before."""
    monkeypatch.setattr(stopping, "_asked", bytearray(1))
    monkeypatch.setattr("worker.stopping.time.sleep", lambda _seconds: stopping.ask())
    limited = run.world.settings.model_copy(update={"xero_calls_per_minute": 3})
    redis, since = fakeredis.FakeRedis(), run.world.last()
    run.world.parts.xero = xero_client.connect(
        limited, redis, run.world.wire, sleep=stopping.sleep, machine=run.world.machine
    )
    with pytest.raises(Retry):
        run(project.sync)
    assert run.countdown == 0
    assert "stopped" in run.job.message
    assert len([entry for entry in run.world.journal(since) if "api.xro" in entry["path"]]) == 3


def test_an_end_that_cannot_be_written_down_is_found_out_later(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger was away: the message comes back and says which run has ended, so that nobody waits for its lease."""

    def away(*_: object) -> None:
        raise ApiUnavailable("The ledger's database cannot be used.", 10.0)

    monkeypatch.setattr(run.world.parts.jobs, "end", away)
    with pytest.raises(Retry):
        run(reporting(held=0))
    assert (run.job.state, run.countdown) == ("running", 10)
    monkeypatch.undo()
    unended = run.task.retries[0]["headers"]

    with pytest.raises(Retry):  # a copy of the message that says nothing waits: the owner may be at it
        run(reporting(held=0))
    assert run.countdown > 100
    run.task.request.headers = unended
    with monkeypatch.context() as still:
        still.setattr(run.world.parts.jobs, "claim", lambda *_, **__: away())
        with pytest.raises(Retry):
            run(reporting(held=0))
    run.task.request.headers = run.task.retries[-1]["headers"]
    assert run(reporting(held=0))
    assert (run.job.state, run.job.attempt) == ("done", 2)


def test_a_job_whose_ledger_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker that was started in another folder: red with the sentence that says where it looked."""
    elsewhere = Parts(Settings(database_url=f"sqlite:///{tmp_path}/none.db"))
    monkeypatch.setattr(project, "parts", lambda: elsewhere)
    ended = project.sync_project.apply(args=(JOB_NUMBER,))
    assert isinstance(ended.result, JobFailed)
    assert str(ended.result).startswith(f"There is no ledger at {tmp_path}/none.db.")


def test_a_message_whose_job_has_another_one_ends_in_good_order(run: Run) -> None:
    """Hurried by hand, the job has a new task: the periodic one is not left behind as started for ever in Flower."""
    run.world.parts.jobs.hurry(JOB_NUMBER, "Tower")
    assert policy.claim(run.world.parts, cast("Task[Any, Any]", run.task), JOB_NUMBER, "Tower", OWNER) is None
    by_api = cast("Task[Any, Any]", ATask(Message("published-by-hand")))
    assert policy.claim(run.world.parts, by_api, JOB_NUMBER, "Tower", OWNER) is None
    assert run.job.state == "queued"


def test_a_message_that_comes_twice_does_nothing(run: Run) -> None:
    """Its job has ended: how it ended is not said a second time."""
    run(reporting(held=0))
    with pytest.raises(Ignore):
        run(raising(AssertionError("must not run")))


def test_a_message_delivered_twice_waits_for_the_first(run: Run) -> None:
    """The copy comes back later instead of running beside it."""
    job = run.world.parts.jobs.claim(run.task.request.id, "the first")
    assert job is not None
    with pytest.raises(Retry):
        run(raising(AssertionError("must not run")))
    assert 0 < run.countdown <= run.world.settings.lease_s
    assert run.job.owner == "the first"


def test_a_message_that_somebody_published_gets_a_row(run: Run) -> None:
    """Flower's own API publishes without us: the job table learns of it."""
    run(reporting(held=0))
    run.task = ATask(Message("published-by-hand"))
    assert run(reporting(held=0))
    assert (run.job.task_id, run.job.trigger, run.job.state) == ("published-by-hand", "manual", "done")


def test_nothing_runs_while_the_organisation_is_parked(run: Run) -> None:
    """A job that was queued before ends as parked, without a call to Xero."""
    run.world.parts.organisations.park(run.world.parts.organisation.tenant_id, 3600, "Day limit.")
    since = run.world.last()
    with pytest.raises(JobFailed, match=r"^Parked until"):
        run(project.sync)
    assert run.job.state == "parked"
    assert run.world.journal(since) == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 record"), (2, "2 records")])
def test_a_jobs_line_counts_as_people_do(count: int, said: str) -> None:
    """It stands in Flower, in e-mails and at the command line."""
    assert in_a_line("24-017", {"claims": {"unchanged": count}}, []) == f"24-017: {said}: 0 sent, {count} unchanged"
