"""Whether the simulation of readings tells the truth: the same days, once simulated and once with the real worker."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from tasks import hints
from tasks.hints import Noted
from tests.benchmarks.generate import PROJECT_ID, Row, Size
from tests.benchmarks.many import seed_of_many
from tests.benchmarks.run import MAPPING
from tests.clocks import StillClock
from tests.integration.conftest import MakeWorld
from tests.integration.listened import SECRET, Listened, listening
from tests.integration.world import World
from tests.services import eventually
from tests.simulation import reading
from tests.simulation.check import TOLERANCE
from tests.simulation.company import APPROVED, ENTERED
from tests.simulation.values import START, Calls, Came, Change, Messages, Setting
from worker.listen.intake import Doing
from worker.listen.server import LOOK_EVERY_S
from worker.procore.hook_set_up import set_up
from worker.procore.hooks import Hooks, namespace
from worker.procore.message import Hint

SIZE = Size(vendors=1, cost_codes=1, claims=1, payments=0, invoices=0)
EVERY = timedelta(minutes=30)
#: A vendor and a cost code are a page each, and each contract's payments a list.
CALLS = Calls(whole={"claims": 1, "payments": 1, "invoices": 1, "vendors": 1, "cost_codes": 1})


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


@dataclass
class Told:
    """The real listener, to which the sandbox sends; what is lost on the way to it is not noted."""

    world: World
    messages: Messages
    arriving: Collection[Change]
    listened: Listened = field(init=False)
    is_lost: bool = False

    @contextmanager
    def listening(self, projects: Sequence[int]) -> Iterator[None]:
        """While the block lasts, with Procore's hooks set up."""
        doing = Doing(self._note, partial(hints.start, self.world.parts), lambda _: None)
        wait_s, began = self.messages.wait.total_seconds(), self.world.clock.now()
        seconds = lambda: (self.world.clock.now() - began).total_seconds()  # noqa: E731
        with listening(self.world, doing, wait_s=wait_s, seconds=seconds) as self.listened:
            self.world.procore_switch(webhooks_of_requisitions=True)
            ours = Hooks(self.world.parts.procore.api, self.world.settings.procore_company_id, namespace("told"))
            list(set_up(ours, self.listened.url, SECRET, projects))
            yield

    def after(self, change: Change, taken: int) -> datetime | None:
        """When this change has come to the listener: the time at which its project's job starts."""
        eventually(lambda: self.listened.intake.taken > taken)
        if change not in self.arriving:
            return None
        self.world.clock.advance(self.messages.wait.total_seconds() + LOOK_EVERY_S)
        self.listened.start_due()
        self.world.run_all()
        return self.world.clock.now()

    def _note(self, heard: Collection[Hint]) -> Noted:
        if self.is_lost:
            return Noted(self.world.parts.now(), {})
        return hints.note(self.world.parts, heard)


def measured(
    world: World, claims: dict[str, list[Row]], changes: Sequence[Change], passes: int, told: Told | None = None
) -> Came:
    """What the real worker made of them, with the books of the sandbox as witness."""
    began, came = world.clock.now(), Came()
    coming, under_way = list(changes), dict[str, Change]()
    reviewed: dict[int, int] = {}

    def note_bills(since: int, at: timedelta) -> None:
        bills = world.documents("invoices") if world.writes(since, "/Invoices") else []
        for bill in {row.get("InvoiceNumber", "") for row in bills} & under_way.keys():
            change = under_way.pop(bill)
            came.seen.append((change, START + at - change.at))

    before = world.parts.procore.api.calls
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
            since, taken = world.last(), told.listened.intake.taken if told else 0
            if told:
                told.is_lost = change not in told.arriving
            world.enter("requisitions", claim, change.project)
            if told and (started_at := told.after(change, taken)):
                note_bills(since, started_at - began)
        world.clock.advance((began + at - world.clock.now()).total_seconds())
        since = world.last()
        world.whole_pass()
        came.calls.append(world.parts.procore.api.calls - before)
        before = world.parts.procore.api.calls
        note_bills(since, at)
    assert not under_way
    return came


def three_projects(a_world: MakeWorld) -> tuple[World, dict[str, list[Row]], list[int]]:
    """They were synced once; their claims, to make new ones from."""
    ids = [PROJECT_ID + number for number in range(3)]
    seed = seed_of_many(len(ids), SIZE)
    world = a_world(seed, clock=StillClock(START), read_lists="when_due", watch_xero=False)
    world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
    world.whole_pass()
    return world, seed["procore"]["requisitions"], ids


def allow(world: World, calls_per_hour: int) -> None:
    world.settings = world.settings.model_copy(update={"procore_calls_per_hour": calls_per_hour})
    world.parts.settings = world.settings


@pytest.mark.deep
@pytest.mark.parametrize("calls_per_hour", [600, 12])
def test_calls_and_delays_are_as_simulated(a_world: MakeWorld, calls_per_hour: int) -> None:
    """Each change is seen by the same pass, and calls are within a tenth: where the hour's calls are enough, and where
    lists wait for a later pass. A clock that stands still makes one run like another."""
    world, claims, ids = three_projects(a_world)
    changes = some_days(ids, days=2)
    allow(world, calls_per_hour)
    real = measured(world, claims, changes, passes=3 * 48)
    simulated = reading.run(ids, changes, 3 * 48, Setting(EVERY, calls_per_hour, calls=CALLS, call=timedelta(0)))
    assert abs(sum(simulated.calls) / sum(real.calls) - 1) <= TOLERANCE
    for kind in (APPROVED, ENTERED):
        assert sorted(real.late[kind]) == sorted(simulated.late[kind])


@pytest.mark.deep
@pytest.mark.parametrize("lost", [0.0, 0.3])
def test_with_messages_calls_and_delays_are_as_simulated(a_world: MakeWorld, lost: float) -> None:
    """The sandbox sends them to the real listener, over HTTP; some are lost, and what they were about is found by the
    same pass in both."""
    world, claims, ids = three_projects(a_world)
    changes = some_days(ids, days=1)
    messages = Messages(("claims",), lost)
    told = Told(world, messages, messages.about(changes))
    with told.listening(ids):
        real = measured(world, claims, changes, 2 * 48, told)
    simulated = reading.run(ids, changes, 2 * 48, Setting(EVERY, calls=CALLS, call=timedelta(0), messages=messages))
    assert abs(sum(simulated.calls) / sum(real.calls) - 1) <= TOLERANCE
    for kind in (APPROVED, ENTERED):
        assert sorted(map(round_up, real.late[kind])) == sorted(map(round_up, simulated.late[kind]))


def round_up(late: timedelta) -> int:
    """To seconds: the worker's own calls take none on a clock that stands still, but a person's change one."""
    return round(late.total_seconds())
