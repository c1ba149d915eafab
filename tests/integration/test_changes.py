"""Records that change in Procore after they were sent: followed where nobody touched the document, else held."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.audited import lines
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contract,
    a_cost_code,
    a_payment,
    a_project,
    a_seed,
    a_vendor,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.errors import OutcomeUnknown

#: Longer than between two readings of everything.
DAY = 25 * 3600
TWO_LINES = [an_item("60.00", id=901), an_item("40.00", id=902, code="05-100")]
CODES = (a_cost_code(), a_cost_code("05-100", "Steel"))


def sent(a_world: MakeWorld, *, mapping: str = MAPPING, **lists: Any) -> World:
    """A world in which one claim, INV-11, is a bill in Xero."""
    world = a_synced_world(
        a_world, a_seed(**{"claims": [a_claim(11, items=TWO_LINES)], "cost_codes": CODES, **lists}), mapping
    )
    assert len(world.documents("invoices")) == len(lists.get("claims", [11]))
    return world


def change(world: World, id: int = 11, amount: str = "120.00", **fields: Any) -> None:
    """The claim says another amount now."""
    items = [an_item("80.00", id=901), an_item("40.00", id=902, code="05-100")] if amount == "120.00" else None
    changed = {key: value for key, value in a_claim(id, amount, items=items).items() if key in ("summary", "items")}
    world.procore_edit("requisitions", id, PROJECT_ID, **{**changed, **fields})


def test_an_unpaid_bill_follows_its_claim_in_place(any_world: MakeWorld) -> None:
    """The same bill, the same lines by id, other amounts."""
    world = sent(any_world)
    before = world.bill("INV-11")
    change(world)
    report = world.run(JOB_NUMBER)
    after = world.bill("INV-11")
    assert report.counts["claims"] == {"sent": 1}
    assert after["InvoiceID"] == before["InvoiceID"]
    assert [line["LineItemID"] for line in after["LineItems"]] == [line["LineItemID"] for line in before["LineItems"]]
    assert (before["SubTotal"], after["SubTotal"]) == ("100.00", "120.00")
    assert world.holds() == {}


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_a_bill_that_nobody_approved_yet_follows_in_place(a_world: MakeWorld, status: str) -> None:
    """It stays what it is, and keeps its lines by id."""
    world = sent(a_world, mapping=f'{MAPPING}\n[documents]\nstatus = "{status}"\n')
    before = world.bill("INV-11")
    change(world)
    world.run(JOB_NUMBER)
    after = world.bill("INV-11")
    assert (after["InvoiceID"], after["Status"]) == (before["InvoiceID"], status)
    assert [line["LineItemID"] for line in after["LineItems"]] == [line["LineItemID"] for line in before["LineItems"]]
    assert (after["SubTotal"], world.holds()) == ("120.00", {})


def test_a_bill_approved_in_xero_stays_approved_when_its_claim_changes(a_world: MakeWorld) -> None:
    """Sent for approval, approved by the bookkeeper, changed in Procore: it follows and is not sent back."""
    world = sent(a_world, mapping=MAPPING + '\n[documents]\nstatus = "SUBMITTED"\n')
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="AUTHORISED")
    change(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert (world.bill("INV-11")["SubTotal"], world.bill("INV-11")["Status"]) == ("120.00", "AUTHORISED")


def test_a_paid_bill_is_never_changed(a_world: MakeWorld) -> None:
    """Its claim is held until a person has acted, and stays held in later jobs."""
    world = sent(a_world, payments=[a_payment(71, 11, "10.00")])
    change(world)
    for _ in range(2):
        world.run(JOB_NUMBER)
        assert world.holds() == {"claim 11": "changed_after_sending"}
        assert (
            "In Xero: before tax 100.00 AUD instead of 120.00 AUD; tax 10.00 AUD inst" in world.sentences()["claim 11"]
        )
        assert world.bill("INV-11")["SubTotal"] == "100.00"


def test_a_bill_edited_in_xero_is_never_changed(a_world: MakeWorld) -> None:
    """A person's correction in Xero is not written over; undoing the change in Procore clears the hold."""
    world = sent(a_world)
    bill = world.bill("INV-11")
    lines = [{**line, "AccountCode": "325", "AccountID": None} for line in bill["LineItems"]]
    world.xero_edit("Invoices", bill["InvoiceID"], LineItems=lines)
    change(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "edited_in_xero"}
    assert {line["AccountCode"] for line in world.bill("INV-11")["LineItems"]} == {"325"}
    world.enter("requisitions", a_claim(11, items=TWO_LINES))
    world.run(JOB_NUMBER)
    assert world.holds() == {}


