"""What a claim states as due is read in one way for the company, and its retention has to roll forward."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, Row, a_claim, a_contract, a_project, a_seed, an_item
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.cli import doctor
from worker.holds import HoldCode

WITH, WITHOUT = "with_tax", "without_tax"


def held_back(amount: str) -> dict[str, Any]:
    return {"work_completed_retainage_retained_this_period": amount}


def stated(id: int, reading: str, work: str = "1000.00", **foot: Any) -> Row:
    """A claim of 1,000.00 of which nothing is withheld, or as `foot` says; its tax is 100.00."""
    due = "1100.00" if reading == WITH else "1000.00"
    summary = {"current_payment_due": due, "tax_applicable_to_this_payment": "100.00", **foot}
    return a_claim(id, items=[an_item(work)], summary=summary)


def without_columns(id: int) -> Row:
    """Stated with tax: 1,000.00 of work, 100.00 withheld and 100.00 of tax. The lines lack what is withheld."""
    return stated(id, WITHOUT, total_retainage="100.00")


def ruled(world: World, due: str) -> World:
    world.mapping_file.write_text(f'{MAPPING}\n[claims]\ndue = "{due}"\n')
    return world


@pytest.mark.parametrize("reading", [WITH, WITHOUT])
def test_the_first_claims_show_it(a_world: MakeWorld, reading: str) -> None:
    """Nobody has to say it where the claims do; the next one is held to it."""
    world = a_synced_world(a_world, a_seed(claims=[stated(11, reading), stated(12, reading)]))
    assert world.holds() == {}
    assert [row["Total"] for row in world.documents("invoices")] == ["1100.00"] * 2
    other = WITHOUT if reading == WITH else WITH
    world.enter("requisitions", stated(13, other))
    world.whole_pass()
    assert world.holds() == {"claim 13": "totals_differ"}
    assert "as the company's claims show" in world.sentences()["claim 13"]


def test_a_commitment_that_was_begun_elsewhere(a_world: MakeWorld) -> None:
    """Its first claim here has no claim before it, and its lines say what was held back by then."""
    item = an_item("1000.00", **held_back("50.00"), work_completed_retainage_from_previous_application="150.00")
    foot = {"current_payment_due": "950.00", "tax_applicable_to_this_payment": "95.00", "total_retainage": "200.00"}
    world = a_world(a_seed(claims=[a_claim(11, "950.00", items=[item], summary=foot, previous_requisition_id=None)]))
    world.whole_pass()
    assert (world.holds(), world.bill("INV-11")["Total"]) == ({}, "1045.00")


def test_a_claim_without_its_retention_columns_is_not_booked_for_more(a_world: MakeWorld) -> None:
    """1,000.00 are due with tax in it: neither 1,000.00 and tax go, nor 900.00 by a guess, until Procore is right."""
    world = a_world(a_seed(claims=[without_columns(11)]))
    world.whole_pass()
    assert (world.holds(), world.documents("invoices")) == ({"claim 11": "retention_differs"}, [])
    assert world.sentences()["claim 11"] == (
        "Its retention does not add up: 0.00 AUD held back before it, 0.00 AUD withheld and 0.00 AUD released in it "
        "come to 0.00 AUD, but it states 100.00 AUD."
    )
    items = [an_item("1000.00", **held_back("100.00"))]
    foot = {"current_payment_due": "990.00", "tax_applicable_to_this_payment": "90.00", "total_retainage": "100.00"}
    world.procore_edit("requisitions", 11, PROJECT_ID, items=items, summary=foot)
    world.whole_pass()
    assert (world.holds(), world.bill("INV-11")["Total"]) == ({}, "990.00")


def test_what_nothing_shows_is_held_until_somebody_says_it(a_world: MakeWorld) -> None:
    """A foot that says nothing of retention leaves two figures, and the mapping file chooses."""
    world = a_world(a_seed(claims=[stated(11, WITHOUT, total_retainage=None)]))
    world.whole_pass()
    assert world.holds() == {"claim 11": "due_unclear"}
    assert world.sentences()["claim 11"] == HoldCode.DUE_UNCLEAR.sentence(
        due="1,000.00 AUD", tax="100.00 AUD", without="1,000.00 AUD", inside="900.00 AUD",
        why="nothing shows yet which of the two the company means",
    )  # fmt: skip
    ruled(world, WITH).whole_pass()
    assert world.holds() == {"claim 11": "totals_differ"}
    ruled(world, WITHOUT).whole_pass()
    assert (world.holds(), world.bill("INV-11")["Total"]) == ({}, "1100.00")


def test_claims_that_contradict_each_other_are_held_until_somebody_says_it(a_world: MakeWorld) -> None:
    """No majority decides; what has no tax goes."""
    plain = a_claim(14, items=[an_item("50.00", taxes=[])], summary={"current_payment_due": "50.00"})
    world = a_world(a_seed(claims=[stated(11, WITH), stated(12, WITHOUT), stated(13, WITHOUT), plain]))
    world.whole_pass()
    assert world.holds() == {f"claim {number}": "due_unclear" for number in (11, 12, 13)}
    assert "24-017 claim 11 shows that it is with its tax in it" in world.sentences()["claim 12"]
    ruled(world, WITHOUT).whole_pass()
    assert world.holds() == {"claim 11": "totals_differ"}


def test_one_project_shows_it_for_the_next(a_world: MakeWorld) -> None:
    """It is the company's; a plan knows it, too."""
    claim = stated(21, WITHOUT, total_retainage=None) | {"commitment_id": 601}
    own: dict[str, list[Any]] = {"project_vendors": [1], "work_order_contracts": [a_contract(601)]}
    more = {320: {**own, "requisitions": [claim]}}
    world = a_world(a_seed(projects=[a_project(), a_project(320, "24-020")], claims=[stated(11, WITHOUT)], more=more))
    world.discover()
    world.run(JOB_NUMBER)
    assert {step.action for step in plan(world.parts, "24-020")[0].steps if step.kind == "claims"} == {"create"}
    world.run("24-020")
    assert world.holds() == {}


