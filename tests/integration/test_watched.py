"""What people did in Xero is told in the next pass: voided, deleted, changed, approved. Nothing is changed for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import fakeredis
import httpx
import pytest
from sqlalchemy import event
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks.audit import audit_books
from tasks.resending import let_go
from tests.integration.audited import account_id, option, tracking
from tests.integration.conftest import MakeWorld
from tests.integration.group import NORTH, SOUTH, a_group
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_contract, a_payment, a_project, a_seed, an_item
from tests.integration.synced import a_synced_world
from tests.integration.test_payments import SUBMITTED
from tests.integration.wire import Crash, crash
from tests.integration.world import MAPPING, World
from worker import assembly
from worker.cli import match
from worker.cli.app import app
from worker.errors import SyncError, WorkerStopped
from worker.holds import Outcome
from worker.ledger.holds import open_holds

VOIDED = (
    "The document was voided in Xero by a person: bill INV-11 of Supplier 1, 110.00 AUD, dated 2026-07-31."
)  # fmt: skip


def two_claims() -> dict[str, Any]:
    return a_seed(claims=[a_claim(11), a_claim(12)])


def watching(a_world: MakeWorld, seed: dict[str, Any] | None = None, **settings: Any) -> World:
    """A world that has had its first pass, half an hour ago, and in which payments do not touch what they pay."""
    settings = {"watch_xero": True, **settings}
    world = a_synced_world(a_world, seed or two_claims(), **settings)
    world.xero_switch(payments_touch_documents=False)
    later(world)
    return world


def later(world: World) -> None:
    world.clock.advance(1200)


def edit(world: World, number: str, **fields: Any) -> None:
    world.xero_edit("Invoices", world.bill(number)["InvoiceID"], **fields)


def reads(world: World, since: int) -> list[str]:
    """Calls to Xero, but for those that a token of before was too old for."""
    return [entry["path"].rpartition("/")[2] for entry in world.journal(since) if entry["status"] != 401]


def notes(world: World) -> dict[str, str]:
    """What is said beside records that are sent."""
    return world.sentences(Outcome.IGNORED)


def test_an_unchanged_pass_asks_once(a_world: MakeWorld) -> None:
    """One call for a list with something of ours: bills, and payments where there are any. Nothing is told."""
    world = watching(a_world)
    for _ in range(2):
        since = world.last()
        assert world.discover() == "1 eligible, 1 started, 0 refused or paused"
        world.run_all()
        assert reads(world, since) == ["Invoices"]
        later(world)
    world.enter("contract_payments", a_payment(71, 11, "10.00"))
    world.whole_pass()
    later(world)
    since = world.last()
    world.whole_pass()
    assert reads(world, since) == ["Invoices", "Payments"]
    assert (world.holds(), notes(world)) == ({}, {})


def test_by_setting_nothing_is_asked(a_world: MakeWorld) -> None:
    world = watching(a_world)
    world.parts.settings = world.settings.model_copy(update={"watch_xero": False})
    edit(world, "INV-11", Status="VOIDED")
    since = world.last()
    world.whole_pass()
    assert (reads(world, since), world.holds()) == ([], {})


def test_nothing_is_asked_where_nothing_was_sent(a_world: MakeWorld) -> None:
    world = a_world(a_seed(), watch_xero=True)
    world.whole_pass()
    since = world.last()
    world.whole_pass()
    assert reads(world, since) == []


def test_a_voided_bill_is_named_at_once_and_stays_named(any_world: MakeWorld) -> None:
    """From discovery on, in each pass, at no call of its own, until it is sent once more; the void is told once."""
    world = watching(any_world)
    edit(world, "INV-11", Status="VOIDED")
    assert world.discover().endswith("; a person voided, changed or paid 1 document of ours in Xero")
    assert world.sentences() == {"claim 11": VOIDED}
    world.run_all()
    for _ in range(3):
        later(world)
        since = world.last()
        assert world.discover().endswith("refused or paused")
        world.run_all()
        assert reads(world, since) == ["Invoices"]
        assert world.sentences() == {"claim 11": VOIDED}
    let_go(world.parts, JOB_NUMBER, "claims", "11")
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {}
    assert sorted(row["Status"] for row in world.documents("invoices")) == ["AUTHORISED", "AUTHORISED", "VOIDED"]


def test_a_voided_bill_may_be_withdrawn_in_procore(a_world: MakeWorld) -> None:
    """The other remedy; and later readings do not hold it again."""
    world = watching(a_world)
    edit(world, "INV-11", Status="VOIDED")
    world.whole_pass()
    world.procore_edit("requisitions", 11, PROJECT_ID, status="revise_and_resubmit")
    for _ in range(2):
        world.whole_pass()
        assert world.holds() == {}


def test_a_voided_bill_is_looked_at_again_for_a_person(a_world: MakeWorld) -> None:
    """A job by hand asks Xero for it, and says the same; nothing is written."""
    world = watching(a_world)
    edit(world, "INV-11", Status="VOIDED")
    world.whole_pass()
    since = world.last()
    world.run(JOB_NUMBER)
    assert world.writes(since) == []
    assert world.sentences() == {"claim 11": VOIDED}


def test_a_deleted_payment_is_named(a_world: MakeWorld) -> None:
    """Though its bill does not count as changed; it is not made anew by itself, but on purpose."""
    seed = a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")])
    world = watching(a_world, seed)
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    payment = "payment of 10.00 AUD on 2026-08-14 for bill INV-11 of Supplier 1"
    sentence = f"The document was deleted in Xero by a person: {payment}."
    for _ in range(2):
        world.whole_pass()
        assert world.sentences() == {"payment 71": sentence}
        (held,) = open_holds(world.parts.engine, Outcome.HELD)
        assert held.procore_url.endswith(f"/{PROJECT_ID}/project/commitments/501/payments_issued/71")
        assert len(world.documents("payments")) == 1
        later(world)
    world.run(JOB_NUMBER)
    assert world.sentences() == {"payment 71": sentence}
    let_go(world.parts, JOB_NUMBER, "payments", "71")
    world.whole_pass()
    assert (len(world.documents("payments")), world.holds()) == (2, {})


def test_what_happened_before_a_late_second_pass_is_told(a_world: MakeWorld) -> None:
    """The first pass was on Friday, and the worker stood still until Monday."""
    world = watching(a_world)
    edit(world, "INV-11", Status="VOIDED")
    world.clock.advance(3 * 24 * 3600)
    world.whole_pass()
    assert world.sentences() == {"claim 11": VOIDED}


def test_a_changed_bill_is_a_note_until_it_is_put_back(a_world: MakeWorld) -> None:
    """With both values; nothing is held for it, no job asks for it, and it goes when the bill is as it was."""
    world = watching(a_world)
    before = [{name: value for name, value in world.bill("INV-11")["LineItems"][0].items() if name != "AccountID"}]
    edit(world, "INV-11", LineItems=[{**before[0], "AccountCode": "325"}])
    assert "paid 1 document" in world.discover()
    world.run_all()
    (sentence,) = notes(world).values()
    assert sentence.startswith(
        "A person changed bill INV-11 of Supplier 1, 110.00 AUD, dated 2026-07-31, in Xero since it was sent: "
        "no line of 100.00 AUD on account 320, INPUT, tracked to 03-300 concrete and 24-017 tower 310, "
    )
    assert "but one of 100.00 AUD on account 325, INPUT" in sentence
    assert world.holds() == {}
    for _ in range(3):
        later(world)
        since = world.last()
        assert world.discover().endswith("refused or paused")
        world.run_all()
        assert reads(world, since) == ["Invoices"]
        assert list(notes(world).values()) == [sentence]
    edit(world, "INV-11", LineItems=before)
    world.whole_pass()
    assert notes(world) == {}


def test_a_changed_bill_that_is_voided_later_is_held_alone(a_world: MakeWorld) -> None:
    world = watching(a_world)
    edit(world, "INV-11", DueDate="2026-09-09")
    world.whole_pass()
    assert len(notes(world)) == 1
    edit(world, "INV-11", Status="VOIDED")
    world.whole_pass()
    assert (notes(world), world.holds()) == ({}, {"claim 11": "gone_in_xero"})


def test_a_change_that_procore_makes_too_is_accepted(a_world: MakeWorld) -> None:
    """The note goes, and is not said again when the bill moves once more."""
    world = watching(a_world)
    edit(world, "INV-11", Date="2026-07-30")
    world.whole_pass()
    assert len(notes(world)) == 1
    world.procore_edit("requisitions", 11, PROJECT_ID, billing_date="2026-07-30")
    world.whole_pass()
    for _ in range(2):
        assert (notes(world), world.holds()) == ({}, {})
        edit(world, "INV-11", HasAttachments=True)
        world.whole_pass()


def test_a_change_that_a_person_acknowledges_is_accepted(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the audit's difference of the same bill: the note goes, and comes back when another value moves."""
    world = watching(a_world)
    edit(world, "INV-11", DueDate="2026-12-24")
    edit(world, "INV-12", DueDate="2026-12-24")
    world.whole_pass()
    assert set(notes(world)) == {"claim 11", "claim 12"}
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    ids = [one.id for one in audit_books(world.parts, JOB_NUMBER).differences if one.records[0] == ("claims", "11")]
    arguments = ["acknowledge", JOB_NUMBER, *ids, "--yes", "--why", "agreed by phone", "--by", "Joan"]
    with capture_logs():
        assert CliRunner().invoke(app, arguments).exit_code == 0
    for _ in range(2):
        assert set(notes(world)) == {"claim 12"}
        edit(world, "INV-11", HasAttachments=True)
        world.whole_pass()
    edit(world, "INV-11", DueDate="2026-12-25")
    world.whole_pass()
    assert "DueDate is 2026-12-25" in notes(world)["claim 11"]


