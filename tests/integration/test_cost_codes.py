"""What cost codes become in Xero by setting: options, items or nothing; renamed, archived, only those used."""

from __future__ import annotations

from typing import Any

import pytest
import simplejson

from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_cost_code,
    a_project,
    a_seed,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import World
from worker.errors import OutcomeUnknown

LABOUR, SUBCONTRACT = {"id": 81, "code": "L", "name": "Labour"}, {"id": 83, "code": "S", "name": "Subcontract"}


def documents(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents that one request asked for."""
    return [document for rows in entry["body"].values() if isinstance(rows, list) for document in rows]


def test_cost_codes_as_items(a_world: MakeWorld) -> None:
    """Each code with each cost type is one item, adopted where it is, renamed with its code; bills name it."""
    codes = [
        a_cost_code("03-300", "Concrete", line_item_types=[LABOUR, SUBCONTRACT]),
        a_cost_code("05-100", "Steel", line_item_types=[]),
    ]
    seed = a_seed(cost_codes=codes, claims=[a_claim(11)])
    seed["xero"]["tracking_categories"] = [
        row for row in seed["xero"]["tracking_categories"] if row["Name"] == "Project"
    ]
    seed["xero"]["items"] = [{"Code": "05-100", "Name": "Steel, as the bookkeeper calls it"}]
    world = ruled(a_world(seed), cost_codes='target = "item"')
    world.whole_pass()
    assert world.holds() == {}
    items = {row["Code"]: row["Name"] for row in world.documents("items")}
    assert items == {
        "05-100": "Steel, as the bookkeeper calls it",
        "03-300 L": "Concrete Labour",
        "03-300 S": "Concrete Subcontract",
    }
    (line,) = world.bill("INV-11")["LineItems"]
    assert (line["ItemCode"], line["AccountCode"], len(line["Tracking"])) == ("03-300 S", "320", 1)
    assert len(world.writes(path="/Items")) == 1

    mark = world.last()
    world.whole_pass()
    assert world.writes(mark) == []
    world.enter("cost_codes", {**codes[0], "name": "Concrete works"})
    world.whole_pass()
    assert {row["Code"]: row["Name"] for row in world.documents("items")} == {
        **items,
        "03-300 L": "Concrete works Labour",
        "03-300 S": "Concrete works Subcontract",
    }
    (update,) = world.writes(mark)
    assert update["method"] == "POST"
    assert all(item["ItemID"] for item in documents(update))


@pytest.mark.parametrize(
    ("kind", "wait_s", "writes"), [("cut", 1, 2), ("lost_answer", 1, 2), ("cut", 1000, 3), ("lost_answer", 1000, 1)]
)
def test_items_whose_answer_was_lost(a_world: MakeWorld, kind: str, wait_s: int, writes: int) -> None:
    """Items are there once, whether the request or its answer was lost; later they are looked up, not asked for, and
    what came to nothing goes in smaller requests."""
    seed = a_seed(cost_codes=[a_cost_code(line_item_types=[LABOUR, SUBCONTRACT])], claims=[a_claim(11)])
    world = ruled(a_world(seed), cost_codes='target = "item"')
    world.fault(kind, "PUT", "/Items")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    world.run_through(JOB_NUMBER)
    assert len(world.writes(path="/Items")) == writes
    assert sorted(row["Code"] for row in world.documents("items")) == ["03-300 L", "03-300 S"]
    assert world.bill("INV-11")["LineItems"][0]["ItemCode"] == "03-300 S"


def test_items_go_five_hundred_at_a_time(a_world: MakeWorld) -> None:
    """The most that Xero takes in one request, and none is forgotten."""
    codes = [a_cost_code(f"{n:03}-100", f"Trade {n}") for n in range(501)]
    world = ruled(a_world(a_seed(cost_codes=codes)), cost_codes='target = "item"')
    world.whole_pass()
    assert [entry["elements"] for entry in world.writes(path="/Items")] == [500, 1]
    assert len(world.documents("items")) == 501


def test_cost_codes_as_accounts_only(a_world: MakeWorld) -> None:
    """Where the account says enough, cost codes make nothing in Xero and the second category is not asked for."""
    seed = a_seed(claims=[a_claim(11)], invoices=[an_invoice(21)])
    seed["xero"]["tracking_categories"] = [
        row for row in seed["xero"]["tracking_categories"] if row["Name"] == "Project"
    ]
    world = ruled(a_world(seed), cost_codes='target = "account"')
    world.whole_pass()
    assert world.holds() == {}
    for number in ("INV-11", "DC-21"):
        (line,) = world.bill(number)["LineItems"]
        assert [tracked["Name"] for tracked in line["Tracking"]] == ["Project"]
    assert world.procore_calls("cost_codes") == []


def test_a_renamed_cost_code_renames_its_option(a_world: MakeWorld) -> None:
    """The option keeps its id and its bills, and is called as the code is called now."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    world.enter("cost_codes", a_cost_code(name="Concrete works"))
    mark = world.last()
    world.whole_pass()
    assert "03-300 Concrete works" in world.books()["options"]
    assert "03-300 Concrete" not in world.books()["options"]
    assert len(world.writes(mark)) == 1


def test_a_cost_code_that_was_deleted_leaves_its_option_alone(a_world: MakeWorld) -> None:
    """Old bills name it and other projects may use it; the job is not red for it."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    mark = world.last()
    world.enter("cost_codes", a_cost_code(deleted_at="2026-08-01T00:00:00Z"))
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])


@pytest.mark.parametrize("target", ["tracking", "item"])
def test_only_cost_codes_that_are_used(a_world: MakeWorld, target: str) -> None:
    """A standard list of hundreds of codes leaves Xero alone: a code goes with the first bill that names it."""
    codes = [a_cost_code(code, f"Work {code}") for code in ("03-300", "05-100", "09-900")]
    idle = an_item("0.00", code="09-900", id=901)
    draft = a_claim(12, status="draft", items=[an_item("100.00", code="09-900")])
    seed = a_seed(cost_codes=codes, claims=[a_claim(11, items=[an_item("100.00"), idle]), draft])
    world = ruled(a_world(seed), cost_codes=f'target = "{target}"\ninclude = "used"')

    def there() -> list[str]:
        names = world.books()["options"] if target == "tracking" else [row["Name"] for row in world.documents("items")]
        return [name[-11:] for name in sorted(names) if "Work" in name]

    world.whole_pass()
    assert (world.holds(), there()) == ({}, ["Work 03-300"])
    world.enter("direct_costs", an_invoice(21, line_items=[{**an_invoice(21)["line_items"][0], **coded("05-100")}]))
    world.whole_pass()
    assert (world.holds(), there()) == ({}, ["Work 03-300", "Work 05-100"])
    mark = world.last()
    world.enter("cost_codes", {**codes[0], "name": "Slabs 03-300"})
    world.whole_pass()
    assert (len(world.writes(mark)), len(there())) == (1, 1)
    world.enter("requisitions", a_claim(13, items=[an_item("100.00", code="77-777")]))
    world.whole_pass()
    assert world.holds() == {"claim 13": "cost_code_missing"}


def coded(code: str) -> dict[str, Any]:
    return {"cost_code": {"full_code": code}}


def test_many_options_are_spoken_of(a_world: MakeWorld) -> None:
    """From ninety options the pass says which category gets full; below it says nothing."""
    codes = [a_cost_code(f"03-{number}") for number in range(301, 390)]
    world = a_world(a_seed(cost_codes=codes))
    world.whole_pass()
    assert "options" not in world.discover()
    world.enter("cost_codes", a_cost_code("03-400"))
    world.run_all()
    world.whole_pass()
    assert "tracking category 'Cost Codes' has 90 options" in world.discover()


def options(world: World) -> dict[str, str]:
    """Options of cost codes with their status."""
    (category,) = [row for row in world.documents("tracking_categories") if row["Name"] == "Cost Codes"]
    return {row["Name"]: row["Status"] for row in category["Options"] if row["Name"][:3] in ("03-", "05-")}


def test_deleted_cost_codes_are_archived_by_setting(a_world: MakeWorld) -> None:
    """The last project that had a code archives its option; one that has it again brings it back before it is used."""
    codes, both = (
        [a_cost_code(), a_cost_code("05-100", "Steel")],
        {311: {"cost_codes": [a_cost_code("05-100", "Steel")]}},
    )
    seed = a_seed(projects=[a_project(), a_project(311, "24-018")], cost_codes=codes, more=both)
    world = ruled(a_world(seed), cost_codes="archive_deleted = true", documents="gone_at_once = 100")
    world.whole_pass()
    for code in ("03-300", "05-100"):
        world.procore_delete("cost_codes", a_cost_code(code)["id"], PROJECT_ID)
    world.enter("cost_codes", a_cost_code("03-310", "Kerbs"))
    mark = world.last()
    world.whole_pass()
    assert options(world) == {"03-300 Concrete": "ARCHIVED", "03-310 Kerbs": "ACTIVE", "05-100 Steel": "ACTIVE"}
    assert len(world.writes(mark)) == 2
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])

    world.enter("requisitions", a_claim(11))
    world.whole_pass()
    assert world.holds() == {"claim 11": "cost_code_missing"}
    world.enter("cost_codes", a_cost_code(), 311)
    world.run("24-018")
    assert options(world)["03-300 Concrete"] == "ACTIVE"
    world.enter("cost_codes", a_cost_code())
    world.whole_pass()
    assert world.holds() == {}


def test_a_list_that_lost_many_codes_archives_none(a_world: MakeWorld) -> None:
    """Beyond `gone_at_once` it may be missing access; what is missing when few are is archived then."""
    codes = [a_cost_code(f"03-{n}00", f"Code {n}") for n in range(1, 6)]
    world = ruled(a_world(a_seed(cost_codes=codes)), cost_codes="archive_deleted = true")
    world.whole_pass()
    mark = world.last()
    world.procore_switch(hidden={"cost_codes": [code["id"] for code in codes[:3]]})
    world.whole_pass()
    assert world.writes(mark) == []
    world.procore_switch(hidden={"cost_codes": [codes[0]["id"]]})
    world.whole_pass()
    assert [name for name, status in options(world).items() if status == "ARCHIVED"] == ["03-100 Code 1"]


@pytest.mark.parametrize("silent", ["moved", "blind"])
def test_a_code_that_only_its_list_lacks_is_not_archived(a_world: MakeWorld, silent: str) -> None:
    """Procore shows it by its id, or shows no other that way, either: the option stays, and goes when it is gone."""
    codes = [a_cost_code(), a_cost_code("05-100", "Steel")]
    world = ruled(a_world(a_seed(cost_codes=codes)), cost_codes="archive_deleted = true")
    world.whole_pass()
    mark = world.last()
    body = simplejson.dumps([codes[0]])
    world.procore_fault("status", "cost_codes", status=200, body=body)
    if silent == "blind":
        world.procore_fault("status", "cost_codes", status=200, body="[]")
    world.whole_pass()
    assert (world.writes(mark), world.holds()) == ([], {})
    world.procore_delete("cost_codes", codes[1]["id"], PROJECT_ID)
    world.whole_pass()
    assert options(world)["05-100 Steel"] == "ARCHIVED"


def test_a_code_that_cannot_be_read_is_there(a_world: MakeWorld) -> None:
    """Asked for by its id, because its list lacks it, Procore shows it with a name that is none: the option stays."""
    codes = [a_cost_code(), a_cost_code("05-100", "Steel")]
    world = ruled(a_world(a_seed(cost_codes=codes)), cost_codes="archive_deleted = true")
    world.whole_pass()
    mark = world.last()
    for rows in ([codes[0]], [codes[0], {**codes[1], "name": None}]):
        world.procore_fault("status", "cost_codes", status=200, body=simplejson.dumps(rows))
    world.whole_pass()
    assert (world.writes(mark), world.holds()) == ([], {})


def test_deleted_cost_codes_stay_without_the_setting(a_world: MakeWorld) -> None:
    """Nothing is archived unless somebody said so."""
    world = a_world(a_seed(cost_codes=[a_cost_code(), a_cost_code("05-100", "Steel")]))
    world.whole_pass()
    world.procore_delete("cost_codes", a_cost_code()["id"], PROJECT_ID)
    mark = world.last()
    world.whole_pass()
    assert world.writes(mark) == []


@pytest.mark.parametrize("kind", ["cut", "lost_answer"])
def test_an_option_whose_archiving_was_lost(a_world: MakeWorld, kind: str) -> None:
    """It is archived in the end, also long after Xero has forgotten the request."""
    codes = [a_cost_code(), a_cost_code("05-100", "Steel")]
    world = ruled(a_world(a_seed(cost_codes=codes)), cost_codes="archive_deleted = true")
    world.whole_pass()
    world.procore_delete("cost_codes", codes[0]["id"], PROJECT_ID)
    world.fault(kind, "POST", "/Options")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(1000)
    world.run_through(JOB_NUMBER)
    assert options(world) == {"03-300 Concrete": "ARCHIVED", "05-100 Steel": "ACTIVE"}
    mark = world.last()
    world.whole_pass()
    assert (world.holds(), world.writes(mark)) == ({}, [])


SUB_JOB = {"biller_type": "SubJob"}


@pytest.mark.parametrize("target", ["tracking", "item"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_code_that_sub_jobs_repeat_is_one(a_world: MakeWorld, target: str, order: int) -> None:
    """One record for each full code, in each pass; the project's own name wins, whatever the order of the list."""
    codes = [
        a_cost_code("03-300", "Concrete", id=500, biller_type="Project", line_item_types=[SUBCONTRACT]),
        a_cost_code("03-300", "Concrete of tower B", id=400, line_item_types=[LABOUR, SUBCONTRACT], **SUB_JOB),
        a_cost_code("03-300", "Concrete of tower C", id=300, line_item_types=None, **SUB_JOB),
    ]
    world = a_world(a_seed(cost_codes=codes[::order], claims=[a_claim(11)]), lists_every_hours=0)
    ruled(world, cost_codes=f'target = "{target}"')
    reports = world.whole_pass()
    assert world.holds() == {}
    names = [*world.books()["options"], *(row["Name"] for row in world.documents("items"))]
    assert [name for name in names if "tower" in name] == []
    if target == "item":
        assert {row["Code"] for row in world.documents("items")} == {"03-300 L", "03-300 S"}
    else:
        assert reports[JOB_NUMBER].line == f"{JOB_NUMBER}: 4 records: 4 sent, 0 unchanged"
    mark = world.last()
    world.whole_pass()
    assert world.writes(mark) == []


def test_a_deleted_copy_of_a_code_does_not_count(a_world: MakeWorld) -> None:
    """A code that only a sub job still has is that one's."""
    codes = [
        a_cost_code("03-300", "Old", id=500, biller_type="Project", deleted_at="2026-01-01T00:00:00Z"),
        a_cost_code("03-300", "Concrete of tower B", id=600, **SUB_JOB),
    ]
    world = a_world(a_seed(cost_codes=codes, claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {}
    assert [name for name in world.books()["options"] if name.startswith("03-300")] == ["03-300 Concrete of tower B"]
