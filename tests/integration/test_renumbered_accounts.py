"""Accounts that a person gives other codes in Xero: what was sent stays theirs, and no cost goes to another one."""

from __future__ import annotations

import pytest

from tests.integration.audited import account_id
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import CONTRACT_ID, PROJECT_ID, a_claim, a_payment, a_seed
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.holds import Outcome

#: Longer than what was read of the chart serves.
LATER = 7 * 3600
OLD, NEW = 'S = "320"', 'S = "321"'


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    """One claim on account 320, which is called 321 now."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    renumber(world, "320", "321")
    return world


def renumber(world: World, before: str, now: str) -> None:
    world.xero_edit("accounts", account_id(world, before), Code=now)


def a_pass(world: World) -> None:
    world.clock.advance(LATER)
    world.whole_pass()


def on(world: World, number: str) -> list[str]:
    return [line["AccountCode"] for line in world.bill(number)["LineItems"]]


def test_what_changes_stays_on_its_account(world: World) -> None:
    """Whether the mapping file has the new code yet or not; nobody edited the bill."""
    for day, mapping in (("2026-08-01", MAPPING), ("2026-08-02", MAPPING.replace(OLD, NEW))):
        world.mapping_file.write_text(mapping)
        world.procore_edit("requisitions", 11, PROJECT_ID, billing_date=day)
        a_pass(world)
        assert (world.holds(), on(world, "INV-11"), world.bill("INV-11")["Date"]) == ({}, ["321"], day)


@pytest.mark.parametrize("reused", [False, True])
def test_what_is_new_waits_until_the_mapping_file_has_the_new_code(world: World, reused: bool) -> None:
    """Also where another account has the old code by now: nobody can tell which of the two is meant."""
    if reused:
        renumber(world, "429", "320")
    world.enter("requisitions", a_claim(12))
    a_pass(world)
    assert world.holds() == {"claim 12": "reference_unusable"}
    assert "'Subcontractors', which is 321 now" in world.sentences()["claim 12"]
    world.mapping_file.write_text(MAPPING.replace(OLD, NEW))
    a_pass(world)
    assert (world.holds(), on(world, "INV-12")) == ({}, ["321"])


def test_who_names_both_means_the_one_that_has_the_code(world: World) -> None:
    """The file knows of the new code, and of the line with the old one somebody has said that it is meant so."""
    renumber(world, "429", "320")
    named = MAPPING.replace('M = "325"', 'M = "321"')
    world.mapping_file.write_text(named)
    world.enter("requisitions", a_claim(12))
    a_pass(world)
    assert world.holds() == {"claim 12": "reference_unusable"}
    world.mapping_file.write_text(named.replace(OLD, f"{OLD}  # Advertising now"))
    a_pass(world)
    assert (world.holds(), on(world, "INV-12")) == ({}, ["320"])
    assert on(world, "INV-11") == ["321"]


def swapped(a_world: MakeWorld) -> World:
    """Two accounts of the mapping file have each other's code."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    renumber(world, "320", "999")
    renumber(world, "325", "320")
    renumber(world, "999", "325")
    world.enter("requisitions", a_claim(12))
    a_pass(world)
    return world


@pytest.mark.parametrize(
    ("file", "account"),
    [
        (MAPPING.replace(OLD, 'S = "325"').replace('M = "325"', 'M = "320"'), "325"),
        (MAPPING.replace(OLD, f"{OLD}  # yes"), "320"),
    ],
    ids=["as they were", "as they are called now"],
)
def test_two_accounts_that_change_codes_wait_until_somebody_has_looked_at_their_lines(
    a_world: MakeWorld, file: str, account: str
) -> None:
    """It names both codes, as it did before: nobody can tell which account is meant by which."""
    world = swapped(a_world)
    assert world.holds() == {"claim 12": "reference_unusable"}
    assert "as they are called now, put a remark behind the code there" in world.sentences()["claim 12"]
    world.mapping_file.write_text(f'{MAPPING}\n[documents]\nsame_number = "hold"  # says nothing of accounts\n')
    a_pass(world)
    assert world.holds() == {"claim 12": "reference_unusable"}
    world.mapping_file.write_text(file)
    a_pass(world)
    assert (world.holds(), on(world, "INV-12"), on(world, "INV-11")) == ({}, [account], ["325"])


def test_a_payment_is_not_taken_for_edited(a_world: MakeWorld) -> None:
    """Its bank account has another code, and what moved in Xero is looked at."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")])
    world = a_synced_world(a_world, seed, watch_xero=True)
    renumber(world, "090", "095")
    world.mapping_file.write_text(MAPPING.replace('"090"', '"095"'))
    world.enter("contract_payments", a_payment(72, 11, "20.00"))
    a_pass(world)
    a_pass(world)
    assert (world.holds(), world.holds(Outcome.IGNORED)) == ({}, {})


def test_a_payment_that_changes_is_made_again_from_its_account(a_world: MakeWorld) -> None:
    """Once the mapping file has the new code; nobody edited it."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]))
    renumber(world, "090", "095")
    world.mapping_file.write_text(MAPPING.replace('"090"', '"095"'))
    world.procore_edit("contract_payments", 71, PROJECT_ID, contract_id=CONTRACT_ID, amount="20.00")
    world.clock.advance(18 * 3600)
    a_pass(world)
    assert world.holds() == {}
    assert [row["Amount"] for row in world.documents("payments") if row["Status"] != "DELETED"] == ["20.00"]