@pytest.mark.parametrize("what", ["text", "split", "payment", "approval", "attachment"])
def test_what_moves_no_money_is_no_change(a_world: MakeWorld, what: str) -> None:
    """Words on a line, a payment by hand, an approval and a file move the stamp, and are nobody's problem."""
    world = a_synced_world(
        a_world, a_seed(claims=[a_claim(11)]), MAPPING + (SUBMITTED if what == "approval" else ""), watch_xero=True
    )
    bill = world.bill("INV-11")
    if what == "text":
        lines = [{name: value for name, value in bill["LineItems"][0].items() if name != "AccountID"}]
        edit(world, "INV-11", LineItems=[{**lines[0], "Description": "As agreed with Jo"}])
    elif what == "split":
        line = {name: value for name, value in bill["LineItems"][0].items() if name not in ("AccountID", "TaxAmount")}
        halves = [{**line, "Quantity": 2, "UnitAmount": "20.00"}, {**line, "UnitAmount": "60.00"}]
        edit(world, "INV-11", LineItems=[*halves, {"Description": "See the attachment"}])
    elif what == "payment":
        paid = {"Invoice": {"InvoiceID": bill["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 110}
        world.type_in_xero("Payments", {**paid, "Date": "2026-08-20"})
        assert world.bill("INV-11")["Status"] == "PAID"
    else:
        edit(world, "INV-11", **({"Status": "AUTHORISED"} if what == "approval" else {"HasAttachments": True}))
    world.whole_pass()
    assert (notes(world), world.holds()) == ({}, {})


def test_amounts_that_move_between_codings_are_a_change(a_world: MakeWorld) -> None:
    """Though the bill's total is what it was."""
    items = [an_item("60.00"), an_item("40.00", id=901, cost_type="M")]
    world = watching(a_world, a_seed(claims=[a_claim(11, items=items)]))
    first, second = (
        {name: value for name, value in line.items() if name not in ("AccountID", "TaxAmount", "LineAmount")}
        for line in world.bill("INV-11")["LineItems"]
    )
    edit(world, "INV-11", LineItems=[{**first, "UnitAmount": "50.00"}, {**second, "UnitAmount": "50.00"}])
    world.whole_pass()
    assert "no line of 60.00 AUD on account 320" in notes(world)["claim 11"]
    assert "but one of 50.00 AUD on account 320" in notes(world)["claim 11"]


def test_a_voided_credit_note_is_named(any_world: MakeWorld) -> None:
    """Of a list of its own, which is read as long as there is one of ours."""
    world = watching(any_world, a_seed(claims=[a_claim(11), a_claim(12, "-40.00")]))
    (note,) = world.documents("credit_notes")
    world.xero_edit("CreditNotes", note["CreditNoteID"], Status="VOIDED")
    for _ in range(2):
        since = world.last()
        world.whole_pass()
        assert reads(world, since) == ["Invoices", "CreditNotes"]
        assert "voided in Xero by a person: credit note INV-12" in world.sentences()["claim 12"]


def test_our_own_writes_are_no_changes(a_world: MakeWorld) -> None:
    """New bills, changed ones, payments and renamed options move the stamps, and nothing is told."""
    world = watching(a_world, a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 11, "10.00")]))
    world.enter("requisitions", a_claim(12, "250.00"))
    world.enter("requisitions", a_claim(13, "-40.00"))
    world.enter("contract_payments", a_payment(72, 12, "5.00"))
    world.procore_edit("projects", PROJECT_ID, name="Tower 1 East")
    for _ in range(3):
        assert world.discover().endswith("refused or paused")
        world.run_all()
        assert notes(world) == {}
        later(world)


