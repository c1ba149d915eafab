"""What people do to tracking options and categories in Xero, and how a bill goes all the same, or says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_cost_code,
    a_project,
    a_seed,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.errors import ConfigError, OutcomeUnknown, RequestRefused
from worker.http import exact_json

PROJECT, CODE = ("Project", "24-017 Tower 310"), ("Cost Codes", "03-300 Concrete")
BOTH = pytest.mark.parametrize("which", [PROJECT, CODE], ids=["project", "code"])
#: How a line's Tracking finds its option is reported in more than one way; all of them must do.
WAYS = ["id", "name", "both"]


def category(world: World, name: str) -> dict[str, Any]:
    (found,) = [row for row in world.documents("tracking_categories") if row["Name"] == name]
    return found


def option_id(world: World, which: tuple[str, str]) -> str:
    (found,) = [row for row in category(world, which[0])["Options"] if row["Name"] == which[1]]
    return str(found["TrackingOptionID"])


def by_hand(world: World, method: str, path: str, **body: str) -> None:
    """A person at the tracking categories: through the same door, from somebody else."""
    world.parts.xero.api.write(method, f"/TrackingCategories{path}", exact_json.dumps(body), f"person-{world.last()}")


def at_option(world: World, which: tuple[str, str], method: str = "POST", **body: str) -> None:
    path = f"/{category(world, which[0])['TrackingCategoryID']}/Options/{option_id(world, which)}"
    by_hand(world, method, path, **({"Name": which[1], **body} if method == "POST" else {}))


def put_back(world: World, which: tuple[str, str]) -> None:
    by_hand(world, "PUT", f"/{category(world, which[0])['TrackingCategoryID']}/Options", Name=which[1])


def at_category(world: World, name: str, **body: str) -> None:
    by_hand(world, "POST", f"/{category(world, name)['TrackingCategoryID']}", **{"Name": name, **body})


def a_pass(world: World) -> None:
    world.clock.advance(1800)
    world.whole_pass()


def a_new_claim(world: World) -> None:
    world.enter("requisitions", a_claim(12, "40.00", items=[an_item("40.00")]))


def tracked(world: World, number: str = "INV-12") -> list[str]:
    return [one["TrackingOptionID"] for one in world.bill(number)["LineItems"][0]["Tracking"]]


@pytest.mark.parametrize(("which", "listed"), each_value([PROJECT, CODE], [False, True]))
def test_an_option_that_was_deleted_is_made_anew(a_world: MakeWorld, which: tuple[str, str], listed: bool) -> None:
    """In the pass of the first bill that names it, whether or not Xero lists what was deleted."""
    world = a_world(a_seed())
    world.xero_switch(lists_deleted_options=listed)
    world.whole_pass()
    gone = option_id(world, which)
    at_option(world, which, "DELETE")
    a_new_claim(world)
    a_pass(world)
    assert world.holds() == {}
    assert option_id(world, which) != gone
    assert sorted(tracked(world)) == sorted([option_id(world, PROJECT), option_id(world, CODE)])
    mark = world.last()
    a_pass(world)
    assert world.journal(mark) == []


@BOTH
def test_an_option_that_was_put_back_is_found_by_its_name(a_world: MakeWorld, which: tuple[str, str]) -> None:
    """It has another id then, and nothing is made."""
    world = a_synced_world(a_world, a_seed())
    at_option(world, which, "DELETE")
    put_back(world, which)
    a_new_claim(world)
    mark = world.last()
    a_pass(world)
    assert (world.holds(), world.writes(mark, "/Options")) == ({}, [])
    assert option_id(world, which) in tracked(world)


@pytest.mark.parametrize(("which", "name"), each_value([PROJECT, CODE], ["the same", "another case"]))
def test_an_option_that_was_made_anew_cannot_be_put_back_beside_it(
    a_world: MakeWorld, which: tuple[str, str], name: str
) -> None:
    """The person comes too late: Xero takes no second option of the name. Ours stays, for all bills to come."""
    world = a_synced_world(a_world, a_seed())
    at_option(world, which, "DELETE")
    a_new_claim(world)
    a_pass(world)
    made = option_id(world, which)
    with pytest.raises(RequestRefused):
        put_back(world, (which[0], which[1] if name == "the same" else which[1].swapcase()))
    world.enter("requisitions", a_claim(13, "40.00", items=[an_item("40.00")]))
    mark = world.last()
    a_pass(world)
    assert (world.holds(), world.writes(mark, "/Options"), option_id(world, which)) == ({}, [], made)
    assert made in tracked(world, "INV-13")
    world.clock.advance(26 * 3600)
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])


def test_a_code_renamed_after_its_option_was_deleted(a_world: MakeWorld) -> None:
    """Nothing is there to be renamed, so an option of the new name is made."""
    world = a_synced_world(a_world, a_seed())
    at_option(world, CODE, "DELETE")
    world.enter("cost_codes", a_cost_code(name="Slabs"))
    a_pass(world)
    assert world.holds() == {}
    assert "03-300 Slabs" in world.books()["options"]


@BOTH
def test_an_archived_option_holds_what_names_it(a_world: MakeWorld, which: tuple[str, str]) -> None:
    """With a sentence of its own, until it is restored. What went before stays as it is."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    at_option(world, which, Status="ARCHIVED")
    a_new_claim(world)
    a_pass(world)
    assert world.holds() == {"claim 12": "option_archived"}
    assert f"'{which[1]}'" in world.sentences()["claim 12"]
    at_option(world, which, Status="ACTIVE")
    a_pass(world)
    assert world.holds() == {}
    assert tracked(world) == tracked(world, "INV-11")


