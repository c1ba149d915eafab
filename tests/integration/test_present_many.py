"""Many new bills in one job: they are looked for among all bills of the organisation, which are read in brief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_seed, an_invoice
from tests.integration.test_present import ADOPT, MONEY, VENDOR, a_bill_by_hand, back_up, everything, put_back
from tests.integration.wire import Act
from tests.integration.world import MAPPING, Entry, World
from worker.pipeline.look import shelf
from worker.xero import client


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One new bill is many."""
    monkeypatch.setattr(shelf, "ENOUGH", 0)


def some_claims(first: int, count: int) -> list[dict[str, Any]]:
    return [a_claim(number) for number in range(first, first + count)]


def looks(world: World, since: int = 0) -> list[Entry]:
    """How bills were asked for: as all in brief, by numbers, by ids."""
    return [entry for entry in world.journal(since) if entry["method"] == "GET" and entry["path"].endswith("Invoices")]


def pages(entries: Sequence[Entry]) -> list[int]:
    """The pages in brief that were read."""
    brief = [entry for entry in entries if entry["query"].get("summaryOnly") == "true"]
    return [int(entry["query"]["page"]) for entry in brief if "ContactIDs" not in entry["query"]]


def numbered(entries: Sequence[Entry]) -> list[str]:
    return [entry["query"]["InvoiceNumbers"] for entry in entries if "InvoiceNumbers" in entry["query"]]


def then(world: World, act: Act) -> None:
    """Let this happen when the second page of claims is asked for: between two looks."""
    world.wire.before("GET", "requisitions", lambda _: None)
    world.wire.before("GET", "requisitions", act)


@pytest.mark.parametrize(("claims", "invoices"), [(150, 0), (250, 0), (120, 30)])
def test_many_bills_cost_two_reads(a_world: MakeWorld, claims: int, invoices: int) -> None:
    """A hundred by their numbers, and all that come after them in one page."""
    direct = [an_invoice(number) for number in range(900, 900 + invoices)]
    world = a_world(a_seed(claims=some_claims(100, claims), invoices=direct))
    world.whole_pass()
    assert (len(numbered(looks(world))), pages(looks(world))) == (1, [1])
    assert len(looks(world)) == 2
    assert len(world.documents("invoices")) == claims + invoices


def test_what_the_job_made_itself_is_not_read(a_world: MakeWorld) -> None:
    """A supplier's number on two of its claims: the first one's bill is known, and no reason to ask."""
    world = a_world(a_seed(claims=[*some_claims(100, 120), a_claim(999, invoice_number="INV-100")]))
    world.whole_pass()
    assert len(looks(world)) == 2
    assert len(world.documents("invoices")) == 121


@pytest.mark.usefixtures("at_once")
def test_a_ledger_from_before_everything_finds_it_all_again(a_world: MakeWorld) -> None:
    """Also bills whose numbers fit no list; each is read with its lines before it is tied."""
    world = a_world(everything())
    backup = back_up(world)
    world.whole_pass()
    books = world.books()
    put_back(world, backup)
    since = world.last()
    world.whole_pass()
    assert world.books() == books
    assert world.writes(since, MONEY) == []
    assert world.holds() == {}
    assert (pages(looks(world, since)), numbered(looks(world, since))) == ([1], [])
    assert [len(e["query"]["IDs"].split(",")) for e in looks(world, since) if "IDs" in e["query"]] == [3, 2, 1]


@pytest.mark.usefixtures("at_once")
def test_a_bill_that_a_person_renumbered_is_found_by_its_record(a_world: MakeWorld) -> None:
    """It points at its page in Procore, whatever it is called; what was changed about it is a person's to judge."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]))
    backup = back_up(world)
    world.whole_pass()
    world.xero_edit("invoices", world.bill("INV-11")["InvoiceID"], InvoiceNumber="Slab, part 1")
    put_back(world, backup)
    since = world.last()
    world.whole_pass()
    assert world.writes(since, MONEY) == []
    assert "InvoiceNumber is Slab, part 1, sent was INV-11" in world.sentences()["claim 11"]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("rule", "held"), [("", {"claim 11": "already_in_xero"}), (ADOPT, {})])
def test_a_bill_that_somebody_typed_is_held_or_taken_over(a_world: MakeWorld, rule: str, held: dict[str, str]) -> None:
    """By supplier and number, as the mapping file says."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12), a_claim(13)], contacts=[VENDOR]))
    world.mapping_file.write_text(MAPPING + rule)
    a_bill_by_hand(world, "inv-11")
    a_bill_by_hand(world, "another", "77.00")
    world.whole_pass()
    assert world.holds() == held
    assert len(world.documents("invoices")) == 4