def test_a_bill_that_a_job_is_sending_is_judged_later(a_world: MakeWorld) -> None:
    """What was written after the reading began is no person's change; and one that a person makes then is told."""
    world = watching(a_world)
    world.enter("requisitions", a_claim(11, "250.00"))
    other = world.more_parts()

    def meanwhile(_: httpx.Request) -> None:
        world.run(JOB_NUMBER, other)
        edit(world, "INV-11", DueDate="2026-09-09")

    world.wire.after("GET", "/Invoices$", meanwhile)  # the old bill is on its way to us
    assert world.discover().endswith("refused or paused")
    assert world.bill("INV-11")["SubTotal"] == "250.00"
    assert notes(world) == {}
    world.clock.advance(7200)
    assert "paid 1 document" in world.discover()
    assert "DueDate is 2026-09-09" in notes(world)["claim 11"]


def test_what_shows_late_is_told_all_the_same(a_world: MakeWorld) -> None:
    """A change whose stamp is minutes before the newest that a pass was told of: the list is read with an overlap."""
    world = watching(a_world)
    edit(world, "INV-12", HasAttachments=True)
    world.whole_pass()
    written = world.clock.now() - timedelta(minutes=4)
    edit(world, "INV-11", Status="VOIDED", UpdatedDateUTC=written.isoformat())
    world.whole_pass()
    assert world.holds() == {"claim 11": "gone_in_xero"}


