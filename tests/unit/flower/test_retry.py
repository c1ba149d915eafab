"""What may be retried, and what a click does: by the job table, whatever Flower shows."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ledgers import make_tables
from worker.assembly import Parts
from worker.errors import ApiUnavailable
from worker.flower import retry as retrying
from worker.flower.retry import Offer, offer, retry
from worker.ledger.jobs import Wanted
from worker.ledger.tables import Job
from worker.settings import Settings


class Ledger:
    """A real job table, and what was published from it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.published: list[Job] = []

    def publish(self, jobs: Iterable[Job], _settings: Settings) -> None:
        self.published += jobs

    def a_job(self, state: str = "failed") -> Job:
        (job,) = self.parts.jobs.queue([Wanted("25-003", "Fairfield")], "periodic")
        if state != "queued":
            self.parts.jobs.claim(job.task_id, "a worker")
        if state not in ("queued", "running"):
            self.parts.jobs.end(job.id, "a worker", state, "25-003: 2 of 18 records held", {})
        return job

    def latest(self) -> Job:
        return self.parts.jobs.latest()["25-003"]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    ledger = Ledger(Parts(Settings(database_url=f"sqlite:///{tmp_path / 'ledger.db'}")))
    make_tables(ledger.parts.engine)
    monkeypatch.setattr(retrying, "parts", lambda: ledger.parts)
    monkeypatch.setattr("tasks.publishing.publish", ledger.publish)
    return ledger


@pytest.fixture
def no_tables(ledger: Ledger, tmp_path: Path) -> None:
    """A ledger that cannot be read."""
    ledger.parts = Parts(Settings(database_url=f"sqlite:///{tmp_path / 'empty.db'}"))


@pytest.mark.parametrize("state", ["failed", "parked", "held"])
def test_a_failed_parked_or_held_job_is_started_again_under_a_new_task_id(ledger: Ledger, state: str) -> None:
    """Flower keeps showing FAILURE for an id that failed once, so a retry never reuses it."""
    job = ledger.a_job(state)
    assert offer(job.task_id).may_retry
    answer = retry(job.task_id)
    assert (answer.status, answer.sentence) == (200, "25-003 is started again.")
    assert answer.task_id != job.task_id
    assert [published.task_id for published in ledger.published] == [answer.task_id]
    again = ledger.latest()
    assert (again.state, again.task_id, again.trigger, again.pass_id) == ("queued", answer.task_id, "manual", None)


def test_what_was_retried_stays_as_it_ended(ledger: Ledger) -> None:
    """A pass's result never changes afterwards; its page leads to the job that was started in its place."""
    job = ledger.a_job()
    answer = retry(job.task_id)
    old = ledger.parts.jobs.find(job.task_id)
    assert old is not None
    assert (old.state, old.message, old.trigger) == ("failed", "25-003: 2 of 18 records held", "periodic")
    assert offer(job.task_id).note == f"It was started again, as task {answer.task_id}."
    ledger.parts.jobs.claim(answer.task_id, "a worker")
    ledger.parts.jobs.end(ledger.latest().id, "a worker", "failed", "25-003: 1 of 18 records held", {})
    assert (retry(job.task_id).status, retry(job.task_id).sentence) == (
        409,
        "25-003 was started again already, as a newer job.",
    )
    assert retry(answer.task_id).status == 200


def test_many_clicks_make_one_run(ledger: Ledger) -> None:
    """Whoever swaps the row first starts the job; the others publish nothing."""
    job = ledger.a_job()
    with ThreadPoolExecutor(10) as clicks:
        answers = list(clicks.map(retry, [job.task_id] * 10))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert len(ledger.published) == 1


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("queued", "25-003 is queued already and starts by itself."),
        ("running", "25-003 is running already."),
        ("done", "25-003 is done; there is nothing to retry."),
    ],
)
def test_a_job_that_has_not_failed_is_left_alone(ledger: Ledger, state: str, sentence: str) -> None:
    """A job that waits, runs or is done is not started again, and the answer says which."""
    job = ledger.a_job(state)
    assert not offer(job.task_id).may_retry
    answer = retry(job.task_id)
    assert (answer.status, answer.sentence) == (409, sentence)
    assert not ledger.published


def test_a_newer_job_of_the_same_number_goes_first(ledger: Ledger) -> None:
    """An old failure is not retried beside the job that a later pass has queued."""
    old = ledger.a_job()
    ledger.a_job("queued")
    answer = retry(old.task_id)
    assert (answer.status, answer.sentence) == (409, "25-003 is queued or running already, as a newer job.")
    assert not ledger.published


def test_a_task_without_a_job_offers_nothing(ledger: Ledger) -> None:
    """A failed discovery comes by itself: its page is Flower's own, and posting by hand starts nothing."""
    assert offer("a task of discovery") == Offer()
    answer = retry("a task of discovery")
    assert answer.status == 409
    assert "No failed job has this task id" in answer.sentence


def test_a_refusal_takes_the_place_of_the_button(ledger: Ledger) -> None:
    """Where nobody may retry, a failed job's page says why, and no other page says anything."""
    assert offer(ledger.a_job().task_id, "Flower is read-only here.").note == "Flower is read-only here."
    assert not offer(ledger.a_job("done").task_id, "Flower is read-only here.").note


def test_without_a_broker_the_job_stays_queued(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is committed before the message: it waits for the next pass, and the answer says so."""

    def no_broker(*_: object) -> None:
        raise ApiUnavailable("The broker cannot be reached (refused). The jobs are noted and start later.")

    monkeypatch.setattr("tasks.publishing.publish", no_broker)
    job = ledger.a_job()
    answer = retry(job.task_id)
    assert answer.status == 503
    assert "noted and start later" in answer.sentence
    assert (ledger.latest().state, ledger.latest().id > job.id) == ("queued", True)


@pytest.mark.usefixtures("no_tables")
def test_a_ledger_that_cannot_be_read_hides_no_page() -> None:
    """Flower's page of a task is shown all the same, with the reason in place of the button."""
    assert "There is no ledger at " in offer("any").note
    assert retry("any").status == 503
