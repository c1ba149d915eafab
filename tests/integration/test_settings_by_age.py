"""Xero's settings serve the jobs of later passes, and never hold or send what fresh ones would not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.test_locked_periods import lock
from tests.integration.test_shared_requests import xero_calls
from tests.integration.world import World

MINUTE, HOUR, DAY = 60, 3600, 25 * 3600
#: What a pass with one new claim asks beside its settings: the options, two looks for the bill, and the bill.
EVER = {"GET TrackingCategories": 1, "GET Invoices": 2, "PUT Invoices": 1}
LOCK_DATES = {"GET Organisation": 1}
ACCOUNTS = {**LOCK_DATES, "GET Accounts": 1}
ALL = {**ACCOUNTS, "GET TaxRates": 1, "GET Contacts": 1}


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    """Two claims are in Xero, and their supplier's contact was read with the second one."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    one_more(world, 10)
    return world


def one_more(world: World, id_: int, seconds: float = 10 * MINUTE, **fields: Any) -> None:
    """A claim is approved, and so many seconds after the last pass there is another one."""
    world.clock.advance(seconds)
    world.enter("requisitions", a_claim(id_, **fields))
    world.whole_pass()


def account(world: World, code: str, **fields: str) -> None:
    row = next(row for row in world.sandbox.dump()["xero"]["accounts"] if row["Code"] == code)
    world.xero_edit("accounts", row["AccountID"], **fields)


@pytest.mark.parametrize(
    ("seconds", "read"), [(4 * MINUTE, {}), (30 * MINUTE, LOCK_DATES), (7 * HOUR, ACCOUNTS), (DAY, ALL)], ids=str
)
def test_settings_are_read_when_they_are_too_old(world: World, seconds: int, read: dict[str, int]) -> None:
    """Lock dates after five minutes, accounts after six hours, the rest after a day."""
    since = world.last()
    one_more(world, 12, seconds)
    assert xero_calls(world, since) == {**EVER, **read}


def test_a_person_who_starts_a_job_has_them_read(world: World) -> None:
    """What was changed in Xero a moment ago counts then."""
    world.clock.advance(10 * MINUTE)
    world.enter("requisitions", a_claim(12))
    since = world.last()
    world.run(JOB_NUMBER)
    assert xero_calls(world, since) == {**EVER, **ALL}


def test_nothing_is_held_by_what_was_read_before(world: World) -> None:
    """An account is archived when it is looked at, and in use again ten minutes later: the next pass sees that."""
    account(world, "320", Status="ARCHIVED")
    one_more(world, 12, DAY)
    assert world.holds() == {"claim 12": "reference_unusable"}
    account(world, "320", Status="ACTIVE")
    one_more(world, 13)
    assert (world.holds(), len(world.books()["bills"])) == ({}, 4)


def test_what_xero_refuses_is_checked_by_fresh_settings(world: World) -> None:
    """An account that was archived since: the bill goes once, and is held as one of before would be."""
    account(world, "320", Status="ARCHIVED")
    since = world.last()
    one_more(world, 12)
    assert world.holds() == {"claim 12": "reference_unusable"}
    assert len(world.writes(since)) == 1


def test_what_fresh_settings_do_not_explain_is_held_in_xeros_words(world: World) -> None:
    """And it is sent once."""
    world.wire.before("PUT", "/Invoices", world.spoil("Invoices", Date="2000-01-01"))
    since = world.last()
    one_more(world, 12)
    assert world.holds() == {"claim 12": "rejected"}
    assert len(world.writes(since)) == 1


def test_a_bill_is_not_changed_by_lock_dates_of_before(world: World) -> None:
    """Ten minutes after they were read a person has locked the bill's period: it stays as it is."""
    lock(world, "2026-07-31")
    world.clock.advance(10 * MINUTE)
    since = world.last()
    world.enter("requisitions", a_claim(11, "120.00"))
    world.whole_pass()
    assert world.writes(since) == []
    assert list(world.holds()) == ["claim 11"]


def test_nothing_is_posted_behind_a_lock_date_that_xero_does_not_hold_us_to(world: World) -> None:
    """A month was closed ten minutes ago, and the app was connected by an adviser, who may post in it: it is not."""
    world.xero_switch(is_adviser=True)
    lock(world, "2026-07-31")
    one_more(world, 12)
    assert (world.holds(), len(world.books()["bills"])) == ({"claim 12": "locked_period"}, 2)


def test_lock_dates_serve_all_bills_that_a_job_changes(world: World) -> None:
    """They are asked of the ledger once in five minutes, and not again for each bill."""
    asked: Counter[int] = Counter()

    def count(_c: object, _cu: object, _statement: str, parameters: object, _x: object, _m: object) -> None:
        asked[changed] += "organisation" in str(parameters)

    event.listen(world.parts.engine, "before_cursor_execute", count)
    for changed in (1, 2):
        world.clock.advance(10 * MINUTE)
        for id_ in (10, 11)[:changed]:
            world.enter("requisitions", a_claim(id_, f"12{changed}.00"))
        world.whole_pass()
    event.remove(world.parts.engine, "before_cursor_execute", count)
    assert (world.holds(), asked[1]) == ({}, asked[2])