def pay_by_hand(world: World, amount: int = 30) -> None:
    paid = {"Invoice": {"InvoiceID": world.bill("INV-11")["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": amount}
    world.type_in_xero("Payments", {**paid, "Date": "2026-08-20"})


def test_a_payment_by_hand_is_a_note_until_it_is_deleted(any_world: MakeWorld) -> None:
    """Beside ours, on the bill of a claim, where payments come from Procore."""
    seed = a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 12, "10.00")])
    world = watching(any_world, seed)
    pay_by_hand(world)
    sentence = (
        "In Xero its bill has a payment that this worker did not send: "
        "payment of 30.00 AUD on 2026-08-20 for bill INV-11 of Supplier 1."
    )
    assert "paid 1 document" in world.discover()
    world.run_all()
    for _ in range(2):
        assert notes(world) == {"claim 11": sentence}
        assert world.discover().endswith("refused or paused")
        world.run_all()
        later(world)
    assert world.holds() == {}
    (by_hand,) = [row for row in world.documents("payments") if row["Amount"] == "30.00"]
    world.xero_edit("Payments", by_hand["PaymentID"], Status="DELETED")
    world.whole_pass()
    assert notes(world) == {}


def test_a_payment_of_ours_whose_answer_was_lost_is_not_a_persons(a_world: MakeWorld) -> None:
    """As long as one is on its way nothing is said of those that no record has; a person's is told afterwards."""
    world = watching(a_world, a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 12, "10.00")]))
    world.enter("contract_payments", a_payment(72, 12, "5.00"))
    world.wire.after("PUT", "/Payments$", crash)
    with pytest.raises(Crash):
        world.run(JOB_NUMBER)
    pay_by_hand(world)
    world.clock.advance(500)
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], IsReconciled=True)  # later, and judged
    assert world.discover().endswith("refused or paused")
    assert notes(world) == {}
    world.bury()
    world.run_through(JOB_NUMBER)
    assert [row["Amount"] for row in world.documents("payments")] == ["10.00", "5.00", "30.00"]
    world.clock.advance(7200)
    world.whole_pass()
    assert set(notes(world)) == {"claim 11"}


