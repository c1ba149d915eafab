"""What a person has accepted is shown apart with who, when and why, and leaves an audit green while it stays so."""

from __future__ import annotations

import json
import shlex
from decimal import Decimal

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks.audit import Audited, audit_books
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, a_claim, a_contact, a_payment, a_seed, a_vendor
from tests.integration.synced import a_synced_world
from tests.integration.test_present import ADOPT, VENDOR, a_bill_by_hand
from tests.integration.world import MAPPING, World
from worker import assembly
from worker.cli.app import app
from worker.cli.match import note
from worker.cli.person import user


def said(audited: Audited) -> list[str]:
    return [f"{one.title}: {one.sentence}" for one in audited.differences]


def accepted(audited: Audited) -> list[tuple[str, str, str]]:
    found = [(one.title, one.accepted) for one in audited.accepted]
    return [(title, one.by, one.why) for title, one in found if one is not None]


def adopted(a_world: MakeWorld, rule: str = "") -> World:
    """Claim 11, whose bill a person had typed under a number of their own; by `match`, or by the mapping file."""
    world = a_world(a_seed(claims=[a_claim(11)], contacts=[VENDOR]))
    world.mapping_file.write_text(MAPPING + rule)
    a_bill_by_hand(world, "INV 11" if rule else "7/26")
    world.whole_pass()
    if not rule:
        note(world.parts, JOB_NUMBER, "claims", "11", another=False)
        world.whole_pass()
    assert world.holds() == {}
    return world


@pytest.mark.parametrize(("rule", "by", "why"), [("", user(), "said by `match`"), (ADOPT, "the mapping file", "adopt")])
def test_an_adopted_bill_is_shown_apart(a_world: MakeWorld, rule: str, by: str, why: str) -> None:
    """It is not "not in Xero" for ever: its figures count, and what differs beside them was accepted with it."""
    audited = audit_books(adopted(a_world, rule).parts)
    assert said(audited) == []
    ((title, who, reason),) = accepted(audited)
    assert (title, who) == ("claim 11", by)
    assert why in reason
    assert "1 bill (110.00 AUD)" in audited.agreed
    assert "tracked to no project, not to 24-017" in audited.accepted[0].sentence


def test_what_becomes_of_an_adopted_bill_later_is_found(a_world: MakeWorld) -> None:
    """Another amount, or that it was voided: nobody accepted that."""
    world = adopted(a_world)
    bill = world.bill("7/26")
    line = {**bill["LineItems"][0], "UnitAmount": Decimal("80.00")}
    line.pop("TaxAmount")
    world.xero_edit("invoices", bill["InvoiceID"], LineItems=[line])
    (found,) = said(audit_books(world.parts))
    assert "80.00" in found
    assert "100.00" in found
    world.xero_edit("invoices", bill["InvoiceID"], Status="VOIDED")
    (found,) = said(audit_books(world.parts))
    assert found.startswith("claim 11: bill 7/26 of Supplier 1, 88.00")
    assert "is VOIDED" in found


