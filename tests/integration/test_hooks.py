"""Procore's webhooks are set up, shown and taken down; what is not ours is never touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.listened import SECRET
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_seed
from tests.integration.world import World
from tests.services import eventually
from worker.cli.processes import free_port
from worker.doctor import hooks as doctor
from worker.errors import NotPermitted, OutcomeUnknown
from worker.ledger.tables import ProjectRow
from worker.procore.hook_set_up import CHANGED, KEPT, MADE, REFUSED, TAKEN_DOWN, Scope, look, set_up, take_down
from worker.procore.hooks import Hook, Hooks, Trigger, namespace

URL = "https://hooks.example.com/procore"
OF_COMPANY = {"Projects", "Company Vendors"}
OF_PROJECT = {
    "Contract Payments",
    "Work Order Contracts",
    "Purchase Order Contracts",
    "Direct Costs",
    "Project Vendors",
}


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    return a_world(a_seed(claims=[a_claim(11)]))


def hooks(world: World, installation: str = "procore-xero") -> Hooks:
    return Hooks(world.parts.procore.api, world.settings.procore_company_id, namespace(installation))


def done(world: World, url: str = URL, secret: str = SECRET, projects: tuple[int, ...] = (PROJECT_ID,)) -> list[Scope]:
    return list(set_up(hooks(world), url, secret, projects))


def hears(world: World, project_id: int | None) -> set[str]:
    (hook,) = hooks(world).ours(project_id)
    return {trigger.resource for trigger in hooks(world).triggers(hook)}


def written(world: World) -> int:
    return len([one for one in world.procore_calls("/webhooks/") if one["method"] != "GET"])


def others(world: World) -> list[tuple[Hook, set[Trigger]]]:
    theirs = hooks(world, "another")
    return [(hook, set(theirs.triggers(hook))) for id_ in (None, PROJECT_ID) for hook in theirs.ours(id_)]


def test_the_company_and_each_project_get_one(world: World) -> None:
    """Whatever the company's cannot hear of is asked of the project; nothing else is."""
    assert [scope.did for scope in done(world)] == [MADE, MADE]
    assert (hears(world, None), hears(world, PROJECT_ID)) == (OF_COMPANY, OF_PROJECT)


def test_a_company_that_hears_of_its_projects_needs_no_more(world: World) -> None:
    """Whether it does is not documented; Procore's list of resources says it."""
    world.procore_switch(company_webhooks_of_projects=True)
    assert [scope.did for scope in done(world)] == [MADE, KEPT]
    assert hears(world, None) == OF_COMPANY | OF_PROJECT
    assert hooks(world).ours(PROJECT_ID) == []
    world.procore_switch(company_webhooks_of_projects=False)
    assert [scope.did for scope in done(world)] == [CHANGED, MADE]
    assert (hears(world, None), hears(world, PROJECT_ID)) == (OF_COMPANY, OF_PROJECT)


def test_requisitions_are_used_where_procore_names_them(world: World) -> None:
    """They are in no published list."""
    done(world)
    world.procore_switch(webhooks_of_requisitions=True)
    assert [scope.did for scope in done(world)] == [KEPT, CHANGED]
    assert hears(world, PROJECT_ID) == OF_PROJECT | {"Requisitions"}


def test_a_second_time_writes_nothing(world: World) -> None:
    """And another address, another secret, or a hook that somebody paused, is one change each."""
    done(world)
    before = written(world)
    assert [scope.did for scope in done(world)] == [KEPT, KEPT]
    assert written(world) == before
    assert [scope.did for scope in done(world, url="https://other.example.com/x")] == [CHANGED, CHANGED]
    assert [scope.did for scope in done(world, secret=SECRET[::-1])] == [CHANGED, CHANGED]
    done(world)
    (hook,) = hooks(world).ours()
    _paused(world, hook)
    assert [scope.did for scope in done(world)] == [CHANGED, KEPT]
    assert all(one.is_active for one in hooks(world).ours())


def test_an_answer_that_was_lost_leaves_one_hook(world: World) -> None:
    """Nobody knows what became of it; the next time looks."""
    world.procore_fault("lost_answer", path="/webhooks/hooks$", method="POST")
    with pytest.raises(OutcomeUnknown):
        done(world)
    done(world)
    assert hears(world, None) == OF_COMPANY
    hooks(world).make(None, URL, SECRET)  # as two who set it up at once would
    assert [scope.did for scope in done(world)] == [CHANGED, KEPT]
    assert hears(world, None) == OF_COMPANY


