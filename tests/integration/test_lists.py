"""Vendors and cost codes come in whole lists, read every so often: nothing that a record names waits for them."""

from __future__ import annotations

from typing import Any

import pytest

from tasks import planning
from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    Row,
    a_claim,
    a_contact,
    a_cost_code,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.test_unchanged_pass import MOST_STATEMENTS, cost
from tests.integration.world import World
from worker.errors import ApiUnavailable

#: Of a job that reads neither list: claims, subcontracts, purchase orders, direct costs, and the lines of the newest
#: direct cost, which is looked at once more.
FILTERED = 5
LISTS = ["vendors", "cost_codes"]
MINUTE_S = 60
#: The first project's own time comes 104 minutes after it was read for the first time.
SOON_S, DUE_S = 90 * MINUTE_S, 105 * MINUTE_S
LABOUR, SUBCONTRACT = {"id": 81, "code": "L", "name": "Labour"}, {"id": 83, "code": "S", "name": "Subcontract"}


@pytest.fixture
def synced(a_world: MakeWorld) -> World:
    """A project that was synced before, and whose lists are read every two hours."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "5.00")], invoices=[an_invoice(91)])
    return a_synced_world(a_world, seed, lists_every_hours=2)


def begun(world: World) -> World:
    world.whole_pass()
    assert world.holds() == {}
    return world


def next_pass(world: World, in_s: float = 30 * MINUTE_S) -> None:
    world.clock.advance(in_s)
    world.whole_pass()


def lists_read(world: World, since: int) -> list[str]:
    """The whole lists that were read since so many calls, in order."""
    paths = [entry["path"] for entry in world.procore_calls(".")[since:]]
    names = {"/rest/v1.0/cost_codes": "cost_codes", f"/rest/v1.1/projects/{PROJECT_ID}/vendors": "vendors"}
    return [names[path] for path in paths if path in names]


def calls(world: World) -> int:
    return len(world.procore_calls("."))


def contacts(world: World) -> set[str]:
    return {row["Name"] for row in world.documents("contacts")}


def options(world: World) -> dict[str, str]:
    """Options of cost codes with their status."""
    (category,) = [row for row in world.documents("tracking_categories") if row["Name"] == "Cost Codes"]
    return {row["Name"]: row["Status"] for row in category["Options"] if row["Name"][:3] in ("03-", "05-")}


def add_vendor(world: World, number: int) -> None:
    """A person adds a vendor to the project's directory."""
    world.procore_edit("vendors", number, name=f"Supplier {number}")
    world.procore_edit("project_vendors", number, PROJECT_ID)


def coded(code: str) -> dict[str, Any]:
    return {"cost_code": {"full_code": code}}


def test_an_unchanged_pass_reads_what_can_be_filtered(a_world: MakeWorld) -> None:
    """Few calls for the project beside discovery's own, and fewer statements than with the lists."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "5.00")], invoices=[an_invoice(91)])
    few, all_of_it = (cost(a_world(seed, lists_every_hours=hours)) for hours in (2, 0))
    assert few[1] == FILTERED == all_of_it[1] - len(LISTS)
    assert few[0] < all_of_it[0] <= MOST_STATEMENTS


def test_what_no_record_names_waits_for_the_list(synced: World) -> None:
    """A new vendor, and a cost code that is called otherwise, go when the list's time has come, and then not again."""
    add_vendor(synced, 2)
    synced.enter("cost_codes", a_cost_code(name="Slabs"))
    before = calls(synced)
    for in_s in (30 * MINUTE_S, SOON_S - 30 * MINUTE_S):
        next_pass(synced, in_s)
    assert (contacts(synced), options(synced)) == ({"Supplier 1"}, {"03-300 Concrete": "ACTIVE"})
    assert lists_read(synced, before) == []
    next_pass(synced, DUE_S - SOON_S)
    assert (contacts(synced), options(synced)) == ({"Supplier 1", "Supplier 2"}, {"03-300 Slabs": "ACTIVE"})
    assert lists_read(synced, before) == LISTS
    next_pass(synced)
    assert lists_read(synced, before) == LISTS


@pytest.mark.parametrize("kind", ["requisitions", "direct_costs"])
def test_a_new_vendor_that_a_record_names_goes_at_once(synced: World, kind: str) -> None:
    """It is read by its id, and its bill with it; no list is."""
    add_vendor(synced, 2)
    synced.enter(kind, a_claim(12, vendor_id=2) if kind == "requisitions" else an_invoice(92, vendor_id=2))
    before = calls(synced)
    next_pass(synced)
    assert (synced.holds(), lists_read(synced, before)) == ({}, [])
    bill = synced.bill("INV-12" if kind == "requisitions" else "DC-92")
    (contact,) = [row for row in synced.documents("contacts") if row["Name"] == "Supplier 2"]
    assert bill["Contact"]["ContactID"] == contact["ContactID"]


