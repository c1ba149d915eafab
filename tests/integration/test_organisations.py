"""Several organisations of Xero: each project in its own books, and nothing of one in the other."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import pytest
from celery import Task
from sqlalchemy import update

from tasks import policy, project, resending
from tasks.audit import audit_books
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.group import (
    MOVED,
    NORTH,
    NORTHERN,
    ROUTES,
    SOUTH,
    SOUTHERN,
    a_group,
    calls,
    send_to,
    two_companies,
    written,
)
from tests.integration.published import ATask, Message
from tests.integration.seeds import a_claim
from tests.integration.world import World
from worker import logins
from worker.cli import doctor, workers
from worker.doctor.finding import State
from worker.errors import ConfigError, LoginLapsed, SyncError
from worker.holds import Outcome
from worker.ledger.database import transaction
from worker.ledger.holds import open_holds
from worker.ledger.tables import Entry, Job


@pytest.fixture
def group(a_world: MakeWorld) -> World:
    return a_group(a_world)


def bills(world: World, tenant_id: str) -> set[str]:
    """The bills that stand in one organisation."""
    return {bill[1] for bill in world.books(tenant_id)["bills"] if bill[3] not in ("VOIDED", "DELETED")}


def options(world: World, tenant_id: str) -> set[str]:
    return {name for name in world.books(tenant_id)["options"] if "Tower" in name}


def held(world: World) -> list[tuple[str, str]]:
    """Organisation and title of what is held."""
    return [(hold.tenant_id, hold.title) for hold in open_holds(world.parts.engine, Outcome.HELD)]


def queued(world: World) -> list[str]:
    return sorted(number for number, job in world.parts.jobs.latest().items() if job.state == "queued")


def test_each_project_goes_to_its_own_books(group: World) -> None:
    """Bills, payments and options of one are not in the other, and a vendor of both is a contact in both."""
    reports = group.whole_pass()
    assert (group.holds(), sorted(reports)) == ({}, [NORTHERN, SOUTHERN])
    assert (bills(group, NORTH), bills(group, SOUTH)) == ({"INV-11", "DC-91"}, {"INV-12"})
    assert (options(group, NORTH), options(group, SOUTH)) == ({"24-017 Tower 310"}, {"30-001 Tower 320"})
    assert [len(group.books(tenant)["payments"]) for tenant in (NORTH, SOUTH)] == [1, 1]
    assert group.books(NORTH)["contacts"] == group.books(SOUTH)["contacts"] == [("Supplier 1", "procore-1")]
    ((_, _, _, _, _, _, lines),) = group.books(SOUTH)["bills"]
    assert [line[2] for line in lines] == ["429"]  # South's own account


def test_a_second_pass_asks_nothing_of_either(group: World) -> None:
    """Settings, entries and cursors of both are kept apart, and remembered."""
    group.whole_pass()
    mark = group.last()
    group.clock.advance(60)
    group.whole_pass()
    assert group.journal(mark) == []


def test_both_sides_agree_afterwards(group: World) -> None:
    """The audit compares each project with the books that it went to, and says whose they are."""
    group.whole_pass()
    audited = audit_books(group.parts)
    assert audited.shown == []
    assert {one.job_number: one.organisation for one in audited.results} == {NORTHERN: "North", SOUTHERN: "South"}
    assert [one.organisation for one in audit_books(group.parts, SOUTHERN).results] == ["South"]


def test_a_plan_rehearses_each_in_its_own_books(group: World) -> None:
    """What it counts is what the pass then does in each organisation, and nothing is written."""
    plans = {one.job_number: one for one in plan(group.parts)}
    assert written(group) == []
    assert {number: one.organisation for number, one in plans.items()} == {NORTHERN: "North", SOUTHERN: "South"}
    mark = group.last()
    group.whole_pass()
    for number, tenant_id in ((NORTHERN, NORTH), (SOUTHERN, SOUTH)):
        writes = [entry for entry in calls(group, tenant_id, mark) if entry["method"] != "GET"]
        assert len(writes) == plans[number].writes, number


def test_one_that_is_parked_does_not_stop_the_other(group: World) -> None:
    """Discovery starts the rest and says what it left; when the time is over it goes by itself."""
    group.whole_pass()
    group.parts.organisations.park(SOUTH, 3600, "The day limit is used up.")
    with pytest.raises(SyncError, match="nothing started for South: The organisation is parked until"):
        group.discover()
    assert queued(group) == [NORTHERN]
    group.run(NORTHERN)
    group.clock.advance(3601)
    group.discover()
    assert SOUTHERN in queued(group)


def test_one_that_is_not_set_up_does_not_stop_the_other(group: World) -> None:
    """The pass starts the rest and is red, with the clicks that help."""
    category = next(row for row in south_of(group)["tracking_categories"] if row["Name"] == "Job")
    group.xero_edit("TrackingCategories", category["TrackingCategoryID"], SOUTH, Status="ARCHIVED")
    with pytest.raises(SyncError, match=r"1 started.*South: The tracking category 'Job' is archived in Xero"):
        group.discover()
    assert queued(group) == [NORTHERN]


def south_of(world: World) -> dict[str, Any]:
    (south,) = world.sandbox.dump()["xero"]["more_organisations"]
    return cast("dict[str, Any]", south)


def finished(world: World, job_number: str) -> Job:
    """The queued job of this number, as its message runs it."""
    task = ATask(Message(world.job(job_number).task_id, {"job_id": "1"}))
    claimed = policy.claim(world.parts, cast("Task[Any, Any]", task), job_number, "", "test")
    assert claimed is not None
    with suppress(policy.JobFailed):
        policy.finish(world.parts, cast("Task[Any, Any]", task), claimed, "test", project.sync)
    return world.job(job_number)


def test_a_day_limit_parks_the_organisation_that_it_is_about(group: World) -> None:
    """The other one's job runs right after."""
    group.discover()
    headers = {"Retry-After": "7000", "X-Rate-Limit-Problem": "day"}
    group.fault("status", "PUT", "/Invoices", status=429, headers=headers)
    assert finished(group, SOUTHERN).state == "parked"
    assert group.parts.organisations.parked(SOUTH) is not None
    assert group.parts.organisations.parked(NORTH) is None
    assert finished(group, NORTHERN).state == "done"


