"""What Xero refuses and a contact does without: it is made all the same, and a person can see what is missing."""

from __future__ import annotations

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_contact, a_seed, a_vendor
from tests.integration.world import World
from worker.cli import problems
from worker.holds import Outcome


def missing(world: World) -> list[str]:
    """What `procore-xero problems` lists as left out."""
    return [f"{hold.title}: {hold.sentence}" for _, hold in problems.left_out(world.parts)]


def test_an_address_that_xero_refuses_is_left_out_and_said(a_world: MakeWorld) -> None:
    """The contact is made without it, its claim goes, the job is green, and a person can see what is missing."""
    vendor = a_vendor(email_address="büro@example.com", abn="51 824 753 556")
    world = a_world(a_seed(vendors=[vendor], claims=[a_claim(11)]))
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), world.job(JOB_NUMBER).state) == ({}, "done")
        assert len(missing(world)) == 1
        assert missing(world)[0].startswith("vendor Supplier 1: ")
        assert "büro@example.com" in missing(world)[0]
    (contact,) = world.documents("contacts")
    assert (contact["EmailAddress"], contact["TaxNumber"]) == ("", "51824753556")
    assert "left_out" not in world.job(JOB_NUMBER).counts
    ((_, notice),) = problems.left_out(world.parts)
    assert contact["ContactID"] in notice.xero_url


def test_an_unchanged_pass_says_it_without_writing(a_world: MakeWorld) -> None:
    """What is said already is not written down again."""
    world = a_world(a_seed(vendors=[a_vendor(email_address="büro@example.com")]))
    world.whole_pass()
    with world.sql_writes() as seen:
        world.run(JOB_NUMBER)
    assert seen["holds"] == 0


def test_it_goes_when_the_address_is_corrected_or_removed(a_world: MakeWorld) -> None:
    """Corrected, the address is in Xero; removed, there is nothing to say."""
    vendors = [a_vendor(1, email_address="büro@example.com"), a_vendor(2, email_address="käse@example.com")]
    world = a_world(a_seed(vendors=vendors))
    world.whole_pass()
    assert len(missing(world)) == 2
    world.procore_edit("vendors", 1, email_address="buero@example.com")
    world.procore_edit("vendors", 2, email_address="")
    world.whole_pass()
    assert missing(world) == []
    assert world.holds(Outcome.IGNORED) == {}
    assert {row["EmailAddress"] for row in world.documents("contacts")} == {"buero@example.com", ""}


def test_nothing_is_left_out_of_an_adopted_contact(a_world: MakeWorld) -> None:
    """Its fields are a person's: nothing was to be written, so nothing is missing."""
    vendor = a_vendor(email_address="büro@example.com")
    world = a_world(a_seed(vendors=[vendor], contacts=[a_contact(5, "Supplier 1")]))
    for _ in range(2):
        world.whole_pass()
        assert missing(world) == []
