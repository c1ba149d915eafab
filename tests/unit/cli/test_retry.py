"""`retry`: a job that failed, once more, by Flower's own function; all of them only after a yes."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, PAVILION, Run
from tests.unit.cli.outside import Broker
from tests.unit.cli.story import a_job
from worker.assembly import Parts
from worker.cli import retry
from worker.cli.exits import Exit, RefusedError


def refuse(question: str) -> None:
    raise RefusedError(f"asked: {question}")


@pytest.mark.parametrize("state", ["failed", "parked"])
def test_a_job_that_failed_or_was_parked_runs_again(run: Run, broker: Broker, state: str) -> None:
    """Under a new task id, ahead of the periodic ones; its number may be typed anyhow."""
    before = a_job(broker.ledger, NORTHBANK, state)
    result = run("retry", " 24-017 ")
    assert result.exit_code == Exit.DONE
    assert [(job.trigger, job.state) for job in broker.taken] == [("manual", "queued")]
    assert broker.taken[0].id > before.id
    assert broker.taken[0].task_id != before.task_id
    assert "Queued: 24-017." in result.stdout


@pytest.mark.parametrize(
    ("state", "said"),
    [("done", "is done; there is nothing"), ("running", "is running already"), ("queued", "is queued already")],
)
def test_what_did_not_fail_is_left_alone(run: Run, broker: Broker, state: str, said: str) -> None:
    """A sentence that says what the job does instead, and nothing is started."""
    a_job(broker.ledger, NORTHBANK, state)
    result = run("retry", "24-017")
    assert (result.exit_code, broker.taken) == (Exit.REFUSED, [])
    assert said in result.stderr


def test_a_project_without_a_job_says_what_to_type(run: Run, broker: Broker) -> None:
    """There is nothing to retry, but something to send."""
    assert "procore-xero send 24-017" in run("retry", "24-017").stderr


def test_all_failed_are_retried_after_a_yes(run: Run, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of eligible projects; the question names how many, and --yes answers it."""
    for project in (NORTHBANK, FAIRFIELD, PAVILION):
        a_job(broker.ledger, project, "failed")
    monkeypatch.setattr(retry, "ask", refuse)
    assert run("retry", "--all-failed").stderr == "asked: Retry all 2 jobs that failed?\n"
    assert broker.taken == []
    assert run("retry", "--all-failed", "--yes").exit_code == Exit.DONE
    assert sorted(job.job_number for job in broker.taken) == ["24-017", "25-003"]


def test_without_a_terminal_nobody_is_asked(run: Run, broker: Broker) -> None:
    """A script that forgot --yes is told so, and starts nothing."""
    a_job(broker.ledger, NORTHBANK, "failed")
    result = run("retry", "--all-failed")
    assert (result.exit_code, broker.taken) == (Exit.REFUSED, [])
    assert result.stderr == "Retry the 1 job that failed? Nobody is there to ask; say so with --yes.\n"


def test_nothing_failed_is_said(run: Run, ledger: Parts) -> None:
    """No question is asked about nothing."""
    assert run("retry", "--all-failed").stderr == "No job of an eligible project has failed or is parked.\n"


@pytest.mark.parametrize("typed", [(), ("24-017", "--all-failed")])
def test_one_number_or_all(run: Run, broker: Broker, typed: tuple[str, ...]) -> None:
    """Neither and both are wrong usage."""
    assert run("retry", *typed).exit_code == Exit.REFUSED


def test_waiting_shows_the_end_on_standard_error_only(run: Run, broker: Broker) -> None:
    """With --json standard output holds one object, whatever was shown meanwhile."""
    a_job(broker.ledger, NORTHBANK, "failed")
    broker.ends = ("done", "24-017: 3 records: 3 sent, 0 unchanged")
    (row,) = json.loads(run("retry", "24-017", "--wait", "--json").stdout)["rows"]
    assert (row["state"], row["message"]) == ("done", "24-017: 3 records: 3 sent, 0 unchanged")