def test_an_archived_option_of_the_same_name_is_not_made_twice(a_world: MakeWorld) -> None:
    """Xero would refuse it; it is to be restored, and is adopted then."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    by_hand(world, "PUT", f"/{category(world, 'Project')['TrackingCategoryID']}/Options", Name=PROJECT[1])
    at_option(world, PROJECT, Status="ARCHIVED")
    a_pass(world)
    assert world.holds() == {f"project {PROJECT_ID}": "option_archived", "claim 11": "project_held"}
    at_option(world, PROJECT, Status="ACTIVE")
    a_pass(world)
    assert world.holds() == {}


@pytest.mark.parametrize(("by", "which"), each_value(WAYS, [PROJECT, CODE]))
def test_an_option_that_a_person_renamed_stays_the_same(a_world: MakeWorld, which: tuple[str, str], by: str) -> None:
    """It is known by its id and keeps the name that the person gave it, also when Procore renames its record later."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.xero_switch(tracking_by=by)
    world.whole_pass()
    at_option(world, which, Name="As the bookkeeper says")
    a_new_claim(world)
    a_pass(world)
    assert world.holds() == {}
    assert tracked(world) == tracked(world, "INV-11")
    world.procore_edit("projects", PROJECT_ID, name="Tower South")
    world.enter("cost_codes", a_cost_code(name="Slabs"))
    for _ in range(2):
        a_pass(world)
    assert world.holds() == {}
    options = world.books()["options"]
    assert "As the bookkeeper says" in options
    assert ("24-017 Tower South" in options) is (which == CODE)
    assert ("03-300 Slabs" in options) is (which == PROJECT)
    world.enter("requisitions", a_claim(13, "50.00", items=[an_item("50.00")]))
    a_pass(world)
    assert (world.holds(), tracked(world, "INV-13")) == ({}, tracked(world, "INV-11"))


@pytest.mark.parametrize(("by", "which"), each_value(WAYS, [PROJECT, CODE]))
def test_a_name_that_was_given_to_another_option_is_not_followed(
    a_world: MakeWorld, which: tuple[str, str], by: str
) -> None:
    """The one that the ledger is tied to is named by its new name, and the other one never gets a cost."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.xero_switch(tracking_by=by)
    world.whole_pass()
    at_option(world, which, Name="Handed over")
    put_back(world, which)
    a_new_claim(world)
    a_pass(world)
    assert world.holds() == {}
    assert tracked(world) == tracked(world, "INV-11")


def test_a_rename_in_procore_is_not_taken_for_a_persons(a_world: MakeWorld) -> None:
    """In the same pass a bill names the option that this pass renamed; it is renamed again by the next change."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    for name in ("Slabs", "Slabs and stairs"):
        world.enter("cost_codes", a_cost_code(name=name))
        world.enter("requisitions", a_claim(12, items=[an_item("100.00", description_of_work=name)]))
        a_pass(world)
        assert world.holds() == {}
        assert f"03-300 {name}" in world.books()["options"]


