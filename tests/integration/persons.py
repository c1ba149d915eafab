"""A person who lets the worker in: what a browser does with the address that `procore-xero connect` prints."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import httpx
from cryptography.fernet import Fernet

from tests.integration.world import PROCORE, XERO, World
from worker.assembly import SYSTEMS, Parts, System
from worker.cli import connect
from worker.http.consent import exchange
from worker.procore import client as procore_client
from worker.xero import client as xero_client

KEY = Fernet.generate_key().decode()
BY_PERSONS = {
    "xero_grant": "authorization_code",
    "procore_grant": "authorization_code",
    "xero_authorize_url": f"{XERO}/identity/connect/authorize",
    "procore_authorize_url": f"{PROCORE}/oauth/authorize",
    "token_key": KEY,
}


def let_in(world: World, system: System) -> None:
    """Press Allow, and keep what comes of it as the command does."""
    consent = connect.consent_for(connect.System(system), world.settings)
    with httpx.Client(transport=world.wire) as browser:
        back = browser.get(consent.url).headers["location"]
    code = consent.code(dict(parse_qsl(urlsplit(back).query)))
    address = (xero_client if system == "xero" else procore_client).token_address(world.settings)
    issued = exchange(address, consent, code, world.wire)
    tokens = world.parts.tokens(system)
    tokens.connect(issued.access, issued.refresh, issued.life_s)
    if system == "xero":
        tokens.choose(world.sandbox.dump()["xero"]["tenant_id"])


def log_in(world: World) -> World:
    """The same world, logged in to by persons."""
    world.settings = type(world.settings)(**{**world.settings.model_dump(), **BY_PERSONS})
    world.parts = Parts(world.settings, clock=world.clock.now, machine=world.machine)
    for system in SYSTEMS:
        let_in(world, system)
    world.parts = process(world)
    return world


def process(world: World) -> Parts:
    """What another process would have: its own clients, and nothing remembered."""
    parts = Parts(world.settings, clock=world.clock.now, machine=world.machine)
    settings = world.settings.model_copy(update={"xero_tenant_id": parts.tenant_id})
    parts.procore = procore_client.connect(settings, None, world.wire, parts.login("procore"), machine=world.machine)
    parts.xero = xero_client.connect(settings, None, world.wire, parts.login("xero"), machine=world.machine)
    for api in (parts.procore.api, parts.xero.api):
        api._sleep = world.clock.advance
    world._made.append(parts)
    return parts
