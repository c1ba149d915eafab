"""Links to Procore lead to the zone of the company, wherever they are shown; what bills name does not move."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY
from tests.integration.seeds import PROJECT_ID, a_claim, a_seed
from tests.integration.world import World
from worker import procore_pages
from worker.cli import export
from worker.ledger.holds import open_holds
from worker.ledger.notices import Notices
from worker.ledger.reporting import happened
from worker.reports.summary import summary

USUAL, ZONE = "https://app.procore.com", "https://us02.procore.com"


def in_a_zone(a_world: MakeWorld, said: object = ZONE, **settings: Any) -> World:
    """A company of that zone, whose claim 11 went and whose claim 12 is held."""
    seed = a_seed(claims=[a_claim(11), a_claim(12, vendor_id=None)])
    seed["procore"] = {**seed["procore"], "company_base_url": {"zone": "us02", "web_base_url": said}}
    world = a_world(seed, **settings)
    world.whole_pass()
    assert list(world.holds()) == ["claim 12"]
    return world


def links(world: World) -> set[str]:
    """The addresses of Procore in holds, in the CSV and in what is mailed, cut to where they lead."""
    parts = world.parts
    one = parts.passes.latest()
    assert one is not None
    shown = [hold.procore_url for hold in open_holds(parts.engine)]
    shown += [str(row["procore_url"]) for row in export._rows(parts, parts.jobs.of_pass(one.id)) if row["procore_url"]]
    (over,) = Notices(parts.engine, parts.now).over()
    told = summary(happened(parts.engine, over), parts.title, parts.settings, procore_pages.at(parts))
    shown += [moved.procore_url for project in told.projects for moved in project.moved]
    shown += [problem.procore_url for project in told.projects for problem in project.problems]
    assert len(shown) > 3
    return {address.split(f"/{PROJECT_ID}/")[0] for address in shown}


def asked(world: World) -> list[int]:
    """How Procore answered; a token that is a day old is renewed first."""
    return [entry["status"] for entry in world.procore_calls("company_base_url") if entry["status"] != 401]


def test_links_lead_to_the_zone_of_the_company(a_world: MakeWorld) -> None:
    """In holds (so in Flower and `problems`), in the CSV and in the report."""
    assert links(in_a_zone(a_world)) == {ZONE}


def test_what_is_set_goes_before_it(a_world: MakeWorld) -> None:
    """And Procore is not asked."""
    world = in_a_zone(a_world, procore_web_url="https://procore.example")
    assert links(world) == {"https://procore.example"}
    assert world.procore_calls("company_base_url") == []


@pytest.mark.parametrize("said", [None, "", "us02", "javascript:alert(1)", "https://u:p@evil.example", 7])
def test_what_is_no_address_is_not_followed(a_world: MakeWorld, said: object) -> None:
    """Links go on to where most companies' pages are."""
    assert links(in_a_zone(a_world, said)) == {USUAL}


def test_it_is_asked_once_a_day_and_stops_nothing(a_world: MakeWorld) -> None:
    """A refusal leaves the links as they were."""
    world = in_a_zone(a_world)
    world.whole_pass()
    assert asked(world) == [200]
    world.procore_fault("status", "company_base_url", status=404)
    world.clock.advance(DAY)
    world.whole_pass()
    assert asked(world) == [200, 404]
    assert procore_pages.at(world.parts) == ZONE


def test_bills_stay_as_they_are_when_the_company_moves(a_world: MakeWorld) -> None:
    """A bill is found again by the page that it names, so another zone is no change of it."""
    world = in_a_zone(a_world)
    assert world.bill("INV-11")["Url"].startswith(USUAL)
    since = world.last()
    world.procore_fault("status", "company_base_url", status=200, body='{"web_base_url": "https://uk01.procore.com"}')
    world.clock.advance(DAY)
    world.whole_pass()
    assert procore_pages.at(world.parts) == "https://uk01.procore.com"
    assert world.writes(since) == []