@pytest.mark.parametrize("another", [False, True])
def test_a_payment_by_hand_that_procore_has_too_is_matched(a_world: MakeWorld, another: bool) -> None:
    """It holds Procore's until a person says which it is; if it is that one the note goes, and else it is right."""
    seed = a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 12, "10.00")])
    world = watching(a_world, seed)
    pay_by_hand(world)
    world.whole_pass()
    world.enter("contract_payments", a_payment(72, 11, "30.00", date="2026-08-20"))
    world.whole_pass()
    assert (world.holds(), set(notes(world))) == ({"payment 72": "may_be_paid"}, {"claim 11"})
    world.clock.advance(7200)
    world.whole_pass()  # after it the payment is not told again
    match.note(world.parts, JOB_NUMBER, "payments", "72", another)
    world.whole_pass()
    for _ in range(2):
        world.whole_pass()
        assert (world.holds(), set(notes(world))) == ({}, {"claim 11"} if another else set())


def test_where_payments_are_left_out_those_by_hand_are_nobodys_news(a_world: MakeWorld) -> None:
    world = watching(a_world, a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 12, "10.00")]))
    world.mapping_file.write_text(MAPPING + '\n[records]\nleave_out = ["payments"]\n')
    pay_by_hand(world)
    world.whole_pass()
    assert notes(world) == {}


# --- approvals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("watch_xero", [False, True])
def test_many_projects_wait_for_approval_at_one_call(a_world: MakeWorld, watch_xero: bool) -> None:
    """Whatever the setting says: discovery asks once for all of them, no job does, and what was approved goes."""
    numbers = range(1, 5)
    more: dict[int, Any] = {
        300 + n: {
            "project_vendors": [1],
            "work_order_contracts": [a_contract(500 + n)],
            "requisitions": [a_claim(1000 + n, commitment_id=500 + n)],
            "contract_payments": [a_payment(2000 + n, 1000 + n, "10.00", contract_id=500 + n)],
        }
        for n in numbers
    }
    seed = a_seed(projects=[a_project(300 + n, f"J-{n}") for n in numbers], more=more)
    world = a_world(seed, watch_xero=watch_xero)
    world.mapping_file.write_text(MAPPING + '\n[documents]\nstatus = "SUBMITTED"\n')
    world.whole_pass()
    assert len(world.holds(Outcome.WAITING)) == 4
    for _ in range(2):
        later(world)
        since = world.last()
        world.whole_pass()
        assert reads(world, since) == ["Invoices"]
    edit(world, "INV-1002", Status="AUTHORISED")
    edit(world, "INV-1004", Status="AUTHORISED")
    world.whole_pass()
    assert sorted(row[0] for row in world.books()["payments"]) == ["INV-1002", "INV-1004"]
    assert len(world.holds(Outcome.WAITING)) == 2


