"""Where projects stand, as the ledger knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledgers import make_tables
from worker.clock import MACHINE
from worker.ledger.database import open_engine
from worker.ledger.jobs import Jobs, Wanted
from worker.ledger.projects import Projects, Seen
from worker.ledger.standing import Standing, standings


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Standing]:
    """Two jobs under one number typed differently, a project without number, a job without project."""
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    make_tables(engine)
    projects, jobs = Projects(engine, MACHINE.now), Jobs(engine, 300.0, MACHINE.now)
    projects.record([Seen(1, "24-A", "One", "", "eligible"), Seen(2, "", "Two", "", "refused")])
    for number in ("24-A", "24-a", "99", ""):
        jobs.queue([Wanted(number, "")], "manual")
    rows = {one.job_number: one for one in standings(engine, projects.all(), jobs.latest())}
    engine.dispose()
    return rows


def test_a_job_belongs_to_its_project_however_its_number_was_typed(found: dict[str, Standing]) -> None:
    """The newest job counts, also when somebody typed the number in small letters."""
    job = found["24-A"].job
    assert job is not None
    assert job.job_number == "24-a"


def test_a_project_without_a_number_has_no_job(found: dict[str, Standing]) -> None:
    """A blank job number ties nothing to anything."""
    assert found[""].job is None


def test_a_job_without_a_project_is_not_lost(found: dict[str, Standing]) -> None:
    """A number that no project has still shows its job."""
    assert found["99"].project is None
    assert found["99"].job is not None