@pytest.mark.parametrize("include", ["all", "used"])
def test_new_cost_codes_that_lines_name_go_at_once(a_world: MakeWorld, include: str) -> None:
    """The list is read for them, once in the job, and their bills are tracked to them."""
    world = ruled(a_world(a_seed(claims=[a_claim(11)]), lists_every_hours=2), cost_codes=f'include = "{include}"')
    begun(world)
    invoice = an_invoice(92)
    invoice["line_items"][0] |= coded("05-200")
    world.enter("requisitions", a_claim(12, items=[an_item("100.00", code="05-100")]))
    world.enter("direct_costs", invoice)
    for code in ("05-100", "05-200", "05-300"):
        world.enter("cost_codes", a_cost_code(code, "Steel"))
    before = calls(world)
    next_pass(world)
    assert (world.holds(), lists_read(world, before)) == ({}, ["cost_codes"])
    for number, code in (("INV-12", "05-100"), ("DC-92", "05-200")):
        (line,) = world.bill(number)["LineItems"]
        assert f"{code} Steel" in {tracked["Option"] for tracked in line["Tracking"]}
    assert ("05-300 Steel" in options(world)) is (include == "all")


def test_a_new_cost_type_of_an_item_goes_at_once(a_world: MakeWorld) -> None:
    """The item of the code alone, which stood for all of its cost types before, does not stand for a new one."""
    seed = a_seed(cost_codes=[a_cost_code(line_item_types=[])], claims=[a_claim(11)])
    world = begun(ruled(a_world(seed, lists_every_hours=2), cost_codes='target = "item"'))
    world.enter("cost_codes", a_cost_code(line_item_types=[LABOUR, SUBCONTRACT]))
    world.enter("requisitions", a_claim(12))
    next_pass(world)
    assert world.holds() == {}
    assert world.bill("INV-12")["LineItems"][0]["ItemCode"] == "03-300 S"


def test_a_cost_code_that_is_missing_is_looked_for_in_each_pass(synced: World) -> None:
    """Its claim is held only after a look, and goes with the first pass after the code was entered."""
    synced.enter("requisitions", a_claim(12, items=[an_item("100.00", code="05-100")]))
    before = calls(synced)
    for _ in range(2):
        next_pass(synced)
        assert synced.holds() == {"claim 12": "cost_code_missing"}
    assert lists_read(synced, before) == ["cost_codes", "cost_codes"]
    synced.enter("cost_codes", a_cost_code("05-100", "Steel"))
    next_pass(synced)
    assert synced.holds() == {}


def test_an_archived_option_comes_back_with_the_claim_that_names_it(a_world: MakeWorld) -> None:
    """An unread list archives nothing; a code that Procore has again is there before its line is judged."""
    seed = a_seed(cost_codes=[a_cost_code(), a_cost_code("05-100", "Steel")], claims=[a_claim(11)])
    world = begun(ruled(a_world(seed, lists_every_hours=2), cost_codes="archive_deleted = true"))
    world.procore_delete("cost_codes", a_cost_code("05-100")["id"], PROJECT_ID)
    next_pass(world)
    assert options(world)["05-100 Steel"] == "ACTIVE"
    next_pass(world, DUE_S)
    assert options(world)["05-100 Steel"] == "ARCHIVED"
    world.enter("cost_codes", a_cost_code("05-100", "Steel", deleted_at=None))
    world.enter("requisitions", a_claim(12, items=[an_item("100.00", code="05-100")]))
    next_pass(world)
    assert (world.holds(), options(world)["05-100 Steel"]) == ({}, "ACTIVE")


def test_what_is_held_reads_its_list(a_world: MakeWorld) -> None:
    """A vendor that is held for its neighbour's name goes when that is called otherwise, and its claim with it."""
    vendors = [a_vendor(1, "Smith"), a_vendor(2, "smith")]
    world = a_world(a_seed(vendors=vendors, claims=[a_claim(11), a_claim(12, vendor_id=2)]), lists_every_hours=2)
    world.whole_pass()
    assert set(world.holds()) == {"vendor smith", "claim 12"}
    world.procore_edit("vendors", 1, name="Smith & Sons")
    next_pass(world)  # in which the name becomes free
    next_pass(world)
    assert (world.holds(), contacts(world)) == ({}, {"Smith & Sons", "smith"})