def test_an_approval_whose_stamp_did_not_move_is_found_within_a_day(a_world: MakeWorld) -> None:
    """Nowhere is documented what moves UpdatedDateUTC, so a whole reading asks by id all the same."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(71, 11, "10.00")]), watch_xero=True)
    world.mapping_file.write_text(MAPPING + SUBMITTED)
    world.whole_pass()
    edit(world, "INV-11", Status="AUTHORISED", UpdatedDateUTC="2026-01-01T00:00:00Z")
    world.whole_pass()
    assert world.documents("payments") == []
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert [row["Amount"] for row in world.documents("payments")] == ["10.00"]


# --- what goes wrong ---------------------------------------------------------------------------------------------


def test_a_reading_that_fails_stops_no_pass(a_world: MakeWorld) -> None:
    """The pass says so, and the next one asks from where the last good one ended, however long ago."""
    world = watching(a_world)
    world.whole_pass()
    edit(world, "INV-11", Status="VOIDED")
    for _ in range(3):
        world.fault("status", "GET", "/Invoices", status=503, times=4)
        line = world.discover()
        assert line.startswith("1 eligible, 1 started")
        assert "what people changed in Xero is asked in the next pass: " in line
        world.run_all()
        world.clock.advance(7200)
    world.whole_pass()
    assert world.holds() == {"claim 11": "gone_in_xero"}


def test_a_pass_that_dies_before_it_has_noted_all_leaves_it_to_the_next(a_world: MakeWorld) -> None:
    """Between the two lists, one of which is noted; and in the middle of one, which is read again."""
    seed = a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 11, "10.00")])
    world = watching(a_world, seed)
    edit(world, "INV-12", Status="VOIDED")
    world.xero_edit("Payments", world.documents("payments")[0]["PaymentID"], Status="DELETED")
    world.wire.after("GET", "/Payments$", crash)
    with pytest.raises(Crash):
        world.discover()
    world.clock.advance(7200)
    world.whole_pass()
    assert world.holds() == {"claim 12": "gone_in_xero", "payment 71": "gone_in_xero"}


@pytest.mark.parametrize("table", ["holds", "entries", "reference"])
def test_a_pass_that_dies_at_any_write_says_it_in_the_next(a_world: MakeWorld, table: str) -> None:
    """Before the hold, before the entry, before the mark: a job that runs in between takes nothing back for good."""
    world = watching(a_world)
    edit(world, "INV-11", Status="VOIDED")

    def die(_c: object, _cu: object, statement: str, _p: object, _x: object, _m: object) -> None:
        if table in statement and not statement.startswith("SELECT"):
            raise Crash

    event.listen(world.parts.engine, "before_cursor_execute", die)
    with pytest.raises(Crash):
        world.discover()
    event.remove(world.parts.engine, "before_cursor_execute", die)
    world.run(JOB_NUMBER)
    world.clock.advance(7200)
    world.whole_pass()
    assert world.sentences() == {"claim 11": VOIDED}


def test_a_worker_that_is_to_stop_does_not_go_on(a_world: MakeWorld) -> None:
    """Nor is anything of the kind taken for a reading that failed; an error of our own is, and stands in the log."""
    world = watching(a_world)
    for error in (WorkerStopped(), KeyError("x")):

        def fails(_: httpx.Request, error: Exception = error) -> None:
            raise error

        world.wire.before("GET", "/Invoices$", fails)
        if isinstance(error, KeyError):
            assert "asked in the next pass: an error of this program" in world.discover()
            continue
        with pytest.raises(WorkerStopped):
            world.discover()


def test_nothing_is_asked_where_the_days_calls_run_short(a_world: MakeWorld) -> None:
    world = watching(a_world)
    edit(world, "INV-11", Status="VOIDED")
    world.parts.settings = world.settings.model_copy(update={"xero_calls_per_day": 1000})
    redis = fakeredis.FakeRedis()
    world.parts.broker = redis
    now = int(world.parts.broker.time()[0] * 1000)
    redis.rpush("budget:{Xero organisation sandbox-xero-client}:over", *[now] * 901)
    since = world.last()
    assert "of the day's calls few are left" in world.discover()
    assert reads(world, since) == []


@pytest.mark.parametrize("off", [-7, 7])
def test_the_workers_clock_does_not_matter(a_world: MakeWorld, off: float) -> None:
    """Hours ahead of Xero's, or behind: the mark is of Xero's clock."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]), watch_xero=True)
    world.parts.clock = lambda: world.clock.now() + timedelta(hours=off)
    world.parts.__dict__.pop("now", None)
    world.whole_pass()
    for number in ("INV-11", "INV-12"):
        world.whole_pass()
        edit(world, number, Status="VOIDED")
        later(world)
    world.whole_pass()
    assert world.holds() == {"claim 11": "gone_in_xero", "claim 12": "gone_in_xero"}


