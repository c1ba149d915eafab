"""One pass as the worker makes it, in a process of its own: discovery, then its one job. Prints what it cost.

Everything is real but the broker: the job goes from discovery to its run by a call, since a message more or less is not
what is measured. Starting Python and importing are not counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy import Engine, event

from tasks import discovery, policy, project, publishing, resting
from tests.benchmarks.used import Meter
from worker import collecting, logs
from worker.assembly import Parts, parts
from worker.errors import Retriable
from worker.ledger.database import migrate
from worker.owner import owner_name
from worker.pipeline import one_stage
from worker.pipeline.work import Stage, Work


def main() -> None:
    logs.configure("INFO")
    ours = parts()
    migrate(ours.engine)
    collecting.share()
    collecting.seldom()
    statements = count_statements(ours.engine)
    meter = Meter()
    with _metered_stages() as stages:
        outcome = one_pass(ours)
    cost = {**meter.read(), "sql_statements": len(statements), "outcomes": outcome, "stages": stages}
    print(json.dumps(cost), flush=True)


def one_pass(ours: Parts) -> dict[str, dict[str, int]]:
    """Discovery and its job; returns the job's counts by stage and outcome."""
    publishing.publish = lambda jobs, parts: None
    discovery.discover_projects(ours)
    (queued,) = ours.jobs.of_pass(ours.passes.all()[-1].id)
    return _until_it_ends(ours, queued.task_id).counts


def _until_it_ends(ours: Parts, task_id: str) -> policy.Report:
    """A job that is to come back comes back here."""
    while True:
        if (line := resting.ended(ours, task_id)) is not None:
            return policy.Report({}, line, 0)
        owner = owner_name()
        job = ours.jobs.claim(task_id, owner)
        if job is None:
            sys.exit("the job of this pass is not there to be run")
        try:
            report = project.sync(ours, job, owner)
        except Retriable as error:
            ours.jobs.put_back(job.id, owner, error.retry_in_s, str(error))
            time.sleep(error.retry_in_s)
        else:
            ours.jobs.end(job.id, owner, "done", report.line, report.counts)
            return report


@contextmanager
def _metered_stages() -> Iterator[dict[str, dict[str, float]]]:
    """Filled while the job runs: for each stage what it took, and when it began and ended."""
    metered: dict[str, dict[str, float]] = {}

    def measured(work: Work, stage: Stage) -> None:
        began_at, meter = time.time(), Meter()
        one_stage.run(work, stage)
        metered[stage.name] = {**meter.read(), "began_at": began_at, "ended_at": time.time()}

    with patch.object(project, "run", measured):
        yield metered


def count_statements(engine: Engine) -> list[None]:
    """Grows by one with every statement that goes to the database, many rows at once or one; SQLite's BEGIN is none.

    Nor is what asks the server for its time: that is once a minute, however much there is to do.
    """
    statements: list[None] = []

    @event.listens_for(engine, "before_cursor_execute")
    def count(_c: object, _cu: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "SELECT clock_timestamp()")):
            statements.append(None)

    return statements


if __name__ == "__main__":
    main()
