"""Whether the model tells the truth: real workers on shortened limits, and the simulation given the same.

Two organisations work at the same time, one that only its minute limits and one that its day does as well, so that it
is parked several times; then every project of the first has changes. Time until everything is in the books and the
calls to both APIs must agree within 10 %.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import simpy

from tests.benchmarks.limits import Scale
from tests.simulation.demand import Project
from tests.simulation.inputs import Inputs
from tests.simulation.measured import SCALE, Installation, Result, Trial, installation
from tests.simulation.model import Allowed, Costs, Organisation
from tests.simulation.queues import FirstCome
from tests.simulation.work import Size
from tests.simulation.workers import Workers

TOLERANCE = 0.10
SIZE = Size(vendors=10, cost_codes=0, claims=60, payments=30, invoices=20, contracts=10)
MINUTE = Trial("minute", SIZE, 16, 4)
#: Each pass begins well before or well after a day's first slot comes free, so that a second more adds no pass.
DAY = Trial("minute and day", SIZE, 10, 4, replace(SCALE, per_day=48, day_s=26.0), every_s=16.0)
#: Of each project of the first organisation.
CHANGED = {"claims": 3, "payments": 1}


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure, measured and simulated."""

    name: str
    measured: float
    simulated: float

    @property
    def off(self) -> float:
        return self.simulated / self.measured - 1

    @property
    def holds(self) -> bool:
        return abs(self.off) <= TOLERANCE


def compare(inputs: Inputs, directory: Path, broker_url: str) -> Iterator[Pair]:
    """Run both, and the same in simulation."""
    base = broker_url.rsplit("/", 1)[0]
    with ExitStack() as stack:
        sites = [
            stack.enter_context(installation(trial, directory / f"check-{number}", f"{base}/{number}"))
            for number, trial in enumerate((MINUTE, DAY), start=1)
        ]
        began = time.time()
        with ThreadPoolExecutor() as together:
            met = list(together.map(lambda site: site.until_done(began), sites))
        changed = _change(sites[0])
    for trial, measured in zip((MINUTE, DAY), met, strict=True):
        yield from _pairs(trial.name, measured, simulated(trial, inputs))
    yield from _pairs("changes", changed, simulated(MINUTE, inputs, changes=True))


def _pairs(name: str, measured: Result, simulated: Result) -> Iterator[Pair]:
    yield Pair(f"{name}: seconds until in the books", measured.seconds, simulated.seconds)
    yield Pair(f"{name}: calls to Xero", measured.xero_calls, simulated.xero_calls)
    yield Pair(f"{name}: calls to Procore", measured.procore_calls, simulated.procore_calls)


def _change(site: Installation) -> Result:
    """Changes in every project, when the windows are empty again; one pass."""
    time.sleep(site.trial.scale.minute_s)
    site.change(**CHANGED)
    return site.until_done(time.time())


def simulated(trial: Trial, inputs: Inputs, *, changes: bool = False) -> Result:
    """The same organisation in the model."""
    env = simpy.Environment()
    workers = Workers(env, trial.workers, FirstCome())
    projects = [Project(trial.size, 0.0, Random(0)) for _ in range(trial.projects)]  # noqa: S311 - nothing is drawn
    if changes:
        for project in projects:
            project.now_only(**CHANGED)
    organisation = Organisation(
        env, trial.name, projects, costs(trial, inputs), workers.queue, allowed(trial.scale),
        every_s=trial.every_s, longest_wait_s=trial.longest_wait_s, is_set_up=changes,
    )  # fmt: skip
    env.run(organisation.done)
    seen = organisation.seen
    return Result(seen.first_done_at - seen.xero_at[0], len(seen.xero_at), seen.reads)


def costs(trial: Trial, inputs: Inputs) -> Costs:
    return Costs(
        xero_s=inputs.xero_s + trial.scale.latency_s,
        procore_s=trial.scale.latency_s,
        record_s=inputs.record_s,
        job_s=inputs.job_s,
        unchanged_reads=inputs.unchanged_reads,
    )


def allowed(scale: Scale) -> Allowed:
    return Allowed(
        per_minute=scale.per_minute,
        minute_s=scale.own_minute_s,
        per_day=scale.per_day,
        day_s=scale.own_day_s,
        at_once=scale.at_once,
    )