def test_a_payment_by_hand_that_is_procores_is_shown_apart(a_world: MakeWorld) -> None:
    """Neither missing nor one that Procore has not; once it is deleted in Xero it is missing."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    bill = {"InvoiceID": world.bill("INV-11")["InvoiceID"]}
    own = {"Account": {"Code": "090"}, "Date": "2026-08-14", "Reference": "feed", "Amount": Decimal("55.00")}
    world.type_in_xero("Payments", {"Invoice": bill, **own})
    world.enter("contract_payments", a_payment(71, 11, "55.00"))
    world.procore_edit("work_order_contracts", 501, 310, total_payments="55.00")
    world.whole_pass()
    assert len(said(audit_books(world.parts))) == 2
    note(world.parts, JOB_NUMBER, "payments", "71", False)
    world.whole_pass()
    audited = audit_books(world.parts)
    assert said(audited) == []
    assert accepted(audited) == [("payment 71", user(), "said by `match`")]
    assert "payment of 55.00 AUD on 2026-08-14 (feed)" in audited.accepted[0].sentence
    (row,) = world.documents("payments")
    world.xero_edit("payments", row["PaymentID"], Status="DELETED")
    assert said(audit_books(world.parts)) == ["payment 71: It is not in Xero."]


def test_a_contact_found_by_its_tax_number_may_be_called_otherwise(a_world: MakeWorld) -> None:
    """Under the name that it had then; a name that it gets later is found."""
    trading = a_contact(1, "Harbour Rigging", TaxNumber="51824753556")
    world = a_world(a_seed(vendors=[a_vendor(1, abn="51824753556")], claims=[a_claim(11)], contacts=[trading]))
    world.whole_pass()
    audited = audit_books(world.parts)
    assert (said(audited), [title for title, _, _ in accepted(audited)]) == ([], ["vendor Supplier 1"])
    world.xero_edit("contacts", trading["ContactID"], Name="Offshore Holdings")
    (found,) = said(audit_books(world.parts))
    assert "Offshore Holdings" in found


def procore_xero(*arguments: str) -> tuple[int, str]:
    with capture_logs():
        result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_a_difference_is_acknowledged_once(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the id that the audit shows; it stays visible with its reason, and comes back when a value moves."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12, "200.00")]))
    world.whole_pass()
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setenv("COLUMNS", "80")
    bill = world.bill("INV-11")["InvoiceID"]
    world.xero_edit("invoices", bill, Date="2026-08-01")
    (row,) = json.loads(procore_xero("audit", "--json")[1])["rows"]
    id_ = row["differences"][0]["id"]
    assert id_ in procore_xero("audit")[1]
    code, printed = procore_xero("acknowledge", JOB_NUMBER, id_, "--yes", "--why", "as on the paper", "--by", "Joan")
    assert (code, printed.strip()) == (0, "1 difference of 24-017 acknowledged by Joan.")
    code, printed = procore_xero("audit")
    assert code == 0
    assert "1 acknowledged" in " ".join(printed.split())
    assert "accepted by Joan on" in " ".join(printed.split())
    assert max(map(len, printed.splitlines())) <= 80
    world.xero_edit("invoices", bill, Date="2026-08-02")
    assert "2026-08-02" in said(audit_books(world.parts))[0]
    code, printed = procore_xero("acknowledge", JOB_NUMBER, "INV-11", "--yes", "--why", "so", "--by", "Joan")
    assert (code, printed.strip()) == (0, "1 difference of 24-017 acknowledged by Joan.")
    code, printed = procore_xero("acknowledge", JOB_NUMBER, "INV-12", "--yes", "--why", "so")
    assert code == 2
    assert printed.startswith("Supplier 1, SC-501 claim 12, ")
    assert printed.strip().endswith(") of 24-017 is not held, and the audit finds it as it is to be.")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["abcd1234"], "Give the reason"),
        (["--why", "so"], "Name a record, or ids of differences"),
        (["abcd1234", "--why", "so"], "finds no difference abcd1234"),
        (["--all", "--why", "so"], "finds no difference that is open"),
    ],
)
def test_nothing_is_acknowledged_that_is_not_there(
    a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    """Nor without a reason."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    code, printed = procore_xero("acknowledge", JOB_NUMBER, *arguments)
    assert code == 2
    assert sentence in " ".join(printed.split())


def test_payments_of_an_earlier_mapping_file_are_one_line(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted at once; with one more it is another line, which nobody has accepted."""
    payments = [a_payment(21 + n, 11, "10.00", date=f"2026-08-1{n}", check_number=str(n)) for n in range(4)]
    world = a_world(a_seed(claims=[a_claim(11)], payments=payments[:3]))
    world.whole_pass()
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    world.mapping_file.write_text(MAPPING.replace('check = "091"', 'check = "090"'))
    world.enter("contract_payments", payments[3])
    world.procore_edit("work_order_contracts", 501, 310, total_payments="40.00")
    world.whole_pass()
    (one,) = audit_books(world.parts).differences
    assert one.members == ("payment 21", "payment 22", "payment 23")
    assert one.sentence == (
        "3 payments, dated 2026-08-10 to 2026-08-12, are from another account than the mapping file names now, all "
        "alike, as by an earlier one: those by check from account 091, not from 090 (3)."
    )
    (command,) = one.commands
    arguments = shlex.split(command.replace("REASON", "the bank changed"))[1:]
    assert procore_xero(*arguments, "--yes")[0] == 0
    assert said(audit_books(world.parts)) == []
    (last,) = [row for row in world.documents("payments") if row["Reference"].endswith("payment 24")]
    (account,) = [row for row in world.documents("accounts") if row.get("Code") == "091"]
    world.xero_edit("payments", last["PaymentID"], AccountID=account["AccountID"])
    assert [one.split(":")[0] for one in said(audit_books(world.parts))] == [f"project {JOB_NUMBER}"]
    (again,) = audit_books(world.parts).differences
    assert again.members[-1] == "payment 24"  # four of four: that is a switch, and another one than was accepted
