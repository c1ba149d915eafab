"""Killed with SIGKILL at every boundary of every stage, the next worker finishes, and the books are as if nothing was.

Each job runs in a process of its own, over real HTTP. One row of the matrix is one boundary: the job is killed there at
each kind of request in turn, so that every process first has to finish what the one before it left.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.breaking import Boundary
from tests.integration.conftest import POSTGRESQL_IS_DEEP
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_cost_code, a_payment, an_invoice, everything
from tests.integration.site import EXACT, Site, served
from tests.integration.world import MAPPING, World

#: Seconds that pass between two workers: Xero still knows the key, or everything is settled.
WITHIN, AFTER = 0.0, 500.0
#: Minutes by which the clocks of workers are off that come one after the other.
OFF = (-9, 8, 0, -7, 9)
#: Longer than between two readings of everything.
DAY = 25 * 3600
ALLOCATES = '\n[claims]\ncredit_notes = "allocate"\n'
#: Requests of a project's first sync, and of one in which everything has changed, in their order.
FIRST = (
    "^projects PUT /TrackingCategories",
    "^vendors PUT /Contacts",
    "^cost_codes PUT /TrackingCategories",
    "^claims PUT /Invoices",
    "^claims PUT /CreditNotes",
    "^payments PUT /Payments",
    "^invoices PUT /Invoices",
    "^allocations PUT /CreditNotes/.*/Allocations",
)
CHANGED = (
    "^projects POST /TrackingCategories",
    "^vendors POST /Contacts",
    "^cost_codes POST /TrackingCategories",
    "^claims POST /Invoices",
    "^claims POST /CreditNotes",
    "^payments POST /Payments/",  # the old one is deleted
    "^payments PUT /Payments",  # and made anew
    "^invoices POST /Invoices",
)
#: Five cost codes in an organisation that makes several options of one request: two as a try, then three.
SEVERAL = ("^cost_codes PUT /TrackingCategories", "^cost_codes PUT /TrackingCategories")
REQUESTS = (
    Boundary.PLANNED,
    Boundary.REFRESHING,
    Boundary.REFRESHED,
    Boundary.HALF_SENT,
    Boundary.TAKEN,
    Boundary.ANSWERED,
    Boundary.CONFIRMED,
)
#: Where the outcome is unknown to whoever comes when Xero has forgotten the key: not done, and done.
UNKNOWN = (Boundary.HALF_SENT, Boundary.TAKEN)
#: Between two requests, or before the first and after the last.
ELSEWHERE = (
    f"{Boundary.CLAIMED}:",
    f"{Boundary.REFRESHING}:start",
    f"{Boundary.REFRESHED}:start",
    f"{Boundary.ENDING}:done",
)


@dataclass(frozen=True)
class Scene:
    """Both sides and the ledger before a job, and the books after it when nothing goes wrong."""

    seed: Mapping[str, Any]
    ledger: Path
    books: Mapping[str, Any]
    requests: Sequence[str]
    mapping: str


def scene(directory: Path, requests: Sequence[str]) -> Scene:
    mapping = MAPPING if requests is CHANGED else MAPPING + ALLOCATES  # a note that is set against a bill cannot change
    world = World(everything(), f"sqlite:///{directory}/ledger.db", directory)
    world.mapping_file.write_text(mapping)
    if requests is SEVERAL:
        world.xero_switch(several_options="all")
        for number in (100, 200, 300):
            world.enter("cost_codes", a_cost_code(f"07-{number}", "Glass"))
    if requests is CHANGED:
        world.enter("requisitions", a_claim(14))
        world.run(JOB_NUMBER)
        change_everything(world)
    before = world.sandbox.dump()
    world.parts.engine.dispose()  # everything is in the file
    ledger = Path(shutil.copy(directory / "ledger.db", directory / "before.db"))
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    world.close()
    return Scene(before, ledger, world.books(), requests, mapping)


def change_everything(world: World) -> None:
    """In Procore, one record of each kind."""
    world.procore_edit("projects", PROJECT_ID, name="Tower North")
    world.procore_edit("vendors", 2, name="Supplier Two")
    world.procore_edit("cost_codes", 59100, PROJECT_ID, name="Structural steel")
    world.enter("requisitions", a_claim(13, "-25.00"))
    world.enter("requisitions", a_claim(14, "45.00"))
    world.enter("contract_payments", a_payment(71, 11, "12.00"))
    world.enter("direct_costs", an_invoice(91, "55.00"))
    world.clock.advance(DAY)  # everything is compared


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    return {
        name: scene(tmp_path_factory.mktemp(name), requests)
        for name, requests in (("first", FIRST), ("changed", CHANGED), ("several", SEVERAL))
    }


@contextmanager
def site(scene: Scene, directory: Path, database_url: str = "") -> Iterator[Site]:
    """The scene as it was before the job; on a database that is given, without a ledger of what went before."""
    shutil.copy(scene.ledger, directory / "before.db")
    world = World(scene.seed, database_url or f"sqlite:///{directory}/before.db", directory)
    world.mapping_file.write_text(scene.mapping)
    with served(world) as here:
        yield here
    world.close()


def killed_at(here: Site, point: str, pause_s: float = WITHIN, off: timedelta = EXACT) -> None:
    assert here.job(JOB_NUMBER, point, off=off).exit_code() == -signal.SIGKILL, f"{point} was not reached"
    here.world.clock.advance(pause_s)
    for kind, rows in here.world.books().items():
        assert len(rows) == len(set(map(repr, rows))), f"{kind} twice, after {point}"


def finish(here: Site, scene: Scene) -> None:
    """The last worker is left alone: everything is there, once, and nothing is left to send."""
    assert here.job(JOB_NUMBER).exit_code() == 0
    assert here.world.books() == scene.books
    assert here.world.job(JOB_NUMBER).state == "done"
    assert here.world.holds() == {}
    since = here.world.last()
    here.world.whole_pass()
    assert here.world.writes(since) == []


#: Rows that everybody runs: what was done is found again, and what was not is done. The others need more time.
EVERYBODYS = (("first", Boundary.TAKEN, AFTER), ("changed", Boundary.HALF_SENT, WITHIN))
ROWS = [
    (name, boundary, pause_s)
    for name in ("first", "changed", "several")
    for boundary, pause_s in (*((one, WITHIN) for one in REQUESTS), *((one, AFTER) for one in UNKNOWN))
]


@pytest.mark.parametrize(
    ("name", "boundary", "pause_s"),
    [pytest.param(*row, marks=() if row in EVERYBODYS else pytest.mark.deep) for row in ROWS],
    ids=str,
)
def test_killed_there_at_every_request(
    scenes: dict[str, Scene], tmp_path: Path, name: str, boundary: Boundary, pause_s: float
) -> None:
    """Whatever was on its way, the next worker finds out, and sends nothing twice and nothing too little."""
    with site(scenes[name], tmp_path) as here:
        here.world.discover()
        for request in scenes[name].requests:
            killed_at(here, f"{boundary}:{request}", pause_s)
        finish(here, scenes[name])


def test_killed_where_nothing_is_on_its_way(scenes: dict[str, Scene], tmp_path: Path) -> None:
    """With the job in its hands, before its first token, and with all done but the job's end."""
    with site(scenes["first"], tmp_path) as here:
        here.world.discover()
        for point in ELSEWHERE:
            killed_at(here, point)
        finish(here, scenes["first"])


