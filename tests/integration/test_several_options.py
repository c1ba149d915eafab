"""Several new options in one request: whatever Xero does with them, each is made once, and its way is learnt."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tasks.planning import plan
from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_cost_code, a_seed
from tests.integration.world import World
from worker.errors import OutcomeUnknown
from worker.sandbox.switches import SeveralOptions

CODES = [a_cost_code(f"03-{number}", f"Code {number}") for number in range(300, 305)]
LATER = [a_cost_code(f"05-{number}", f"Code {number}") for number in range(100, 103)]
BAD = a_cost_code("04-100", "Masonry")
WAYS: tuple[SeveralOptions, ...] = (*("nothing", "first", "refused", "whole", "all", "shows_first", "shown_only"),)
#: Requests for five new options, and for three later ones, by what Xero does with several.
REQUESTS = {
    "nothing": (1 + 5, 3),
    "first": (1 + 4, 3),
    "refused": (1 + 5, 3),
    "whole": (2, 1),
    "all": (2, 1),
    "shows_first": (1 + 3, 3),
    "shown_only": (1 + 5, 3),
}


def options_of(world: World) -> str:
    """The address of the options of cost codes."""
    rows = world.sandbox.dump()["xero"]["tracking_categories"]
    category = next(row["TrackingCategoryID"] for row in rows if row["Name"] == "Cost Codes")
    return f"/TrackingCategories/{category}/Options"


def requests(world: World, since: int = 0) -> list[int]:
    """How many options each request for new ones of cost codes asked for."""
    bodies = [entry["body"] for entry in world.writes(since) if options_of(world) in entry["path"]]
    return [len(body.get("Options", [body])) for body in bodies]


def names(world: World) -> list[str]:
    rows = world.sandbox.dump()["xero"]["tracking_categories"]
    options = next(row["Options"] for row in rows if row["Name"] == "Cost Codes")
    return sorted(row["Name"] for row in options)


def called(codes: list[dict[str, Any]]) -> list[str]:
    return sorted(f"{code['full_code']} {code['name']}" for code in codes)


def started(a_world: MakeWorld, way: SeveralOptions, codes: list[dict[str, Any]] = CODES) -> World:
    seed = a_seed(cost_codes=[dict(code) for code in codes], claims=[a_claim(11)])
    for row in seed["xero"]["tracking_categories"]:
        row["Options"] = []
    world = a_world(seed)
    world.xero_switch(several_options=way)
    return world


@pytest.mark.parametrize("way", WAYS)
def test_each_is_made_once_and_its_way_is_learnt(a_world: MakeWorld, way: SeveralOptions) -> None:
    """Two together the first time; then fifty in a request, or each alone. Nothing is lost, held or made twice."""
    world = started(a_world, way)
    world.whole_pass()
    assert (names(world), world.holds()) == (called(CODES), {})
    first, later = REQUESTS[way]
    assert (len(requests(world)), requests(world)[0]) == (first, 2)
    mark = world.last()
    for code in LATER:
        world.enter("cost_codes", dict(code))
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (names(world), world.holds()) == (called([*CODES, *LATER]), {})
    assert len(requests(world, mark)) == later


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_does_not_show_them_ends_it(a_world: MakeWorld, way: SeveralOptions) -> None:
    """What worked once does not any more: each is still made once, and from then on each goes alone."""
    world = started(a_world, "all", CODES[:2])
    world.whole_pass()
    world.xero_switch(several_options=way)
    for code in LATER:
        world.enter("cost_codes", dict(code))
    world.clock.advance(25 * 3600)
    world.whole_pass()
    if way == "shown_only":  # an answer that shows ids is believed, as it is of one option; lines tell
        return
    assert (names(world), world.holds()) == (called([*CODES[:2], *LATER]), {})
    mark = world.last()
    for code in CODES[2:]:
        world.enter("cost_codes", dict(code))
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert (names(world), world.holds()) == (called([*CODES, *LATER]), {})
    assert len(requests(world, mark)) == (1 if way in ("all", "whole") else 3)


@pytest.mark.parametrize(("way", "pause_s"), each_value(WAYS, [0, 500]))
def test_a_lost_answer_makes_none_twice(a_world: MakeWorld, way: SeveralOptions, pause_s: int) -> None:
    """The request stands in the ledger; the next job finds by reading what it made, and sends the rest."""
    world = started(a_world, way)
    world.discover()
    world.fault("lost_answer", "PUT", options_of(world), times=1)
    try:
        world.run(JOB_NUMBER)
    except OutcomeUnknown:
        world.clock.advance(pause_s)
    for _ in range(3):
        world.clock.advance(500)
        world.whole_pass()
    assert (names(world), world.holds()) == (called(CODES), {})


@pytest.mark.parametrize("way", ["whole", "all"])
def test_one_bad_option_holds_no_other(a_world: MakeWorld, way: SeveralOptions) -> None:
    """A name that somebody gave an option just before: the others go, it is taken over, and they still go together."""
    world = started(a_world, way, CODES[:2])
    world.whole_pass()
    for code in [*CODES[2:], BAD]:
        world.enter("cost_codes", dict(code))

    def typed(_request: httpx.Request) -> None:
        world.parts.xero.api.write("PUT", f"{options_of(world)}", '{"Name": "04-100 Masonry"}', "a-person")

    world.wire.before("PUT", options_of(world), typed)
    world.clock.advance(25 * 3600)
    world.whole_pass()
    world.whole_pass()
    assert (names(world), world.holds()) == (called([*CODES, BAD]), {})
    mark = world.last()
    for code in LATER:
        world.enter("cost_codes", dict(code))
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert requests(world, mark) == [3]


def test_a_plan_reckons_by_what_was_learnt(a_world: MakeWorld) -> None:
    """Before it is known a try and each by itself, the most that it can be; afterwards what the sync then does."""
    world = started(a_world, "all")
    (dear,) = plan(world.parts, JOB_NUMBER)
    world.whole_pass()
    assert dear.writes == len(world.writes()) - len(requests(world)) + 1 + len(CODES)
    for code in LATER:
        world.enter("cost_codes", dict(code))
    world.clock.advance(25 * 3600)
    (known,) = plan(world.parts, JOB_NUMBER)
    mark = world.last()
    world.whole_pass()
    assert known.writes == len(world.writes(mark)) == 1
