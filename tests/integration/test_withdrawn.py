"""Claims that go back for revision and records that are deleted in Procore, after they were sent."""

from __future__ import annotations

import pytest

from tasks.planning import plan
from tests.examples import each_value
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY, paid, repay, standing
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_cost_code, a_payment, a_seed, an_invoice
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown
from worker.holds import Outcome

VOID = '\n[documents]\ndeleted_in_procore = "void"\n'
SUBMITTED = '\n[documents]\nstatus = "SUBMITTED"\n'


# --- claims that go back -------------------------------------------------------------------------------------------


def back(world: World, status: str = "revise_and_resubmit") -> None:
    world.procore_edit("requisitions", 11, PROJECT_ID, status=status)


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_a_claim_sent_back_waits_while_nobody_approved_its_bill(a_world: MakeWorld, status: str) -> None:
    """The bill stands meanwhile, the job is green, and the bill follows when the claim is approved again."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]), MAPPING + SUBMITTED.replace("SUBMITTED", status))
    back(world)
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), world.holds(Outcome.WAITING)) == ({}, {"claim 11": "sent_back"})
        assert world.job(JOB_NUMBER).state == "done"
    changed = a_claim(11, "120.00")
    world.procore_edit(
        "requisitions", 11, PROJECT_ID, status="approved", summary=changed["summary"], items=changed["items"]
    )
    world.whole_pass()
    assert (world.bill("INV-11")["SubTotal"], world.bill("INV-11")["Status"]) == ("120.00", status)
    assert world.holds(Outcome.WAITING) == {}


@pytest.mark.parametrize("paid_part", [None, "10.00", "110.00"])
def test_a_claim_sent_back_is_held_once_its_bill_is_approved(a_world: MakeWorld, paid_part: str | None) -> None:
    """With both figures; approved again as it was, the hold closes and nothing is sent."""
    world = a_synced_world(
        a_world, a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, paid_part)] if paid_part is not None else [])
    )
    changed = a_claim(11, "90.00")
    world.procore_edit("requisitions", 11, PROJECT_ID, status="revise_and_resubmit", summary=changed["summary"])
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "sent_back_too_late"}
    status = "PAID" if paid_part == "110.00" else "AUTHORISED"
    assert world.sentences()["claim 11"] == (
        f"Its status is 'revise_and_resubmit'. But in Xero its document is {status}, with 100.00 AUD before tax and "
        "110.00 AUD in all; Procore says 90.00 AUD."
    )
    world.enter("requisitions", a_claim(11))
    since = world.last()
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert world.writes(since) == []


def test_a_waiting_claim_is_held_when_its_bill_is_approved_meanwhile(a_world: MakeWorld) -> None:
    """It is looked at in every job."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]), MAPPING + SUBMITTED)
    back(world)
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    world.whole_pass()
    assert (world.holds(), world.holds(Outcome.WAITING)) == ({"claim 11": "sent_back_too_late"}, {})


def test_a_claim_sent_back_and_voided_in_xero_is_out_of_both(a_world: MakeWorld) -> None:
    """Nothing to say; approved again, it is held and not recreated by itself."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    back(world)
    world.run(JOB_NUMBER)
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.run(JOB_NUMBER)
    assert (world.holds(), world.holds(Outcome.IGNORED)) == ({}, {"claim 11": "not_approved"})
    back(world, status="approved")
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "gone_in_xero"}
    assert [row["Status"] for row in world.documents("invoices")] == ["VOIDED"]


# --- deleted in Procore --------------------------------------------------------------------------------------------


#: The setting, the status of the bill, and its status after its claim was deleted in Procore.
WHAT_BECOMES_OF_IT = [
    ("hold", "DRAFT", "DRAFT"),
    ("hold", "SUBMITTED", "SUBMITTED"),
    ("hold", "AUTHORISED", "AUTHORISED"),
    ("void", "DRAFT", "DELETED"),
    ("void", "SUBMITTED", "DELETED"),
    ("void", "AUTHORISED", "VOIDED"),
    ("delete", "DRAFT", "DELETED"),
    ("delete", "SUBMITTED", "DELETED"),
    ("delete", "AUTHORISED", "AUTHORISED"),
]


@pytest.mark.parametrize(
    ("what", "amount"),
    each_value(WHAT_BECOMES_OF_IT, ["100.00", "-20.00"]),
)
def test_deleted_in_procore(a_world: MakeWorld, what: tuple[str, str, str], amount: str) -> None:
    """A bill or credit note that stays is held; one that goes, goes once, and nothing is said afterwards."""
    setting, status, after = what
    world = a_world(a_seed(claims=[a_claim(11, amount), a_claim(12, amount)]))
    world.mapping_file.write_text(f'{MAPPING}\n[documents]\ndeleted_in_procore = "{setting}"\nstatus = "{status}"\n')
    world.whole_pass()
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    rows = world.documents("credit_notes" if amount.startswith("-") else "invoices")
    assert sorted(row["Status"] for row in rows) == sorted([after, status])
    assert world.holds() == ({"claim 11": "changed_after_sending"} if after == status else {})
    since = world.last()
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.writes(since) == []
    if after != status:
        assert world.journal(since) == []


def test_what_is_approved_is_not_deleted_and_says_why(a_world: MakeWorld) -> None:
    """With "delete" a person reads why an approved bill still stands."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]))
    world.mapping_file.write_text(MAPPING + VOID.replace("void", "delete"))
    world.whole_pass()
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert "Xero does not delete what is AUTHORISED" in world.sentences()["claim 11"]