def test_a_paid_claim_that_moves_to_another_commitment_is_done(a_world: MakeWorld) -> None:
    """No money moves: the bill keeps its link and its words. What changes later is done by hand as ever."""
    contracts = [a_contract(), a_contract(502)]
    world = sent(a_world, payments=[a_payment(71, 11, "10.00")], contracts=contracts)
    change(world, amount="100.00", items=TWO_LINES, commitment_id=502)
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    change(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "changed_after_sending"}
    lines("INV-11", lambda rows: [{**rows[0], "UnitAmount": "80.00"}, *rows[1:]])(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert "/501/" in world.bill("INV-11")["Url"]


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_bill_that_a_person_brought_into_line_is_done(a_world: MakeWorld, is_paid: bool) -> None:
    """As its hold asks for, in words of their own, and with an amount that they had split: the hold goes."""
    world = sent(a_world, payments=[a_payment(71, 11, "10.00")] if is_paid else [])
    if not is_paid:
        lines("INV-11", lambda rows: [rows[0], *({**rows[1], "UnitAmount": part} for part in ("30.00", "10.00"))])(
            world
        )
    change(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "changed_after_sending" if is_paid else "edited_in_xero"}
    lines("INV-11", lambda rows: [{**rows[0], "UnitAmount": "80.00", "Description": "Their words"}, *rows[1:]])(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {}


@pytest.mark.parametrize(("field", "value"), [("DueDate", "2027-01-31"), ("InvoiceNumber", "INV-11b")])
def test_any_edit_in_xero_counts(a_world: MakeWorld, field: str, value: str) -> None:
    """The due date or the number that a person typed is not written over either."""
    world = sent(a_world)
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], **{field: value})
    change(world)
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "edited_in_xero"}
    assert world.documents("invoices")[0][field] == value


def test_a_voided_bill_is_not_made_again(a_world: MakeWorld) -> None:
    """What a person voided in Xero is not recreated, whether the claim changes or not."""
    world = sent(a_world)
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {}
    change(world)
    world.clock.advance(DAY)
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "gone_in_xero"}
    assert [row["Status"] for row in world.documents("invoices")] == ["VOIDED"]


def test_a_bill_in_a_locked_period_is_never_changed(a_world: MakeWorld) -> None:
    """The bookkeeper has closed the month: the claim is held with both dates, and goes when it is open again."""
    world = sent(a_world)
    organisation = world.parts.organisation.tenant_id
    world.xero_edit("Organisation", organisation, PeriodLockDate="2026-07-31")
    world.clock.advance(2 * 3600)  # what Xero says of its lock dates serves for an hour
    change(world)
    world.whole_pass()
    assert world.holds() == {"claim 11": "locked_period"}
    assert world.bill("INV-11")["SubTotal"] == "100.00"
    world.xero_edit("Organisation", organisation, PeriodLockDate=None)
    world.clock.advance(2 * 3600)
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-11")["SubTotal"] == "120.00"


def test_a_credit_note_follows_its_claim_in_place(a_world: MakeWorld) -> None:
    """A negative claim that changes is the same credit note with another amount; a voided one is not made again."""
    world = a_world(a_seed(claims=[a_claim(11, "-20.00")]))
    world.whole_pass()
    (before,) = world.documents("credit_notes")
    change(world, 11, "-25.00")
    world.run(JOB_NUMBER)
    (after,) = world.documents("credit_notes")
    assert (after["CreditNoteID"], after["SubTotal"]) == (before["CreditNoteID"], "25.00")
    world.xero_edit("CreditNotes", after["CreditNoteID"], Status="VOIDED")
    change(world, 11, "-30.00")
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "gone_in_xero"}
    assert len(world.documents("credit_notes")) == 1


