"""An option stands for one project or one cost code, whatever people and names do to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import (
    a_claim,
    a_cost_code,
    a_project,
    a_seed,
    an_item,
)
from tests.integration.synced import a_synced_world

ALIKE = [a_project(310, "26-1", name="00 Tower East"), a_project(311, "26-1 00", name="Tower East")]


def alike() -> dict[str, Any]:
    """Two projects whose number and name read alike, with a claim each."""
    other = a_claim(12, "40.00", items=[an_item("40.00")], commitment_id=502)
    more: dict[int, dict[str, Any]] = {
        311: {
            "project_vendors": [1],
            "cost_codes": [a_cost_code()],
            "work_order_contracts": [{"id": 502, "number": "SC-502", "title": "Roof", "status": "Approved"}],
            "requisitions": [other],
        }
    }
    return a_seed(projects=[dict(row) for row in ALIKE], claims=[a_claim(11)], more=more)


def test_projects_that_read_alike_never_share_an_option(a_world: MakeWorld) -> None:
    """The second one is held with its claims until a person renames one of the two; it then has its own option."""
    world = a_world(alike())
    for _ in range(3):
        world.clock.advance(1800)
        world.whole_pass()
        assert {row["InvoiceNumber"] for row in world.documents("invoices")} == {"INV-11"}
    assert world.holds() == {"project 311": "called_alike", "claim 12": "project_held"}
    assert "'26-1 00 Tower East', which is what project 26-1 is called" in world.sentences()["project 311"]
    world.procore_edit("projects", 311, name="Tower East (second stage)")
    world.whole_pass()
    assert world.holds() == {}
    assert [tracked["Option"] for tracked in world.bill("INV-12")["LineItems"][0]["Tracking"]] == [
        "26-1 00 Tower East (second stage)",
        "03-300 Concrete",
    ]


def test_the_other_of_two_that_read_alike_may_be_renamed(a_world: MakeWorld) -> None:
    """Its option takes the new name along, and leaves the old one to the project that was held."""
    world = a_world(alike())
    world.whole_pass()
    world.procore_edit("projects", 310, name="Tower North")
    for _ in range(2):
        world.clock.advance(1800)
        world.whole_pass()
    assert world.holds() == {}
    named = {number: world.bill(number)["LineItems"][0]["Tracking"][0]["Option"] for number in ("INV-11", "INV-12")}
    assert named == {"INV-11": "26-1 Tower North", "INV-12": "26-1 00 Tower East"}


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("tracking", [("03", "300 Concrete"), ("03 300", "Concrete")]),
        ("tracking", [("3a", "Concrete"), ("3A", "CONCRETE")]),
        ("item", [("3A", "Concrete"), ("3a", "Steel")]),
    ],
)
def test_codes_that_read_alike_never_share_one(a_world: MakeWorld, target: str, codes: list[tuple[str, str]]) -> None:
    """Neither an option nor an item; what stands on the second one is held."""
    rows = [
        {"id": number, "full_code": code, "name": name, "parent": {"id": None}, "line_item_types": []}
        for number, (code, name) in enumerate(codes, 1)
    ]
    world = ruled(a_world(a_seed(cost_codes=rows)), cost_codes=f'target = "{target}"')
    for _ in range(3):
        world.clock.advance(1800)
        world.whole_pass()
    assert list(world.holds().values()) == ["called_alike"]
    world.enter("requisitions", a_claim(11, items=[an_item("100.00", code=codes[1][0])]))
    world.whole_pass()
    assert world.holds()["claim 11"] == "cost_code_held"
    assert world.documents("invoices") == []


def test_two_projects_of_one_name_exchange_job_numbers(a_world: MakeWorld) -> None:
    """Xero takes a name once, so that neither can be called as it is to be before the other one is called otherwise;
    each option stays its project's."""
    seed = alike()
    projects = [a_project(310, "24-017", name="Tower"), a_project(311, "24-018", name="Tower")]
    world = a_synced_world(a_world, {**seed, "procore": {**seed["procore"], "projects": projects}})
    for id_, number in ((310, "24-018"), (311, "24-017")):
        world.procore_edit("projects", id_, project_number=number)
    for written in (2, 2, 0):
        mark = world.last()
        world.whole_pass()
        assert (world.holds(), len(world.writes(mark))) == ({}, written)
    named = {number: world.bill(number)["LineItems"][0]["Tracking"][0]["Option"] for number in ("INV-11", "INV-12")}
    assert named == {"INV-11": "24-018 Tower", "INV-12": "24-017 Tower"}


def test_a_project_gets_the_number_of_one_that_is_over(a_world: MakeWorld) -> None:
    """Whose option keeps its name, since no job renames it: the two are told apart, and nothing is written again."""
    seed = alike()
    projects = [a_project(310, "24-017", name="Tower"), a_project(311, "24-018", name="Tower")]
    world = a_synced_world(a_world, {**seed, "procore": {**seed["procore"], "projects": projects}})
    world.procore_edit("projects", 311, active=False, project_number="24-018-old")
    world.procore_edit("projects", 310, project_number="24-018")
    for written in (1, 0):
        mark = world.last()
        world.whole_pass()
        assert (world.holds(), len(world.writes(mark))) == ({}, written)
    assert "24-018 Tower (project 310)" in str(world.bill("INV-11")["LineItems"])
