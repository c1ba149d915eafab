"""One simulated run: firms of several organisations, the processes that serve them, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import quantiles

import simpy

from tests.simulation import work
from tests.simulation.demand import AT_FIRST, DAY_S, Project
from tests.simulation.limits import Budget, Window
from tests.simulation.model import Allowed, Costs, Organisation, Seen
from tests.simulation.queues import FirstCome, Order
from tests.simulation.work import Size
from tests.simulation.workers import Workers

#: The most calls a minute of one app over all its organisations.
APP = Window(10_000, 60.25)
#: Of an organisation: all projects list them, and they go with the first one.
COST_CODES = 200
#: A project of a firm that builds: its own subcontractors, ten of them with a contract.
PROJECT = Size(vendors=10, cost_codes=0, claims=40, payments=20, invoices=10, contracts=10, codes_listed=COST_CODES)
USUAL = Allowed()


@dataclass(frozen=True, slots=True)
class Firm:
    """One organisation and what is done there."""

    projects: int
    #: Of these projects so many are new; all others are in the books at the beginning.
    new: int = 0
    per_day: float = 0.0
    allowed: Allowed = USUAL
    every_min: float = 30.0
    begins_s: float = 0.0
    size: Size = PROJECT
    #: As the worker does; else every pass reads every list, for what the other limits make of it.
    reads_when_due: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a run."""

    seen: Sequence[Seen]
    #: Seconds for which the changed records that have not been sent have waited.
    waiting_s: Sequence[Sequence[float]]
    lasted_s: float
    busy_s: float

    def late_s(self, firms: Sequence[int] | None = None) -> tuple[float, float]:
        """Median and 95th percentile of the time from a change until it was in the books, or until now."""
        chosen = range(len(self.seen)) if firms is None else firms
        late = [s for firm in chosen for s in (*self.seen[firm].late_s, *self.waiting_s[firm])]
        if len(late) < 2:
            return (0.0, 0.0)
        parts = quantiles(late, n=20)
        return (parts[9], parts[18])

    @property
    def processes_busy(self) -> float:
        return self.busy_s / self.lasted_s

    @property
    def xero_calls(self) -> int:
        return sum(len(seen.xero_at) for seen in self.seen)

    @property
    def procore_calls(self) -> int:
        return sum(seen.reads for seen in self.seen)


def run(
    firms: Sequence[Firm],
    costs: Costs,
    processes: int,
    *,
    order: Callable[[], Order] = FirstCome,
    until_s: float = 0.0,
    each_its_own: bool = False,
    seed: int = 1,
) -> Came:
    """Until so many seconds, or with 0 until every first sync is in the books.

    With `each_its_own` so many processes serve each organisation and no other one; else all serve all of them.
    """
    env, chance = simpy.Environment(), Random(seed)  # noqa: S311 - drawn, not guessed
    app = Budget(env, [APP], 0)
    shared = Workers(env, 0 if each_its_own else processes, order())
    pools = [Workers(env, processes, order()) if each_its_own else shared for _ in firms]
    organisations = [
        Organisation(
            env, f"{number}", _projects(firm, costs, chance), costs, pools[number].queue, firm.allowed,
            every_s=60 * firm.every_min, begins_s=firm.begins_s, app=app, is_set_up=firm.new < firm.projects,
            reads_when_due=firm.reads_when_due,
        )
        for number, firm in enumerate(firms)
    ]  # fmt: skip
    first = [one.done for firm, one in zip(firms, organisations, strict=True) if firm.new]
    env.run(until_s or env.all_of(first))
    for one in organisations:
        one.seen.parked_s -= max(0.0, one.parked_until - env.now)  # what lies beyond the end
    return Came(
        [one.seen for one in organisations],
        [_waiting_s(one, env.now) for one in organisations],
        env.now,
        sum(pool.busy_s for pool in ({*pools} if each_its_own else {shared})),
    )


def _projects(firm: Firm, costs: Costs, chance: Random) -> list[Project]:
    made = []
    for number in range(firm.projects):
        is_new = number < firm.new
        project = Project(firm.size, firm.per_day, Random(chance.random()), is_new=is_new)  # noqa: S311 - as above
        if is_new and number == 0:
            project.pending["cost_codes"].extend([AT_FIRST] * COST_CODES)
        if not is_new:
            read_at = -chance.random() * DAY_S  # the full compare is spread over the day
            project.full_at = dict.fromkeys(work.KINDS, read_at)
            project.list_read(0.0, costs.lists_every_s)
        made.append(project)
    return made


def _waiting_s(organisation: Organisation, now: float) -> list[float]:
    pending: list[float] = []
    for project in organisation.projects:
        project.come(now)
        pending += [now - came for waiting in project.pending.values() for came in waiting if came != AT_FIRST]
    return pending
