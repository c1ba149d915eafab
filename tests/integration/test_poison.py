"""A document that no request can hold: whatever it is sent with, Xero answers with an error, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import a_claim
from tests.integration.test_shared_requests import (
    FIVE,
    FOUR,
    ONE,
    TWO,
    bills,
    claim_of,
    job_number,
    new_claims,
    numbers,
    several,
    synced,
)
from tests.integration.world import World
from worker.errors import AuthRejected, Retriable

POISON, POISONS_ID = "INV-666", 666
ANSWERS: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 504},
    {"kind": "status", "status": 413},
    {"kind": "cut"},
]


@pytest.fixture
def five(a_world: MakeWorld) -> World:
    """Five projects that were synced before."""
    return synced(a_world, several(5))


def poison(world: World, **answer: Any) -> None:
    """A new claim of the second project, besides another one there and one in each of three others."""
    new_claims(world, FOUR)
    world.enter("requisitions", a_claim(POISONS_ID, "100.00", commitment_id=5000 + TWO), TWO)
    world.fault(**answer, method="PUT", path="/Invoices", about=POISON, times=1000)


def pass_ends(world: World, most_s: int) -> int:
    """Each job of a pass comes back every minute until all have ended; returns the writes that Xero saw."""
    since, left = world.last(), list(FIVE)
    world.discover()
    for _ in range(0, most_s, 60):
        left = [id_ for id_ in left if not _ends(world, id_)]
        if not left:
            return len(world.writes(since))
        world.clock.advance(60)
    raise AssertionError(f"{left} do not end; in the books are {bills(world)}")


def _ends(world: World, id_: int) -> bool:
    try:
        world.run(job_number(id_))
    except Retriable:
        return False
    return True


@pytest.mark.parametrize("answer", each_value(ANSWERS), ids=str)
def test_it_stops_neither_its_neighbours_nor_its_project(five: World, answer: dict[str, Any]) -> None:
    """What was in a request with it goes, of other projects and of its own, within three quarters of an hour; it alone
    is held."""
    poison(five, **answer)
    pass_ends(five, 45 * 60)
    assert bills(five) == numbers(FOUR)
    assert five.holds() == {f"claim {POISONS_ID}": "rejected"}


def test_it_does_not_go_in_every_pass(five: World) -> None:
    """That would cost calls and keep its project's other records waiting. After an hour it is tried again."""
    poison(five, kind="status", status=500)
    pass_ends(five, 45 * 60)
    five.clock.advance(1800)
    assert pass_ends(five, 60) == 0
    assert five.holds() == {f"claim {POISONS_ID}": "rejected"}
    five.clear_faults()
    five.clock.advance(3600)
    assert pass_ends(five, 300) == 1
    assert (bills(five), five.holds()) == ([*numbers(FOUR), POISON], {})


@pytest.mark.parametrize("mended", ["by hand", "in Procore"])
def test_it_goes_at_once_when_a_person_says_so_or_it_is_another_one(five: World, mended: str) -> None:
    poison(five, kind="status", status=500)
    pass_ends(five, 45 * 60)
    five.clear_faults()
    five.clock.advance(1800)
    if mended == "by hand":
        assert five.parts.jobs.hurry(job_number(TWO), "") is not None
        five.run(job_number(TWO))
    else:
        five.enter("requisitions", a_claim(POISONS_ID, "90.00", commitment_id=5000 + TWO), TWO)
        pass_ends(five, 300)
    assert (bills(five), five.holds()) == ([*numbers(FOUR), POISON], {})


@pytest.mark.parametrize("answer", each_value([429, 503, 401]), ids=str)
def test_a_refusal_that_nobody_can_look_into_stops_nobody(five: World, answer: int) -> None:
    """All of a request is refused, without a word of which, and then Xero's limit is used up, it is away, or it knows
    our login no more: all go, at the latest with the next pass, none twice and none held."""
    new_claims(five, FOUR)
    five.discover()
    assert [id_ for id_ in FOUR if not _ends(five, id_)] == list(FOUR)  # they have handed over
    five.clock.advance(120)
    five.fault("status", "PUT", "/Invoices", status=400)
    five.fault("status", "GET", "/Invoices", status=answer, skip=2, times=4)
    with pytest.raises((Retriable, AuthRejected)):
        five.run(job_number(ONE))
    five.clear_faults()
    for _ in range(2):
        pass_ends(five, 20 * 60)
        five.clock.advance(1800)
    assert (bills(five), five.holds()) == (numbers(FOUR), {})


def test_where_xero_takes_nothing_for_a_while_nothing_is_held(five: World) -> None:
    """Requests get smaller meanwhile, and then all are in the books."""
    for id_ in range(POISONS_ID, POISONS_ID + 10):
        five.enter("requisitions", {**claim_of(ONE), "id": id_, "invoice_number": f"INV-{id_}"}, ONE)
    since = five.last()
    five.fault("status", "PUT", "/Invoices", status=500, times=2)
    pass_ends(five, 45 * 60)
    taken = [len(entry["body"]["Invoices"]) for entry in five.writes(since) if entry["status"] == 200]
    assert taken == [2, 2, 2, 2, 1, 1]
    assert (len(bills(five)), five.holds()) == (10, {})