def test_a_claim_deleted_after_sending_is_held(a_world: MakeWorld) -> None:
    """A bill whose claim is gone from Procore is found by the daily compare, and held until it is voided in Xero."""
    world = sent(a_world, claims=[a_claim(11), a_claim(12)])
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.clock.advance(DAY)
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {"claim 11": "changed_after_sending"}
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Status="VOIDED")
    world.whole_pass()
    assert world.holds() == {}
    world.clock.advance(DAY)
    world.whole_pass()
    assert world.holds() == {}


def test_a_held_change_that_is_then_deleted_stays_held(a_world: MakeWorld) -> None:
    """The hold of a record that is in Xero is not forgotten with the record."""
    world = sent(a_world, claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 11, "10.00")])
    change(world)
    world.run(JOB_NUMBER)
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "changed_after_sending"}


def test_a_held_claim_that_was_never_sent_is_forgotten_when_it_is_deleted(a_world: MakeWorld) -> None:
    """Nothing to do for anybody any more: the hold closes."""
    world = a_world(a_seed(claims=[a_claim(11, vendor_id=99)]))
    world.whole_pass()
    assert world.holds() == {"claim 11": "vendor_missing"}
    world.procore_delete("requisitions", 11, PROJECT_ID)
    world.run(JOB_NUMBER)
    assert world.holds() == {}


def test_a_bill_that_would_become_a_credit_note_is_held(a_world: MakeWorld) -> None:
    """A claim that turns negative after it was sent needs a person; its neighbours go on."""
    world = sent(a_world)
    change(world, amount="-5.00")
    world.enter("requisitions", a_claim(12, "7.00"))
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "changed_after_sending"}
    assert world.bill("INV-12")["SubTotal"] == "7.00"


def test_an_update_that_xero_refused_does_not_count_as_written(a_world: MakeWorld) -> None:
    """After a refused change, the next one is compared with what Xero really took."""
    world = sent(a_world)
    world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2025-06-01")  # locked: caught before it is sent
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "locked_period"}
    bill = world.bill("INV-11")
    refusal = '{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred"}'
    world.fault("status", "POST", "/Invoices", status=400, body=refusal)
    change(world, billing_date="2026-07-31")
    world.run(JOB_NUMBER)
    assert world.holds() == {"claim 11": "rejected"}
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    assert (world.bill("INV-11")["InvoiceID"], world.bill("INV-11")["SubTotal"]) == (bill["InvoiceID"], "120.00")


def test_a_refused_request_of_updates_is_not_taken_for_done(a_world: MakeWorld) -> None:
    """A whole request of changed bills that Xero refuses goes again one by one; none is counted as written unseen."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]))
    world.whole_pass()
    refusal = '{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred"}'
    world.fault("status", "POST", "/Invoices", status=400, body=refusal)
    change(world, 11, "111.00")
    change(world, 12, "112.00")
    world.run(JOB_NUMBER)
    assert {row["SubTotal"] for row in world.documents("invoices")} == {"111.00", "112.00"}
    assert world.holds() == {}


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
@pytest.mark.parametrize("after_s", [10, 500])
def test_an_update_of_unknown_outcome_arrives(a_world: MakeWorld, kind: str, after_s: int) -> None:
    """Whether it happened or not, within the key's life or after it: the change is there in the end, not held."""
    world = sent(a_world)
    change(world)
    world.fault(kind, "POST", "/Invoices")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(after_s)
    world.run_through(JOB_NUMBER)
    assert world.holds() == {}
    assert [row["SubTotal"] for row in world.documents("invoices")] == ["120.00"]


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_a_lost_update_of_a_contact_is_sent_again(a_world: MakeWorld, kind: str) -> None:
    """An update that may have been lost is not taken for done because the contact is there."""
    world = sent(a_world)
    world.procore_edit("vendors", 1, name="Supplier One", email_address="ap@one.example")
    world.fault(kind, "POST", "/Contacts")
    with pytest.raises(OutcomeUnknown):
        world.run(JOB_NUMBER)
    world.clock.advance(500)
    world.run_through(JOB_NUMBER)
    contact = next(row for row in world.documents("contacts") if row.get("ContactNumber") == "procore-1")
    assert (contact["Name"], contact["EmailAddress"]) == ("Supplier One", "ap@one.example")


