"""Whether the simulation of organisations tells the truth: the real worker on simulated time, and the model beside it.

Several processes sync into the sandbox under Xero's limits at their full length, and are parked at its day limit; then
every project has changes. The call budgets are the worker's own in their Redis scripts, jobs end and come back by its
own policy, and the sandbox refuses what is too much. Time passes while calls and waits last, as in the model: what a
machine computes meanwhile, and however loaded it is, counts in neither.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

import fakeredis
import pytest
import simpy
from celery import Task
from celery.exceptions import Retry
from sqlalchemy import func, select

from tasks import discovery, policy, project, publishing
from tests.benchmarks.run import MAPPING
from tests.integration.conftest import MakeWorld
from tests.integration.published import ATask, Message
from tests.integration.simulated_time import SimulatedClock
from tests.integration.world import STARTS_AT, Entry, World
from tests.simulation import firm
from tests.simulation.check import (
    ANSWER_S,
    CHANGED,
    DAY,
    EVERY_MIN,
    MINUTE,
    PROCESSES,
    SIZE,
    TOLERANCE,
    Case,
    Result,
    simulated,
)
from tests.simulation.limits import Steps
from tests.simulation.model import Allowed, Costs
from tests.simulation.queues import FirstCome
from tests.simulation.workers import Workers
from worker.assembly import Parts
from worker.errors import SyncError
from worker.ledger.database import transaction
from worker.ledger.tables import Entry as EntryRow
from worker.ledger.tables import Job
from worker.owner import owner_name
from worker.procore import client as procore_client
from worker.xero import client as xero_client

_TOO_MANY = 429

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]


@dataclass
class Queued:
    """A message in the queue of the simulated processes."""

    site: Site
    job: Job | None = None
    organisation_name: str = ""
    expected_calls: int = 0

    def run(self) -> Steps:
        yield from self.site.clock.doing(partial(self.site.carry_out, self.job))


@dataclass
class Site:
    """A worker of several processes, beside an organisation that has no books yet."""

    world: World
    env: simpy.Environment
    clock: SimulatedClock
    processes: list[Parts]
    workers: Workers

    def until(self, records: int) -> Result:
        """A pass every so often, until so many records are in the books."""
        began, done = self.clock.now(), self.env.event()
        self.env.process(self._passes(records, done))
        self.env.run(done)
        return self._result(began)

    def queue(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self.workers.queue.put(Queued(self, job))

    def one_pass(self) -> int:
        """In which nothing moved: its calls to Procore."""
        before = len(self.world.procore_calls())
        self.workers.queue.put(Queued(self))
        self.env.run(self.env.now + 60 * EVERY_MIN)
        return len(self.world.procore_calls()) - before

    def carry_out(self, job: Job | None) -> None:
        """A job, or a pass; by the next process that has nothing to do."""
        parts = self.processes.pop()
        try:
            if job is None:
                with suppress(SyncError):  # the organisation is parked
                    discovery.discover_projects(parts)
            else:
                self._job(parts, job)
        finally:
            self.processes.append(parts)

    def _job(self, parts: Parts, job: Job) -> None:
        owner = owner_name()
        if (claimed := parts.jobs.claim(job.task_id, owner)) is None:
            return
        task = ATask(Message(job.task_id))
        try:
            policy.finish(parts, cast("Task[Any, Any]", task), claimed, owner, project.sync)
        except Retry:
            self.env.process(self._comes_back(job, task.back_in_s))
        except policy.JobFailed:
            pass  # parked

    def _comes_back(self, job: Job, in_s: float) -> Steps:
        yield self.env.timeout(in_s)
        self.queue([job])

    def _passes(self, records: int, done: simpy.Event) -> Steps:
        while True:
            self.workers.queue.put(Queued(self))
            for _ in range(EVERY_MIN):
                yield self.env.timeout(60)
                if self._in_the_books() >= records:
                    done.succeed()
                    return

    def _in_the_books(self) -> int:
        with transaction(self.world.parts.engine) as session:
            return session.scalar(select(func.count()).where(EntryRow.state == "live")) or 0

    def _result(self, began: datetime) -> Result:
        made = [(_at(entry), entry) for entry in self.world.journal() if _at(entry) >= began]
        assert _TOO_MANY not in {entry["status"] for _, entry in made}
        good = [(at, entry["method"]) for at, entry in made if entry["status"] == 200]
        last = max(at for at, method in good if method != "GET")
        reads = [entry for entry in self.world.procore_calls() if began <= _at(entry) <= last]
        return Result((last - good[0][0]).total_seconds(), len(good), len(reads))


def _at(call: Entry) -> datetime:
    return datetime.fromisoformat(call["at"])


def a_site(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, case: Case) -> Site:
    env, allowed = simpy.Environment(), Allowed(per_day=case.per_day)
    clock = SimulatedClock(env, STARTS_AT)
    seed = firm.seed(SIZE, case.projects)
    world = a_world(
        seed, clock=clock, lists_every_hours=2, share_requests_after_s=0, sync_every_minutes=EVERY_MIN,
        xero_calls_per_minute=allowed.per_minute, xero_calls_per_day=case.per_day,
        xero_calls_at_once=allowed.at_once, procore_calls_at_once=20,
    )  # fmt: skip
    world.mapping_file.write_text(MAPPING.read_text(encoding="utf-8") + firm.ACCOUNTS_ONLY, encoding="utf-8")
    monkeypatch.setattr(time, "time", clock.timestamp)  # the broker's clock
    monkeypatch.setattr(time, "sleep", clock.advance)
    broker = fakeredis.FakeRedis()
    site = Site(world, env, clock, [], Workers(env, PROCESSES, FirstCome()))
    monkeypatch.setattr(publishing, "publish", lambda jobs, _: site.queue(jobs))
    for _ in range(PROCESSES):
        parts = world.more_parts()
        parts.broker = broker
        for name, client in (("procore", procore_client), ("xero", xero_client)):
            made = client.connect(world.settings, broker, world.wire, sleep=clock.advance, machine=world.machine)
            setattr(parts, name, made)
        site.processes.append(parts)
    world.limit(
        xero_per_minute=allowed.per_minute, xero_concurrent=allowed.at_once, xero_per_day=case.per_day,
        latency_s=ANSWER_S,
    )  # fmt: skip
    return site


def enter_changes(site: Site) -> None:
    """In each project, each like one that is there."""
    procore, world = site.world.sandbox.dump()["procore"], site.world
    for project_id in map(int, procore["requisitions"]):
        for row in procore["requisitions"][str(project_id)][: CHANGED["claims"]]:
            world.enter("requisitions", {**_new(row), "invoice_number": f"NEW-{row['id']}"}, project_id)
        for row in procore["contract_payments"][str(project_id)][: CHANGED["payments"]]:
            world.enter("contract_payments", {**_new(row), "check_number": f"NEW-{row['id']}"}, project_id)
            # moved: this is how the worker sees that there are new ones
            world.procore_edit("work_order_contracts", row["contract_id"], project_id, total_payments="1234.56")


def _new(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "updated_at"} | {"id": row["id"] + 10_000_000}


def assert_alike(real: Result, simulated: Result) -> None:
    for figure in ("seconds", "xero_calls", "procore_calls"):
        measured, said = getattr(real, figure), getattr(simulated, figure)
        assert abs(said / measured - 1) <= TOLERANCE, f"{figure}: {measured} measured, {said} simulated"


def test_a_first_sync_and_changes_are_as_simulated(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Xero's minute is what binds: time until everything is in the books, and calls to both APIs. What a job
    reads in which nothing moved is counted between them."""
    site = a_site(a_world, monkeypatch, MINUTE)
    first = site.until(MINUTE.projects * SIZE.records)
    unchanged_reads = (site.one_pass() - 1) // MINUTE.projects
    assert_alike(first, simulated(MINUTE, unchanged_reads))
    enter_changes(site)
    changes = site.until(MINUTE.projects * (SIZE.records + sum(CHANGED.values())))
    assert_alike(changes, simulated(MINUTE, unchanged_reads, changes=True))


def test_a_first_sync_that_is_parked_is_as_simulated(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Xero's day is used up three times, and passes go on with what is left when it comes free."""
    site = a_site(a_world, monkeypatch, DAY)
    first = site.until(DAY.projects * SIZE.records)
    assert first.xero_calls > 2 * DAY.per_day
    assert_alike(first, simulated(DAY, Costs(0, 0).unchanged_reads))
