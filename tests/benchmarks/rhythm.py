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
#: What a token's refusal is answered with: the clock that is turned is not the one by which a token is renewed in time.
EXPIRED = 401
#: Of these many projects in which nothing moves, in one pass; with what discovery asks itself.
MOST_PROCORE = 120


@dataclass(frozen=True, slots=True)
class Change:
    """So many projects have a new claim in a pass, so many others a payment; calls to Xero that it takes at most.

    Bills take two looks and a write for each hundred and fifty of them, payments a look for each forty and a write; and
    settings are read: all five after a day, else options, lock dates, and accounts after six hours.
    """

    claims: int
    payments: int
    calls: int

    def __str__(self) -> str:
        parts = ((self.claims, "with a claim"), (self.payments, "with a payment"))
        return ", ".join(f"{number} {what}" for number, what in parts if number)


#: Five hours apart, the first after a quiet day. No change is more than one of every project.
CHANGES = (Change(20, 0, 8), Change(20, 0, 6), Change(13, 7, 8), Change(100, 0, 8))
_NEW = 5_000_000


@dataclass(frozen=True, slots=True)
class Passes:
    """Passes over so many projects: nothing moves in a day, then something comes to some of them."""

    projects: int
    passes: int
    procore_calls: int
    xero_calls: int
    #: The most that fell into one hour.
    busiest_hour: int
    #: What came, with the calls to Xero of its pass.
    changed: Sequence[tuple[Change, int]]
    #: In Xero at the end, and those that should be.
    bills: int
    expected: int
    #: Paid in Xero at the end, and those that should be.
    payments: int
    made: int


def passes(projects: int, busy: int, number: int, changed: Sequence[Change]) -> Passes:
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
    world: World, claims: dict[str, list[Row]], projects: int, busy: int, number: int, changed: Sequence[Change]
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
    xero, before, made_calls = world.last(), _procore(world), [0]
    for _ in range(number):
        _next(world)
        made_calls.append(_procore(world) - before)
    an_hour = [later - earlier for earlier, later in zip(made_calls, made_calls[2:], strict=False)]
    quiet = len(world.journal(xero))
    _allow(world, 1_000_000)
    found = []
    for round_, change in enumerate(changed, 1):
        for place, id_ in enumerate(ids[: change.claims + change.payments]):
            like = claims[str(id_)][1]
            if place < change.claims:
                _claim(world, like, id_, _NEW + round_ * 1000 + place)
            else:
                _pay(world, like, id_)
        world.clock.advance(timedelta(hours=5).total_seconds())
        since = world.last()
        world.whole_pass()
        found.append((change, sum(entry["status"] != EXPIRED for entry in world.journal(since))))
    expected = SIZE.claims * projects + busy + sum(change.claims for change in changed)
    bills = sum(row.get("InvoiceNumber", "").startswith(("INV-0", "NEW-")) for row in world.documents("invoices"))
    paid, made = len(world.documents("payments")), sum(change.payments for change in changed)
    return Passes(projects, number, made_calls[-1], quiet, max(an_hour), found, bills, expected, paid, made)


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


def _pay(world: World, like: Row, project_id: int) -> None:
    """A part of a claim that was billed long ago."""
    row = {"amount": "1.00", "status": "paid", "date": "2026-08-14", "contract_id": like["commitment_id"]}
    world.enter("contract_payments", {**row, "id": _NEW + project_id, "requisition_id": like["id"]}, project_id)


def figures(counted: Passes) -> Iterator[Figure]:
    """Nothing is asked of Xero while nothing moves, and of Procore what the hour allows."""
    each = counted.procore_calls / counted.passes
    most = Bound(-(-MOST_PROCORE * counted.projects // PROJECTS))
    yield Figure(f"calls to Procore, {counted.projects} projects", each, JOURNAL_PROCORE, most)
    yield Figure("a project and pass", each / counted.projects, JOURNAL_PROCORE)
    yield Figure("calls in the busiest hour", counted.busiest_hour, JOURNAL_PROCORE, Bound(CALLS_PER_HOUR))
    yield Figure("calls to Xero, nothing moved", counted.xero_calls, JOURNAL_XERO, Bound(0))
    yield Figure("bills in Xero at last", counted.bills, "Xero's books", Bound(counted.expected, exactly=True))
    yield Figure("payments in Xero at last", counted.payments, "Xero's books", Bound(counted.made, exactly=True))
    for change, calls in counted.changed:
        yield Figure(f"calls to Xero, {change}", calls, JOURNAL_XERO, Bound(change.calls))
