"""Whether the simulation of shared requests tells the truth: the same hours, simulated and with the real worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

import pytest

from tests.benchmarks.generate import PROJECT_ID, Row, Size
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.run import MAPPING
from tests.clocks import StillClock
from tests.integration.conftest import MakeWorld
from tests.integration.world import World
from tests.simulation import sharing
from tests.simulation.check import TOLERANCE
from tests.simulation.sharing import CLAIMS, PAYMENTS, START, Came, Change, Setting
from worker.errors import HandedOver

SIZE = Size(vendors=1, cost_codes=1, claims=1, payments=0, invoices=0)
EVERY = timedelta(minutes=30)
#: Of passes in which jobs send without any time going by, and people in Xero are not watched.
SETTING = Setting(EVERY, call=timedelta(0), suppliers=1, watching=0)
TOKEN_REFUSED = 401


@dataclass(frozen=True)
class Hours:
    """So many changes of so many projects, in so many passes, of which each takes so many minutes to read them."""

    projects: int
    passes: int
    changes: int
    minutes: int

    def coming(self, chance: Random) -> list[Change]:
        """Two claims to a payment, at any time and in any project; none in the last pass."""
        whole, kinds = (self.passes - 1) * EVERY, (CLAIMS, CLAIMS, PAYMENTS)
        any_time = (
            Change(START + whole * chance.random(), chance.randrange(self.projects), kinds[number % 3])
            for number in range(self.changes)
        )
        return sorted(any_time, key=lambda change: change.at)


QUIET = [Hours(10, 14, 90, minutes) for minutes in (0, 10, 28)]
#: As 5,000 changes a day of a hundred projects: 2.5 of each in a pass.
BUSY = [Hours(20, 4, 150, minutes) for minutes in (10, 28)]


def enter(world: World, first: Row, change: Change, number: int) -> str:
    """The claim or payment in Procore; returns what it is known by in Xero."""
    project_id = PROJECT_ID + change.project
    if change.kind == CLAIMS:
        new = {name: value for name, value in first.items() if name != "updated_at"}
        world.enter("requisitions", {**new, "id": number, "invoice_number": f"NEW-{number}"}, project_id)
        return f"NEW-{number}"
    row = {"amount": "1.00", "status": "paid", "date": "2026-08-14", "contract_id": first["commitment_id"]}
    world.enter("contract_payments", {**row, "id": number, "requisition_id": first["id"]}, project_id)
    return f"Procore payment {number}"


def measured(world: World, claims: dict[str, list[Row]], changes: Sequence[Change], hours: Hours) -> Came:
    """What the real worker made of them: Xero's journal and books as witness."""
    began, since, came = world.clock.now(), world.last(), Came()
    under_way: dict[str, Change] = {}
    coming = list(enumerate(changes, 9_000_000))
    #: When a pass (blank) or a project's job comes.
    due = [(START + place * EVERY, "") for place in range(1, hours.passes + 1)]

    def now() -> datetime:
        return START + (world.clock.now() - began)

    def wait_until(at: datetime) -> None:
        while coming and coming[0][1].at < at:
            number, change = coming.pop(0)
            world.clock.advance(max((change.at - timedelta(seconds=1) - now()).total_seconds(), 0.0))
            first = claims[str(PROJECT_ID + change.project)][0]
            under_way[enter(world, first, change, number)] = change
        world.clock.advance(max((at - now()).total_seconds(), 0.0))

    def note_arrived() -> None:
        for wrapper, named in (("invoices", "InvoiceNumber"), ("payments", "Reference")):
            for name in {row.get(named) for row in world.documents(wrapper)} & under_way.keys():
                came.late.append(now() - under_way.pop(str(name)).at)

    while due:
        at, number = heappop(due)
        wait_until(at)
        if not number:
            world.discover()
            begin = sorted(job.job_number for job in world.parts.jobs.latest().values() if job.attempt == 0)
            for place, job_number in enumerate(begin):
                heappush(due, (at + timedelta(minutes=hours.minutes) * place / len(begin), job_number))
            continue
        try:
            world.run(number)
        except HandedOver as handed:
            heappush(due, (at + timedelta(seconds=handed.retry_in_s), number))
        note_arrived()
    assert not under_way
    made = [entry for entry in world.journal(since) if entry["status"] != TOKEN_REFUSED]
    came.calls.append(len(made))
    return came


@pytest.mark.deep
@pytest.mark.parametrize("hours", [*QUIET, *BUSY], ids=str)
def test_calls_and_delays_are_as_simulated(a_world: MakeWorld, hours: Hours) -> None:
    """Calls to Xero, and by when 95 % are in its books, are within a tenth, however long a pass takes to read."""
    seed = seed_of_many(hours.projects, SIZE)
    world = a_world(seed, clock=StillClock(START), read_lists="every_pass", watch_xero=False)
    world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
    world.whole_pass()
    world.clock.advance(timedelta(days=2).total_seconds())
    world.whole_pass()
    changes = hours.coming(Random(1))  # noqa: S311 - the same in each run
    real = measured(world, seed["procore"]["requisitions"], changes, hours)
    setting = replace(SETTING, reading=timedelta(minutes=hours.minutes))
    simulated = sharing.run(range(hours.projects), changes, hours.passes, setting)
    assert abs(sum(simulated.calls) / sum(real.calls) - 1) <= TOLERANCE, (simulated.calls, real.calls)
    for share in (0.5, 0.95):
        assert abs(simulated.by(share) / real.by(share) - 1) <= TOLERANCE, share
