"""Money that is in Xero and not in the ledger: an old backup was put back, or somebody else has entered it."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import (
    a_claim,
    a_contact,
    a_payment,
    a_seed,
    a_vendor,
    an_invoice,
)
from tests.integration.world import MAPPING, World

MONEY = "/(Invoices|CreditNotes|Payments)"
ADOPT = '\n[documents]\nalready_in_xero = "adopt"\n'
VENDOR = a_contact(1, "Supplier 1", ContactNumber="procore-1")


def everything() -> dict[str, Any]:
    """Bills with plain and with odd numbers, a credit note, an invoice, payments."""
    return a_seed(
        vendors=[a_vendor(1), a_vendor(2)],
        claims=[
            a_claim(11),
            a_claim(12, "33.33", vendor_id=2, invoice_number='7, "B"'),
            a_claim(13, "-20.00"),
            a_claim(14, "44.00", invoice_number="9" * 60),
        ],
        payments=[a_payment(71, 11, "10.00"), a_payment(72, 12, "20.00")],
        invoices=[an_invoice(91)],
    )


def _file(world: World) -> Path:
    return Path(str(make_url(world.settings.database_url).database))


def back_up(world: World) -> Path:
    """The ledger's file, as it is with nothing running."""
    world.parts.engine.dispose()
    return Path(shutil.copy(_file(world), _file(world).with_suffix(".backup")))


def put_back(world: World, backup: Path) -> None:
    world.parts.engine.dispose()
    for old in _file(world).parent.glob(f"{_file(world).name}*"):
        old.unlink()
    shutil.copy(backup, _file(world))
    world.parts = world.more_parts()


def a_bill_by_hand(world: World, number: str = "INV-11", amount: str = "100.00", **fields: Any) -> str:
    """A person types a bill of the supplier into Xero; its id."""
    line = {
        "Description": "Slab",
        "Quantity": 1,
        "UnitAmount": Decimal(amount),
        "AccountCode": "320",
        "TaxType": "INPUT",
    }
    bill = {"Type": "ACCPAY", "InvoiceNumber": number, "Contact": {"ContactID": VENDOR["ContactID"]}, **fields}
    dates = {"Date": "2026-07-30", "DueDate": "2026-08-30", "Status": "AUTHORISED", "LineAmountTypes": "Exclusive"}
    world.type_in_xero("Invoices", {**bill, **dates, "LineItems": [line]})
    return next(str(row["InvoiceID"]) for row in world.documents("invoices") if row.get("InvoiceNumber") == number)


def test_a_ledger_from_before_everything_finds_it_all_again(a_world: MakeWorld) -> None:
    """An empty ledger beside full books creates no money anew, and is as good as the one that was lost."""
    world = a_world(everything())
    backup = back_up(world)
    world.whole_pass()
    books = world.books()
    assert (len(books["bills"]), len(books["payments"])) == (5, 2)
    put_back(world, backup)
    since = world.last()
    world.whole_pass()
    assert world.books() == books
    assert world.writes(since, MONEY) == []
    assert world.holds() == {}
    world.procore_edit("requisitions", 14, 310, billing_date="2026-07-30")
    since = world.last()
    world.whole_pass()
    assert world.writes(since, MONEY) == []
    assert list(world.holds().values()) == ["edited_in_xero"], "what was written into it is not known any more"


def test_a_backup_put_back_finds_what_was_sent_since(a_world: MakeWorld) -> None:
    """Records sent, changed and paid after the backup are neither sent twice nor taken for somebody's edit."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)], payments=[a_payment(71, 11, "10.00")]))
    world.whole_pass()
    backup = back_up(world)
    world.clock.advance(60)
    world.enter("requisitions", a_claim(12, "80.00"))
    world.enter("requisitions", a_claim(13))
    world.enter("contract_payments", a_payment(72, 12, "30.00"))
    world.whole_pass()
    books = world.books()
    assert (len(books["bills"]), len(books["payments"])) == (3, 2)
    put_back(world, backup)
    since = world.last()
    world.whole_pass()
    assert world.books() == books
    assert world.writes(since, MONEY) == []
    assert world.holds() == {}


def test_what_was_sent_and_changed_in_procore_since_is_held(a_world: MakeWorld) -> None:
    """A bill found again is compared with what would be sent now; a difference is a person's to judge."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    backup = back_up(world)
    world.whole_pass()
    put_back(world, backup)
    world.enter("requisitions", a_claim(11, "80.00"))
    world.whole_pass()
    assert world.bill("INV-11")["SubTotal"] == "100.00"
    (sentence,) = world.sentences().values()
    assert "SubTotal is 100.00 AUD, sent was 80.00 AUD" in sentence
    world.whole_pass()
    assert list(world.holds().values()) == ["proof_failed"]
    world.enter("requisitions", a_claim(11))
    world.whole_pass()
    assert world.holds() == {}


