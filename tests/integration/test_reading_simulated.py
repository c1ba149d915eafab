"""Whether the simulation of readings tells the truth: the same days, once simulated and once with the real worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.benchmarks.generate import PROJECT_ID, Row, Size
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.run import MAPPING
from tests.clocks import StillClock
from tests.integration.conftest import MakeWorld
from tests.integration.world import World
from tests.simulation import reading
from tests.simulation.check import TOLERANCE
from tests.simulation.company import APPROVED, ENTERED
from tests.simulation.reading import START, Change, Setting

SIZE = Size(vendors=1, cost_codes=1, claims=1, payments=0, invoices=0)
EVERY = timedelta(minutes=30)
#: A vendor and a cost code are a page each, and each contract's payments a list.
CALLS = reading.Calls(whole={"claims": 1, "payments": 1, "invoices": 1, "vendors": 1, "cost_codes": 1})


def some_days(projects: Sequence[int], days: int) -> list[Change]:
    """In each project a claim a day that nobody reviews, and one that is approved some hours later."""
    found = []
    for place, project in enumerate(projects):
        for day in range(days):
            at = START + timedelta(days=day, hours=1 + 5 * place, minutes=7 * place + 11 * day)
            approved = at + timedelta(hours=4, minutes=13 * place + 5)
            found += [
                Change(at, project, "claims", until=approved, kind="claim entered"),
                Change(approved, project, "claims", kind=APPROVED),
                Change(at + timedelta(hours=9, minutes=17), project, "claims", kind=ENTERED),
            ]
    return sorted(found, key=lambda change: change.at)


def measured(world: World, claims: dict[str, list[Row]], changes: Sequence[Change], passes: int) -> reading.Came:
    """What the real worker made of them, with the books of the sandbox as witness."""
    began, came = world.clock.now(), reading.Came()
    coming, under_way = list(changes), dict[str, Change]()
    reviewed: dict[int, int] = {}
    for number in range(1, passes + 1):
        at = number * EVERY
        while coming and START + at > coming[0].at:
            change = coming.pop(0)
            world.clock.advance((began + (change.at - START) - world.clock.now()).total_seconds() - 1)
            id_ = reviewed.pop(change.project) if change.kind == APPROVED else 9_000_000 + len(coming)
            status = "under_review" if change.until else "approved"
            if change.until:
                reviewed[change.project] = id_
            else:
                under_way[f"NEW-{id_}"] = change
            new = {name: value for name, value in claims[str(change.project)][0].items() if name != "updated_at"}
            claim = {**new, "id": id_, "invoice_number": f"NEW-{id_}", "status": status}
            world.enter("requisitions", claim, change.project)
        world.clock.advance((began + at - world.clock.now()).total_seconds())
        before, since = world.parts.procore.api.calls, world.last()
        world.whole_pass()
        came.calls.append(world.parts.procore.api.calls - before)
        bills = world.documents("invoices") if world.writes(since, "/Invoices") else []
        for bill in {row.get("InvoiceNumber", "") for row in bills} & under_way.keys():
            change = under_way.pop(bill)
            came.late[change.kind].append(START + at - change.at)
    assert not under_way
    return came


@pytest.mark.deep
@pytest.mark.timeout(300)
@pytest.mark.parametrize("calls_per_hour", [600, 12])
def test_calls_and_delays_are_as_simulated(a_world: MakeWorld, calls_per_hour: int) -> None:
    """Each change is seen by the same pass, and calls are within a tenth: where the hour's calls are enough, and where
    lists wait for a later pass. A clock that stands still makes one run like another."""
    ids = [PROJECT_ID + number for number in range(3)]
    seed = seed_of_many(len(ids), SIZE)
    world = a_world(seed, clock=StillClock(START), read_lists="when_due", watch_xero=False)
    world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
    changes = some_days(ids, days=2)
    world.whole_pass()
    world.settings = world.settings.model_copy(update={"procore_calls_per_hour": calls_per_hour})
    world.parts.settings = world.settings
    real = measured(world, seed["procore"]["requisitions"], changes, passes=3 * 48)
    simulated = reading.run(ids, changes, 3 * 48, Setting(EVERY, calls_per_hour, calls=CALLS))
    assert abs(sum(simulated.calls) / sum(real.calls) - 1) <= TOLERANCE
    for kind in (APPROVED, ENTERED):
        assert sorted(real.late[kind]) == sorted(simulated.late[kind])
