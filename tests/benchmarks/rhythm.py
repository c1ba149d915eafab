"""What passes over many projects ask of both APIs when each list is read as it comes due (`READ_LISTS=when_due`).

In one process and on a clock that is turned: a day takes as long as its jobs. Worker, sandbox and ledger are real.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from tasks import publishing
from tests.benchmarks.bounds import JOURNAL_PROCORE, JOURNAL_XERO, Bound, Figure
from tests.benchmarks.generate import PROJECT_ID, Row, Size
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.run import MAPPING
from tests.integration.world import World

#: Each with a claim on each of two contracts.
SIZE = Size(vendors=2, cost_codes=2, claims=2, payments=0, invoices=0)
EVERY = timedelta(minutes=30)
#: Of so many projects the last ones were busy within the last days; what Procore's documentation allows in an hour.
PROJECTS, BUSY, CALLS_PER_HOUR = 100, 20, 600
#: A day.
PASSES = 48
#: Of these many projects in which nothing moves, in one pass; with what discovery asks itself.
MOST_PROCORE = 120
#: Calls to Xero of a pass in which so many of the projects have a new claim: one for two looks and a write each hundred
#: and fifty of them, and the settings, a token's refusal by a clock that is turned among them.
MOST_XERO = {20: 9, 100: 12}
_NEW = 5_000_000


@dataclass(frozen=True, slots=True)
class Passes:
    """Passes over so many projects: nothing moves in a day, then so many projects have a new claim."""

    projects: int
    passes: int
    procore_calls: int
    xero_calls: int
    #: The most that fell into one hour.
    busiest_hour: int
    #: Projects with a new claim, to the calls to Xero of their pass.
    changed: Sequence[tuple[int, int]]
    #: In Xero at the end, and those that should be.
    bills: int
    expected: int


def passes(projects: int, busy: int, number: int, changed: Sequence[int]) -> Passes:
    """First sync, a month in which nothing moves but in the busy ones, and then what is counted."""
    with tempfile.TemporaryDirectory() as name, patch.object(publishing, "publish", lambda jobs, parts: None):
        seed = seed_of_many(projects, SIZE)
        world = World(seed, f"sqlite:///{name}/ledger.db", Path(name), read_lists="when_due", watch_xero=False)
        world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
        try:
            return _counted(world, seed["procore"]["requisitions"], projects, busy, number, changed)
        finally:
            world.close()


def _counted(
    world: World, claims: dict[str, list[Row]], projects: int, busy: int, number: int, changed: Sequence[int]
) -> Passes:
    _allow(world, 1_000_000)
    world.whole_pass()
    world.clock.advance(timedelta(days=60).total_seconds())
    world.whole_pass()
    ids = [PROJECT_ID + place for place in range(projects)]
    for place, id_ in enumerate(ids[projects - busy :]):
        world.clock.advance(EVERY.total_seconds() / 2)
        _claim(world, claims[str(id_)][0], id_, _NEW + place)
    for _ in range(8):  # until everything is seen, and then lists come due at different times
        _next(world)
    _allow(world, CALLS_PER_HOUR)
    xero, before, made = world.last(), _procore(world), [0]
    for _ in range(number):
        _next(world)
        made.append(_procore(world) - before)
    an_hour = [later - earlier for earlier, later in zip(made, made[2:], strict=False)]
    quiet = len(world.journal(xero))
    _allow(world, 1_000_000)
    found = []
    for some in changed:
        for place, id_ in enumerate(ids[:some]):
            _claim(world, claims[str(id_)][1], id_, _NEW + (some + 1) * 1000 + place)
        world.clock.advance(timedelta(hours=5).total_seconds())
        since = world.last()
        world.whole_pass()
        found.append((some, len(world.journal(since))))
    expected = SIZE.claims * projects + busy + sum(changed)
    bills = sum(row.get("InvoiceNumber", "").startswith(("INV-0", "NEW-")) for row in world.documents("invoices"))
    return Passes(projects, number, made[-1], quiet, max(an_hour), found, bills, expected)


def _allow(world: World, calls_per_hour: int) -> None:
    world.settings = world.settings.model_copy(update={"procore_calls_per_hour": calls_per_hour})
    world.parts.settings = world.settings


def _next(world: World) -> None:
    world.clock.advance(EVERY.total_seconds())
    world.whole_pass()


def _procore(world: World) -> int:
    return len(world.procore_calls("/rest/"))


def _claim(world: World, like: Row, project_id: int, id_: int) -> None:
    """One more claim, of which the sandbox says when it came."""
    new = {name: value for name, value in like.items() if name != "updated_at"}
    world.enter("requisitions", {**new, "id": id_, "invoice_number": f"NEW-{id_}"}, project_id)


def figures(counted: Passes) -> Iterator[Figure]:
    """Nothing is asked of Xero while nothing moves, and of Procore what the hour allows."""
    each = counted.procore_calls / counted.passes
    most = Bound(-(-MOST_PROCORE * counted.projects // PROJECTS))
    yield Figure(f"calls to Procore, {counted.projects} projects", each, JOURNAL_PROCORE, most)
    yield Figure("a project and pass", each / counted.projects, JOURNAL_PROCORE)
    yield Figure("calls in the busiest hour", counted.busiest_hour, JOURNAL_PROCORE, Bound(CALLS_PER_HOUR))
    yield Figure("calls to Xero, nothing moved", counted.xero_calls, JOURNAL_XERO, Bound(0))
    yield Figure("bills in Xero at last", counted.bills, "Xero's books", Bound(counted.expected, exactly=True))
    for some, calls in counted.changed:
        bound = Bound(MOST_XERO[some]) if some in MOST_XERO else None
        yield Figure(f"calls to Xero, {some} with a claim", calls, JOURNAL_XERO, bound)
