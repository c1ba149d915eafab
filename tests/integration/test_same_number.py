"""A record with the supplier and number of another one of ours: entered anew, moved to another job, or a second one."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.audit import audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, standing
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    an_invoice,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.audit.remedies import What
from worker.holds import Outcome
from worker.ledger.accepted import Acceptance, acknowledge
from worker.ledger.holds import open_holds
from worker.ledger.moved import moves

VOID = f'{MAPPING}\n[documents]\ndeleted_in_procore = "void"\n'
OTHER, OTHER_NUMBER = 311, "24-018"


def sent(a_world: MakeWorld, mapping: str = VOID, **lists: Any) -> World:
    """Two projects; everything of these lists is in Xero."""
    more: dict[int, dict[str, Any]] = {OTHER: {"cost_codes": [a_cost_code()], "project_vendors": [1]}}
    return a_synced_world(
        a_world, a_seed(projects=[a_project(), a_project(OTHER, OTHER_NUMBER)], more=more, **lists), mapping
    )


def bills(world: World, number: str = "INV-7") -> list[str]:
    """The statuses of the bills of this number."""
    return [row["Status"] for row in world.documents("invoices") if row["InvoiceNumber"] == number]


def enter_anew(world: World, collection: str) -> None:
    """Claim 11, or invoice 11, is deleted and entered once more under its number."""
    row = (
        a_claim(12, invoice_number="INV-7") if collection == "requisitions" else an_invoice(12, invoice_number="INV-7")
    )
    world.procore_delete(collection, 11, PROJECT_ID)
    world.enter(collection, row)


CLAIMS: dict[str, Any] = {"claims": [a_claim(11, invoice_number="INV-7"), a_claim(13)]}
INVOICES: dict[str, Any] = {"invoices": [an_invoice(11, invoice_number="INV-7"), an_invoice(13)]}
KINDS = pytest.mark.parametrize(
    ("collection", "lists", "name"), [("requisitions", CLAIMS, "claim"), ("direct_costs", INVOICES, "invoice")]
)


# --- gone ----------------------------------------------------------------------------------------------------------


@KINDS
def test_entered_anew_its_bill_goes_first(a_world: MakeWorld, collection: str, lists: Any, name: str) -> None:
    """In one job the old bill is voided and the new one made, in this order; at no moment there are two."""
    world = sent(a_world, **lists)
    since = world.last()
    enter_anew(world, collection)
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["VOIDED", "AUTHORISED"])
    assert [entry["method"] for entry in world.writes(since)] == ["POST", "PUT"]
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert (world.writes(since), world.holds()) == ([], {})


@KINDS
def test_with_hold_both_are_held(a_world: MakeWorld, collection: str, lists: Any, name: str) -> None:
    """The mapping file leaves the old bill to a person; once that is voided the new one goes."""
    world = sent(a_world, MAPPING, **lists)
    enter_anew(world, collection)
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {f"{name} 11": "changed_after_sending", f"{name} 12": "number_twice"}
    world.xero_edit("Invoices", world.bill("INV-7")["InvoiceID"], Status="VOIDED")
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["VOIDED", "AUTHORISED"])


def test_out_of_sight_both_are_held(a_world: MakeWorld) -> None:
    """The old claim cannot be read: nothing proves that it is gone, whatever the mapping file says of its number."""
    world = sent(a_world, f'{VOID}same_number = "send"\n', **CLAIMS)
    enter_anew(world, "requisitions")
    world.procore_fault("status", "/requisitions/11$", status=403, times=9)
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"claim 11": "out_of_sight", "claim 12": "number_twice"}
    assert bills(world) == ["AUTHORISED"]


def test_entered_anew_with_its_payment(a_world: MakeWorld) -> None:
    """The payment on the old claim is gone, too, though the contract's total is what it was: nothing is paid twice."""
    world = sent(a_world, payments=[a_payment(71, 11, "50.00")], **CLAIMS)
    enter_anew(world, "requisitions")
    world.procore_delete("contract_payments", 71, PROJECT_ID)
    world.enter("contract_payments", a_payment(72, 12, "50.00"))
    for _ in range(2):
        world.whole_pass()
        assert len(standing(world)) <= 1
        assert bills(world).count("AUTHORISED") == 1
    assert (world.holds(), bills(world), standing(world)) == ({}, ["VOIDED", "AUTHORISED"], ["50.00"])


