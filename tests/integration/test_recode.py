"""A mapping file that changes counts for what comes and for drafts; the past is recoded only when a person says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from tasks.audit import audit_books
from tasks.planning import plan
from tests.integration.conftest import MakeWorld
from tests.integration.paid import DAY
from tests.integration.seeds import (
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contract,
    a_cost_code,
    a_payment,
    a_seed,
    an_invoice,
    an_item,
)
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.audit.remedies import What
from worker.audit.result import Difference
from worker.cli.app import app
from worker.cli.person import user
from worker.ledger.moved import moves

#: Subcontract and materials go to other accounts than before.
NEW = MAPPING.replace('S = "320"', 'S = "325"').replace('M = "325"', 'M = "330"')


def accounts(world: World, number: str) -> list[str]:
    return [line["AccountCode"] for line in world.bill(number)["LineItems"]]


def remap(world: World, mapping: str = NEW) -> int:
    """The file is another one from now on, and all is read again; returns where the journal was."""
    world.mapping_file.write_text(mapping)
    world.clock.advance(DAY)
    mark = world.last()
    world.whole_pass()
    return mark


def change(world: World, id: int, amount: str, **fields: Any) -> None:
    changed = a_claim(id, amount, **fields)
    world.procore_edit("requisitions", id, PROJECT_ID, summary=changed["summary"], items=changed["items"])


def recode(world: World, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    """What the command says, and the job that it starts."""
    from worker.cli import recode as command

    monkeypatch.setattr(command, "opened", lambda: world.parts)
    return CliRunner().invoke(app, ["recode", JOB_NUMBER, *arguments])


def by_hand(world: World, number: str, account: str) -> None:
    """A person puts a bill's lines on this account."""
    bill = world.bill(number)
    lines = [{name: value for name, value in line.items() if name != "AccountID"} for line in bill["LineItems"]]
    lines = [{**line, "AccountCode": account} for line in lines]
    world.xero_edit("invoices", bill["InvoiceID"], LineItems=lines)


def test_what_stands_keeps_its_coding(a_world: MakeWorld) -> None:
    """Nothing is written for a changed file; what is new goes by it."""
    world = a_world(a_seed(claims=[a_claim(11)], invoices=[an_invoice(91)]))
    world.whole_pass()
    mark = remap(world)
    assert (world.writes(mark), world.holds()) == ([], {})
    world.enter("requisitions", a_claim(12))
    world.whole_pass()
    assert [accounts(world, number) for number in ("INV-11", "INV-12", "DC-91")] == [["320"], ["325"], ["325"]]


