"""`audit` against the sandbox: after a sync both sides agree, and whatever is spoilt on either side is found."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from beat_schedule import SCHEDULE
from tasks import audit
from tasks.audit import Audited, audit_books
from tasks.policy import JobFailed
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import PROJECT_ID, a_claim, a_contract, a_payment, a_seed, an_invoice, an_item
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker import assembly
from worker.assembly import Parts
from worker.celery import app as celery_app
from worker.cli.app import app
from worker.errors import ApiUnavailable, MissingReference
from worker.ledger.notices import Notices

RETAINED = {"current_payment_due": "95.00", "tax_applicable_to_this_payment": "9.50", "total_retainage": "5.00"}


def a_retaining_claim(id: int) -> dict[str, object]:
    """A claim of 100.00 that holds back 5.00, as its total says too."""
    item = an_item("100.00", work_completed_retainage_retained_this_period="5.00")
    return a_claim(id, "95.00", items=[item], summary=RETAINED)


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    """Two claims, one of them with retention, an invoice, a negative claim and a payment, synced."""
    seed = a_seed(
        claims=[
            a_retaining_claim(11),
            a_claim(12, "200.00", commitment_id=502),
            a_claim(13, "-40.00", commitment_id=502),
        ],
        contracts=[a_contract(), a_contract(502)],
        payments=[a_payment(21, 11, "60.00")],
        invoices=[an_invoice(31)],
    )
    return a_synced_world(a_world, seed)


def said(audited: Audited) -> list[str]:
    return [f"{one.title}: {one.sentence}" for one in audited.differences]


def test_a_project_is_audited_whatever_its_stage(world: World) -> None:
    """As long as a bill of it stands in Xero: what is released late would be missed in silence."""
    world.procore_edit("projects", PROJECT_ID, project_stage={"id": 509, "name": "Warranty"})
    world.enter("requisitions", a_claim(14, "70.00"))
    assert any("It is not in Xero" in one for one in said(audit_books(world.parts)))


def test_after_a_sync_both_sides_agree(world: World) -> None:
    """Nothing differs, everything is counted with its sum, and only reads were made."""
    before = world.last()
    with world.sql_writes() as written:
        audited = audit_books(world.parts)
    assert said(audited) == []
    assert audited.agreed == (
        "1 project, 1 vendor, 3 bills (374.50 AUD), 1 credit note (-44.00 AUD), 1 payment (60.00 AUD), "
        "the retention of 2 commitments (5.00 AUD) agree."
    )
    assert {entry["method"] for entry in world.journal(before)} == {"GET"}
    assert written == {}


@pytest.mark.parametrize(("by_id_alone", "asked"), [(False, set()), (True, {"Accounts"})])
def test_what_no_comparison_needs_is_not_asked_for(world: World, by_id_alone: bool, asked: set[str]) -> None:
    """Six lists are read; accounts where a payment names its account by id, tax rates where Procore states no tax."""
    world.xero_switch(answers_account_ids=by_id_alone)
    before = world.last()
    assert said(audit_books(world.parts)) == []
    paths = [str(entry["path"]).rpartition("/")[2] for entry in world.journal(before)]
    always = {"Organisation", "TrackingCategories", "Contacts", "Invoices", "CreditNotes", "Payments"}
    assert (set(paths), len(paths)) == (always | asked, len(always | asked))


def _void(world: World) -> None:
    world.xero_edit("invoices", world.bill("INV-12")["InvoiceID"], Status="VOIDED")


def _wrong_amount(world: World) -> None:
    bill = world.bill("INV-12")
    lines = [{**line, "UnitAmount": "199.00", "LineAmount": "199.00"} for line in bill["LineItems"]]
    world.xero_edit("invoices", bill["InvoiceID"], LineItems=lines)


def _extra_payment(world: World) -> None:
    bill = world.bill("INV-12")["InvoiceID"]
    world.type_in_xero(
        "Payments",
        {"Invoice": {"InvoiceID": bill}, "Account": {"Code": "090"}, "Date": "2026-08-20", "Amount": Decimal("7.00")},
    )


def _missing_claim(world: World) -> None:
    world.enter("requisitions", a_claim(14, "10.00", commitment_id=502))


def _unpaid(world: World) -> None:
    world.enter("contract_payments", a_payment(22, 12, "5.00"))


def _other_retention(world: World) -> None:
    summary = {**RETAINED, "total_retainage": "7.50"}
    world.procore_edit("requisitions", 11, PROJECT_ID, summary=summary)


def _withdrawn(world: World) -> None:
    world.procore_edit("direct_costs", 31, PROJECT_ID, status="pending")


def _archived_contact(world: World) -> None:
    world.xero_edit("contacts", world.documents("contacts")[0]["ContactID"], ContactStatus="ARCHIVED")


def _other_currency(world: World) -> None:
    world.xero_edit("invoices", world.bill("INV-12")["InvoiceID"], CurrencyCode="USD")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_void, "claim 12: Its document in Xero is VOIDED."),
        (_wrong_amount, "claim 12: "),
        (_extra_payment, "payment of 7.00 AUD on 2026-08-20: Xero has it on claim 12 (bill INV-12), Procore has not."),
        (_missing_claim, "claim 14: It is not in Xero."),
        (_unpaid, "payment 22: It is not in Xero."),
        (_other_retention, "commitment 501: Procore holds back another amount"),
        (_withdrawn, "invoice 31: Xero has bill DC-31 for it, but in Procore it is not due"),
        (_other_currency, "claim 12: Its document in Xero is in USD, and Procore's amount in AUD."),
        (_archived_contact, "vendor Supplier 1: Its contact Supplier 1 is archived"),
    ],
)
def test_whatever_differs_is_found(world: World, spoil: Callable[[World], None], sentence: str) -> None:
    """Each is named once, with both figures where there are two, and nothing else is."""
    spoil(world)
    found = said(audit_books(world.parts))
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_what_is_held_is_named_and_what_waits_is_not_counted(a_world: MakeWorld) -> None:
    """A held record is a difference that says why; a payment that waits for an approval leaves the audit green."""
    draft = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(21, 11, "10.00")]))
    draft.mapping_file.write_text(f'{MAPPING}\n[documents]\nstatus = "DRAFT"\n')
    draft.whole_pass()
    waiting = audit_books(draft.parts)
    assert (said(waiting), [one.hold for one in waiting.shown]) == ([], ["bill_awaiting_approval"])
    (one,) = waiting.shown
    assert one.remedy == "Approve the bill in Xero; the payment follows by itself."
    assert one.commands == ["procore-xero problems --project 24-017 --outcome waiting"]
    held = a_world(a_seed(claims=[a_claim(11, items=[an_item("100.00", cost_type="O")])]))
    held.whole_pass()
    assert [(one.title, one.hold) for one in audit_books(held.parts).differences] == [("claim 11", "account_missing")]


def test_the_audit_needs_no_ledger(world: World) -> None:
    """With an empty ledger, or none at all, the comparison is the same."""
    bare = Parts(
        world.settings.model_copy(update={"database_url": "sqlite://"}), clock=world.clock.now, machine=world.machine
    )
    bare.procore, bare.xero = world.parts.procore, world.parts.xero
    assert said(audit_books(bare)) == []
    _missing_claim(world)
    assert said(audit_books(bare)) == ["claim 14: It is not in Xero."]


def test_one_project_may_be_audited_alone(world: World) -> None:
    """By its job number, however it is typed; one that Procore does not show is refused."""
    assert [result.job_number for result in audit_books(world.parts, " 24-017 ").results] == ["24-017"]
    with pytest.raises(MissingReference, match="99-999"):
        audit_books(world.parts, "99-999")


def test_the_command_prints_differences_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line when all agrees; a table within 80 columns and exit code 1 when something differs."""
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setenv("COLUMNS", "80")
    code, printed = procore_xero("audit")
    assert (code, printed.split(",")[0]) == (0, "No difference in 1 project. 1 project")
    _void(world)
    code, printed = procore_xero("audit", "24-017")
    assert code == 1
    assert "claim 12" in printed
    assert "220.00" in printed
    assert "24-017 Supplier 1, SC-502 claim 12, INV-12, 2026-07-31, " in " ".join(printed.split())
    assert "  Procore 220.00 AUD" in printed.splitlines()
    assert "    procore-xero resend 24-017 claim 12" in printed.splitlines()
    assert max(map(len, printed.splitlines())) <= 80
    (row,) = csv.DictReader(StringIO(procore_xero("audit", "--csv")[1].removeprefix("\ufeff")))
    assert (row["title"], row["procore"], row["commands"]) == (
        "claim 12",
        "220.00",
        "procore-xero resend 24-017 claim 12",
    )
    called = ("supplier", "number", "date", "amount", "currency")
    assert [row[name] for name in called] == ["Supplier 1", "INV-12", "2026-07-31", "220.00", "AUD"]
    assert row["remedy"].startswith("If it belongs in the books, send it once more")
    (project,) = json.loads(procore_xero("audit", "--json")[1])["rows"]
    assert [(one["title"], one["procore"]) for one in project["differences"]] == [("claim 12", 220)]


