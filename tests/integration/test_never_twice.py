"""Never twice: whatever a job meets on its way, the books end as if nothing had happened."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import QueuePool

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_contact, a_seed, everything
from tests.integration.wire import Crash, crash
from tests.integration.world import World
from worker.errors import OutcomeUnknown, Retriable
from worker.procore import client as procore_client
from worker.xero import client as xero_client

#: Where each kind of document is written.
PATHS = {
    "project": "/TrackingCategories/d8dfe2d7[^/]*/Options",
    "cost_codes": "/TrackingCategories/44cc7d1f[^/]*/Options",
    "vendors": "/Contacts",
    "bills": "/Invoices",
    "credit_notes": "/CreditNotes",
    "payments": "/Payments",
}
WITHIN, BETWEEN, AFTER = 20, 300, 500


@pytest.fixture(scope="module")
def untroubled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The books after a job in which nothing went wrong."""
    directory = tmp_path_factory.mktemp("untroubled")
    world = World(everything(), f"sqlite:///{directory}/ledger.db", directory)
    world.run(JOB_NUMBER)
    world.close()
    assert len(world.books()["bills"]) == 4
    assert len(world.books()["payments"]) == 2
    return world.books()


def assert_quiet(world: World) -> None:
    """Nothing is open and a further pass sends nothing."""
    assert world.holds() == {}
    since = world.last()
    world.whole_pass()
    assert world.writes(since) == []