def test_a_bill_that_somebody_typed_is_not_made_a_second_time(a_world: MakeWorld) -> None:
    """Same supplier and number: the record is held with a link to the bill, and goes once that is void."""
    world = a_world(a_seed(claims=[a_claim(11), a_claim(12)], contacts=[VENDOR]))
    bill_id = a_bill_by_hand(world, "inv-11")
    world.whole_pass()
    assert world.holds() == {"claim 11": "already_in_xero"}
    assert "bill inv-11 of Supplier 1, 110.00 AUD, dated 2026-07-30, AUTHORISED" in world.sentences()["claim 11"]
    assert len(world.documents("invoices")) == 2
    world.xero_edit("invoices", bill_id, Status="VOIDED")
    world.whole_pass()
    assert world.holds() == {}
    assert world.bill("INV-11")["Url"]


def test_another_programs_bill_is_somebody_elses_too(a_world: MakeWorld) -> None:
    """An address of its own does not make it another bill."""
    world = a_world(a_seed(claims=[a_claim(11)], contacts=[VENDOR]))
    a_bill_by_hand(world, Url="https://other.example/bills/1")
    world.whole_pass()
    assert world.holds() == {"claim 11": "already_in_xero"}


def test_the_same_number_of_another_supplier_or_record_is_no_reason_to_hold(a_world: MakeWorld) -> None:
    """Suppliers count alike, and one may use a number twice."""
    claims = [a_claim(11, vendor_id=2), a_claim(12, invoice_number="INV-11", vendor_id=2)]
    world = a_world(a_seed(vendors=[a_vendor(1), a_vendor(2)], claims=claims, contacts=[VENDOR]))
    a_bill_by_hand(world)
    world.whole_pass()
    assert world.holds() == {}
    assert len(world.documents("invoices")) == 3


def test_a_typed_bill_is_taken_over_when_the_mapping_file_says_so(a_world: MakeWorld) -> None:
    """With `adopt`, bill and payment of the same amount are taken for the records and left as they are."""
    world = a_world(
        a_seed(
            claims=[a_claim(11), a_claim(12)],
            payments=[a_payment(71, 11, "110.00"), a_payment(72, 12, "5.00")],
            contacts=[VENDOR],
        )
    )
    world.mapping_file.write_text(MAPPING + ADOPT)
    bill_id = a_bill_by_hand(world)
    account = {"Code": "090"}
    paid = {"Invoice": {"InvoiceID": bill_id}, "Account": account, "Date": "2026-08-20", "Amount": Decimal("110.00")}
    world.type_in_xero("Payments", paid)
    before = world.documents("invoices")[0]
    world.whole_pass()
    assert world.holds() == {}
    assert world.documents("invoices")[0] == before
    assert len(world.documents("invoices")) == 2
    assert len(world.documents("payments")) == 2
    since = world.last()
    world.whole_pass()
    assert world.writes(since) == []


def test_a_typed_bill_of_another_amount_is_not_taken_over(a_world: MakeWorld) -> None:
    """Amounts are never guessed: one cent of difference is a person's to judge."""
    world = a_world(a_seed(claims=[a_claim(11)], contacts=[VENDOR]))
    world.mapping_file.write_text(MAPPING + ADOPT)
    a_bill_by_hand(world, amount="100.01")
    world.whole_pass()
    assert world.holds() == {"claim 11": "already_in_xero"}


@pytest.mark.parametrize("count", [1, 50, 100])
def test_looking_costs_a_read_for_a_page_of_records(a_world: MakeWorld, count: int) -> None:
    """A hundred new bills are looked for in one read, and nothing is looked for where nothing is created."""
    world = a_world(a_seed(claims=[a_claim(number) for number in range(100, 100 + count)]))
    world.whole_pass()
    assert len([entry for entry in world.journal() if entry["method"] == "GET" and "Invoices" in entry["path"]]) == 1
    since = world.last()
    world.whole_pass()
    assert world.journal(since) == []


def test_a_list_of_numbers_is_no_longer_than_one_of_ids(a_world: MakeWorld) -> None:
    """Long numbers, and such as take three signs each in an address, go in as many lists as the address needs."""
    numbers = [f"{number:04d} {'/' * (number % 30)}" for number in range(90)]
    world = a_world(a_seed(claims=[a_claim(11 + n, invoice_number=number) for n, number in enumerate(numbers)]))
    world.whole_pass()
    looks = [entry["query"]["InvoiceNumbers"] for entry in world.journal() if "InvoiceNumbers" in entry["query"]]
    assert sorted(number for look in looks for number in look.split(",")) == sorted(map(str.strip, numbers))
    assert len(looks) > 1
    assert all(entry["status"] == 200 for entry in world.journal())
