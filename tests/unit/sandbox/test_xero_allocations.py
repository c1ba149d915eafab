"""Allocations of credit notes: what they close, what they refuse, and how they are taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sandbox.xero_driver import Xero, a_line, messages, read


def a_note(xero: Xero, amount: int = 40, **changes: Any) -> dict[str, Any]:
    """A credit note of `amount` and 10 %."""
    note = {
        "Type": "ACCPAYCREDIT",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": xero.contact_id},
        "Date": "2026-03-10",
        "CreditNoteNumber": "CN-1",
        "LineItems": [a_line(UnitAmount=amount)],
    }
    return xero.write("PUT", "CreditNotes", {**note, **changes})[0]


def allocate(xero: Xero, note: dict[str, Any], bill: dict[str, Any], amount: object) -> dict[str, Any]:
    body = {"Amount": amount, "Invoice": {"InvoiceID": bill["InvoiceID"]}, "Date": "2026-03-02"}
    return xero.write("PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", body)[0]


def note_now(xero: Xero, note: dict[str, Any]) -> dict[str, Any]:
    return xero.rows(f"CreditNotes/{note['CreditNoteID']}")[0]


def test_an_allocation_takes_from_both() -> None:
    """The note's remaining credit and the bill's due go down; its date is the later of theirs; both show it."""
    xero = Xero()
    bill, note = xero.create_bill(), a_note(xero)
    row = allocate(xero, note, bill, 30)
    assert not row["HasErrors"]
    assert row["Date"] == "/Date(1773100800000+0000)/"  # 2026-03-10
    standing = xero.bill(bill)
    assert (standing["AmountCredited"], standing["AmountDue"]) == (Decimal("30.00"), Decimal("80.00"))
    assert [(one["CreditNoteNumber"], one["AppliedAmount"]) for one in standing["CreditNotes"]] == [("CN-1", 30)]
    credit = note_now(xero, note)
    assert (credit["AppliedAmount"], credit["RemainingCredit"]) == (Decimal("30.00"), Decimal("14.00"))
    assert credit["Allocations"][0]["Invoice"]["InvoiceID"] == bill["InvoiceID"]


def test_what_is_used_up_is_paid_and_cannot_be_changed() -> None:
    """Note and bill are PAID when nothing is open; a bill with a credit note is not edited or voided."""
    xero = Xero()
    bill, note = xero.create_bill(LineItems=[a_line(UnitAmount=40)]), a_note(xero)
    allocate(xero, note, bill, 44)
    assert (xero.bill(bill)["Status"], note_now(xero, note)["Status"]) == ("PAID", "PAID")
    other = xero.create_bill()
    second = a_note(xero, 50)
    allocate(xero, second, other, 10)
    (refused,) = xero.write("POST", "Invoices", {"InvoiceID": other["InvoiceID"], "Status": "VOIDED"})
    assert "payments or credit notes allocated" in messages(refused)
    xero.pay(other, 100)
    assert xero.bill(other)["Status"] == "PAID"


@pytest.mark.parametrize(
    ("amount", "note", "bill", "sentence"),
    [
        (45, {}, {}, "exceeds what is outstanding"),
        (0, {}, {}, "greater than zero"),
        (Decimal("1.001"), {}, {}, "2 decimal places"),
        (1, {"Status": "DRAFT"}, {}, "between Authorised documents"),
        (1, {}, {"Status": "DRAFT"}, "between Authorised documents"),
        (1, {}, {"Contact": {"Name": "Another Pty Ltd"}}, "same contact and currency"),
        (1, {}, {"Type": "ACCREC", "LineItems": [a_line(AccountCode="200")]}, "cannot be allocated to ACCREC"),
    ],
)
def test_what_does_not_fit_is_refused(
    amount: object, note: dict[str, Any], bill: dict[str, Any], sentence: str
) -> None:
    """Each rule in its sentence, and both documents stay as they were."""
    xero = Xero()
    credit, document = a_note(xero, **note), xero.create_bill(**bill)
    assert sentence in messages(allocate(xero, credit, document, amount))
    assert note_now(xero, credit)["Allocations"] == []


def test_it_needs_a_date() -> None:
    """Xero's file demands one, and Xero gives it another."""
    xero = Xero()
    bill, note = xero.create_bill(), a_note(xero)
    body = {"Amount": 5, "Invoice": {"InvoiceID": bill["InvoiceID"]}}
    (row,) = xero.write("PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", body)
    assert "Date is required" in messages(row)


def test_it_is_taken_back_by_its_id() -> None:
    """Both are open again; a second time it is not there."""
    xero = Xero()
    bill, note = xero.create_bill(), a_note(xero)
    row = allocate(xero, note, bill, 44)
    assert "AllocationID" not in row  # nor has it in the example of Xero's file
    (shown,) = note_now(xero, note)["Allocations"]
    address = f"CreditNotes/{note['CreditNoteID']}/Allocations/{shown['AllocationID']}"
    assert read(xero.send("DELETE", address))["IsDeleted"] is True
    assert (xero.bill(bill)["AmountDue"], note_now(xero, note)["Status"]) == (Decimal("110.00"), "AUTHORISED")
    assert xero.send("DELETE", address).status_code == 404


def test_a_dump_keeps_allocations() -> None:
    """Loaded again, both documents say the same."""
    xero = Xero()
    bill, note = xero.create_bill(), a_note(xero)
    allocate(xero, note, bill, 30)
    again = Xero(xero.half.dump())
    assert again.bill(bill)["AmountDue"] == Decimal("80.00")
    assert note_now(again, note)["RemainingCredit"] == Decimal("14.00")
