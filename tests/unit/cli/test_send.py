"""`send`: one project or all of them, ahead of the periodic jobs."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.factories import record
from tests.unit.cli.conftest import FAIRFIELD, NORTHBANK, Run
from tests.unit.cli.outside import Broker, FakeProcore
from tests.unit.cli.story import a_job, is_held
from worker.assembly import Parts
from worker.cli.exits import Exit
from worker.errors import ApiUnavailable
from worker.holds import HoldCode
from worker.ledger.jobs import Wanted
from worker.ledger.tables import Job
from worker.procore.records import Project
from worker.settings import Settings


def a_project(job_number: str, stage: str) -> Project:
    row = {"id": 310700, "name": "New Depot", "project_number": job_number, "project_stage": {"name": stage}}
    return record(Project, row)


def test_one_project_is_queued_ahead_of_the_periodic_ones(run: Run, broker: Broker) -> None:
    """The row stands in the job table, and its message goes to the manual queue."""
    result = run("send", " 24-017 ")
    assert result.exit_code == Exit.DONE
    assert [(job.job_number, job.trigger, job.state) for job in broker.taken] == [("24-017", "manual", "queued")]
    assert "Queued: 24-017." in result.stdout


def test_all_sends_every_eligible_project_and_no_other(run: Run, broker: Broker) -> None:
    """A refused project is not sent by --all."""
    assert run("send", "--all").exit_code == Exit.DONE
    assert [job.job_number for job in broker.taken] == ["24-017", "25-003"]


def test_a_project_that_runs_already_is_not_started_twice(run: Run, broker: Broker) -> None:
    """One project is never synced by two jobs at a time."""
    a_job(broker.ledger, NORTHBANK, "running")
    assert "Running already: 24-017." in run("send", "24-017").stdout
    assert broker.taken == []


def test_a_periodic_job_that_waits_is_hurried(run: Run, broker: Broker) -> None:
    """Sending by hand moves the waiting job, it does not add a second one."""
    broker.ledger.jobs.queue([Wanted("24-017", "Northbank Apartments")], "periodic")
    run("send", "24-017")
    assert [job.trigger for job in broker.taken] == ["manual"]
    assert len(broker.ledger.jobs.latest()) == 1


def test_a_mistyped_number_starts_nothing_and_suggests_the_right_one(run: Run, broker: Broker) -> None:
    """A number that neither we nor Procore know is refused with the ones that look like it."""
    result = run("send", "24-107")
    assert result.exit_code == Exit.REFUSED
    assert result.stderr.startswith("24-107 is not synced: Procore shows no project with this job number")
    assert result.stderr.endswith("Did you mean 24-017 or 24-026?\n")
    assert broker.ledger.jobs.latest() == {}


def test_a_project_that_is_new_in_procore_goes_at_once(
    run: Run, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to wait for the next pass to send a project made a minute ago."""
    fake = FakeProcore(a_project("26-001", "Send to Xero"))
    monkeypatch.setitem(broker.ledger.__dict__, "procore", fake)
    assert run("send", "26-001").exit_code == Exit.DONE
    assert [(job.job_number, job.project_name) for job in broker.taken] == [("26-001", "New Depot")]


def test_a_project_that_is_refused_says_why(run: Run, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps a project out is asked in Procore now, not remembered from the last pass."""
    monkeypatch.setitem(broker.ledger.__dict__, "procore", FakeProcore(a_project("26-001", "Bidding")))
    result = run("send", "26-001")
    assert result.exit_code == Exit.REFUSED
    assert "Its stage is 'Bidding'. Set it to 'Send to Xero'" in result.stderr
    assert "Did you mean" not in result.stderr


def test_a_broker_out_of_reach_is_a_sentence(run: Run, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row stays, and the message says that it starts later."""

    def unreachable(jobs: Iterable[Job], settings: Settings) -> None:
        raise ApiUnavailable("The broker cannot be reached. The jobs are noted and start later.")

    monkeypatch.setattr("tasks.publishing.publish", unreachable)
    result = run("send", "24-017")
    assert result.exit_code == Exit.UNREACHABLE
    assert result.stderr == "The broker cannot be reached. The jobs are noted and start later.\n"
    assert broker.ledger.jobs.latest()["24-017"].state == "queued"


@pytest.mark.parametrize("arguments", [(), ("24-017", "--all"), ("  ",)])
def test_one_number_or_all(run: Run, broker: Broker, arguments: tuple[str, ...]) -> None:
    """Neither and both are wrong usage."""
    assert run("send", *arguments).exit_code == Exit.REFUSED
    assert broker.taken == []


def test_all_without_an_eligible_project_is_refused(run: Run, ledger: Parts) -> None:
    """--all on a new installation says what to do instead."""
    result = run("send", "--all")
    assert result.exit_code == Exit.REFUSED
    assert result.stderr.startswith("No eligible project is known yet.")


def test_waiting_ends_with_the_jobs_line_and_success(run: Run, broker: Broker) -> None:
    """A job that ends done ends the command with 0."""
    broker.ends = ("done", "24-017: 3 records: 3 sent, 0 unchanged")
    result = run("send", "24-017", "--wait")
    assert result.exit_code == Exit.DONE
    assert result.stdout.strip() == "24-017: 3 records: 3 sent, 0 unchanged"


def test_waiting_for_a_job_with_held_records_shows_them_and_fails(run: Run, broker: Broker) -> None:
    """What this project holds is shown with its remedy; what others hold is not."""
    is_held(broker.ledger, FAIRFIELD, "58853", HoldCode.VENDOR_MISSING, vendor="vendor 161299")
    is_held(broker.ledger, NORTHBANK, "77", HoldCode.DATE_MISSING, field="The billing date")
    broker.ends = ("failed", "25-003: 1 of 15 records held: claim 58853 vendor_missing")
    result = run("send", "25-003", "--wait")
    assert result.exit_code == Exit.FAILED
    assert HoldCode.VENDOR_MISSING.remedy in " ".join(result.stdout.split())
    assert "claim 77" not in result.stdout


def test_ctrl_c_ends_the_waiting_and_not_the_job(run: Run, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops looking is told that the job goes on."""

    def interrupted(*_: object) -> list[Job]:
        raise KeyboardInterrupt

    monkeypatch.setattr("worker.cli.watch.follow", interrupted)
    result = run("send", "24-017", "--wait")
    assert result.exit_code == Exit.INTERRUPTED
    assert "goes on" in result.stderr
    assert broker.ledger.jobs.latest()["24-017"].state == "queued"