def test_a_login_that_lapsed_parks_all_that_it_reaches(group: World) -> None:
    """One consent is for all of them, and so is its end."""
    group.discover()
    logins.park(group.parts.at("South"), LoginLapsed("Xero"))
    standing = group.parts.tokens("xero").standing()
    assert standing is not None
    assert standing.lapsed_at is None  # so that whoever connected meanwhile is not held up
    assert [group.parts.organisations.parked(tenant_id) for tenant_id in (NORTH, SOUTH)] == [None, None]
    group.parts.tokens("xero").lapse(1)
    logins.park(group.parts.at("South"), LoginLapsed("Xero"))
    assert all(group.parts.organisations.parked(tenant_id) for tenant_id in (NORTH, SOUTH))
    with pytest.raises(SyncError, match=r"Nothing started\. North: The organisation is parked"):
        group.discover()


@pytest.mark.parametrize(
    ("routes", "code", "says"),
    [
        (ROUTES.replace('"30-*"', '"31-*"'), "no_organisation", "It fits no organisation of Xero."),
        (ROUTES.replace('"30-*"', '"*"').replace('"24-*"', '"30-*"'), "several_organisations", "North, South"),
        (ROUTES.replace('job_numbers = ["30-*"]', 'regions = ["Coast"]'), "organisation_unsaid", "say its region"),
    ],
)
def test_a_project_that_does_not_fit_exactly_one_is_refused(group: World, routes: str, code: str, says: str) -> None:
    """Nothing of it goes anywhere, and its reason names the remedy."""
    send_to(group, routes)
    group.whole_pass()
    (row,) = group.parts.projects.numbered(SOUTHERN)
    assert (row.state, row.code, row.organisation) == ("refused", code, "")
    assert says in row.reason
    assert "[[organisations]] in the mapping file" in row.reason
    assert not {"30-001 Tower 320"} & (options(group, NORTH) | options(group, SOUTH))


def test_a_project_goes_by_region_and_custom_field(a_world: MakeWorld) -> None:
    """As Procore's list names them; the region in its extended view."""
    seed = two_companies(
        project_region={"id": 5, "name": "Coast"}, custom_fields={"custom_field_4711": {"data_type": "string"}}
    )
    first = seed["procore"]["projects"][0]
    first |= {
        "project_region": None,
        "custom_fields": {"custom_field_4711": {"data_type": "lov_entry", "value": {"id": 2, "label": "Northern"}}},
    }
    routes = ROUTES.replace('job_numbers = ["30-*"]', 'regions = ["coast"]')
    routes = routes.replace('job_numbers = ["24-*"]', 'custom_fields = { 4711 = "northern" }')
    group = a_group(a_world, seed, routes)
    group.whole_pass()
    assert (bills(group, NORTH), bills(group, SOUTH)) == ({"INV-11", "DC-91"}, {"INV-12"})