def test_what_stands_is_not_judged_anew(a_world: MakeWorld) -> None:
    """A setting that is changed later holds what changes in Procore, and no bill that is as it was."""
    world = a_synced_world(a_world, a_seed(claims=[stated(11, WITHOUT), stated(12, WITHOUT)]))
    world.clock.advance(DAY)
    ruled(world, WITH).whole_pass()
    assert world.holds() == {}
    world.procore_edit("requisitions", 12, PROJECT_ID, invoice_number="INV-12b")
    world.whole_pass()
    assert world.holds() == {"claim 12": "totals_differ"}


def a_chain(*totals: str | None) -> list[Row]:
    """Claims that withhold 10.00 of 100.00 each, in the order of their commitment, whose feet say these totals."""
    rows = []
    for number, total in enumerate(totals, 11):
        foot = {"current_payment_due": "90.00", "tax_applicable_to_this_payment": "9.00", "total_retainage": total}
        rows.append(a_claim(number, items=[an_item("100.00", **held_back("10.00"))], summary=foot))
    return rows


def test_retention_rolls_forward_from_claim_to_claim(a_world: MakeWorld) -> None:
    """The claim that does not add up waits with all four figures, and so does what stands on it."""
    world = a_world(a_seed(claims=a_chain("10.00", "20.00", "31.00")))
    world.whole_pass()
    assert world.holds() == {"claim 13": "retention_differs"}
    assert world.sentences()["claim 13"].startswith(
        "Its retention does not add up: 20.00 AUD held back before it (claim 12), 10.00 AUD withheld and 0.00 AUD "
        "released in it come to 30.00 AUD, but it states 31.00 AUD."
    )
    world.procore_edit("requisitions", 13, PROJECT_ID, summary=a_chain("", "", "30.00")[2]["summary"])
    world.whole_pass()
    assert world.holds() == {}


