"""New payments of several projects go in one request, and what is not plainly payable is left to its own job."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.breaking import Boundary
from tests.integration.conftest import POSTGRESQL_IS_DEEP, MakeWorld
from tests.integration.seeds import a_claim, a_payment
from tests.integration.test_shared_requests import (
    FIVE,
    FOUR,
    ONE,
    THREE,
    TWO,
    WHEREVER_IT_DIES,
    comes_back,
    dies_with_all_in_its_hands,
    finish,
    job_number,
    new_claims,
    numbers,
    several,
    synced,
    xero_calls,
)
from tests.integration.world import World
from worker.errors import HandedOver, ProjectBusy


def billed(make: Callable[..., World]) -> World:
    """A claim of 100.00 of each of the five projects is in Xero, and a while has passed."""
    world = synced(make, several(5, billed=True))
    assert sorted(bill[1] for bill in world.books()["bills"]) == numbers(FIVE)
    return world


@pytest.fixture
def five(a_world: MakeWorld) -> World:
    """Five projects with a bill each."""
    return billed(a_world)


def pays(world: World, project_ids: Iterable[int], amount: str = "60.00", more: int = 0) -> None:
    for id_ in project_ids:
        row = a_payment(7000 + more + id_, id_, amount, contract_id=5000 + id_)
        world.enter("contract_payments", row, id_)


def handed_over(world: World, project_ids: Iterable[int] = FOUR) -> None:
    world.discover()
    for id_ in project_ids:
        with pytest.raises(HandedOver, match=rf"^1 payment of {job_number(id_)} go"):
            world.run(job_number(id_))
    world.clock.advance(120)


def paid(world: World) -> list[tuple[str, str]]:
    return [(number, amount) for number, amount, _ in world.books()["payments"]]


def all_paid(project_ids: Iterable[int] = FOUR) -> list[tuple[str, str]]:
    return [(number, "60.00") for number in numbers(project_ids)]


def test_new_payments_of_a_pass_go_in_one_request(five: World) -> None:
    """Four projects with one each cost a look at their bills and one write; each job counts its own."""
    pays(five, FOUR)
    handed_over(five)
    since = five.last()
    reports = comes_back(five)
    assert xero_calls(five, since) == {"GET Invoices": 1, "PUT Payments": 1}
    assert (paid(five), five.holds()) == (all_paid(), {})
    sent = {id_: report.counts.get("payments", {}).get("sent", 0) for id_, report in reports.items()}
    assert sent == {**dict.fromkeys(FOUR, 1), FIVE[-1]: 0}


def test_claims_and_payments_of_a_pass_take_few_calls(five: World) -> None:
    """Some projects have a new claim and others a payment: two looks and a write of bills, one of each of payments."""
    new_claims(five, [])
    for id_ in (ONE, TWO):
        five.enter("requisitions", a_claim(1000 + id_, "40.00", commitment_id=5000 + id_), id_)
    pays(five, FOUR[2:])
    since = five.last()
    five.whole_pass()
    calls = xero_calls(five, since)
    assert {name: number for name, number in calls.items() if name.endswith(("Invoices", "Payments"))} == {
        "GET Invoices": 3,
        "PUT Invoices": 1,
        "PUT Payments": 1,
    }
    assert (paid(five), len(five.books()["bills"])) == (all_paid(FOUR[2:]), 7)


def test_payments_of_projects_with_claims_go_together_after_these(five: World) -> None:
    """A project's payments come after its claims: they wait once more, and the job comes back a second time."""
    for id_ in FOUR:
        five.enter("requisitions", a_claim(1000 + id_, "40.00", commitment_id=5000 + id_), id_)
    pays(five, FOUR)
    since = five.last()
    five.whole_pass()
    calls = xero_calls(five, since)
    assert (calls["PUT Invoices"], calls["PUT Payments"], calls["GET Invoices"]) == (1, 1, 3)
    assert (paid(five), len(five.books()["bills"]), five.holds()) == (all_paid(), 9, {})
    assert {five.job(job_number(id_)).attempt for id_ in FOUR} == {2, 3}


