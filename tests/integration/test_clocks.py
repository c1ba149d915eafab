"""Clocks that are wrong: of two machines on one ledger, of the ledger's server, and of all of them beside Procore's.

Two machines are real processes on PostgreSQL; a ledger on SQLite is used by one machine, so there is one clock.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.breaking import Boundary
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed, everything
from tests.integration.site import Halt, Site, served
from tests.integration.world import World
from tests.services import PATIENCE_S
from worker.assembly import Parts
from worker.errors import OutcomeUnknown
from worker.ledger.entries import Entries

CLAIMS = "^claims PUT /Invoices"
#: Minutes by which the clock of the second machine is off.
APART = (-9, -7, 7, 9)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is in Xero when nothing goes wrong."""
    directory = tmp_path_factory.mktemp("untroubled")
    world = World(everything(), f"sqlite:///{directory}/ledger.db", directory)
    world.run(JOB_NUMBER)
    world.close()
    return world.books()


@pytest.fixture
def here(tmp_path: Path, postgres_ledger: str) -> Iterator[Site]:
    world = World(everything(), postgres_ledger, tmp_path)
    with served(world) as site:
        world.discover()
        yield site
    world.close()


@pytest.mark.parametrize(
    ("minutes", "boundary", "pause_s"),
    [
        (-7, Boundary.TAKEN, 400),
        (-9, Boundary.TAKEN, 500),
        (8, Boundary.HALF_SENT, 0),
        *(
            pytest.param(minutes, boundary, pause_s, marks=pytest.mark.deep)
            for minutes in APART
            for boundary in (Boundary.HALF_SENT, Boundary.TAKEN)
            for pause_s in (0, 200, 400, 500)
        ),
    ],
)
def test_a_dead_workers_request_is_as_old_as_it_is(
    here: Site, books: Mapping[str, Any], minutes: int, boundary: Boundary, pause_s: float
) -> None:
    """Whether the next worker's clock is behind or ahead, it neither sends what Xero has forgotten nor gives up what
    may still arrive."""
    off = timedelta(minutes=minutes)
    assert here.job(JOB_NUMBER, f"{boundary}:{CLAIMS}").exit_code() == -signal.SIGKILL
    here.world.clock.advance(pause_s)
    here.job(JOB_NUMBER, off=off).exit_code()
    here.world.clock.advance(500)
    assert here.job(JOB_NUMBER, off=off, patient=True).exit_code() == 0
    assert here.world.books() == books
    said = f"{abs(minutes) * 60} s {'ahead of' if minutes > 0 else 'behind'}"
    assert f"{said} the database's and {said} Procore's and {said} Xero's" in here.world.job(JOB_NUMBER).message


@pytest.mark.parametrize("minutes", [8, *(pytest.param(one, marks=pytest.mark.deep) for one in APART)])
def test_a_living_workers_lease_is_its_own(here: Site, books: Mapping[str, Any], minutes: int) -> None:
    """While its request is about to arrive, nobody whose clock is ahead takes it for run out, and sends it anew."""
    halt = Halt()
    slow = here.job(JOB_NUMBER, f"{Boundary.PLANNED}:{CLAIMS}", halt=halt)
    assert halt.reached.wait(PATIENCE_S)
    assert here.job(JOB_NUMBER, off=timedelta(minutes=minutes)).exit_code() == 1, "it comes back later"
    halt.released.set()
    assert slow.exit_code() == 0
    assert here.world.books() == books


def parts_with(world: World, now: Callable[[], datetime]) -> Parts:
    """Those of a worker in this world, where the clock that all processes share shows something else."""
    parts = Parts(world.settings, clock=now, machine=world.machine)
    parts.procore, parts.xero = world.parts.procore, world.parts.xero
    return parts


@pytest.mark.parametrize("what", ["lost_answer", "cut"])
def test_a_request_from_the_future_is_looked_up_and_never_sent_again(
    a_world: MakeWorld, books: Mapping[str, Any], what: str
) -> None:
    """The server's clock was set back by an hour: nobody knows how old the request is, or whether it still arrives."""
    world = a_world(everything())
    world.fault(what, "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    set_back = parts_with(world, lambda: world.clock.now() - timedelta(hours=1))
    key = world.writes(path="/Invoices")[-1]["idempotency_key"]
    with pytest.raises(OutcomeUnknown, match="not settled yet"):
        world.run(JOB_NUMBER, set_back)
    world.clock.advance(300)
    with pytest.raises(OutcomeUnknown, match="not settled yet"):
        world.run(JOB_NUMBER, set_back)
    world.clock.advance(100)
    world.run(JOB_NUMBER, set_back)
    assert [entry["idempotency_key"] for entry in world.writes(path="/Invoices")].count(key) == 1
    assert world.books() == books


def test_a_request_is_not_sent_at_a_time_before_it_was_planned(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is set back between plan and sending: how old it is then nobody knows, so it does not go."""
    world, plan = a_world(everything()), Entries.plan
    back: list[timedelta] = []
    world.parts = parts_with(world, lambda: world.clock.now() - sum(back, timedelta()))

    def plan_and_set_back(entries: Entries, *arguments: Any) -> Any:
        planned = plan(entries, *arguments)
        back.append(timedelta(hours=1))
        return planned

    monkeypatch.setattr(Entries, "plan", plan_and_set_back)
    with pytest.raises(OutcomeUnknown, match="waited too long"):
        world.run(JOB_NUMBER)
    assert world.writes() == []


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_hours_off_hides_no_change(a_world: MakeWorld, hours: int) -> None:
    """How far a list was read is said in Procore's time, also when nothing was in it."""
    world = a_world(a_seed(), full_compare_every_hours=48)
    world.parts = parts_with(world, lambda: world.clock.now() + timedelta(hours=hours))
    for number in range(11, 14):
        world.whole_pass()
        world.clock.advance(600)
        world.enter("requisitions", a_claim(number))
        world.clock.advance(600)
    world.whole_pass()
    assert {row["InvoiceNumber"] for row in world.documents("invoices")} == {"INV-11", "INV-12", "INV-13"}
