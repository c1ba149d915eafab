"""A group of companies: one Procore, two organisations of Xero, and a person's login that reaches both of them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tests.integration.conftest import MakeWorld
from tests.integration.persons import BY_PERSONS, let_in
from tests.integration.seeds import Row, a_claim, a_contract, a_cost_code, a_payment, a_project, a_seed, an_invoice
from tests.integration.world import MAPPING, World
from worker.assembly import Parts
from worker.procore import client as procore_client
from worker.xero import client as xero_client

NORTH, SOUTH = "7e57a000-0000-4000-8000-00000000000a", "7e57a000-0000-4000-8000-00000000000b"
NORTHERN, SOUTHERN = "24-017", "30-001"
SOUTHERN_ID = 320
ROUTES = f"""
[[organisations]]
name = "North"
tenant_id = "{NORTH}"
job_numbers = ["24-*"]

[[organisations]]
name = "South"
tenant_id = "{SOUTH}"
job_numbers = ["30-*"]
[organisations.accounts.cost_types]
S = "429"
[organisations.tracking]
project = "Job"
"""
#: The same with the northern project in the south.
MOVED = ROUTES.replace('"24-*"', '"25-*"').replace('"30-*"', '"30-*", "24-*"')


def two_companies(**fields: Any) -> Row:
    """A project for each organisation, with the same vendor and cost code, and a bill and a payment each."""
    southern: Mapping[str, Any] = {
        "project_vendors": [1],
        "cost_codes": [a_cost_code()],
        "work_order_contracts": [a_contract(601)],
        "requisitions": [a_claim(12, "70.00", commitment_id=601)],
        "contract_payments": [a_payment(72, 12, "30.00", contract_id=601)],
        "direct_costs": [],
    }
    seed = a_seed(
        projects=[a_project(), a_project(SOUTHERN_ID, SOUTHERN, **fields)],
        claims=[a_claim(11)],
        payments=[a_payment(71, 11, "10.00")],
        invoices=[an_invoice(91)],
        more={SOUTHERN_ID: southern},
    )
    return with_south(seed)


def with_south(seed: Row) -> Row:
    """Xero's first organisation is North; South has the same chart under ids of its own, and calls projects jobs."""
    seed["xero"] = {**seed["xero"], "tenant_id": NORTH, "organisation": _organisation(seed, NORTH, "Northern Pty Ltd")}
    south = deepcopy({name: value for name, value in seed["xero"].items() if name not in _OF_THE_APP})
    south |= {"tenant_id": SOUTH, "organisation": _organisation(seed, SOUTH, "Southern Pty Ltd")}
    south["accounts"] = [_without(row, "AccountID") for row in south["accounts"]]
    south["tracking_categories"] = [_without(row, "TrackingCategoryID") for row in south["tracking_categories"]]
    for category in south["tracking_categories"]:
        category["Options"] = []
        category["Name"] = "Job" if category["Name"] == "Project" else category["Name"]
    seed["xero"]["more_organisations"] = [south]
    return seed


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


_OF_THE_APP = ("credentials", "more_organisations", "switches")


def _organisation(seed: Row, tenant_id: str, name: str) -> Row:
    return {**seed["xero"]["organisation"], "OrganisationID": tenant_id, "Name": name, "ShortCode": f"!{name[:5]}"}


def a_group(a_world: MakeWorld, seed: Row | None = None, routes: str = ROUTES) -> World:
    """A world with both organisations, logged in to Xero by a person."""
    world = a_world(seed or two_companies())
    by_person = {name: value for name, value in BY_PERSONS.items() if not name.startswith("procore_")}
    world.settings = type(world.settings)(**{**world.settings.model_dump(), **by_person})
    send_to(world, routes)
    world.parts = Parts(world.settings, clock=world.clock.now, machine=world.machine)
    world._made.append(world.parts)
    let_in(world, "xero")
    wire_up(world, world.parts)
    return world


def send_to(world: World, routes: str) -> None:
    """The bookkeeper changes which project goes where."""
    world.mapping_file.write_text(MAPPING + routes)


def wire_up(world: World, parts: Parts) -> None:
    """The clients of this process go by the world's wire and clock."""
    parts.procore = procore_client.connect(world.settings, None, world.wire, machine=world.machine)
    apis = [parts.procore.api]
    for one in parts.each():
        one.xero = xero_client.connect(one.settings, None, world.wire, parts.login("xero"), machine=world.machine)
        apis.append(one.xero.api)
    for api in apis:
        api._sleep = world.clock.advance


def calls(world: World, tenant_id: str, since: int = 0) -> list[Row]:
    """What this organisation was asked."""
    return [entry for entry in world.journal(since) if entry["tenant"] == tenant_id]


def written(world: World, since: int = 0) -> list[str]:
    """Writes to either organisation."""
    return [f"{entry['method']} {entry['path']}" for entry in world.writes(since)]
