"""The job table: one row per wish, one run per row, whatever is clicked, delivered or lost, on each database."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from worker.errors import ProjectBusy
from worker.ledger.database import migrate, open_engine
from worker.ledger.entries import Entries
from worker.ledger.jobs import Jobs, Wanted
from worker.ledger.lost_jobs import SENT_S
from worker.ledger.requests import Planned, Request
from worker.ledger.tables import Job

LEASE_S = 300.0


class Table(Jobs):
    """The job table with a clock that a test turns."""

    def __init__(self, engine: Engine) -> None:
        self.at = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
        self.engine = engine
        #: Owners whose process has ended.
        self.dead: set[str] = set()
        super().__init__(self.engine, LEASE_S, lambda: self.at, self.dead.__contains__)

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def one(self, job_number: str = "24-017") -> Job:
        (job,) = self.queue([Wanted(job_number, "Tower")], "periodic")
        return job

    def started(self, owner: str = "first") -> Job:
        job = self.claim(self.one().task_id, owner)
        assert job is not None
        return job


@pytest.fixture
def table(engine: Engine) -> Table:
    return Table(engine)


def test_a_job_number_is_queued_once(table: Table) -> None:
    """A second wish while one waits or runs makes no row; after the end it does."""
    job = table.one()
    assert table.queue([Wanted("24-017", "Tower"), Wanted("24-018", "Other")], "periodic")[0].job_number == "24-018"
    claimed = table.claim(job.task_id, "first")
    assert claimed is not None
    assert table.queue([Wanted("24-017", "Tower")], "periodic") == []
    table.end(job.id, "first", "done", "all sent", {"claims": {"sent": 1}})
    assert len(table.queue([Wanted("24-017", "Tower")], "periodic")) == 1
    assert table.latest()["24-017"].id != job.id


def test_a_thousand_jobs_are_queued_at_once(table: Table) -> None:
    """In slices that a statement can take."""
    wanted = [Wanted(f"24-{n:04}", "Tower") for n in range(1200)]
    assert len(table.queue(wanted, "periodic")) == 1200
    assert table.queue(wanted, "periodic") == []


def test_a_hurried_job_goes_before_the_periodic_ones(table: Table) -> None:
    """One that waits becomes manual under a new task id, so that its old message is stale; a running one is left."""
    waiting = table.one()
    hurried = table.hurry("24-017", "Tower")
    assert hurried is not None
    assert (hurried.id, hurried.trigger) == (waiting.id, "manual")
    assert hurried.task_id != waiting.task_id
    assert table.claim(waiting.task_id, "worker") is None
    assert table.claim(hurried.task_id, "worker") is not None
    assert table.hurry("24-017", "Tower") is None
    fresh = table.hurry("24-099", "New")
    assert fresh is not None
    assert fresh.state == "queued"


def test_a_job_hurried_a_moment_ago_is_spared(table: Table) -> None:
    """A second click within the seconds given finds the first one's job; later it goes once more."""
    first = table.hurry("24-017", "Tower")
    assert first is not None
    assert table.hurry("24-017", "Tower", spared_s=10) is None
    table.turn(11)
    again = table.hurry("24-017", "Tower", spared_s=10)
    assert again is not None
    assert (again.id, again.task_id == first.task_id) == (first.id, False)


def test_a_waiting_periodic_job_is_never_spared(table: Table) -> None:
    """Whoever asks for it by hand does not wait for the others."""
    table.one()
    assert table.hurry("24-017", "Tower", spared_s=10) is not None


def test_many_failed_jobs_are_retried_at_once(table: Table) -> None:
    """Each under a task id of its own; one whose job number is active again is left out, and spoils no other."""
    table.queue([Wanted(f"24-{n:03}", "Tower") for n in range(30)], "periodic")
    failed = []
    for job in sorted(table.latest().values(), key=lambda job: job.id):
        table.claim(job.task_id, "first")
        table.end(job.id, "first", "failed", "held", {})
        failed.append(job.id)
    table.queue([Wanted("24-007", "Tower")], "periodic")
    again = table.retry_all(failed)
    assert len(again) == 29
    assert len({job.task_id for job in again}) == 29
    assert "24-007" not in {job.job_number for job in again}
    assert table.retry_all(failed) == []