@pytest.mark.parametrize("what", ["paid by hand", "voided", "too much"])
def test_what_is_not_plainly_payable_is_left_to_its_own_job(five: World, what: str) -> None:
    """A person has paid the bill, or voided it, or less is due: the others go, and its own job holds that one."""
    pays(five, FOUR)
    if what == "too much":
        pays(five, [TWO], "200.00")
    handed_over(five)
    bill = five.bill(f"INV-{TWO}")
    if what == "paid by hand":
        paying = {"Invoice": {"InvoiceID": bill["InvoiceID"]}, "Account": {"Code": "090"}}
        five.type_in_xero("Payments", {**paying, "Date": "2026-08-14", "Amount": 60})
    if what == "voided":
        five.xero_edit("invoices", bill["InvoiceID"], Status="VOIDED")
    since = five.last()
    comes_back(five, [ONE])
    ours = [one for one in paid(five) if one[0] != f"INV-{TWO}"]
    assert ours == all_paid([id_ for id_ in FOUR if id_ != TWO])
    comes_back(five, [id_ for id_ in FOUR if id_ != ONE])
    assert list(five.holds()) == [f"payment {7000 + TWO}"]
    assert len(five.writes(since, "/Payments")) == (2 if what == "voided" else 1)  # in Xero's own words


def test_two_on_one_bill_go_as_far_as_it_is_due(five: World) -> None:
    """Two payments of one project that come to more than its bill: one goes along, and the other is held."""
    pays(five, [ONE, TWO])
    pays(five, [TWO], "70.00", more=1000)
    five.discover()
    for id_ in (ONE, TWO):
        with pytest.raises(HandedOver):
            five.run(job_number(id_))
    five.clock.advance(120)
    comes_back(five, [ONE])
    assert paid(five) == all_paid([ONE, TWO])
    comes_back(five, [TWO])
    assert (paid(five), list(five.holds())) == (all_paid([ONE, TWO]), [f"payment {8000 + TWO}"])


def test_one_that_is_refused_is_its_own_jobs(five: World) -> None:
    """Xero takes the others; the refused one goes alone, and nothing goes twice."""
    pays(five, FOUR)
    handed_over(five)
    five.wire.before("PUT", "/Payments", five.spoil("Payments", 2, Date="2000-01-01"))
    comes_back(five)
    assert (paid(five), five.holds()) == (all_paid(), {})
    assert len(five.writes(path="/Payments")) == 2


def test_a_request_that_is_refused_is_split(five: World) -> None:
    """Refused as a whole, it is looked up; then each job sends its own."""
    pays(five, FOUR)
    handed_over(five)
    five.fault("status", "PUT", "/Payments", status=400)
    comes_back(five)
    assert (paid(five), five.holds()) == (all_paid(), {})


def test_a_payment_that_changes_while_it_waits_is_paid_once(five: World) -> None:
    """It went along as it was, and its own job replaces it by what it is now."""
    pays(five, FOUR)
    handed_over(five)
    pays(five, [TWO], "80.00")
    comes_back(five)
    live = [row for row in five.documents("payments") if row["Status"] != "DELETED"]
    assert sorted(row["Amount"] for row in live) == ["60.00", "60.00", "60.00", "80.00"]


# --- whoever dies, and wherever --------------------------------------------------------------------------------------


@WHEREVER_IT_DIES
@POSTGRESQL_IS_DEEP
def test_killed_with_payments_of_four_projects_in_its_hands(
    tmp_path: Path, database_url: str, boundary: Boundary, pause_s: float, first: int
) -> None:
    """Whichever job comes next, each payment is there once and each job ends well."""
    world = billed(lambda seed, **more: World(seed, database_url, tmp_path, **more))
    pays(world, FOUR)
    dies_with_all_in_its_hands(world, "payments", boundary, pause_s, first, handed_over)
    assert (paid(world), world.holds()) == (all_paid(), {})
    assert {world.job(job_number(id_)).state for id_ in FIVE} == {"done"}
    world.close()


def test_two_workers_at_once_pay_each_once(five: World) -> None:
    """While a request with payments of four is on its way, their own jobs and the one that sends come to another
    worker."""
    pays(five, FOUR)
    handed_over(five)
    others = five.more_parts()

    def meanwhile(_: Any) -> None:
        for id_ in (TWO, THREE):
            with pytest.raises(ProjectBusy):
                five.run(job_number(id_), others)

    five.wire.before("PUT", "/Payments", meanwhile)
    comes_back(five, [ONE])
    five.clock.advance(60)
    finish(five, TWO)
    assert (paid(five), five.holds()) == (all_paid(), {})
    assert len(five.writes(path="/Payments")) == 1