def test_a_credit_note_entered_anew(a_world: MakeWorld) -> None:
    """As a bill."""
    world = sent(a_world, claims=[a_claim(11, "-20.00", invoice_number="CN-7"), a_claim(13)])
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.enter("requisitions", a_claim(12, "-20.00", invoice_number="CN-7"))
    world.whole_pass()
    assert world.holds() == {}
    assert [row["Status"] for row in world.documents("credit_notes")] == ["VOIDED", "AUTHORISED"]


# --- moved to another job ------------------------------------------------------------------------------------------


def test_moved_to_another_job(a_world: MakeWorld) -> None:
    """The other project's own job takes the old bill out, as that project's rules say; then the new one goes."""
    world = sent(a_world, **INVOICES)
    world.procore_delete("direct_costs", 11, PROJECT_ID)
    world.enter("direct_costs", an_invoice(12, invoice_number="INV-7"), OTHER)
    world.run(OTHER_NUMBER)
    assert world.holds() == {"invoice 11": "number_twice", "invoice 12": "number_twice"}
    assert bills(world) == ["AUTHORISED"]
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["VOIDED", "AUTHORISED"])


def test_moved_to_another_job_out_of_sight(a_world: MakeWorld) -> None:
    """It was the only one there: its own job cannot tell, so both stay held until a person says it."""
    world = sent(a_world, invoices=[an_invoice(11, invoice_number="INV-7")])
    world.procore_delete("direct_costs", 11, PROJECT_ID)
    world.enter("direct_costs", an_invoice(12, invoice_number="INV-7"), OTHER)
    for _ in range(3):
        world.whole_pass()
    assert world.holds() == {"invoice 11": "out_of_sight", "invoice 12": "number_twice"}
    assert bills(world) == ["AUTHORISED"]


# --- two of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [PROJECT_ID, OTHER])
def test_both_are_held_while_both_stand(a_world: MakeWorld, where: int) -> None:
    """With one hold each, however many passes go by; both go when one of them has a number of its own."""
    world = sent(a_world, **INVOICES)
    since = world.last()
    world.enter("direct_costs", an_invoice(12, "70.00", invoice_number="INV-7"), where)
    world.whole_pass()
    first = {hold.id for hold in open_holds(world.parts.engine)}
    assert world.holds() == {"invoice 11": "number_twice", "invoice 12": "number_twice"}
    job, other = (JOB_NUMBER, JOB_NUMBER) if where == PROJECT_ID else (OTHER_NUMBER, JOB_NUMBER)
    assert world.sentences()["invoice 12"] == (
        f"Its supplier and number are also those of invoice 11 of {other}, and Procore still shows that one. In Xero "
        "stands bill INV-7 of Supplier 1, 50.00 AUD."
    )
    assert f"those of invoice 12 of {job}, and that is not sent for it" in world.sentences()["invoice 11"]
    for _ in range(2):
        world.clock.advance(DAY)
        world.whole_pass()
    assert {hold.id for hold in open_holds(world.parts.engine)} == first
    assert world.writes(since) == []
    world.enter("direct_costs", an_invoice(12, "70.00", invoice_number="INV-8"), where)
    for _ in range(2):
        world.whole_pass()
    assert (world.holds(), bills(world), bills(world, "INV-8")) == ({}, ["AUTHORISED"], ["AUTHORISED"])


@pytest.mark.parametrize("where", [PROJECT_ID, OTHER])
def test_the_mapping_file_lets_both_go(a_world: MakeWorld, where: int) -> None:
    """Where suppliers begin each contract with number 1."""
    world = sent(a_world, f'{VOID}same_number = "send"\n', **INVOICES)
    world.enter("direct_costs", an_invoice(12, "70.00", invoice_number="INV-7"), where)
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["AUTHORISED", "AUTHORISED"])


# --- one invoice in two jobs, or as two kinds ---------------------------------------------------------------------


def enter_too(world: World, where: int) -> None:
    """The invoice of claim 11 once more: as a direct cost of its job, or of another one."""
    world.enter("direct_costs", an_invoice(12, "100.00", invoice_number="INV-7"), where)


WHERE = pytest.mark.parametrize(("where", "job"), [(PROJECT_ID, JOB_NUMBER), (OTHER, OTHER_NUMBER)])


