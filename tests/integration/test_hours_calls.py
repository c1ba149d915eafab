"""Procore's hour, as the sandbox keeps it and its headers tell it: no pass is refused what it planned, and what did not
fit is read in the next hours, that first which was not read for longest."""

from __future__ import annotations

import time
from datetime import timedelta

import fakeredis
import pytest

from tests.benchmarks.generate import PROJECT_ID, Size
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.run import MAPPING
from tests.clocks import StillClock
from tests.integration.conftest import MakeWorld
from tests.integration.world import STARTS_AT, World
from tests.ledgers import all_lists
from worker.errors import SyncError
from worker.pipeline.read.rhythm import CAPS
from worker.procore import client

pytestmark = pytest.mark.deep
PROJECTS, AN_HOUR = 14, 20
SIZE = Size(vendors=1, cost_codes=1, claims=1, payments=0, invoices=0)
SEED = seed_of_many(PROJECTS, SIZE)


@pytest.fixture
def world(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Projects that were read once, and whose lists take more than Procore gives from now on; its answers are heard."""
    world = a_world(SEED, clock=StillClock(STARTS_AT), read_lists="when_due", watch_xero=False)
    world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
    world.whole_pass()
    monkeypatch.setattr(time, "time", lambda: world.clock.now().timestamp())
    world.settings = world.parts.settings = world.settings.model_copy(update={"procore_calls_at_once": 5})
    world.parts.broker = fakeredis.FakeRedis()
    world.parts.procore = client.connect(
        world.settings, world.parts.broker, world.wire, sleep=world.clock.advance, machine=world.machine
    )
    world.limit(procore_per_hour=AN_HOUR)
    return world


def refused(world: World) -> int:
    return [call["status"] for call in world.procore_calls()].count(429)


def passes(world: World, number: int) -> list[str]:
    """So many, half an hour apart; what discovery said of each."""
    said = []
    for _ in range(number):
        world.clock.advance(1800)
        said.append(world.discover())
        world.run_all()
    return said


def test_no_pass_is_refused_what_it_planned_and_nothing_waits_for_a_day(world: World) -> None:
    """More than a day: some lists wait in most passes, each for its turn; the limit is known from the answers alone."""
    said = passes(world, 60)
    assert refused(world) == 0
    assert f"wait for a later pass: Procore gives {AN_HOUR} calls an hour" in said[-1]
    unread = [world.clock.now() - one.read_at for one in all_lists(world.parts.engine) if one.name in CAPS]
    assert max(unread) <= timedelta(days=1)
    assert {world.job(number).state for number in world.parts.jobs.latest()} == {"done"}


def test_a_persons_job_goes_and_passes_go_on_with_what_is_left(world: World) -> None:
    """It reads everything of its project at once, for which a tenth of the hour is kept; what it leaves is what the
    next pass plans with."""
    world.limit(procore_per_hour=4 * AN_HOUR)
    passes(world, 3)
    (number, *_) = world.parts.jobs.latest()
    before = len(world.procore_calls())
    world.run(number)
    assert len(world.procore_calls()) > before + len(CAPS)
    passes(world, 3)
    assert refused(world) == 0


def test_after_an_hour_that_others_used_up_it_goes_on_with_what_was_not_read_for_longest(world: World) -> None:
    """Another program with the same app has left nothing: the pass is red, and the first one of the next hour goes on
    where the last one stopped."""
    passes(world, 4)
    world.limit(procore_per_hour=1)
    world.clock.advance(3600)
    with pytest.raises(SyncError):
        passes(world, 2)
    world.limit(procore_per_hour=AN_HOUR)
    world.clock.advance(3600)
    oldest = min(all_lists(world.parts.engine), key=lambda one: one.due_at)
    passes(world, 1)
    read = {(one.project_id, one.name): one.read_at for one in all_lists(world.parts.engine)}
    assert read[oldest.project_id, oldest.name] >= world.clock.now() - timedelta(minutes=1)
    assert refused(world) <= 1


@pytest.mark.parametrize("away", ["the worker", "Procore", "Xero"])
def test_after_two_days_in_which_nothing_was_read_all_is_read_within_a_day(world: World, away: str) -> None:
    """Everything is due at once then, more than the hour gives; no call is made that the hour has not, and what came
    meanwhile goes."""
    world.limit(procore_per_hour=3 * AN_HOUR)
    passes(world, 2)
    if away == "Procore":
        world.procore_fault("status", status=503, times=10_000)
    if away == "Xero":  # as jobs do that reach it in vain
        world.parts.organisations.park(world.parts.organisation.tenant_id, 2 * 86400, "Xero does not answer.")
    for half_day in range(4):
        enter_a_claim(world, half_day)
        if away != "the worker":
            with pytest.raises(SyncError):
                world.discover()
        world.clock.advance(43_200)
    world.clear_faults()
    before, back = len(world.procore_calls()), world.clock.now()
    passes(world, 48)
    since = world.procore_calls()[before:]
    assert [call["status"] for call in since].count(429) == 0
    assert all(one.read_at >= back for one in all_lists(world.parts.engine) if one.name in CAPS)
    assert {f"NEW-{half_day}" for half_day in range(4)} <= {
        row.get("InvoiceNumber") for row in world.documents("invoices")
    }


def enter_a_claim(world: World, number: int) -> None:
    """Like the one that its project has."""
    (first,) = SEED["procore"]["requisitions"][str(PROJECT_ID + number)]
    new = {name: value for name, value in first.items() if name != "updated_at"}
    world.enter(
        "requisitions", {**new, "id": 9_000_000 + number, "invoice_number": f"NEW-{number}"}, PROJECT_ID + number
    )