def test_what_is_paid_locked_or_edited_is_not_voided(a_world: MakeWorld) -> None:
    """In this order the reasons are given, and each bill stands."""
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(12), a_claim(13, billing_date="2026-06-12"), a_claim(14)],
            payments=[a_payment(71, 11, "10.00")],
        )
    )
    world.mapping_file.write_text(f"{MAPPING}{VOID}gone_at_once = 100\n")
    world.whole_pass()
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], DueDate="2027-01-31")
    world.xero_edit("Invoices", world.bill("INV-12")["InvoiceID"], DueDate="2027-01-31")
    world.xero_edit("Invoices", world.bill("INV-13")["InvoiceID"], DueDate="2027-01-31")
    world.xero_edit("Organisation", world.parts.organisation.tenant_id, PeriodLockDate="2026-06-30")
    for id in (11, 12, 13):
        world.procore_delete("requisitions", id, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {
        "claim 11": "changed_after_sending",
        "claim 12": "edited_in_xero",
        "claim 13": "locked_period",
    }
    assert {row["Status"] for row in world.documents("invoices")} == {"AUTHORISED"}


def test_what_never_went_is_forgotten_when_it_is_deleted(a_world: MakeWorld) -> None:
    """Not approved, then deleted: nothing is said of it any more."""
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(12, status="draft")],
            payments=[a_payment(71, 11, "10.00", status="failed")],
            invoices=[an_invoice(91, status="pending")],
        )
    )
    world.whole_pass()
    said = {"claim 12": "not_approved", "payment 71": "not_approved", "invoice 91": "not_approved"}
    assert world.holds(Outcome.IGNORED) == said
    for collection, id in (("requisitions", 12), ("contract_payments", 71), ("direct_costs", 91)):
        world.procore_delete(collection, id, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds(Outcome.IGNORED) == {}


def test_a_cost_code_that_was_renamed_is_no_persons_edit(a_world: MakeWorld) -> None:
    """Deleted and its cost code renamed in one day: the bill is voided, though its lines read otherwise by now."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]))
    world.mapping_file.write_text(MAPPING + VOID)
    world.whole_pass()
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.enter("cost_codes", a_cost_code(name="Steel"))
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-11")["Status"] == "VOIDED"


@pytest.mark.parametrize(("kind", "wait_s"), each_value(["lost_answer", "cut"], [20, 500]))
def test_a_void_of_unknown_outcome_ends_voided(a_world: MakeWorld, wait_s: int, kind: str) -> None:
    """And the record is not taken for one that must be held."""
    world = a_synced_world(a_world, a_seed(invoices=[an_invoice(91), an_invoice(92)]), MAPPING + VOID)
    world.procore_delete("direct_costs", 91, PROJECT_ID)
    world.clock.advance(DAY)
    world.fault(kind, "POST", "/Invoices/.+")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(wait_s)
    report = world.run_through(JOB_NUMBER)
    assert report.line.endswith("; 1 taken out of Xero: bill DC-91 of Supplier 1, 50.00 AUD (invoice 91)")
    assert [row["Status"] for row in world.documents("invoices")] == ["VOIDED", "AUTHORISED"]
    assert world.holds() == {}


def test_a_void_that_xero_cannot_do_keeps_nothing_else(a_world: MakeWorld) -> None:
    """Its job comes back and asks once more; then it is held, and what else the project brings goes. It is not asked
    in every pass."""
    world = a_synced_world(a_world, a_seed(invoices=[an_invoice(91), an_invoice(92)]), MAPPING + VOID)
    world.procore_delete("direct_costs", 91, PROJECT_ID)
    world.clock.advance(DAY)
    world.enter("direct_costs", an_invoice(93))
    world.fault("status", "POST", "/Invoices/.+", status=500, times=1000)
    world.discover()
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            world.run(JOB_NUMBER)
        world.clock.advance(500)
    world.run(JOB_NUMBER)
    assert (len(world.documents("invoices")), world.holds()) == (3, {"invoice 91": "rejected"})
    since = world.last()
    world.clock.advance(1800)
    world.whole_pass()
    assert (world.writes(since), world.holds()) == ([], {"invoice 91": "rejected"})


def test_a_restored_record_is_sent_anew(a_world: MakeWorld) -> None:
    """Voided because it was deleted; back in Procore, it is a new bill, which is the only one that stands."""
    world = a_synced_world(a_world, a_seed(invoices=[an_invoice(91), an_invoice(92)]), MAPPING + VOID)
    world.procore_delete("direct_costs", 91, PROJECT_ID)
    world.clock.advance(DAY)
    world.whole_pass()
    world.enter("direct_costs", {**an_invoice(91), "deleted_at": None})
    world.clock.advance(DAY)
    world.whole_pass()
    assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "AUTHORISED", "VOIDED"]
    assert world.holds() == {}


def test_the_plan_says_what_would_be_taken_back(a_world: MakeWorld) -> None:
    """A changed payment and a deleted one, a refund: told beforehand, and nothing is written for it."""
    world = paid(a_world, a_payment(71, 11, "10.00"), a_payment(72, 11, "20.00"))
    world.enter("requisitions", a_claim(12, "-20.00"))
    world.enter("contract_payments", a_payment(73, 12, "-5.00"))
    world.procore_delete("contract_payments", 72, PROJECT_ID)
    repay(world, amount="25.00")
    since = world.last()
    (found,) = plan(world.parts, JOB_NUMBER)
    steps = {step.title: str(step.action) for step in found.steps if step.kind == "payments"}
    assert steps == {"payment 71": "change", "payment 72": "withdraw", "payment 73": "create"}
    assert world.writes(since) == []
    world.whole_pass()
    assert len(world.writes(since)) == found.writes
    assert standing(world) == ["25.00", "5.00"]