@WHERE
def test_of_one_amount_both_go_and_are_named(a_world: MakeWorld, where: int, job: str) -> None:
    """In the job's line, and so in history; by `problems`; and in the report, beside what was created."""
    world = sent(a_world, **CLAIMS)
    enter_too(world, where)
    world.discover()
    line = world.run_all()[job].line
    assert (world.holds(), bills(world)) == ({}, ["AUTHORISED", "AUTHORISED"])
    both = "Supplier 1, INV-7 (invoice 12, with the number and amount of claim 11 of 24-017)"
    assert line.endswith(f"; 1 sent that may be another one: {both}")
    said = "It went with the supplier, number and amount of claim 11 of 24-017, INV-7 for 100.00 AUD before tax: "
    assert world.sentences(Outcome.IGNORED)["invoice 12"].startswith(said)
    assert [move.what for move in moves(world.parts.engine, [world.job(job).id])] == [
        "with the number and amount of claim 11 of 24-017"
    ]
    world.clock.advance(DAY)
    world.discover()
    assert "another one" not in world.run_all()[job].line
    assert world.holds(Outcome.IGNORED) == {"invoice 12": "sent_twice"}


@WHERE
def test_the_audit_names_it_once(a_world: MakeWorld, where: int, job: str) -> None:
    """At one of the two, with what the other one is; no more when it was accepted, or the wrong one is gone."""
    world = sent(a_world, **CLAIMS)
    enter_too(world, where)
    world.whole_pass()
    (one,) = audit_books(world.parts).differences
    assert (one.title, one.whats) in [
        ("invoice 12", (What.SAME_RECORD_TWICE,)),
        ("claim 11", (What.SAME_RECORD_TWICE,)),
    ]
    other = "claim 11" if one.title == "invoice 12" else "invoice 12"
    assert f"supplier, number and amount of {other}, too (bill INV-7 of Supplier 1" in one.sentence
    said = Acceptance("Joan", world.clock.now(), "two deliveries")
    acknowledge(world.parts.engine, one.job_number, [(one.id, one.title, one.sentence)], said)
    assert audit_books(world.parts).differences == []
    world.procore_delete("direct_costs", 12, where)
    (row,) = [one for one in world.documents("invoices") if str(one["Url"]).endswith("/direct_costs/12")]
    world.xero_edit("invoices", row["InvoiceID"], Status="VOIDED")
    assert (audit_books(world.parts).shown, sorted(bills(world))) == ([], ["AUTHORISED", "VOIDED"])


@WHERE
def test_with_hold_none_of_them_goes(a_world: MakeWorld, where: int, job: str) -> None:
    """The setting: both wait for a person."""
    world = sent(a_world, f'{VOID}same_number = "hold"\n', **CLAIMS)
    enter_too(world, where)
    world.whole_pass()
    assert world.holds() == {"claim 11": "number_twice", "invoice 12": "number_twice"}
    assert bills(world) == ["AUTHORISED"]


def test_two_claims_of_one_amount_in_a_job_wait(a_world: MakeWorld) -> None:
    """The claim may have been entered anew, and the old one be deleted later: at no moment are there two bills."""
    world = sent(a_world, **CLAIMS)
    world.enter("requisitions", a_claim(12, invoice_number="INV-7"))
    world.whole_pass()
    assert world.holds() == {"claim 11": "number_twice", "claim 12": "number_twice"}
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.whole_pass()
    assert (world.holds(), bills(world)) == ({}, ["VOIDED", "AUTHORISED"])


@pytest.mark.parametrize("change", ["date", "number", "other"])
def test_what_is_named_stays_so_while_both_are_as_they_were(a_world: MakeWorld, change: str) -> None:
    """Another date changes nothing of it; another number, or the end of the other one, does."""
    world = sent(a_world, **CLAIMS)
    enter_too(world, PROJECT_ID)
    world.whole_pass()
    since = world.last()
    number, on = ("INV-8", {}) if change == "number" else ("INV-7", {"direct_cost_date": "2026-07-03"})
    if change == "other":
        world.procore_delete("requisitions", 11, PROJECT_ID)
    else:
        world.enter("direct_costs", an_invoice(12, "100.00", invoice_number=number, **on), PROJECT_ID)
    for _ in range(2):
        world.clock.advance(DAY)
        world.whole_pass()
        assert ("sent_twice" in world.holds(Outcome.IGNORED).values()) == (change == "date")
    assert len(world.writes(since)) == 1