def test_a_job_follows_the_mapping_file_as_it_is_now(group: World) -> None:
    """Between pass and job the bookkeeper corrected the route: nothing goes where it would have gone before."""
    group.discover()
    send_to(group, MOVED)
    group.run_all()
    assert (bills(group, NORTH), bills(group, SOUTH)) == (set(), {"INV-11", "DC-91", "INV-12"})


def test_a_project_that_moved_is_held_and_nothing_is_written(group: World) -> None:
    """One hold, with both names; set back, it is closed by itself, and still nothing is written."""
    group.whole_pass()
    send_to(group, MOVED)
    mark = group.last()
    report = group.whole_pass()[NORTHERN]
    assert group.holds() == {"project 310": "project_moved"}
    assert report.line == f"{NORTHERN}: 1 of 1 record held: project 310 project_moved"
    (sentence,) = group.sentences().values()
    assert sentence == (
        "It goes to South now, but 3 of its documents stand in Northern Pty Ltd (first claim 11), so nothing is sent."
    )
    assert written(group, mark) == []
    send_to(group, ROUTES)
    group.whole_pass()
    assert (group.holds(), written(group, mark)) == ({}, [])


def test_a_plan_says_that_a_project_moved(group: World) -> None:
    """Before anything happens, with what to do."""
    group.whole_pass()
    send_to(group, MOVED)
    (one,) = plan(group.parts, NORTHERN)
    assert [(step.title, step.code) for step in one.steps] == [("project 310", "project_moved")]
    assert (one.writes, group.holds()) == (0, {})


def test_a_project_whose_documents_are_gone_goes_on_in_the_new_books(group: World) -> None:
    """Moved on purpose: when the last document in the old organisation is gone, all of it is sent to the new one."""
    group.whole_pass()
    send_to(group, MOVED)
    payment = next(row for row in group.documents("payments"))
    group.xero_edit("Payments", payment["PaymentID"], Status="DELETED")
    group.xero_edit("Invoices", group.bill("DC-91")["InvoiceID"], Status="VOIDED")
    group.whole_pass()
    assert group.holds() == {"project 310": "project_moved"}
    group.xero_edit("Invoices", group.bill("INV-11")["InvoiceID"], Status="VOIDED")
    group.whole_pass()
    assert group.holds() == {}
    assert (bills(group, NORTH), bills(group, SOUTH)) == (set(), {"INV-11", "DC-91", "INV-12"})
    assert len(group.books(SOUTH)["payments"]) == 2
    mark = group.last()
    group.whole_pass()
    assert group.journal(mark) == []


def test_what_cannot_be_asked_stands(group: World) -> None:
    """While the old organisation is parked, or not in the mapping file any more, nothing moves and it is not called."""
    group.whole_pass()
    for name in ("payments", "invoices"):
        for row in group.documents(name):
            gone = "DELETED" if name == "payments" else "VOIDED"
            group.xero_edit(name, row[f"{name.removesuffix('s').title()}ID"], Status=gone)
    send_to(group, MOVED)
    group.parts.organisations.park(NORTH, 3600, "The day limit is used up.")
    mark = group.last()
    group.run(NORTHERN)
    assert (group.holds(), calls(group, NORTH, mark)) == ({"project 310": "project_moved"}, [])
    group.clock.advance(3601)
    group.run(NORTHERN)
    assert bills(group, SOUTH) >= {"INV-11", "DC-91"}


def test_a_project_without_money_moves_by_itself(a_world: MakeWorld) -> None:
    """An option on no bill holds nobody up."""
    seed = two_companies()
    for name in ("requisitions", "contract_payments", "direct_costs"):
        seed["procore"][name]["310"] = []
    group = a_group(a_world, seed)
    group.whole_pass()
    send_to(group, MOVED)
    group.whole_pass()
    assert group.holds() == {}
    assert "24-017 Tower 310" in options(group, SOUTH)


def test_what_was_held_in_the_old_books_is_not_held_any_more(a_world: MakeWorld) -> None:
    """A project that goes elsewhere because its region changed is read as a whole, however long nothing changed in it.

    Only the holds of the organisation that it goes to are left.
    """
    seed = two_companies()
    first = seed["procore"]["projects"][0]
    first["project_region"] = {"id": 4, "name": "Hills"}
    seed["procore"]["requisitions"]["310"] = [
        a_claim(number, billing_date=None, updated_at=f"2026-0{number - 10}-05T00:00:00Z") for number in (11, 13)
    ]
    seed["procore"]["contract_payments"]["310"], seed["procore"]["direct_costs"]["310"] = [], []
    routes = ROUTES.replace('job_numbers = ["24-*"]', 'regions = ["Hills"]')
    group = a_group(a_world, seed, routes.replace('["30-*"]', '["30-*"]\nregions = ["Coast"]'))
    group.whole_pass()
    assert held(group) == [(NORTH, "claim 11"), (NORTH, "claim 13")]
    group.clock.advance(3600)
    group.procore_edit("projects", 310, project_region={"id": 5, "name": "Coast"})
    group.whole_pass()
    assert held(group) == [(SOUTH, "claim 11"), (SOUTH, "claim 13")]