def test_too_late_for_the_key_and_too_early_to_look_the_job_comes_back(
    a_world: MakeWorld, untroubled: dict[str, Any]
) -> None:
    """A request may still be on its way: nothing is sent until it is surely done or lost."""
    world = a_world(everything())
    world.discover()
    world.fault("lost_answer", "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(BETWEEN)
    since = world.last()
    with pytest.raises(OutcomeUnknown) as error:
        world.run(JOB_NUMBER)
    assert world.journal(since) == []
    assert 0 < error.value.retry_in_s < 200
    world.run_through(JOB_NUMBER)
    assert world.books() == untroubled


def test_an_answer_from_beyond_the_life_of_the_key_is_looked_up(a_world: MakeWorld) -> None:
    """A machine that sleeps while it sends again can make a second bill: it is found and said, never taken as good."""
    world = a_world(everything())
    world.discover()
    world.fault("lost_answer", "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.wire.before("PUT", "/api.xro/2.0/Invoices", lambda _: world.clock.advance(AFTER))
    with pytest.raises(OutcomeUnknown, match="forgotten"):
        world.run(JOB_NUMBER)
    world.run_through(JOB_NUMBER)
    assert "ambiguous" in world.holds().values()


@pytest.mark.parametrize(
    ("what", "landed"), [*((what, True) for what in PATHS), ("vendors", False), ("bills", False), ("payments", False)]
)
def test_a_killed_worker_leaves_no_second_document(a_world: MakeWorld, what: str, landed: bool) -> None:
    """Killed between plan and send, or between send and confirm: the next worker finishes it, once."""
    killed(a_world(everything()), what, landed)


@pytest.mark.parametrize("landed", [True, False])
def test_nor_does_it_on_any_database(any_world: MakeWorld, landed: bool) -> None:
    """The same on each kind of database."""
    killed(any_world(everything()), "bills", landed)


def killed(world: World, what: str, landed: bool) -> None:
    world.discover()
    (world.wire.after if landed else world.wire.before)("PUT", PATHS[what], crash)
    with pytest.raises(Crash):
        world.run(JOB_NUMBER)
    world.bury()
    world.run_through(JOB_NUMBER)
    assert [len(world.books()[kind]) for kind in ("bills", "payments")] == [4, 2]
    assert len(world.documents("contacts")) == 2
    assert_quiet(world)


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_trouble_at_every_write_still_ends_well(a_world: MakeWorld, untroubled: dict[str, Any], kind: str) -> None:
    """Every kind of request is troubled once in one job, and it still comes to the same end."""
    world = a_world(everything())
    world.discover()
    for path in PATHS.values():
        world.fault(kind, "PUT", path)
    troubled = 0
    for _ in range(12):
        try:
            world.run(JOB_NUMBER)
            break
        except Retriable as error:
            troubled += 1
            world.clock.advance(error.retry_in_s)
    assert troubled == len(PATHS)
    assert world.books() == untroubled


def test_two_documents_that_fit_are_a_persons_choice(a_world: MakeWorld) -> None:
    """An unknown bill, and Xero holds two that fit: neither is adopted, no third is made, and the hold says so."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.discover()
    world.fault("lost_answer", "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    original = world.bill("INV-11")
    world.type_in_xero("Invoices", world.writes(path="/Invoices")[-1]["body"]["Invoices"][0])
    world.clock.advance(AFTER)
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert world.holds() == {"claim 11": "ambiguous"}
        assert len(world.documents("invoices")) == 2
    world.xero_edit("Invoices", original["InvoiceID"], Status="VOIDED")
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 2


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_a_bill_that_a_person_typed_is_not_taken_for_ours(a_world: MakeWorld, kind: str) -> None:
    """Same supplier, same number, but it does not point at Procore: ours is told from it, or a person is asked."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    ours = world.writes(path="/Invoices")[-1]["body"]["Invoices"][0]
    world.enter("requisitions", a_claim(12, invoice_number="TYPED"))
    typed = {name: value for name, value in ours.items() if name != "Url"} | {"InvoiceNumber": "TYPED"}
    world.fault(kind, "PUT", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.type_in_xero("Invoices", typed)  # before ours was created it would have been found
    world.clock.advance(AFTER)
    world.run(JOB_NUMBER)
    if kind == "lost_answer":
        assert world.holds() == {}
        assert len(world.documents("invoices")) == 3
        return
    assert world.holds() == {"claim 12": "ambiguous"}
    by_hand = next(row for row in world.documents("invoices") if row["InvoiceNumber"] == "TYPED")
    world.xero_edit("Invoices", by_hand["InvoiceID"], Status="VOIDED")
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert [row["Status"] for row in world.documents("invoices")] == ["AUTHORISED", "VOIDED", "AUTHORISED"]


def test_a_call_limit_is_waited_out_within_the_job(a_world: MakeWorld, untroubled: dict[str, Any]) -> None:
    """A 429 did not happen: the same request goes again after the time Xero names, and nothing goes twice."""
    world = a_world(everything())
    world.discover()
    for path in PATHS.values():
        world.fault("status", "PUT", path, status=429, headers={"Retry-After": "7", "X-Rate-Limit-Problem": "minute"})
    world.run(JOB_NUMBER)
    assert world.books() == untroubled
    assert_quiet(world)


class Watched(httpx.BaseTransport):
    """Counts the database connections that are in use while a request is on its way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.in_use: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._world.parts.engine.pool
        assert isinstance(pool, QueuePool)
        self.in_use.append(pool.checkedout())
        return self._world.wire.handle_request(request)


def test_no_transaction_is_open_across_a_call(any_world: MakeWorld) -> None:
    """Plan and commit, then send, then confirm: neither API is ever waited for with the ledger locked."""
    world = any_world(everything())
    watched = Watched(world)
    world.parts.procore = procore_client.connect(world.settings, None, watched, machine=world.machine)
    world.parts.xero = xero_client.connect(world.settings, None, watched, machine=world.machine)
    world.whole_pass()
    assert len(watched.in_use) > 20
    assert set(watched.in_use) == {0}


def test_a_lost_adoption_is_done_again(a_world: MakeWorld) -> None:
    """A contact found by its name whose numbering got lost is numbered in the next job, and not created."""
    for kind in ("lost_answer", "cut"):
        world = a_world(a_seed(contacts=[a_contact(5, "SUPPLIER 1")], claims=[a_claim(11)]))
        world.discover()
        world.fault(kind, "POST", "/Contacts")
        with pytest.raises(OutcomeUnknown):
            world.run(JOB_NUMBER)
        world.clock.advance(AFTER)
        world.run(JOB_NUMBER)
        assert [(row["Name"], row["ContactNumber"]) for row in world.documents("contacts")] == [
            ("SUPPLIER 1", "procore-1")
        ]
        assert_quiet(world)
