"""Discovery: which projects are synced, what the others are told, and one job each, however often it runs."""

from __future__ import annotations

from typing import Any

import fakeredis
import pytest

from tasks import discovery
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_project, a_seed
from tests.integration.world import World
from worker.errors import AuthRejected, ConfigError, MissingReference, SyncError
from worker.ledger.tables import Job, ProjectRow


def project(world: World, procore_id: int = PROJECT_ID) -> ProjectRow:
    return next(row for row in world.parts.projects.all() if row.procore_id == procore_id)


def stage(name: str) -> dict[str, Any]:
    return {"project_stage": {"id": 509, "name": name}}


def test_the_demos_projects(any_world: MakeWorld) -> None:
    """Three eligible; each of the other five is told why, in a sentence that says what to do."""
    world = any_world()
    assert world.discover() == "3 eligible, 3 started, 5 refused or paused"
    rows = {row.name: (row.state, row.code) for row in world.parts.projects.all()}
    assert sorted(rows.values()) == [
        *[("eligible", "")] * 3,
        ("refused", "duplicate"),
        ("refused", "duplicate"),
        ("refused", "inactive"),
        ("refused", "no_job_number"),
        ("refused", "other_stage"),
    ]
    reasons = [row.reason for row in world.parts.projects.all() if row.state == "refused"]
    assert all(reason.endswith(".") for reason in reasons)
    assert any("Send to Xero" in reason for reason in reasons)


@pytest.mark.parametrize("job_number", ["24-030", "24-030 "])
def test_a_duplicate_is_refused_by_hand_too(a_world: MakeWorld, job_number: str) -> None:
    """Also when no pass has run yet, and the other project's number is typed with spaces: nothing reaches Xero."""
    world = a_world()
    with pytest.raises(MissingReference, match="also belongs to Depot Upgrade"):
        world.run(job_number)
    assert world.writes() == []


def test_a_job_by_hand_trusts_what_a_pass_saw_lately(a_world: MakeWorld) -> None:
    """The list of projects is not read again for each of many jobs; after an interval it is."""
    world = a_world()
    world.whole_pass()
    read = len(world.procore_calls("/projects$"))
    world.run(JOB_NUMBER)
    assert len(world.procore_calls("/projects$")) == read
    world.clock.advance(world.settings.sync_every_minutes * 60 + 1)
    world.run(JOB_NUMBER)
    assert len(world.procore_calls("/projects$")) == read + 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"active": False}, "inactive"),
        (stage("Tendering"), "other_stage"),
        ({"project_stage": None}, "other_stage"),
        ({"project_number": None}, "no_job_number"),
        ({"project_number": "   "}, "no_job_number"),
        ({"name": None}, "unreadable"),
    ],
)
def test_each_refusal_has_its_reason(a_world: MakeWorld, fields: dict[str, object], code: str) -> None:
    """And its neighbour is started all the same."""
    world = a_world(a_seed(projects=[{**a_project(), **fields}, a_project(311, "24-018")]))
    assert world.discover().startswith("1 eligible, 1 started")
    assert (project(world).state, project(world).code) == ("refused", code)
    assert project(world).reason


def test_stage_and_job_number_are_compared_without_case_and_spaces(a_world: MakeWorld) -> None:
    """'send  to xero ' is the stage; ' A-1 ' is the job number A-1; and a-1 is the same one, so both are refused."""
    rows = [
        a_project(1, " A-1 ", **stage(" send  to XERO ")),
        a_project(2, "B-1"),
        a_project(3, "b-1 "),
        a_project(4, "B-1", active=False),
    ]
    world = a_world(a_seed(projects=rows))
    world.discover()
    assert (project(world, 1).state, project(world, 1).job_number) == ("eligible", "A-1")
    assert (project(world, 2).code, project(world, 3).code) == ("duplicate", "duplicate")
    assert "Tower 3" in project(world, 2).reason
    assert project(world, 4).code == "inactive"


def test_a_project_that_leaves_the_stage_is_paused(a_world: MakeWorld) -> None:
    """By setting. Not forgotten: it goes on when the stage is set again."""
    world = a_world(a_seed(), sync_after_stage_change=False)
    world.whole_pass()
    world.procore_edit("projects", PROJECT_ID, **stage("Complete"))
    assert world.discover() == "0 eligible, 0 started, 1 refused or paused"
    assert (project(world).state, project(world).code) == ("paused", "other_stage")
    world.procore_edit("projects", PROJECT_ID, **stage("Send to Xero"))
    assert world.discover().startswith("1 eligible, 1 started")


def test_a_project_that_the_list_does_not_show_any_more_is_paused(a_world: MakeWorld) -> None:
    """Its bills are in Xero: it does not stay as it was, as if all were well, and comes back with the list."""
    world = a_world(a_seed())
    world.whole_pass()
    world.procore_switch(hidden={"projects": [PROJECT_ID]})
    assert world.discover() == "0 eligible, 0 started, 1 refused or paused"
    assert (project(world).state, project(world).code) == ("paused", "not_shown")
    assert "does not show it any more" in project(world).reason
    world.procore_switch(hidden={})
    assert world.discover().startswith("1 eligible, 1 started")