@pytest.mark.parametrize(("by", "name"), each_value(WAYS, ["Project", "Cost Codes"]))
def test_a_category_that_a_person_renamed_stays_the_same(a_world: MakeWorld, name: str, by: str) -> None:
    """It is known by its id, in this pass and in all that come."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.xero_switch(tracking_by=by)
    world.whole_pass()
    at_category(world, name, Name="Jobs and more")
    for number in (12, 13):
        world.enter("requisitions", a_claim(number, "40.00", items=[an_item("40.00")]))
        a_pass(world)
        assert world.holds() == {}
        assert tracked(world, f"INV-{number}") == tracked(world, "INV-11")
    mark = world.last()
    a_pass(world)
    assert world.journal(mark) == []


def test_an_archived_category_stops_the_pass_until_it_is_restored(a_world: MakeWorld) -> None:
    """Nothing can be coded to it, and the sentence says how it is brought back."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    at_category(world, "Cost Codes", Status="ARCHIVED")
    a_new_claim(world)
    world.clock.advance(1800)
    world.discover()
    for again in (lambda: world.run(JOB_NUMBER), world.discover):
        with pytest.raises(ConfigError, match=r"'Cost Codes' is archived in Xero.*[Rr]estore"):
            again()
    at_category(world, "Cost Codes", Status="ACTIVE")
    a_pass(world)
    assert world.holds() == {}
    assert tracked(world) == tracked(world, "INV-11")


def test_a_category_that_was_deleted_and_put_back(a_world: MakeWorld) -> None:
    """Its options were unused, so they are made anew in the new one."""
    world = a_synced_world(a_world, a_seed())
    by_hand(world, "DELETE", f"/{category(world, 'Cost Codes')['TrackingCategoryID']}")
    by_hand(world, "PUT", "", Name="Cost Codes")
    a_new_claim(world)
    a_pass(world)
    assert world.holds() == {}
    assert option_id(world, CODE) in tracked(world)


def test_options_are_read_once_a_pass_and_only_where_a_bill_goes(a_world: MakeWorld) -> None:
    """Two projects with a new claim each read them together once; an unchanged pass reads nothing."""
    more: dict[int, dict[str, Any]] = {
        311: {
            "project_vendors": [1],
            "cost_codes": [a_cost_code()],
            "work_order_contracts": [{"id": 502, "number": "SC-502", "title": "Roof", "status": "Approved"}],
            "requisitions": [a_claim(21, "40.00", items=[an_item("40.00")], commitment_id=502)],
        }
    }
    world = a_world(a_seed(projects=[a_project(), a_project(311, "24-018")], claims=[a_claim(11)], more=more))
    world.whole_pass()
    mark = world.last()
    a_pass(world)
    assert world.journal(mark) == []
    a_new_claim(world)
    world.enter("requisitions", a_claim(22, "41.00", items=[an_item("41.00")], commitment_id=502), 311)
    a_pass(world)
    assert world.holds() == {}
    reads = [call for call in world.journal(mark) if "TrackingCategories" in call["path"] and call["status"] == 200]
    assert len(reads) == 1


@pytest.mark.parametrize("kind", ["cut", "lost_answer"])
def test_an_option_whose_answer_was_lost_is_not_another_projects(a_world: MakeWorld, kind: str) -> None:
    """What is looked up by its name later may be the option of a project that reads alike."""
    alike = [a_project(310, "26-1", name="00 Tower East"), a_project(311, "26-1 00", name="Tower East")]
    world = a_world(a_seed(projects=alike))
    world.discover()
    world.run("26-1")
    world.fault(kind, "PUT", "/Options")
    with pytest.raises(OutcomeUnknown):
        world.run("26-1 00")
    world.clock.advance(1000)
    world.run_through("26-1 00")
    a_pass(world)
    assert world.holds() == {"project 311": "called_alike"}


def test_options_that_two_projects_share_already_are_told_apart(a_world: MakeWorld) -> None:
    """A ledger of an earlier version may have tied two: the later one is held, and its next bill goes to its own."""
    alike = [a_project(310, "26-1", name="00 Tower East"), a_project(311, "26-1 00", name="Tower East")]
    more: dict[int, dict[str, Any]] = {
        311: {
            "project_vendors": [1],
            "cost_codes": [a_cost_code()],
            "work_order_contracts": [{"id": 502, "number": "SC-502", "title": "Roof", "status": "Approved"}],
        }
    }
    world = a_world(a_seed(projects=alike, more=more))
    world.whole_pass()
    with world.parts.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE entries SET state='live', fingerprint='x', xero_id="
            "(SELECT xero_id FROM entries WHERE kind='projects' AND procore_id='310') "
            "WHERE kind='projects' AND procore_id='311'"
        )
    world.enter("requisitions", a_claim(22, "41.00", items=[an_item("41.00")], commitment_id=502), 311)
    a_pass(world)
    assert world.holds() == {"project 311": "called_alike", "claim 22": "project_held"}
    world.procore_edit("projects", 311, name="Tower West")
    a_pass(world)
    assert world.holds() == {}
    assert "26-1 00 Tower West" in str(world.bill("INV-22")["LineItems"])