def test_killed_again_and_again_while_it_recovers(scenes: dict[str, Scene], tmp_path: Path) -> None:
    """Who finishes a dead worker's request may die of it, too: it stays one request."""
    with site(scenes["first"], tmp_path) as here:
        here.world.discover()
        for boundary in REQUESTS:
            killed_at(here, f"{boundary}:^claims PUT /Invoices")
        finish(here, scenes["first"])
        keys = {entry["idempotency_key"] for entry in here.world.writes(path="/Invoices")}
        assert len(keys) == 2, "the claims' request and the invoice's"


@POSTGRESQL_IS_DEEP
def test_killed_there_on_any_database(scenes: dict[str, Scene], tmp_path: Path, database_url: str) -> None:
    """The ledger says the same to the next worker, wherever it is kept."""
    with site(scenes["first"], tmp_path, database_url) as here:
        here.world.discover()
        for request in scenes["first"].requests:
            killed_at(here, f"{Boundary.TAKEN}:{request}")
        finish(here, scenes["first"])


@pytest.mark.deep
@pytest.mark.parametrize(
    ("boundary", "pause_s"),
    [*((boundary, WITHIN) for boundary in REQUESTS), *((boundary, AFTER) for boundary in UNKNOWN)],
    ids=str,
)
def test_killed_there_by_turns_on_machines_whose_clocks_differ(
    scenes: dict[str, Scene], tmp_path: Path, postgres_url: str, boundary: Boundary, pause_s: float
) -> None:
    """What one left another finds, who thinks that it was minutes ago, or is still to come."""
    with site(scenes["first"], tmp_path, postgres_url) as here:
        here.world.discover()
        for request, minutes in zip(scenes["first"].requests, cycle(OFF), strict=False):
            killed_at(here, f"{boundary}:{request}", pause_s, timedelta(minutes=minutes))
        finish(here, scenes["first"])