def test_a_project_that_was_begun_goes_on_after_its_stage(a_world: MakeWorld) -> None:
    """Its retention is released when the stage has moved on. One that never had the stage does not begin."""
    world = a_world(a_seed(projects=[a_project(), a_project(311, "24-018", **stage("Complete"))]))
    world.whole_pass()
    world.procore_edit("projects", PROJECT_ID, **stage("Complete"))
    world.discover()
    assert (project(world).state, project(world, 311).state) == ("eligible", "refused")


def test_a_second_beat_costs_nothing(a_world: MakeWorld, published: list[Job]) -> None:
    """What is queued or running is not queued again; what ended is."""
    world = a_world(a_seed())
    assert world.discover() == "1 eligible, 1 started, 0 refused or paused"
    assert world.discover() == "1 eligible, 0 started, 0 refused or paused"
    assert [job.job_number for job in published] == [JOB_NUMBER]
    world.run_all()
    assert world.discover() == "1 eligible, 1 started, 0 refused or paused"


@pytest.mark.parametrize(
    ("headers", "is_late"),
    [({"sent_at": "-1700"}, False), ({"sent_at": "-1900"}, True), ({"sent_at": "soon"}, False), ({}, False)],
)
def test_a_pass_that_waited_for_a_whole_interval_is_the_next_ones(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], is_late: bool
) -> None:
    """By Redis' clock, whatever those of beat's machine and of the worker's say: nobody throws away a good one."""
    world = a_world(a_seed())
    world.parts.broker = fakeredis.FakeRedis()
    monkeypatch.setattr(discovery, "parts", lambda: world.parts)
    if headers.get("sent_at", "").startswith("-"):
        headers = {"sent_at": str(world.parts.broker.time()[0] + int(headers["sent_at"]))}
    discovery.discover.push_request(headers=headers)
    try:
        assert discovery.discover.run().startswith("Nothing started") is is_late
    finally:
        discovery.discover.pop_request()
    assert len(world.parts.passes.all()) == (0 if is_late else 1)


def test_a_job_that_the_broker_lost_is_published_again(a_world: MakeWorld, published: list[Job]) -> None:
    """Under a new task id, so that the lost message is stale should it turn up."""
    world = a_world(a_seed())
    world.discover()
    world.clock.advance(world.settings.sync_every_minutes * 60 + 1)
    world.discover()
    first, second = published
    assert first.id == second.id
    assert first.task_id != second.task_id


@pytest.mark.parametrize(
    ("edit", "clicks"),
    [
        ({"Name": "Old codes"}, "Tracking categories, Add tracking category"),
        ({"Status": "ARCHIVED"}, "show the archived ones, Restore"),
    ],
)
def test_a_missing_tracking_category_stops_the_pass(a_world: MakeWorld, edit: dict[str, str], clicks: str) -> None:
    """Before anything is queued, and the sentence says which clicks make it; once it is there the pass goes."""
    world = a_world(a_seed())
    category = next(row for row in world.documents("tracking_categories") if row["Name"] == "Cost Codes")
    world.xero_edit("TrackingCategories", category["TrackingCategoryID"], **edit)
    with pytest.raises(ConfigError, match=rf"'Cost Codes'.*{clicks}"):
        world.discover()
    assert world.parts.jobs.latest() == {}
    (this_pass,) = world.parts.passes.all()
    assert "Cost Codes" in this_pass.message
    world.xero_edit("TrackingCategories", category["TrackingCategoryID"], Name="Cost Codes", Status="ACTIVE")
    assert world.discover().startswith("1 eligible, 1 started")


def test_nothing_starts_while_the_organisation_is_parked(a_world: MakeWorld) -> None:
    """After the stored time everything starts by itself."""
    world = a_world(a_seed())
    world.parts.organisations.park(world.parts.organisation.tenant_id, 3600, "The day limit is used up.")
    with pytest.raises(SyncError, match="parked until"):
        world.discover()
    assert world.parts.jobs.latest() == {}
    world.clock.advance(3601)
    assert world.discover().startswith("1 eligible, 1 started")


def test_a_forbidden_project_fails_alone(a_world: MakeWorld) -> None:
    """Its job says what to permit; the other project's job is done."""
    world = a_world(a_seed(projects=[a_project(), a_project(311, "24-018")], claims=[a_claim(11)], forbidden=[311]))
    world.discover()
    with pytest.raises(AuthRejected, match="Permit the project"):
        world.run("24-018")
    world.run(JOB_NUMBER)
    assert (world.job("24-018").state, world.job(JOB_NUMBER).state) == ("failed", "done")
    assert len(world.documents("invoices")) == 1


def test_many_projects_are_read_in_large_pages(a_world: MakeWorld) -> None:
    """650 projects are three calls of up to 300."""
    world = a_world(a_seed(projects=[a_project(n, f"J-{n}") for n in range(1, 651)]))
    assert world.discover() == "650 eligible, 650 started, 0 refused or paused"
    calls = [entry["query"]["per_page"] for entry in world.procore_calls("/projects$")]
    assert calls == ["300", "300", "300"]


def test_a_job_enqueued_by_hand_is_judged_now(a_world: MakeWorld) -> None:
    """Without a pass before it, and refused with the reason when the project is not eligible."""
    world = a_world(a_seed(projects=[a_project(), a_project(311, "24-018", active=False)], claims=[a_claim(11)]))
    world.run(JOB_NUMBER)
    assert len(world.documents("invoices")) == 1
    with pytest.raises(MissingReference, match="not active"):
        world.run("24-018")
    with pytest.raises(MissingReference, match="shows no project"):
        world.run("99-999")