def test_a_change_in_procore_arrives_with_the_coding_of_before(a_world: MakeWorld) -> None:
    """By a cent or by a line: amounts move, accounts stay; also in the next file, and the next."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    remap(world)
    change(world, 11, "100.01")
    world.whole_pass()
    assert (world.holds(), world.bill("INV-11")["SubTotal"], accounts(world, "INV-11")) == ({}, "100.01", ["320"])
    mark = remap(world, NEW.replace('S = "325"', 'S = "335"'))
    assert world.writes(mark) == []
    change(world, 11, "120.00", items=[an_item("60.00"), an_item("60.00", id=901, cost_type="M")])
    world.whole_pass()
    assert (world.holds(), accounts(world, "INV-11")) == ({}, ["320", "325"])


def test_a_code_that_only_the_new_file_has_codes_the_bill_by_it(a_world: MakeWorld) -> None:
    """The remedy of the hold works: an account is added, and the changed claim goes."""
    world = a_world(a_seed(claims=[a_claim(11)], cost_codes=[a_cost_code(), a_cost_code("05-100", "Steel")]))
    world.whole_pass()
    change(world, 11, "150.00", items=[an_item("100.00"), an_item("50.00", id=901, cost_type="O")])
    world.whole_pass()
    assert world.holds() == {"claim 11": "account_missing"}
    remap(world, NEW.replace('E = "330"', 'E = "330"\nO = "335"'))
    assert (world.holds(), accounts(world, "INV-11")) == ({}, ["325", "335"])


def test_a_draft_follows_the_file_until_it_is_approved(a_world: MakeWorld) -> None:
    """Approved in Xero without our knowing, it stays as it is, and is not read in each pass for it."""
    drafts = '\n[documents]\nstatus = "DRAFT"\n'
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)]))
    world.mapping_file.write_text(MAPPING + drafts)
    world.whole_pass()
    world.xero_edit("invoices", world.bill("INV-12")["InvoiceID"], Status="AUTHORISED")
    remap(world, NEW + drafts)
    assert (world.holds(), accounts(world, "INV-11"), accounts(world, "INV-12")) == ({}, ["325"], ["320"])
    world.clock.advance(DAY)
    mark = world.last()
    world.whole_pass()
    assert [entry["path"] for entry in world.journal(mark) if entry["path"].endswith("/Invoices")] == []
    mark = remap(world, MAPPING + drafts)
    assert (len(world.writes(mark)), accounts(world, "INV-11"), accounts(world, "INV-12")) == (1, ["320"], ["320"])


def _tax(world: World) -> str:
    return MAPPING.replace('"GST@10%" = "INPUT"', '"GST@10%" = "CAPEXINPUT"')


def _status(world: World) -> str:
    return f'{MAPPING}\n[documents]\nstatus = "DRAFT"\n'


def _items(world: World) -> str:
    return f'{MAPPING}\n[cost_codes]\ntarget = "item"\n'


def _retention(world: World) -> str:
    return MAPPING.replace('account = "830"', 'account = "831"')


@pytest.mark.parametrize("mapping", [_tax, _status, _items, _retention])
def test_whatever_of_the_file_changes_the_past_is_not_restated(
    a_world: MakeWorld, mapping: Callable[[World], str]
) -> None:
    """Tax types, status, what cost codes become, retention: the bill and its lines are as they were."""
    item = an_item("100.00", work_completed_retainage_retained_this_period="10.00")
    foot = {"current_payment_due": "90.00", "tax_applicable_to_this_payment": "9.00"}
    world = a_world(a_seed(claims=[a_claim(11, items=[item], summary=foot)]))
    world.whole_pass()
    before = world.bill("INV-11")
    mark = remap(world, mapping(world))
    assert [entry for entry in world.writes(mark) if "/Invoices" in entry["path"]] == []
    assert (world.holds(), world.bill("INV-11")) == ({}, before)


def past(a_world: MakeWorld) -> World:
    """Six bills of four months: one is paid in part, one in a locked period, one edited by a person."""
    months = {11: "2026-05-31", 12: "2026-06-30", 13: "2026-07-31", 14: "2026-08-31", 15: "2026-08-31"}
    claims = [a_claim(id, billing_date=on) for id, on in months.items()]
    world = a_world(a_seed(claims=claims, payments=[a_payment(71, 12, "10.00")], invoices=[an_invoice(91)]))
    world.whole_pass()
    world.xero_edit("Organisation", world.parts.organisation.tenant_id, PeriodLockDate="2026-05-31")
    by_hand(world, "INV-13", "335")
    remap(world)
    return world


def test_a_plan_says_what_would_be_recoded(a_world: MakeWorld) -> None:
    """How many bills of which months; nothing of it is planned."""
    world = past(a_world)
    (found,) = plan(world.parts, JOB_NUMBER)
    assert found.coding == (
        "6 bills of 4 months, 2026-05 to 2026-08, would be recoded by the mapping file as it is now, and keep their "
        "coding. To see which, and to recode those that are not paid, locked or edited: procore-xero recode 24-017"
    )
    assert found.writes == 0


def test_a_person_recodes_what_is_free(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are named and left, and nothing turns red; it is noted what was done, and done once."""
    world = past(a_world)
    refused = recode(world, monkeypatch)
    assert refused.exit_code != 0
    line = "line 'Slab on ground (SC-501 claim 14, line 1)': account 320 -> 325"
    for said in (
        f"bill INV-14 of Supplier 1, 110.00 AUD, 2026-08-31 (claim 14): {line}",
        "bill DC-91 of Supplier 1, 50.00 AUD, 2026-07-20 (invoice 91): line 'Skip bin': account 325 -> 330",
        "bill INV-11 of Supplier 1, 110.00 AUD, 2026-05-31 (claim 11) is left as it is",
        "bill INV-12 of Supplier 1, 110.00 AUD, 2026-06-30 (claim 12) is left as it is: it has a payment or a credit.",
        "bill INV-13 of Supplier 1, 110.00 AUD, 2026-07-31 (claim 13) is left as it is",
    ):
        assert said in refused.output
    mark = world.last()
    assert recode(world, monkeypatch, "--yes").exit_code == 0
    assert world.writes(mark) == []
    world.run(JOB_NUMBER)
    assert world.holds() == {}
    coded = {number: accounts(world, number) for number in ("INV-11", "INV-12", "INV-13", "INV-14", "INV-15", "DC-91")}
    assert coded == {
        "INV-11": ["320"], "INV-12": ["320"], "INV-13": ["335"], "INV-14": ["325"], "INV-15": ["325"], "DC-91": ["330"],
    }  # fmt: skip
    told = {move.what for move in moves(world.parts.engine, [world.job(JOB_NUMBER).id]) if move.kind == "claims"}
    assert told == {f"recoded by the mapping file of now, as {user()} asked"}
    (found,) = plan(world.parts, JOB_NUMBER)
    assert found.coding.startswith("3 bills of 3 months, 2026-05 to 2026-07, would be recoded")
    again = recode(world, monkeypatch, "--yes")
    assert "No bill of 24-017 would be recoded" in again.output
    change(world, 14, "130.00")
    world.whole_pass()
    assert (world.holds(), accounts(world, "INV-14")) == ({}, ["325"])


