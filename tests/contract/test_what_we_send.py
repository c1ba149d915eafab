"""What the worker sends, judged by others: by Xero's own OpenAPI file, and by Xero's own Python client.

Every request of whole passes, with its answer, is held against the file; the client reads the books afterwards.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from xero_python.accounting import AccountingApi

from tasks.audit import audit_books
from tests.contract.openapi import Contract
from tests.contract.test_xero_python import money, official_client
from tests.contract.traffic import Traffic
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    CONTRACT_ID,
    JOB_NUMBER,
    PROJECT_ID,
    a_claim,
    a_contact,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
)
from tests.integration.world import World
from worker.errors import Retriable
from worker.sandbox.server import Served

KINDS = {"Contacts", "Options", "Invoices", "CreditNotes", "Payments"}


@pytest.fixture
def synced(a_world: MakeWorld) -> World:
    world = a_world()
    world.whole_pass()
    return world


@pytest.fixture
def official(synced: World) -> Iterator[tuple[AccountingApi, str]]:
    """The official client, and the organisation it reads."""
    sandbox = synced.sandbox
    with Served(sandbox.procore, sandbox.xero, 0, 0, "127.0.0.1") as served:
        yield official_client(served.xero_url), sandbox.dump()["xero"]["tenant_id"]


def sent(world: World, wrapper: str) -> list[dict[str, Any]]:
    """Every document of a kind that was sent, in order."""
    return [document for entry in world.writes(path=f"/{wrapper}") for document in entry["body"][wrapper]]


def test_a_first_pass_and_a_full_compare_are_what_xero_documents(a_world: MakeWorld, contract: Contract) -> None:
    """Every request and every answer: address, query, headers, bodies, rejected elements included."""
    world = a_world()
    traffic = Traffic.of(world)
    world.whole_pass()
    world.clock.advance(26 * 3600)
    world.whole_pass()
    assert {collection for method, collection in traffic.kinds if method in ("PUT", "POST")} == KINDS
    assert {"Accounts", "TaxRates", "TrackingCategories", "Organisation"} <= {kind for _, kind in traffic.kinds}
    traffic.agrees(contract)


def test_items_are_what_xero_documents(a_world: MakeWorld, contract: Contract) -> None:
    """Where cost codes go as items: the items, and the bills that name them."""
    world = a_world()
    world.mapping_file.write_text(f'{world.mapping_file.read_text()}\n[cost_codes]\ntarget = "item"\n')
    traffic = Traffic.of(world)
    world.whole_pass()
    assert any(line.get("ItemCode") for bill in sent(world, "Invoices") for line in bill["LineItems"])
    assert len(sent(world, "Items")) > 10
    traffic.agrees(contract)


def test_what_takes_back_and_refunds_is_what_xero_documents(a_world: MakeWorld, contract: Contract) -> None:
    """A payment that changed, a bill and a credit note that were deleted in Procore, the refund of a credit note."""
    claims = [a_claim(11), a_claim(12), a_claim(13, "-20.00"), a_claim(14, "-20.00")]
    world = a_world(a_seed(claims=claims, payments=[a_payment(71, 11, "10.00"), a_payment(72, 13, "-5.00")]))
    world.mapping_file.write_text(
        f'{world.mapping_file.read_text()}\n[documents]\ndeleted_in_procore = "void"\ngone_at_once = 50\n'
    )
    traffic = Traffic.of(world)
    world.whole_pass()
    world.procore_edit("contract_payments", 71, PROJECT_ID, contract_id=CONTRACT_ID, amount="15.00")
    world.procore_delete("requisitions", 12, PROJECT_ID)
    world.procore_delete("requisitions", 14, PROJECT_ID)
    world.clock.advance(25 * 3600)
    world.whole_pass()
    writes = world.writes(path="/(Payments|Invoices|CreditNotes)")
    assert sum(entry["method"] == "POST" for entry in writes) == 3
    traffic.agrees(contract)


def test_what_finds_out_after_a_crash_is_what_xero_documents(a_world: MakeWorld, contract: Contract) -> None:
    """Look-ups by number, ContactNumber and name after answers that were lost, refusals, files, an audit."""
    file = {"id": 5324, "filename": "claim 11.pdf", "text": "%PDF-1.4"}
    seed = a_seed(
        vendors=[a_vendor(1, "Acme")],
        contacts=[a_contact(1, "Acme")],
        claims=[a_claim(11, attachments=[file]), a_claim(12, "50.00")],
        payments=[a_payment(71, 11, "10.00")],
        invoices=[an_invoice(91)],
    )
    world = a_world(seed, xero_scopes="")
    world.mapping_file.write_text(f"{world.mapping_file.read_text()}\n[attachments]\nclaims = true\n")
    traffic = Traffic.of(world)
    for path in ("Contacts", "Options", "Invoices", "Payments"):
        world.fault("lost_answer", path=path, method="PUT")
    for _ in range(6):
        world.discover()
        with contextlib.suppress(Retriable):
            world.run(JOB_NUMBER)
        world.clock.advance(3600)
    audit_books(world.parts)
    assert ("PUT", "Attachments") in traffic.kinds
    traffic.agrees(contract)


def test_the_official_client_reads_every_bill_back(synced: World, official: tuple[AccountingApi, str]) -> None:
    """Number, dates, contact, link, lines, tracking: as they were sent."""
    api, tenant = official
    bills = {bill.invoice_number: bill for bill in api.get_invoices(tenant, page=1, page_size=100, unitdp=4).invoices}
    assert len(sent(synced, "Invoices")) == 14
    for body in sent(synced, "Invoices"):
        bill = next(row for row in bills.values() if row.url == body["Url"])
        assert bill.contact.contact_id == body["Contact"]["ContactID"]
        assert (bill.invoice_number, bill.date.isoformat()) == (body["InvoiceNumber"], body["Date"])
        assert bill.due_date.isoformat() == body["DueDate"]
        assert [_line(line) for line in bill.line_items] == [_sent_line(line) for line in body["LineItems"]]


def test_the_official_client_reads_credit_notes_payments_and_contacts_back(
    synced: World, official: tuple[AccountingApi, str]
) -> None:
    """The other kinds, too."""
    api, tenant = official
    notes = {note.credit_note_number: note for note in api.get_credit_notes(tenant, page=1, unitdp=4).credit_notes}
    for body in sent(synced, "CreditNotes"):
        note = notes[body["CreditNoteNumber"]]
        assert [_line(line) for line in note.line_items] == [_sent_line(line) for line in body["LineItems"]]
    payments = {payment.reference: payment for payment in api.get_payments(tenant, page=1).payments}
    for body in sent(synced, "Payments"):
        payment = payments[body["Reference"]]
        assert (money(payment.amount), payment.date.isoformat()) == (Decimal(str(body["Amount"])), body["Date"])
        assert payment.invoice.invoice_id == body["Invoice"]["InvoiceID"]
    contacts = {row.contact_number: row for row in api.get_contacts(tenant, page=1, page_size=100).contacts}
    for body in sent(synced, "Contacts"):
        assert contacts[body["ContactNumber"]].name == body.get("Name", contacts[body["ContactNumber"]].name)
    options = [option.name for row in api.get_tracking_categories(tenant).tracking_categories for option in row.options]
    for entry in synced.writes(path="/Options"):
        assert {one["Name"] for one in entry["body"].get("Options", [entry["body"]])} <= set(options)


def test_the_official_client_reads_attachments_back(a_world: MakeWorld) -> None:
    """Name, type and length of the file at its bill."""
    file = {"id": 5324, "filename": "claim 11.pdf", "text": "%PDF-1.4"}
    world = a_world(a_seed(claims=[a_claim(11, attachments=[file])]), xero_scopes="")
    world.mapping_file.write_text(f"{world.mapping_file.read_text()}\n[attachments]\nclaims = true\n")
    world.whole_pass()
    dump = world.sandbox.dump()["xero"]
    with Served(world.sandbox.procore, world.sandbox.xero, 0, 0, "127.0.0.1") as served:
        bill_id = dump["invoices"][0]["InvoiceID"]
        (found,) = official_client(served.xero_url).get_invoice_attachments(dump["tenant_id"], bill_id).attachments
    assert (found.file_name, found.mime_type, found.content_length) == ("claim-11-5324.pdf", "application/pdf", 8)


def _line(line: Any) -> tuple[str, Decimal, str, str, list[str]]:
    amount = money(line.quantity * line.unit_amount)
    return (line.description, amount, line.account_code, line.tax_type, sorted(one.option for one in line.tracking))


def _sent_line(line: dict[str, Any]) -> tuple[str, Decimal, str, str, list[str]]:
    amount = Decimal(str(line["Quantity"])) * Decimal(str(line["UnitAmount"]))
    tracked = sorted(one["Option"] for one in line["Tracking"])
    return (line["Description"], amount, line["AccountCode"], line["TaxType"], tracked)
