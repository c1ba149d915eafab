"""What the model of organisations is held against: `tests/integration/test_model_simulated.py` has a real worker do the
same on simulated time.

Three cases: one that only Xero's minute limits; one that its day does as well, so that the organisation is parked
several times; and changes in every project of the first. Time until everything is in the books and the calls to both
APIs must agree within 10 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import simpy

from tests.simulation.demand import Project
from tests.simulation.model import Allowed, Costs, Organisation
from tests.simulation.queues import FirstCome
from tests.simulation.work import Size
from tests.simulation.workers import Workers

TOLERANCE = 0.10
SIZE = Size(vendors=10, cost_codes=0, claims=60, payments=30, invoices=20, contracts=10)
#: Seconds until either API answers.
ANSWER_S = 1.0
EVERY_MIN = 30
PROCESSES = 4
#: Of each project that has changes.
CHANGED = {"claims": 3, "payments": 1}


@dataclass(frozen=True, slots=True)
class Case:
    """So many projects of one organisation, and the calls that Xero gives it in a day."""

    projects: int
    per_day: int = 5000


MINUTE, DAY = Case(16), Case(10, per_day=48)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case, in the model or of the real worker."""

    #: From the first call to Xero until the last record was in the books.
    seconds: float
    xero_calls: int
    procore_calls: int


def simulated(case: Case, unchanged_reads: int, *, changes: bool = False) -> Result:
    """In the model, with what a job calls of Procore in which nothing changed."""
    env = simpy.Environment()
    workers = Workers(env, PROCESSES, FirstCome())
    projects = [Project(SIZE, 0.0, Random(0)) for _ in range(case.projects)]  # noqa: S311 - nothing is drawn
    if changes:
        for project in projects:
            project.now_only(**CHANGED)
    costs = Costs(ANSWER_S, ANSWER_S, unchanged_reads=unchanged_reads)
    organisation = Organisation(
        env, "simulated", projects, costs, workers.queue, Allowed(per_day=case.per_day),
        every_s=60.0 * EVERY_MIN, is_set_up=changes,
    )  # fmt: skip
    env.run(organisation.done)
    seen = organisation.seen
    return Result(seen.first_done_at - seen.xero_at[0], len(seen.xero_at), seen.reads)