def test_a_document_that_xero_does_not_speak_of_stands(group: World) -> None:
    """No answer is no proof that a bill is gone."""
    group.whole_pass()
    with transaction(group.parts.engine) as session:
        session.execute(update(Entry).where(Entry.kind == "payments").values(state="free"))
        session.execute(update(Entry).where(Entry.kind == "invoices").values(state="free"))
        session.execute(update(Entry).where(Entry.kind == "claims").values(xero_id=SOUTH))
    send_to(group, MOVED)
    group.run(NORTHERN)
    assert group.holds() == {"project 310": "project_moved"}


def test_resend_works_in_the_books_of_the_project(group: World) -> None:
    """The document is looked for, and sent again, in its own organisation."""
    group.whole_pass()
    (payment,), (bill,) = south_of(group)["payments"], south_of(group)["invoices"]
    group.xero_edit("Payments", payment["PaymentID"], SOUTH, Status="DELETED")
    with pytest.raises(resending.NothingToResend, match="still in Xero"):
        resending.let_go(group.parts, SOUTHERN, "claims", "12")
    group.xero_edit("Invoices", bill["InvoiceID"], SOUTH, Status="VOIDED")
    resending.let_go(group.parts, SOUTHERN, "claims", "12")
    group.run(SOUTHERN)
    assert (bills(group, NORTH), bills(group, SOUTH)) == ({"INV-11", "DC-91"}, {"INV-12"})


def test_links_open_the_organisation_of_the_document(a_world: MakeWorld) -> None:
    """Whichever the reader was in before."""
    group = a_group(a_world)
    group.whole_pass()
    (bill,) = south_of(group)["invoices"]
    group.procore_edit("requisitions", 12, 320, invoice_number="INV-12b", status="draft")
    group.run(SOUTHERN)
    (hold,) = [one for one in open_holds(group.parts.engine, Outcome.HELD) if one.kind == "claims"]
    assert hold.xero_url == (
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=%21South"
        f"&redirecturl=/AccountsPayable/View.aspx?InvoiceID={bill['InvoiceID']}"
    )


def test_the_doctor_looks_at_each(group: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong in one is said of that one, and --fix mends it there."""
    monkeypatch.setattr(doctor, "_broker", lambda parts: "redis-server 7.0")
    monkeypatch.setattr(workers, "answering", lambda: ["celery@here"])
    assert [one for one in doctor.examine(group.parts) if one.state is State.WRONG] == []
    send_to(group, ROUTES.replace('project = "Job"', 'project = "Site"').replace("429", "999"))
    wrong = {one.sentence for one in doctor.examine(group.parts) if one.state is State.WRONG}
    assert "South: Xero has no tracking category named 'Site'." in wrong
    assert any("999" in one for one in wrong)
    assert all(one.startswith("South: ") for one in wrong)


def test_the_doctor_says_which_one_the_login_does_not_reach(group: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that helps."""
    monkeypatch.setattr(doctor, "_broker", lambda parts: "redis-server 7.0")
    monkeypatch.setattr(workers, "answering", lambda: ["celery@here"])
    stranger = "7e57a000-0000-4000-8000-00000000000c"
    send_to(group, ROUTES.replace(SOUTH, stranger))
    group.parts.at("South").xero = group.parts.at("North").xero
    group.parts.at("South").xero.api._http.headers["xero-tenant-id"] = stranger
    (wrong,) = [one for one in doctor.examine(group.parts) if one.state is State.WRONG and "South" in one.sentence]
    assert "procore-xero connect xero" in wrong.remedy


def test_a_custom_connection_reaches_one_only(group: World) -> None:
    """Several need a person's login; nothing starts, and the sentence says what to do."""
    group.settings = group.settings.model_copy(update={"xero_grant": "client_credentials"})
    group.parts = group.more_parts()
    with pytest.raises(ConfigError, match="set XERO_GRANT=authorization_code"):
        group.discover()


def test_the_setting_for_one_is_not_there_for_several(group: World) -> None:
    """Two places that say where to write would be one too many."""
    group.settings = group.settings.model_copy(update={"xero_tenant_id": NORTH})
    group.parts = group.more_parts()
    with pytest.raises(ConfigError, match="take XERO_TENANT_ID out"):
        group.discover()