def procore_xero(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output; the log goes elsewhere, as in the real command."""
    with capture_logs():
        result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout


def test_the_weekly_task_is_red_when_something_differs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beat starts it by name; green it says what agrees, red it names the first differences in one line."""
    assert celery_app.tasks[str(SCHEDULE["audit"]["task"])].name == audit.audit.name
    monkeypatch.setattr(audit, "parts", lambda: world.parts)
    assert audit.audit.run().startswith("1 project audited: 1 project, 1 vendor, 3 bills")
    _void(world)
    with pytest.raises(
        JobFailed,
        match=r"^1 project audited: 1 difference: 24-017 Supplier 1, .*, 220.00 AUD \(claim 12\): Its",
    ):
        audit.audit.run()


def test_what_differs_is_told_by_e_mail_with_what_to_do(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a day, in plain text, HTML and for programs; while all agrees nothing is."""
    mail = {"report_email_to": ["b@redgum.example"], "report_email_from": "w@redgum.example"}
    world = a_world(a_seed(claims=[a_claim(12)]), smtp_url="smtp://127.0.0.1", **mail)
    world.whole_pass()
    monkeypatch.setattr(audit, "parts", lambda: world.parts)
    notices = Notices(world.parts.engine, world.clock.now)
    audit.audit.run()
    assert notices.next() is None
    _void(world)
    for _ in range(2):
        with pytest.raises(JobFailed):
            audit.audit.run()
    notice = notices.next()
    assert notice is not None
    assert notice.subject == "Procore to Xero: audit: 1 difference"
    for said in ("Its document in Xero is VOIDED.", "send it once more", "procore-xero resend 24-017 claim 12"):
        assert said in notice.text
        assert said in notice.html
    assert notice.facts["differences"][0]["commands"] == ["procore-xero resend 24-017 claim 12"]
    assert notices.next() is None


def test_the_demo_agrees_but_for_what_is_held(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's seed, with every kind of claim, differs by its held records and nothing else, which is not red."""
    world = a_world()
    world.mapping_file.write_text((Path(__file__).parents[2] / "worker/cli/demo_mapping.toml").read_text())
    world.whole_pass()
    audited = audit_books(world.parts)
    assert {one.hold for one in audited.differences} == set(world.holds().values())
    monkeypatch.setattr(audit, "parts", lambda: world.parts)
    assert "that held records explain" in audit.audit.run()


def test_an_outage_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A weekly audit is not lost to ten bad minutes."""
    asked: list[float] = []

    def retry(exc: Exception, countdown: float) -> Exception:
        asked.append(countdown)
        return exc

    def unavailable(parts: Parts) -> Audited:
        raise ApiUnavailable("Xero cannot be reached.")

    monkeypatch.setattr(audit, "parts", lambda: world.parts)
    monkeypatch.setattr(audit, "audit_books", unavailable)
    monkeypatch.setattr(audit.audit, "retry", retry)
    with pytest.raises(JobFailed, match="cannot be reached"):
        audit.audit.run()
    assert asked == [audit.TRY_AGAIN_S]