def test_the_claim_before_is_asked_for_where_the_list_does_not_show_it(a_world: MakeWorld) -> None:
    """Once, from Procore; Xero is asked for nothing more."""
    first, second = a_chain("10.00", "20.00")
    world = a_world(a_seed(claims=[first]))
    for _ in range(2):
        world.whole_pass()
        world.clock.advance(2 * 3600)
    world.enter("requisitions", second)
    mark = len(world.procore_calls("requisitions"))
    world.whole_pass()
    assert world.holds() == {}
    asked = [call["query"] for call in world.procore_calls("requisitions")[mark:]]
    assert [[query[name] for name in query if name.startswith("filters[id]")] for query in asked] == [[], ["11"]]


@pytest.mark.parametrize("said", [{}, {"work_completed_retainage_from_previous_application": "10.00"}])
def test_a_claim_before_that_procore_does_not_show(a_world: MakeWorld, said: dict[str, Any]) -> None:
    """Then its own lines say what was held back before; without them it waits until the right is given."""
    first, second = a_chain("10.00", "20.00")
    second["items"] = [an_item("100.00", **held_back("10.00"), **said)]
    world = a_world(a_seed(claims=[first, second]))
    world.procore_switch(hidden={"requisitions": [11]})
    world.whole_pass()
    if said:
        assert world.holds() == {}
        return
    assert world.holds() == {"claim 12": "retention_differs"}
    assert "(by its own lines: Procore does not say it of claim 11)" in world.sentences()["claim 12"]
    world.procore_switch(hidden={})
    world.whole_pass()
    assert world.holds() == {}


def test_a_claim_before_the_start_is_the_one_before(a_world: MakeWorld) -> None:
    """The opening balance: it is not carried, and says what was held back."""
    first, second = a_chain("10.00", "20.00")
    world = a_world(a_seed(claims=[first | {"billing_date": "2026-06-30"}, second]))
    world.mapping_file.write_text(f"{MAPPING}\n[documents]\nnot_before = 2026-07-01\n")
    world.whole_pass()
    assert (world.holds(), len(world.documents("invoices"))) == ({}, 1)


@pytest.mark.parametrize(
    ("claims", "due", "state", "said", "remedy"),
    [
        ([stated(11, WITH), stated(12, WITH)], "", "ok", "2 claims state what is due with its tax in it", ""),
        ([stated(11, WITHOUT)], "", "ok", "1 claim states what is due before tax (24-017 claim 11)", ""),
        ([stated(11, WITH), stated(12, WITHOUT)], "", "warn", "1 claim states what is due with", 'Set due = "'),
        ([stated(11, WITH)], WITHOUT, "warn", 'the mapping file says "without_tax"', 'Set due = "with_tax"'),
        ([stated(11, WITH)], WITH, "ok", "1 claim states what is due with its tax in it", ""),
        ([without_columns(11)], "", "warn", "1 claim could mean either", 'Set due = "'),
        ([without_columns(11)], WITH, "ok", 'the mapping file says "with_tax"', ""),
        ([], "", "ok", "No claim with tax", ""),
    ],
)  # fmt: skip
def test_the_doctor_shows_what_the_claims_say(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, claims: list[Row], due: str, state: str, said: str, remedy: str
) -> None:
    """Before anything is sent: how many claims show which reading, and what to set where they do not agree."""
    monkeypatch.setattr(doctor, "_broker", lambda parts: "redis-server 7.0")
    monkeypatch.setattr("worker.cli.workers.answering", lambda: ["celery@here"])
    world = a_world(a_seed(claims=claims))
    if due:
        ruled(world, due)
    (found,) = [one for one in doctor.examine(world.parts) if one.about == "Claims"]
    assert (str(found.state), found.remedy[: len(remedy)]) == (state, remedy)
    assert said in found.sentence