def test_ten_clicks_on_retry_make_one_run(table: Table) -> None:
    """However many press at the same moment, one of them gets the job."""
    job = table.started()
    table.end(job.id, "first", "failed", "held", {})
    start = threading.Barrier(10)
    won: list[Job | None] = []

    def click() -> None:
        start.wait()
        won.append(table.retry({"task_id": job.task_id}))

    threads = [threading.Thread(target=click) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (again,) = [found for found in won if found is not None]
    assert (again.state, again.trigger, again.attempt, again.message) == ("queued", "manual", 0, "")
    assert again.task_id != job.task_id


def test_a_failed_job_is_not_retried_while_another_is_active(table: Table) -> None:
    """Discovery has queued the job number anew: retrying the old row would make two."""
    job = table.started()
    table.end(job.id, "first", "failed", "held", {})
    table.one()
    assert table.retry({"id": job.id}) is None


@pytest.mark.parametrize("state", ["done", "queued"])
def test_only_what_failed_or_is_parked_can_be_retried(table: Table, state: str) -> None:
    """A job that went well, or that still waits, is not queued again."""
    job = table.started()
    if state == "done":
        table.end(job.id, "first", "done", "", {})
    else:
        table.put_back(job.id, "first", 5.0, "later")
    assert table.retry({"id": job.id}) is None


def the_second_takes(table: Table, job: Job) -> None:
    """It is the second owner's now, and the first one learns that it has lost it and changes nothing any more."""
    taken = table.claim(job.task_id, "second")
    assert taken is not None
    assert (taken.owner, taken.attempt) == ("second", 2)
    with pytest.raises(ProjectBusy):
        table.extend(job.id, "first")
    table.end(job.id, "first", "done", "too late", {})
    assert table.latest()["24-017"].state == "running"


def test_a_running_job_is_nobody_elses_until_its_lease_runs_out(table: Table) -> None:
    """A second delivery of the message waits; when the owner is dead it takes the job over, and the owner learns it."""
    job = table.started()
    table.turn(100)
    with pytest.raises(ProjectBusy) as busy:
        table.claim(job.task_id, "second")
    assert busy.value.retry_in_s == pytest.approx(200)
    table.extend(job.id, "first")
    table.turn(250)
    with pytest.raises(ProjectBusy):
        table.claim(job.task_id, "second")
    table.turn(51)
    the_second_takes(table, job)


def test_a_lease_of_years_is_none(table: Table) -> None:
    """A clock that was years ahead when the job was claimed keeps nobody from it once the clock is right."""
    table.turn(400 * 86_400)
    job = table.started()
    table.turn(-400 * 86_400)
    the_second_takes(table, job)


def test_a_dead_owners_job_is_taken_over_at_once(table: Table) -> None:
    """Its lease is not waited for; and an owner that was called dead wrongly learns that it has lost the job."""
    job = table.started()
    table.dead.add("first")
    the_second_takes(table, job)
    with pytest.raises(ProjectBusy):
        table.claim(job.task_id, "third")


def test_who_has_lost_its_job_plans_nothing(table: Table) -> None:
    """Called dead and alive after all: neither an entry nor a request is written, in whichever moment it comes."""
    job = table.started()
    table.dead.add("first")
    assert table.claim(job.task_id, "second") is not None
    lost, ours = (Entries(table.engine, "tenant", table, job, owner, 310, table.now) for owner in ("first", "second"))
    plan = ("claims", "PUT", "/Invoices", [Planned("11", "fingerprint", {})], lambda _: "{}")
    with pytest.raises(ProjectBusy, match="took this job over"):
        lost.plan(*plan)
    assert ours.known("claims", ["11"]) == {}
    assert ours.unresolved() == []
    assert ours.plan(*plan)[0] is not None


def test_a_vendor_that_two_jobs_send_for_the_first_time_goes_once(postgres_ledger: str) -> None:
    """Both look, and find no entry; the one whose entry comes second writes nothing, looks again and leaves it out."""
    engine = open_engine(postgres_ledger)
    migrate(engine)
    table = Table(engine)
    jobs = {owner: table.claim(table.one(owner).task_id, owner) for owner in ("us", "them")}
    us, them = (
        Entries(engine, "tenant", table, job, owner, 310, lambda: table.at) for owner, job in jobs.items() if job
    )
    theirs: list[Request | None] = []
    at_once = [Planned(procore_id, "mark", {}) for procore_id in ("11", "12")]

    def meanwhile(_: list[Planned]) -> str:
        if not theirs:
            theirs.append(them.plan("vendors", "PUT", "/Contacts", at_once[1:], lambda _: "{}")[0])
        return "{}"

    ours, busy = us.plan("vendors", "PUT", "/Contacts", at_once, meanwhile)
    assert [member.procore_id for request in (*theirs, ours) if request for member in request.members] == ["12", "11"]
    assert [item.procore_id for item in busy] == ["12"]
    assert [request.id for request in us.unresolved()] == [ours.id if ours else None]
    engine.dispose()


def test_many_workers_take_over_a_dead_ones_job_once(table: Table) -> None:
    """Delivered again to all of them at once, and found by a pass and a new worker: one gets it."""
    job = table.started("killed")
    table.dead.add("killed")
    start = threading.Barrier(8)
    won: list[Job] = []

    def take(number: int) -> None:
        start.wait()
        with suppress(ProjectBusy):
            taken = [table.claim(job.task_id, f"worker {number}")] if number % 2 else table.strand(3600.0)
            won.extend(found for found in taken if found is not None)

    threads = [threading.Thread(target=take, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_many_workers_claim_one_message_once(table: Table) -> None:
    """The broker delivers twice: one runs it."""
    job = table.one()
    start = threading.Barrier(8)
    won: list[str] = []

    def claim(owner: str) -> None:
        start.wait()
        try:
            if table.claim(job.task_id, owner) is not None:
                won.append(owner)
        except ProjectBusy:
            return

    threads = [threading.Thread(target=claim, args=(f"worker {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_stale_message_finds_nothing(table: Table) -> None:
    """Of a job that ended, that was queued anew, or that never was."""
    job = table.started()
    table.end(job.id, "first", "failed", "", {})
    assert table.claim(job.task_id, "late") is None
    table.retry({"id": job.id})
    assert table.claim(job.task_id, "late") is None
    assert table.claim("no such task", "late") is None


def test_what_the_broker_lost_is_found_again(table: Table) -> None:
    """Waiting too long, or running with a dead owner: a new task id each; what waits its countdown is left alone."""
    lost = table.one("lost")
    dead = table.claim(table.one("dead").task_id, "killed")
    fine = table.claim(table.one("comes back").task_id, "worker")
    assert dead is not None
    assert fine is not None
    table.turn(200)
    table.put_back(fine.id, "worker", 3600.0, "later")
    young = table.one("young")
    table.turn(LEASE_S + 1)
    found = {job.job_number: job for job in table.strand(400.0)}
    assert set(found) == {"lost", "dead"}
    assert {job.state for job in found.values()} == {"queued"}
    assert found["lost"].task_id != lost.task_id
    assert found["dead"].task_id != dead.task_id
    assert table.find(young.task_id) is not None


def test_who_has_no_message_is_not_waited_for(table: Table) -> None:
    """Of a queue that was looked through: soon, and once; who has one waits on, and so does all of another queue."""
    lost, kept = table.one("lost"), table.one("kept")
    back = table.claim(table.one("back").task_id, "worker")
    assert back is not None
    table.put_back(back.id, "worker", 30.0, "later")
    known = {lost.trigger}, {kept.task_id}
    assert table.strand(1800.0, *known) == [], "their messages may be on their way"
    table.turn(SENT_S + 1)
    assert table.strand(1800.0) == []
    assert table.strand(1800.0, {"another"}, ()) == []
    assert [job.id for job in table.strand(1800.0, *known)] == [lost.id]
    assert table.strand(1800.0, *known) == [], "it is on its way again"
    table.turn(30)
    assert back.id in [job.id for job in table.strand(1800.0, *known)], "its countdown is over"
    assert table.latest()["kept"].task_id == kept.task_id


def test_what_died_with_its_worker_is_found_at_once(table: Table) -> None:
    """A running job of a dead owner, and one whose countdown is over: its message waited in a dead worker's memory."""
    dead = table.started("killed")
    table.dead.add("killed")
    back = table.claim(table.one("back").task_id, "worker")
    alive = table.claim(table.one("alive").task_id, "worker")
    assert back is not None
    assert alive is not None
    table.put_back(back.id, "worker", 30.0, "later")
    table.turn(31)
    assert [job.id for job in table.strand(1800.0)] == [dead.id]
    table.turn(60)
    assert [job.id for job in table.strand(1800.0)] == [back.id]
    assert table.strand(1800.0) == [], "found once, and not again by whoever looks next"
    assert table.latest()["alive"].owner == "worker"


def test_a_message_that_somebody_published_by_hand_gets_a_row(table: Table) -> None:
    """Under its own task id; not when the job number is active already."""
    table.queue_as("by-hand", "24-017", "Tower")
    assert table.claim("by-hand", "worker") is not None
    table.queue_as("again", "24-017", "Tower")
    assert table.find("again") is None


def test_a_job_that_was_put_back_counts_its_attempts(table: Table) -> None:
    """The same row and task id, with the time before which it does not start."""
    job = table.started()
    table.put_back(job.id, "first", 30.0, "Xero does not answer")
    waiting = table.latest()["24-017"]
    assert (waiting.state, waiting.owner, waiting.not_before) == ("queued", None, table.at + timedelta(seconds=30))
    again = table.claim(job.task_id, "second")
    assert again is not None
    assert again.attempt == 2