def test_a_job_by_hand_reads_everything(synced: World) -> None:
    """Who asks for a project's job wants all of it now; the passes' own rhythm stays as it is."""
    before = calls(synced)
    for number in (2, 3):
        add_vendor(synced, number)
        synced.clock.advance(30 * MINUTE_S)
        synced.run(JOB_NUMBER)
        assert f"Supplier {number}" in contacts(synced)
    assert lists_read(synced, before) == 2 * LISTS
    next_pass(synced, DUE_S - 60 * MINUTE_S)
    assert lists_read(synced, before) == 3 * LISTS


def test_a_retried_job_reads_everything(synced: World) -> None:
    """As one by hand, though it is a pass's job that failed."""
    synced.enter("requisitions", a_claim(12, vendor_id=7))
    next_pass(synced)
    assert synced.job(JOB_NUMBER).state == "failed"
    before = calls(synced)
    assert synced.parts.jobs.retry({"id": synced.job(JOB_NUMBER).id}) is not None
    synced.run(JOB_NUMBER)
    assert lists_read(synced, before) == LISTS


def test_a_job_that_only_came_back_reads_what_it_has_not(synced: World) -> None:
    """Of a job by hand that a passing error stopped, the second attempt reads the list that the first one could not."""
    before = calls(synced)
    synced.procore_fault("status", "/rest/v1.0/cost_codes", status=503, times=10)
    with pytest.raises(ApiUnavailable):
        synced.run(JOB_NUMBER)
    synced.wire.forget()
    failed = lists_read(synced, before)
    assert set(failed) == set(LISTS)
    synced.run_through(JOB_NUMBER)
    again = lists_read(synced, before)[len(failed) :]
    assert again[-1:] == ["cost_codes"]
    assert "vendors" not in again


def test_a_list_that_failed_is_read_by_the_next_job(synced: World) -> None:
    """It does not count as read, also when its time had come and the job failed for good."""
    before = calls(synced)
    synced.procore_fault("status", "/rest/v1.0/cost_codes", status=500, times=100)
    with pytest.raises(ApiUnavailable):
        next_pass(synced, DUE_S)
    job = synced.job(JOB_NUMBER)
    synced.parts.jobs._swap(type(job).id == job.id, state="failed")
    synced._sent(synced._procore, "DELETE", "/_sandbox/faults", None)
    read = len(lists_read(synced, before))
    next_pass(synced)
    assert lists_read(synced, before)[read:] == ["cost_codes"]
    next_pass(synced)
    assert lists_read(synced, before)[read:] == ["cost_codes"]


def test_other_rules_read_the_lists_anew(synced: World) -> None:
    """A changed mapping file may say otherwise what becomes of them."""
    before = calls(synced)
    ruled(synced, retention='account = "831"')
    next_pass(synced)
    assert lists_read(synced, before) == LISTS


def test_the_daily_compare_reads_the_lists(a_world: MakeWorld) -> None:
    """However seldom they are read otherwise."""
    world = begun(a_world(a_seed(), lists_every_hours=1000))
    before = calls(world)
    next_pass(world)
    assert lists_read(world, before) == []
    next_pass(world, 24 * 60 * MINUTE_S)
    assert lists_read(world, before) == LISTS


def test_with_0_they_are_read_in_each_pass(a_world: MakeWorld) -> None:
    world = begun(a_world(a_seed(), lists_every_hours=0))
    before = calls(world)
    next_pass(world)
    assert lists_read(world, before) == LISTS


def test_a_plan_rehearses_a_job_by_hand(synced: World) -> None:
    """It shows what `send` would do now, what waits for a list among it."""
    add_vendor(synced, 2)
    synced.clock.advance(30 * MINUTE_S)
    (found,) = planning.plan(synced.parts, JOB_NUMBER)
    assert ("vendors", "2", "create") in {(step.kind, step.procore_id, str(step.action)) for step in found.steps}


def test_a_vendor_that_is_ambiguous_is_looked_at_in_each_pass(a_world: MakeWorld) -> None:
    """What a person puts right in Xero goes with the next pass, too."""
    rows: list[Row] = [
        a_contact(5, "Kestrel (North)", TaxNumber="51824753556"),
        a_contact(6, "Kestrel (South)", TaxNumber="51824753556"),
    ]
    seed = a_seed(vendors=[a_vendor(1, "Kestrel", abn="51824753556")], contacts=rows, claims=[a_claim(11)])
    world = a_world(seed, lists_every_hours=2)
    world.whole_pass()
    assert world.holds() == {"vendor Kestrel": "ambiguous_contact", "claim 11": "vendor_held"}
    world.xero_edit("Contacts", rows[1]["ContactID"], ContactStatus="ARCHIVED")
    next_pass(world)
    assert world.holds() == {}