def test_a_new_job_number_renames_the_option_and_nothing_else(a_world: MakeWorld) -> None:
    """Ids stay; bills that stand in Xero are neither sent again nor held by the daily compare, and still follow."""
    claims = [a_claim(11), a_claim(12, "10.00", status="draft"), a_claim(13)]
    world = a_world(a_seed(claims=claims, payments=[a_payment(71, 11, "10.00")]))
    world.whole_pass()
    before = options(world)
    world.procore_edit("projects", PROJECT_ID, project_number="26-001")
    world.procore_edit("requisitions", 12, PROJECT_ID, status="approved")
    world.clock.advance(DAY)
    since = world.last()
    world.whole_pass()
    assert options(world) == {id_: name.replace("24-017", "26-001") for id_, name in before.items()}
    assert [entry["path"].split("/")[-2] for entry in world.writes(since)][:1] == ["Options"]
    assert len(world.writes(since, "/Invoices")) == 1
    assert world.holds() == {}
    change(world, 12, "12.00")
    change(world, 13, "13.00")
    world.clock.advance(DAY)
    world.run("26-001")
    assert world.holds() == {}
    assert (world.bill("INV-12")["SubTotal"], world.bill("INV-13")["SubTotal"]) == ("12.00", "13.00")


def options(world: World) -> dict[str, str]:
    """The options of the category Project by id."""
    category = next(row for row in world.documents("tracking_categories") if row["Name"] == "Project")
    return {row["TrackingOptionID"]: row["Name"] for row in category["Options"]}


def test_two_projects_that_call_a_code_differently_do_not_rename_it_in_turn(a_world: MakeWorld) -> None:
    """A shared option is called as the project calls it that came first, and later passes are silent."""
    seed = a_seed(
        projects=(a_project(), a_project(311, "24-018")),
        more={311: {"cost_codes": [a_cost_code(name="Concrete works")], "project_vendors": []}},
    )
    seed["procore"]["project_vendors"]["311"] = []
    world = a_world(seed)
    world.whole_pass()
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []
    world.procore_edit("cost_codes", a_cost_code()["id"], PROJECT_ID, name="Cast concrete")
    world.whole_pass()
    assert "03-300 Cast concrete" in world.books()["options"]


def test_an_invoice_follows_like_a_claim(a_world: MakeWorld) -> None:
    """Direct invoices are updated in place too."""
    world = a_world(a_seed(invoices=[an_invoice(91), an_invoice(92)]))
    world.whole_pass()
    world.enter("direct_costs", an_invoice(91, "55.00"))
    report = world.run(JOB_NUMBER)
    assert report.counts["invoices"]["sent"] == 1
    assert sorted(row["SubTotal"] for row in world.documents("invoices")) == ["50.00", "55.00"]


def test_a_vendor_that_changes_updates_its_contact(a_world: MakeWorld) -> None:
    """Only what changed in Procore is sent, so that what a person typed in Xero stays."""
    world = a_world(a_seed(vendors=[a_vendor(email_address="a@one.example")]))
    world.whole_pass()
    contact = world.documents("contacts")[0]
    world.xero_edit("Contacts", contact["ContactID"], EmailAddress="typed@xero.example")
    world.procore_edit("vendors", 1, name="Supplier One")
    world.run(JOB_NUMBER)
    world.procore_edit("vendors", 1, business_phone="02 5550 0000")
    world.run(JOB_NUMBER)
    after = world.documents("contacts")[0]
    assert (after["Name"], after["EmailAddress"]) == ("Supplier One", "typed@xero.example")
    assert after["Phones"][0]["PhoneNumber"] == "02 5550 0000"