def test_what_is_paid_after_it_was_said_is_left(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the word and the job a person pays: the bill stays as it is, and is not held for it."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    remap(world)
    assert recode(world, monkeypatch, "--yes").exit_code == 0
    world.type_in_xero(
        "Payments",
        {"Invoice": {"InvoiceID": world.bill("INV-11")["InvoiceID"]}, "Account": {"Code": "090"},
         "Date": "2026-08-20", "Amount": 7},
    )  # fmt: skip
    world.run(JOB_NUMBER)
    assert (world.holds(), accounts(world, "INV-11")) == ({}, ["320"])


def test_what_a_person_recoded_alike_is_taken_as_done(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Xero has it as the new file says: nothing is written, now or with the next change of the file."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    remap(world)
    by_hand(world, "INV-11", "325")
    from worker.ledger import tying

    (found,) = plan(world.parts, JOB_NUMBER, recode=True)
    tying.say_recode(
        world.parts.engine, world.parts.organisation.tenant_id, "claims", ["11"], found.recoding.mark, "ann"
    )
    mark = world.last()
    world.run(JOB_NUMBER)
    world.clock.advance(DAY)
    world.whole_pass()
    assert (world.writes(mark), world.holds(), accounts(world, "INV-11")) == ([], {}, ["325"])


def test_bills_of_an_earlier_version_keep_the_coding_that_the_first_job_finds(a_world: MakeWorld) -> None:
    """The ledger does not say by which rules they were coded."""
    from sqlalchemy import update

    from worker.facts import CODED_BY
    from worker.ledger.database import transaction
    from worker.ledger.tables import Entry

    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    with transaction(world.parts.engine) as session:
        for row in session.query(Entry).filter(Entry.kind == "claims"):
            facts = {name: value for name, value in row.facts.items() if name != CODED_BY}
            session.execute(update(Entry).where(Entry.id == row.id).values(facts=facts))
    world.clock.advance(DAY)
    world.whole_pass()
    mark = remap(world)
    assert (world.writes(mark), accounts(world, "INV-11")) == ([], ["320"])


def said(world: World) -> list[Difference]:
    return audit_books(world.parts).differences


def months(a_world: MakeWorld) -> World:
    """Four claims of four months, the last of which went by the file of now."""
    days = ["2026-04-30", "2026-05-31", "2026-06-30"]
    claims = [a_claim(11 + n, f"{100 + n}.00", billing_date=day) for n, day in enumerate(days)]
    world = a_world(a_seed(claims=claims))
    world.whole_pass()
    world.mapping_file.write_text(NEW)
    world.enter("requisitions", a_claim(14, "104.00", billing_date="2026-07-31"))
    world.clock.advance(DAY)
    world.whole_pass()
    assert (accounts(world, "INV-13"), accounts(world, "INV-14")) == (["320"], ["325"])
    return world


def test_the_audit_says_at_once_what_an_earlier_file_coded(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for all months, with both accounts and the command; done, nothing differs."""
    world = months(a_world)
    (one,) = said(world)
    assert (one.whats, one.members) == ((What.EARLIER_FILE,), ("claim 11", "claim 12", "claim 13"))
    assert one.sentence == (
        "3 documents of 3 months, dated 2026-04-30 to 2026-06-30, are coded otherwise than the mapping file says now, "
        "all alike, as by an earlier one: cost code 03-300 is on account 320, not on 325 (3)."
    )
    assert one.commands[0] == f"procore-xero recode {JOB_NUMBER}"
    assert recode(world, monkeypatch, "--yes").exit_code == 0
    world.run_all()
    assert said(world) == []


def test_a_hand_edit_among_them_is_said_apart(a_world: MakeWorld) -> None:
    """Another account, or the old one on a bill that went by the file of now."""
    world = months(a_world)
    by_hand(world, "INV-14", "429")
    assert [(one.title, one.whats) for one in said(world)] == [
        (f"project {JOB_NUMBER}", (What.EARLIER_FILE,)),
        ("claim 14", (What.CODING,)),
    ]
    by_hand(world, "INV-14", "325")
    by_hand(world, "INV-12", "429")
    assert {one.title for one in said(world)} == {"claim 11", "claim 12", "claim 13"}  # two are too few for a switch


def test_no_switch_is_seen_where_right_ones_stand_before(a_world: MakeWorld) -> None:
    """Whoever recodes bills of the middle of a series is named bill by bill."""
    world = a_world(a_seed(claims=[a_claim(11 + n, billing_date=f"2026-0{n + 3}-28") for n in range(5)]))
    world.whole_pass()
    for number in ("INV-12", "INV-13", "INV-14"):
        by_hand(world, number, "325")
    assert [one.title for one in said(world)] == ["claim 12", "claim 13", "claim 14"]


def test_another_retention_account_is_one_line_too(a_world: MakeWorld) -> None:
    """What the earlier file held back on its own account counts as held back: no commitment differs beside it."""
    item = an_item("100.00", work_completed_retainage_retained_this_period="5.00")
    foot = {"current_payment_due": "95.00", "tax_applicable_to_this_payment": "9.50", "total_retainage": "5.00"}
    claims = [a_claim(11 + n, "95.00", commitment_id=501 + n, items=[item], summary=foot) for n in range(3)]
    world = a_world(a_seed(claims=claims, contracts=[a_contract(501 + n) for n in range(3)]))
    world.whole_pass()
    world.mapping_file.write_text(MAPPING.replace('account = "830"', 'account = "831"'))
    (one,) = said(world)
    assert one.whats == (What.EARLIER_FILE,)
    assert "what has no cost code is on account 830, not on 831 (3)" in one.sentence
