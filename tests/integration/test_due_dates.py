"""When bills are due: by the record's own terms, its contract's, its contact's, or the mapping file's days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    CONTRACT_ID,
    JOB_NUMBER,
    PROJECT_ID,
    Row,
    a_claim,
    a_contact,
    a_payment,
    a_seed,
    an_invoice,
)
from tests.integration.world import World

CONTRACTS = "_order_contracts"


def a_purchase_order(id: int = CONTRACT_ID, **fields: Any) -> Row:
    return {"id": id, "number": f"PO-{id}", "title": "Steel", "status": "Approved", **fields}


def a_supplier(**fields: Any) -> Row:
    return a_contact(1, "Supplier 1", **fields)


def seed_of(*, orders: list[Row], **parts: Any) -> Row:
    """A seed whose contracts are these purchase orders."""
    seed = a_seed(contracts=[], **parts)
    seed["procore"]["purchase_order_contracts"] = {str(PROJECT_ID): orders}
    return seed


def due(world: World, number: str) -> str:
    return str(world.bill(number)["DueDate"])[:10]


FOLLOWING_20TH = {"Bills": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}}


@pytest.mark.parametrize(
    ("contract", "contact", "expected"),
    [
        ("Net 45", None, "2026-09-14"),
        ("Net 45", FOLLOWING_20TH, "2026-09-14"),
        ("Due on receipt", None, "2026-07-31"),
        ("2/10 net 30", FOLLOWING_20TH, "2026-08-20"),
        (None, FOLLOWING_20TH, "2026-08-20"),
        (None, {"Sales": {"Day": 5, "Type": "OFFOLLOWINGMONTH"}}, "2026-08-30"),
        ("as agreed", None, "2026-08-30"),
    ],
)
def test_a_claims_due_date(
    a_world: MakeWorld, contract: str | None, contact: dict[str, Any] | None, expected: str
) -> None:
    """The contract's terms go before the contact's, those before the mapping file; what cannot be read is no terms."""
    seed = seed_of(
        orders=[a_purchase_order(payment_terms=contract)],
        claims=[a_claim(11)],
        contacts=[a_supplier(PaymentTerms=contact)],
    )
    world = a_world(seed)
    world.whole_pass()
    assert world.holds() == {}
    assert due(world, "INV-11") == expected


def test_an_invoices_own_terms_go_first(a_world: MakeWorld) -> None:
    """A direct invoice knows its terms; without them it is due by its contact's."""
    invoices = [an_invoice(21, terms="Net 14"), an_invoice(22)]
    world = a_world(a_seed(invoices=invoices, contacts=[a_supplier(PaymentTerms=FOLLOWING_20TH)]))
    world.whole_pass()
    assert (due(world, "DC-21"), due(world, "DC-22")) == ("2026-08-03", "2026-08-20")


def test_a_later_bill_reads_only_its_own_contacts_terms(a_world: MakeWorld) -> None:
    """Terms that the bookkeeper gave the contact meanwhile count for the next bill, at one call for all of them."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    (contact,) = world.documents("contacts")
    world.xero_edit("Contacts", contact["ContactID"], PaymentTerms=FOLLOWING_20TH)
    world.enter("requisitions", a_claim(12))
    mark = world.last()
    world.whole_pass()
    assert (due(world, "INV-11"), due(world, "INV-12")) == ("2026-08-30", "2026-08-20")
    assert [entry["method"] for entry in world.journal(mark) if "/Contacts" in entry["path"]] == ["GET"]


def test_contracts_are_read_once_in_a_job(a_world: MakeWorld) -> None:
    """Terms cost no call to Procore: the contracts are the ones whose payments are looked at."""
    orders = [a_purchase_order(payment_terms="Net 45")]
    world = a_world(seed_of(orders=orders, claims=[a_claim(11)], payments=[a_payment(31, 11, "10.00")]))
    world.whole_pass()
    assert due(world, "INV-11") == "2026-09-14"
    assert len(world.procore_calls(CONTRACTS)) == 2
    mark = world.last()
    world.whole_pass()
    assert len(world.procore_calls(CONTRACTS)) == 4
    assert world.journal(mark) == []


def test_terms_that_change_later_move_no_bill(a_world: MakeWorld) -> None:
    """Contract, contact and mapping file may change their terms: bills in Xero stay, also on the daily reading."""
    orders = [a_purchase_order(payment_terms="Net 45")]
    world = a_world(seed_of(orders=orders, claims=[a_claim(11)], payments=[a_payment(31, 11, "10.00")]))
    world.whole_pass()
    world.enter("purchase_order_contracts", a_purchase_order(payment_terms="Net 7"))
    world.mapping_file.write_text(f"{world.mapping_file.read_text()}\n[documents]\ndue_days = 3\n")
    mark = world.last()
    world.clock.advance(25 * 3600)
    world.whole_pass()
    assert world.holds() == {}
    assert world.writes(mark) == []
    assert due(world, "INV-11") == "2026-09-14"


def test_a_bill_that_is_sent_anew_takes_the_terms_of_then(a_world: MakeWorld) -> None:
    """Once the claim itself changes, its unpaid bill is written again, with the terms as they are now."""
    world = a_world(seed_of(orders=[a_purchase_order(payment_terms="Net 45")], claims=[a_claim(11)]))
    world.whole_pass()
    world.enter("purchase_order_contracts", a_purchase_order(payment_terms="Net 7"))
    world.enter("requisitions", a_claim(11, "120.00"))
    world.whole_pass()
    assert world.holds() == {}
    assert (due(world, "INV-11"), world.bill("INV-11")["SubTotal"]) == ("2026-08-07", "120.00")


def test_a_contract_that_cannot_be_read_gives_no_terms(a_world: MakeWorld) -> None:
    """It is held itself; its claim goes by the mapping file's days."""
    broken = a_purchase_order(payment_terms="Net 45", total_payments="a lot")
    world = a_world(seed_of(orders=[broken], claims=[a_claim(11)]))
    world.whole_pass()
    assert world.holds() == {f"contract {CONTRACT_ID}": "record_unreadable"}
    assert due(world, "INV-11") == "2026-08-30"
    assert world.job(JOB_NUMBER).state == "failed"