def test_what_is_not_ours_is_left_alone(world: World) -> None:
    """Another installation's, or another program's, in the same company and project."""
    list(set_up(hooks(world, "another"), "https://another.example.com/", "x" * 40, [PROJECT_ID]))
    before = others(world)
    assert len(before) == 2
    done(world)
    assert [scope.did for scope in take_down(hooks(world), [PROJECT_ID])] == [TAKEN_DOWN, TAKEN_DOWN]
    assert list(take_down(hooks(world), [PROJECT_ID])) == []
    assert list(look(hooks(world), [PROJECT_ID])) == []
    assert others(world) == before


def test_a_project_that_is_closed_to_us_is_passed_over(world: World) -> None:
    """The others get theirs, and it is said."""
    found = done(world, projects=(4_711, PROJECT_ID))
    assert [(scope.project_id, scope.did) for scope in found] == [(None, MADE), (4_711, REFUSED), (PROJECT_ID, MADE)]
    assert found[1].why


def test_without_the_permission_nothing_is_done(world: World) -> None:
    """It is None unless somebody sets it."""
    world.procore_switch(webhooks_permitted=False)
    with pytest.raises(NotPermitted):
        done(world)
    assert written(world) == 0


def says(world: World) -> list[tuple[str, str]]:
    """The doctor's states and sentences about webhooks."""
    world.discover()
    eligible = [row for row in world.parts.projects.all() if row.state == "eligible"]
    return [(str(one.state), one.sentence) for one in doctor.check(hooks(world), SECRET, eligible)]


def test_the_doctor_says_whether_messages_come(world: World) -> None:
    """None is set up, one is set up otherwise, a project has none, all is well, they do not arrive."""
    assert says(world) == [("warn", "LISTEN_SECRET is set, and Procore sends no messages of this installation.")]
    done(world, projects=())
    assert says(world)[0] == ("warn", f"No hook yet in {JOB_NUMBER}: what moves there is found by the passes.")
    done(world)
    assert says(world) == [("ok", f"Procore sends to {URL}.")]
    done(world, secret=SECRET[::-1])
    assert says(world) == [("wrong", "2 of 2 hooks in Procore: paused, or another address or secret.")]
    done(world, url=f"http://127.0.0.1:{free_port()}/")
    world.procore_edit("projects", PROJECT_ID, None, name="Other")
    eventually(lambda: hooks(world).undelivered(hooks(world).ours()[0]) == 1)
    assert says(world)[0][0] == "wrong"
    assert says(world)[0][1].startswith("Procore could not deliver 1 message to http://127.0.0.1")


def test_the_doctor_looks_at_the_projects_that_became_eligible_last(world: World) -> None:
    """They came after the hooks were set up; a call for each of a thousand would be too many."""
    world.discover()
    (row,) = [row for row in world.parts.projects.all() if row.state == "eligible"]
    done(world, projects=())
    day = timedelta(days=1)
    older = [
        ProjectRow(procore_id=PROJECT_ID, job_number=f"0{number}", judged_at=row.judged_at and row.judged_at - day)
        for number in range(doctor.TRIED)
    ]
    said = [one.sentence for one in doctor.check(hooks(world), SECRET, [*older, row])]
    assert said[0].startswith(f"No hook yet in {JOB_NUMBER}, 00, 01, 02, 03: ")


@pytest.mark.parametrize(
    ("installation", "name"),
    [
        ("procore-xero", "procore-xero"),
        ("acme", "procore-xero-acme"),
        ("Acme_2.test", "procore-xero-acme-2-test"),
    ],
)
def test_hooks_are_known_by_the_name_of_the_installation(installation: str, name: str) -> None:
    """Procore takes a–z, digits and dashes."""
    assert namespace(installation) == name


def _paused(world: World, hook: Hook) -> None:
    path = f"/rest/v2.0/companies/{world.settings.procore_company_id}/webhooks/hooks/{hook.id}"
    said: Any = '{"status": "disabled"}'
    world.parts.procore.api.write("PATCH", path, said, "a-key")