@pytest.mark.usefixtures("at_once")
def test_a_bill_that_is_void_by_now_is_in_nobodys_way(a_world: MakeWorld) -> None:
    """What is decided on is read anew."""
    world = a_world(a_seed(claims=some_claims(100, 120), contacts=[VENDOR]))
    bill_id = a_bill_by_hand(world, "INV-215", "77.00")

    def void(_: httpx.Request) -> None:
        world.xero_edit("invoices", bill_id, Status="VOIDED")

    then(world, void)
    world.whole_pass()
    assert world.holds() == {}
    assert pages(looks(world)) == [1]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("size", "read", "by_number"), [(3, [1, 2], 0), (2, [1, 2, 3], 0), (1, [1], 2)])
def test_few_pages_are_read_and_many_are_not(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, size: int, read: list[int], by_number: int
) -> None:
    """Whichever way it goes, what somebody typed is found, and pages that are too many are asked for once in a job."""
    monkeypatch.setattr(client, "PAGE_SIZE", size)
    world = a_world(a_seed(claims=some_claims(100, 101), contacts=[VENDOR]))
    for number in ("INV-100", "inv-200", "a", "b", "c"):
        a_bill_by_hand(world, number, "77.00")
    world.whole_pass()
    assert world.holds() == {"claim 100": "already_in_xero", "claim 200": "already_in_xero"}
    asked = looks(world)
    assert pages(asked) == read
    assert len(set(numbered(asked))) == by_number


@pytest.mark.usefixtures("at_once")
def test_a_bill_that_changes_between_two_pages_loses_nobody(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are written and changed all the time; every bill that was there when the reading began is seen."""
    monkeypatch.setattr(client, "PAGE_SIZE", 2)
    world = a_world(a_seed(claims=some_claims(11, 5), contacts=[VENDOR]))
    ids = [a_bill_by_hand(world, f"INV-{number}") for number in range(11, 16)]

    def change(_: httpx.Request) -> None:
        for bill_id in sorted(ids)[:2]:
            world.xero_edit("invoices", bill_id, PlannedPaymentDate="2026-09-01")
        a_bill_by_hand(world, "another")

    world.wire.after("GET", "/Invoices$", change)
    world.whole_pass()
    assert len(world.holds()) == 5
    assert numbered(looks(world)) == []


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("minutes", "held"), [(4, {}), (5, {"claim 215": "already_in_xero"})])
def test_what_is_entered_during_a_long_job_is_seen(a_world: MakeWorld, minutes: int, held: dict[str, str]) -> None:
    """All bills are read anew after five minutes, and not before."""
    world = a_world(a_seed(claims=some_claims(100, 120), contacts=[VENDOR]))

    def enter(_: httpx.Request) -> None:
        world.clock.advance(60 * minutes)
        a_bill_by_hand(world, "INV-215", "77.00")

    then(world, enter)
    world.whole_pass()
    assert world.holds() == held
    assert len(pages(looks(world))) == (2 if held else 1)


@pytest.mark.usefixtures("at_once")
def test_a_plan_says_what_the_job_does(a_world: MakeWorld) -> None:
    """Of a claim that was deleted in Procore and entered anew as an invoice, with supplier and number as before."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]))
    world.mapping_file.write_text(f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n')
    world.whole_pass()
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.enter("requisitions", a_claim(13))
    world.enter("direct_costs", an_invoice(91, invoice_number="INV-11"))
    world.clock.advance(25 * 3600)
    (found,) = plan(world.parts, JOB_NUMBER)
    assert {step.title: step.action for step in found.steps if step.action in ("withdraw", "create", "held")} == {
        "claim 11": "withdraw",
        "claim 13": "create",
        "invoice 91": "create",
    }
    world.whole_pass()
    assert world.holds() == {}