def test_more_documents_than_a_page(a_world: MakeWorld) -> None:
    """Each page is read, and one that moves meanwhile loses its place in none."""
    world = watching(a_world, a_seed(claims=[a_claim(n) for n in range(1, 41)]))
    for number in (3, 17, 40):
        edit(world, f"INV-{number}", Status="VOIDED")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("worker.xero.client.PAGE_SIZE", 7)
        patched.setattr("tasks.watching.BATCH", 5)
        since = world.last()
        assert "paid 3 documents" in world.discover()
        assert len(reads(world, since)) == 6
    assert set(world.holds()) == {"claim 3", "claim 17", "claim 40"}


def test_a_parked_organisation_is_not_asked(a_world: MakeWorld) -> None:
    group = a_group(lambda seed: a_world(seed, watch_xero=True))
    group.whole_pass()
    group.parts.organisations.park(NORTH, 3600, "The day limit is used up.")
    since = group.last()
    with pytest.raises(SyncError, match=r"1 started.*nothing started for North"):
        group.discover()
    assert {entry["tenant"] for entry in group.journal(since)} == {SOUTH}


def test_each_organisation_is_asked_and_one_that_fails_stops_no_other(a_world: MakeWorld) -> None:
    group = a_group(lambda seed: a_world(seed, watch_xero=True))
    group.whole_pass()
    later(group)
    for tenant_id, number in ((NORTH, "INV-11"), (SOUTH, "INV-12")):
        first = group.sandbox.dump()["xero"]
        books = first if tenant_id == NORTH else first["more_organisations"][0]
        bill = next(row for row in books["invoices"] if row["InvoiceNumber"] == number)
        group.xero_edit("Invoices", bill["InvoiceID"], tenant_id, DueDate="2026-12-24")
    group.fault("status", "GET", "/Invoices", status=503, times=4)
    line = group.discover()
    assert "what people changed in Xero of North is asked in the next pass" in line
    assert "paid 1 document of ours in Xero of South" in line
    group.run_all()
    since = group.last()
    assert "paid 1 document of ours in Xero of North" in group.discover()
    assert set(notes(group)) == {"claim 11", "claim 12"}
    assert {entry["tenant"] for entry in group.journal(since)} == {NORTH, SOUTH}


@pytest.mark.parametrize("edit", ["option", "account"])
def test_what_is_only_called_otherwise_was_not_changed(a_world: MakeWorld, edit: str) -> None:
    """A person renames the project's option, or gives the account another code, and opens the bill; no job has seen
    either yet. One look more says so, and no note stays that nobody would take back."""
    world = watching(a_world)
    if edit == "option":
        option("Project", "24-017", "Tower by the harbour")(world)
    else:
        world.xero_edit("accounts", account_id(world, "320"), Code="321")
    world.xero_edit("Invoices", world.bill("INV-11")["InvoiceID"], Reference="seen")
    mark = world.last()
    world.discover()
    assert reads(world, mark) == ["Invoices", "TrackingCategories" if edit == "option" else "Accounts"]
    assert (world.holds(), notes(world)) == ({}, {})


def test_who_moves_a_bill_to_another_project_is_told_of(a_world: MakeWorld) -> None:
    """The options are looked at, and are what they were."""
    world = watching(a_world)
    tracking("INV-11", ("Cost Codes", "03-300"))(world)
    world.whole_pass()
    assert "tracked to 03-300 concrete" in next(iter(notes(world).values()))
