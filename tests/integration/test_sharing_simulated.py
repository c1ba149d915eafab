"""Whether the simulation of shared requests tells the truth: the same hours, simulated and with the real worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
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

SIZE = Size(vendors=1, cost_codes=1, claims=1, payments=0, invoices=0)
EVERY = timedelta(minutes=30)
#: Of a pass in which jobs read and send without any time going by, and people in Xero are not watched.
SETTING = Setting(EVERY, reading=timedelta(0), call=timedelta(0), suppliers=1, watching=0)
PROJECTS, PASSES, CHANGES, TOKEN_REFUSED = 10, 14, 90, 401


def some_hours(chance: Random) -> list[Change]:
    """Two claims to a payment, at any time and in any project."""
    whole = (PASSES - 1) * EVERY
    kinds = (CLAIMS, CLAIMS, PAYMENTS)
    return sorted(
        (
            Change(START + whole * chance.random(), chance.randrange(PROJECTS), kinds[number % 3])
            for number in range(CHANGES)
        ),
        key=lambda change: change.at,
    )


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


def measured(world: World, claims: dict[str, list[Row]], changes: Sequence[Change]) -> Came:
    """What the real worker made of them: Xero's journal and books as witness."""
    began, came = world.clock.now(), Came()
    under_way: dict[str, Change] = {}
    coming = list(enumerate(changes, 9_000_000))

    def wait_until(at: datetime) -> None:
        world.clock.advance((began + (at - START) - world.clock.now()).total_seconds())

    for place in range(1, PASSES + 1):
        at = START + place * EVERY
        while coming and coming[0][1].at < at:
            number, change = coming.pop(0)
            wait_until(max(change.at - timedelta(seconds=1), START + (world.clock.now() - began)))
            first = claims[str(PROJECT_ID + change.project)][0]
            under_way[enter(world, first, change, number)] = change
        wait_until(at)
        since = world.last()
        world.whole_pass()
        made = [entry for entry in world.journal(since) if entry["status"] != TOKEN_REFUSED]
        came.calls.append(len(made))
        for kind, wrapper, named in ((CLAIMS, "invoices", "InvoiceNumber"), (PAYMENTS, "payments", "Reference")):
            written = [entry["at"] for entry in made if entry["method"] == "PUT" and wrapper in entry["path"].lower()]
            there = {row.get(named) for row in world.documents(wrapper)} & under_way.keys()
            for name in there:
                change = under_way.pop(str(name))
                assert change.kind == kind
                came.late.append(START + (datetime.fromisoformat(written[-1]) - began) - change.at)
    assert not under_way
    return came


@pytest.mark.deep
@pytest.mark.timeout(300)
def test_calls_and_delays_are_as_simulated(a_world: MakeWorld) -> None:
    """Calls to Xero, and by when 95 % are in its books, are within a tenth."""
    seed = seed_of_many(PROJECTS, SIZE)
    world = a_world(seed, clock=StillClock(START), read_lists="every_pass", watch_xero=False)
    world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
    world.whole_pass()
    world.clock.advance(timedelta(days=2).total_seconds())
    world.whole_pass()
    changes = some_hours(Random(1))  # noqa: S311 - the same in each run
    real = measured(world, seed["procore"]["requisitions"], changes)
    simulated = sharing.run(range(PROJECTS), changes, PASSES, SETTING)
    assert abs(sum(simulated.calls) / sum(real.calls) - 1) <= TOLERANCE, (simulated.calls, real.calls)
    for share in (0.5, 0.95):
        assert abs(simulated.by(share) / real.by(share) - 1) <= TOLERANCE, share
